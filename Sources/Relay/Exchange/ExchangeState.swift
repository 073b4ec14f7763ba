import Planning
import Vocabulary

/// The life of one exchange as a value: it decides, `Exchange` does (DESIGN §3).
///
/// ```
/// receiving → attempting ⇄ (another candidate, or the same again) → buffering → finished
///                                                                 → streaming → finished
/// ```
/// A stream of which nothing was sent and nothing generated may go back to `attempting` too. Every phase may go to
/// `finished` at once; nothing leaves `finished`.
struct ExchangeState: Equatable {
    enum Phase: Equatable {
        /// The request's body is coming in.
        case receiving
        /// A provider was called, or will be after a pause; no usable head yet.
        case attempting
        /// A provider's plain answer or error is being collected.
        case buffering
        /// A provider's stream is being passed on.
        case streaming
        case finished
    }

    /// What can be tried after a failure; asked only when something may be.
    typealias Next = (_ tried: CandidateSet) -> Int?
    /// Milliseconds to wait before the same candidate is called again; `nil`: it is not.
    typealias Retry = (_ number: Int) -> Int64?

    private(set) var phase: Phase = .receiving
    /// The candidate in use, an index into the plan.
    private(set) var candidate = 0
    private(set) var tried = CandidateSet()
    private(set) var attempts = 0
    private var retries = 0
    private var retriedStaleConnection = false
    /// The request's body is still there to be sent again.
    private(set) var isReplayable = true
    /// The client was sent a part, or the provider has generated something: there is no way back.
    private(set) var isCommitted = false

    enum AfterFailure: Equatable {
        case call(candidate: Int)
        /// The same candidate again, after a pause.
        case wait(milliseconds: Int64)
        /// Nothing was sent to the client: it gets a whole error answer.
        case answer(ErrorCode)
        /// The client has read a part: the stream ends with an error event.
        case endStream(ErrorCode)
        case ignore
    }

    enum AfterHead: Equatable {
        case call(candidate: Int)
        case wait(milliseconds: Int64)
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
    mutating func planned(first: Int, isReplayable: Bool = true) -> Int {
        precondition(phase == .receiving)
        self.isReplayable = isReplayable
        phase = .attempting
        candidate = first
        tried.insert(first)
        attempts = 1
        return first
    }

    /// The provider could not be reached, or its answer ended wrongly.
    /// - Parameter onReusedConnection: nothing of an answer came over a connection that had served before: the provider
    ///   had most likely closed it, so the same call is made once more.
    mutating func upstreamFailed(
        _ code: ErrorCode, onReusedConnection: Bool, next: Next, retry: Retry
    ) -> AfterFailure {
        switch phase {
        case .receiving, .finished: return .ignore
        case .streaming where isCommitted: return finish(.endStream(code))
        case .attempting where onReusedConnection && !retriedStaleConnection && isReplayable:
            retriedStaleConnection = true
            attempts += 1
            return .call(candidate: candidate)
        case .attempting, .buffering, .streaming:
            // What was begun may have been paid for: only a provider that was never reached is asked the same again.
            switch goOn(code == .upstreamUnreachable && phase == .attempting, next, retry) {
            case .call(let next): return .call(candidate: next)
            case .wait(let pause): return .wait(milliseconds: pause)
            case .nothing: return finish(phase == .streaming ? .endStream(code) : .answer(code))
            }
        }
    }

    /// A provider answered with a head.
    mutating func upstreamHead(
        status: UInt16, isStream: Bool, wantsStream: Bool, next: Next, retry: Retry
    ) -> AfterHead {
        guard phase == .attempting else { return .ignore }
        if Self.mayFallBack(status) {
            switch goOn(Self.mayRetry(status), next, retry) {
            case .call(let next): return .call(candidate: next)
            case .wait(let pause): return .wait(milliseconds: pause)
            case .nothing: break
            }
        }
        phase = wantsStream && isStream && (200..<300).contains(status) ? .streaming : .buffering
        return phase == .streaming ? .stream : .buffer
    }

    /// A stream's first events tell of an error: it counts as a failure before the stream.
    /// - Returns: `.stream` when nothing else is left, and the client gets the provider's own words.
    mutating func errorEvent(next: Next, retry: Retry) -> AfterHead {
        guard phase == .streaming else { return .ignore }
        guard !isCommitted else { return .stream }
        switch goOn(true, next, retry) {
        case .call(let next): return .call(candidate: next)
        case .wait(let pause): return .wait(milliseconds: pause)
        case .nothing: return .stream
        }
    }

    mutating func committed() { isCommitted = true }

    /// The candidate at hand is too busy, and another one is called instead; nothing was sent to it.
    mutating func moved(to other: Int) {
        tried.remove(candidate)
        candidate = other
        tried.insert(other)
    }

    /// Another candidate is called beside the one at hand.
    mutating func hedged(with other: Int) {
        tried.insert(other)
        attempts += 1
    }

    /// The other call is the one at hand from now on.
    mutating func tookOver(_ other: Int) { candidate = other }

    /// The request has become a session in both directions.
    mutating func upgraded() {
        phase = .streaming
        isCommitted = true
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
        case 401, 402, 403: true
        default: mayRetry(status)
        }
    }

    /// Statuses after which the same candidate may do better a moment later.
    static func mayRetry(_ status: UInt16) -> Bool { status == 408 || status == 429 || status >= 500 }

    private enum Step {
        case call(Int)
        case wait(Int64)
        case nothing
    }

    private mutating func goOn(_ mayRetry: Bool, _ next: Next, _ retry: Retry) -> Step {
        guard isReplayable else { return .nothing }
        let step: Step
        if let other = next(tried) {
            candidate = other
            tried.insert(other)
            step = .call(other)
        } else if mayRetry, let pause = retry(retries) {
            retries += 1
            step = .wait(pause)
        } else {
            return .nothing
        }
        attempts += 1
        retriedStaleConnection = false
        phase = .attempting
        return step
    }

    private mutating func finish(_ action: AfterFailure) -> AfterFailure {
        phase = .finished
        return action
    }
}
