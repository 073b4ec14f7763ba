import Vocabulary

/// The life of one exchange as a value: it decides, `Exchange` does (DESIGN §3).
///
/// ```
/// receiving → attempting ⇄ (next candidate) → buffering → finished
///                                           → streaming → finished
/// ```
/// Every phase may go to `finished` at once; nothing leaves `finished`.
struct ExchangeState: Equatable {
    enum Phase: Equatable {
        /// The request's body is coming in.
        case receiving
        /// A provider was called; no usable head yet.
        case attempting
        /// A provider's plain answer or error is being collected.
        case buffering
        /// A provider's stream is being passed on.
        case streaming
        case finished
    }

    private(set) var phase: Phase = .receiving
    /// The candidate in use, an index into the plan.
    private(set) var candidate = 0
    private(set) var attempts = 0
    private var candidates = 0
    private var retriedStaleConnection = false
    /// The request's body is still there to be sent again.
    private var isReplayable = true

    enum AfterFailure: Equatable {
        case call(candidate: Int)
        /// Nothing was sent to the client: it gets a whole error answer.
        case answer(ErrorCode)
        /// The client has read a part: the stream ends with an error event.
        case endStream(ErrorCode)
        case ignore
    }

    enum AfterHead: Equatable {
        case call(candidate: Int)
        case buffer
        case stream
        case ignore
    }

    enum AfterClientGone: Equatable {
        case cancel(Completion)
        case ignore
    }

    /// The plan is made and paid for.
    /// - Parameter isReplayable: `false` for a body that is sent while it arrives: there is one attempt.
    mutating func planned(candidates: Int, isReplayable: Bool = true) -> Int {
        precondition(phase == .receiving && candidates > 0)
        self.candidates = isReplayable ? candidates : 1
        self.isReplayable = isReplayable
        phase = .attempting
        attempts = 1
        return candidate
    }

    /// The provider could not be reached, or its answer ended wrongly.
    /// - Parameter onReusedConnection: nothing of an answer came over a connection that had served before: the provider
    ///   had most likely closed it, so the same call is made once more.
    mutating func upstreamFailed(_ code: ErrorCode, onReusedConnection: Bool) -> AfterFailure {
        switch phase {
        case .attempting:
            if onReusedConnection && !retriedStaleConnection && isReplayable {
                retriedStaleConnection = true
                attempts += 1
                return .call(candidate: candidate)
            }
            return advance() ? .call(candidate: candidate) : finish(.answer(code))
        case .buffering:
            return advance() ? .call(candidate: candidate) : finish(.answer(code))
        case .streaming: return finish(.endStream(code))
        case .receiving, .finished: return .ignore
        }
    }

    /// A provider answered with a head.
    mutating func upstreamHead(status: UInt16, isStream: Bool, wantsStream: Bool) -> AfterHead {
        guard phase == .attempting else { return .ignore }
        if Self.mayFallBack(status), advance() { return .call(candidate: candidate) }
        phase = wantsStream && isStream && (200..<300).contains(status) ? .streaming : .buffering
        return phase == .streaming ? .stream : .buffer
    }

    /// The answer is complete, or the request was refused before a provider was called.
    mutating func finished() { phase = .finished }

    /// - Parameter generated: whether any content had come from the provider.
    mutating func clientGone(generated: Bool) -> AfterClientGone {
        guard phase != .finished else { return .ignore }
        phase = .finished
        return .cancel(generated ? .cut : .failed)
    }

    /// Statuses after which a later candidate is worth a call: the provider's own trouble, or its limits, or our key.
    static func mayFallBack(_ status: UInt16) -> Bool {
        switch status {
        case 401, 402, 403, 408, 429: true
        default: status >= 500
        }
    }

    private mutating func advance() -> Bool {
        guard candidate + 1 < candidates else { return false }
        candidate += 1
        attempts += 1
        retriedStaleConnection = false
        phase = .attempting
        return true
    }

    private mutating func finish(_ action: AfterFailure) -> AfterFailure {
        phase = .finished
        return action
    }
}
