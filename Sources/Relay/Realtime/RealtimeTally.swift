import Metering
import Vocabulary
import Wire

/// What a session used so far and what it may be using now, as a value.
struct RealtimeTally {
    /// Of what is over.
    private(set) var usage = TokenUsage()
    private(set) var cost = NanoUSD.zero
    /// Something was generated.
    private(set) var hasContent = false
    /// A part was counted here: the provider did not tell.
    private(set) var isEstimated = false
    /// The model that writes down what is said has its own price.
    private(set) var transcriber: [UInt8]?
    private var asked = 0
    private var begun = 0
    /// Text of responses that are not over.
    private var visibleBytes: Int64 = 0

    /// No response is asked for or on its way.
    var isQuiet: Bool { asked == 0 && begun == 0 }

    /// Responses that a hold must cover: those on their way, and the next, which voice detection may begin unasked.
    var foreseen: Int { asked + begun + 1 }

    /// - Parameters:
    ///   - price: of the model that answers.
    ///   - transcription: of the one that writes down what is said.
    mutating func take(_ event: RealtimeEvent, price: Price, transcription: Price) {
        switch event {
        case .asksForResponse: asked += 1
        case .responseBegun:
            asked = max(0, asked - 1)
            begun += 1
        case .responseEnded(let told):
            begun = max(0, begun - 1)
            if let told { book(told, price) } else { estimate(price) }
            if begun == 0 { visibleBytes = 0 }
        case .generated(let bytes):
            hasContent = true
            visibleBytes += bytes
        case .transcribed(let told): book(told, transcription)
        case .session(let name): transcriber = name ?? transcriber
        // What was asked for may have been refused: nothing is foreseen for it any more.
        case .failed: asked = max(0, asked - 1)
        case .other: break
        }
    }

    /// The session is over: what was generated and not told of is counted.
    mutating func finish(price: Price) {
        if begun > 0 { estimate(price) }
        (asked, begun) = (0, 0)
    }

    private mutating func estimate(_ price: Price) {
        guard visibleBytes > 0 else { return }
        isEstimated = true
        var counted = TokenUsage()
        counted[.output] = TokenEstimate.tokens(visibleBytes: visibleBytes)
        visibleBytes = 0
        book(counted, price)
    }

    private mutating func book(_ counted: TokenUsage, _ price: Price) {
        hasContent = true
        cost += price.cost(of: counted)
        for kind in UsageClass.allCases { usage[kind] += counted[kind] }
    }
}
