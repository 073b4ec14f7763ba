/// A path that may hold the model's name: `/models/{model}:generateContent`.
public struct RequestPath: Sendable, Equatable {
    private let before: [UInt8]
    /// `nil`: the path names no model.
    private let after: [UInt8]?

    /// - Parameter text: visible ASCII with `{model}` at most once.
    public init(_ text: [UInt8]) {
        let mark = Array("{model}".utf8)
        var at = 0
        while at + mark.count <= text.count, text[at..<at + mark.count] != mark[...] { at += 1 }
        if at + mark.count <= text.count {
            before = Array(text[..<at])
            after = Array(text[(at + mark.count)...])
        } else {
            before = text
            after = nil
        }
    }

    /// The path for a model, whose name is percent-encoded but for letters, digits and `-._~@`.
    public func bytes(model: [UInt8]) -> [UInt8] {
        guard let after else { return before }
        var out: [UInt8] = []
        out.reserveCapacity(before.count + after.count + model.count * 3)
        out += before
        for byte in model { Self.encode(byte, into: &out) }
        out += after
        return out
    }

    private static func encode(_ byte: UInt8, into out: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "@"):
            out.append(byte)
        default:
            let digits: StaticString = "0123456789ABCDEF"
            out.append(UInt8(ascii: "%"))
            unsafe out.append(digits.utf8Start[Int(byte >> 4)])
            unsafe out.append(digits.utf8Start[Int(byte & 15)])
        }
    }
}

/// Where a deployment takes its dialect's requests.
public struct RequestPaths: Sendable, Equatable {
    /// For an answer in one piece.
    public let whole: RequestPath
    /// For a stream of events.
    public let streamed: RequestPath
    /// For a stream as one growing array, which Google's dialect has beside events.
    public let array: RequestPath
    /// Where tokens are counted; `nil` where nobody does.
    public let counting: RequestPath?
    /// Where a provider of the chat dialect takes Responses requests as well; `nil` where it does not.
    public let responses: RequestPath?
    /// Where Bedrock takes requests for models of others than Anthropic.
    public let converse: RequestPath?
    public let converseStreamed: RequestPath?

    public init(
        whole: [UInt8], streamed: [UInt8]? = nil, counting: [UInt8]? = nil, responses: [UInt8]? = nil,
        converse: [UInt8]? = nil, converseStreamed: [UInt8]? = nil
    ) {
        let streamed = streamed ?? whole
        let events = Array("?alt=sse".utf8)
        self.whole = RequestPath(whole)
        self.streamed = RequestPath(streamed)
        array = RequestPath(
            streamed.suffix(events.count) == events[...] ? Array(streamed.dropLast(events.count)) : streamed)
        self.counting = counting.map(RequestPath.init)
        self.responses = responses.map(RequestPath.init)
        self.converse = converse.map(RequestPath.init)
        self.converseStreamed = converseStreamed.map(RequestPath.init)
    }
}
