import Planning
import Testing
import Vocabulary

@testable import Relay

@Suite struct ExchangeStateTests {
    /// A state with what it may try: so many candidates in order, so many retries.
    private struct Trial {
        var state = ExchangeState()
        var candidates: Int
        var retries = 0

        mutating func failed(_ code: ErrorCode, onReusedConnection: Bool = false) -> ExchangeState.AfterFailure {
            let (candidates, retries) = (candidates, retries)
            return state.upstreamFailed(
                code, onReusedConnection: onReusedConnection,
                next: { tried in (0..<candidates).first { !tried.contains($0) } },
                retry: { $0 < retries ? Int64($0) : nil })
        }

        mutating func head(
            _ status: UInt16, isStream: Bool = false, wantsStream: Bool = false
        )
            -> ExchangeState.AfterHead
        {
            let (candidates, retries) = (candidates, retries)
            return state.upstreamHead(
                status: status, isStream: isStream, wantsStream: wantsStream,
                next: { tried in (0..<candidates).first { !tried.contains($0) } },
                retry: { $0 < retries ? Int64($0) : nil })
        }

        mutating func errorEvent() -> ExchangeState.AfterHead {
            let (candidates, retries) = (candidates, retries)
            return state.errorEvent(
                next: { tried in (0..<candidates).first { !tried.contains($0) } },
                retry: { $0 < retries ? Int64($0) : nil })
        }
    }

    private func attempting(candidates: Int, retries: Int = 0, isReplayable: Bool = true) -> Trial {
        var trial = Trial(candidates: candidates, retries: retries)
        let first = trial.state.planned(first: 0, isReplayable: isReplayable)
        #expect(first == 0)
        return trial
    }

    @Test func aPlainAnswerIsBuffered() {
        var trial = attempting(candidates: 1)
        let action = trial.head(200, isStream: false, wantsStream: false)
        #expect(action == .buffer)
        #expect(trial.state.phase == .buffering)
    }

    @Test(arguments: [
        (UInt16(200), true, true, ExchangeState.AfterHead.stream),
        (200, false, true, .buffer), (200, true, false, .buffer), (400, true, true, .buffer),
        (500, false, true, .buffer),
    ])
    func onlyAGoodEventStreamThatWasAskedForIsPassedOn(
        status: UInt16, isStream: Bool, wantsStream: Bool, expected: ExchangeState.AfterHead
    ) {
        var trial = attempting(candidates: 1)
        let action = trial.head(status, isStream: isStream, wantsStream: wantsStream)
        #expect(action == expected)
    }

    @Test(arguments: [UInt16(401), 402, 403, 408, 429, 500, 502, 503, 529])
    func aProvidersOwnTroubleGoesToTheNextCandidate(status: UInt16) {
        var trial = attempting(candidates: 2)
        let first = trial.head(status, isStream: false, wantsStream: false)
        #expect(first == .call(candidate: 1))
        let second = trial.head(status, isStream: false, wantsStream: false)
        #expect(second == .buffer)
        #expect(trial.state.attempts == 2)
    }

    @Test(arguments: [UInt16(200), 400, 404, 413, 422])
    func anAnswerToTheRequestItselfStays(status: UInt16) {
        var trial = attempting(candidates: 2)
        let action = trial.head(status, isStream: false, wantsStream: false)
        #expect(action == .buffer)
    }

    @Test func aStaleConnectionIsTriedOnceMoreAndCountsAsAnAttempt() {
        var trial = attempting(candidates: 1)
        let again = trial.failed(.upstreamUnreachable, onReusedConnection: true)
        #expect(again == .call(candidate: 0))
        let over = trial.failed(.upstreamUnreachable, onReusedConnection: true)
        #expect(over == .answer(.upstreamUnreachable))
        #expect(trial.state.attempts == 2)
    }

    @Test func nothingIsTriedAfterTheFirstByteOfAStream() {
        var trial = attempting(candidates: 3)
        _ = trial.head(200, isStream: true, wantsStream: true)
        trial.state.committed()
        let hidden = trial.errorEvent()
        #expect(hidden == .stream)
        let action = trial.failed(.upstreamCut, onReusedConnection: false)
        #expect(action == .endStream(.upstreamCut))
        #expect(trial.state.phase == .finished)
    }

    @Test func aCutPlainAnswerWasNotSeenByTheClientAndMayFallBack() {
        var trial = attempting(candidates: 2)
        _ = trial.head(200, isStream: false, wantsStream: false)
        let action = trial.failed(.upstreamCut, onReusedConnection: false)
        #expect(action == .call(candidate: 1))
    }

    @Test func aStreamOfWhichNothingWasSentMayFallBack() {
        var cut = attempting(candidates: 2)
        _ = cut.head(200, isStream: true, wantsStream: true)
        let afterCut = cut.failed(.upstreamCut)
        #expect(afterCut == .call(candidate: 1) && cut.state.phase == .attempting)
        var told = attempting(candidates: 1, retries: 1)
        _ = told.head(200, isStream: true, wantsStream: true)
        let again = told.errorEvent()
        #expect(again == .wait(milliseconds: 0))
        _ = told.head(200, isStream: true, wantsStream: true)
        let last = told.errorEvent()
        #expect(last == .stream && told.state.attempts == 2)
    }

    @Test(arguments: [
        (UInt16(429), true), (408, true), (500, true), (503, true), (401, false), (403, false), (400, false),
    ])
    func theSameCandidateIsCalledAgainWhereAMomentMayHelp(status: UInt16, isRetried: Bool) {
        var trial = attempting(candidates: 1, retries: 2)
        let first = trial.head(status)
        #expect(first == (isRetried ? .wait(milliseconds: 0) : .buffer))
        guard isRetried else { return }
        let second = trial.head(status)
        #expect(second == .wait(milliseconds: 1))
        let third = trial.head(status)
        #expect(third == .buffer && trial.state.attempts == 3)
    }

    /// What was begun at a provider may have been paid for.
    @Test func onlyAProviderThatWasNeverReachedIsCalledAgain() {
        var unreached = attempting(candidates: 1, retries: 1)
        let again = unreached.failed(.upstreamUnreachable)
        #expect(again == .wait(milliseconds: 0))
        for code in [ErrorCode.upstreamTimeout, .upstreamSilent, .upstreamCut, .upstreamMalformed] {
            var begun = attempting(candidates: 1, retries: 1)
            let action = begun.failed(code)
            #expect(action == .answer(code))
        }
    }

    @Test func aBodyThatIsGoneIsSentOnce() {
        var trial = attempting(candidates: 3, retries: 2, isReplayable: false)
        let action = trial.failed(.upstreamUnreachable, onReusedConnection: true)
        #expect(action == .answer(.upstreamUnreachable))
        var refused = attempting(candidates: 3, retries: 2, isReplayable: false)
        let head = refused.head(503)
        #expect(head == .buffer)
    }

    @Test func aClientThatGoesCancelsOnce() {
        var trial = attempting(candidates: 1)
        let first = trial.state.clientGone(generated: true)
        #expect(first == .cancel(.cut))
        let second = trial.state.clientGone(generated: true)
        #expect(second == .ignore)
    }

    /// Whatever comes in whatever order: attempts are bounded, and nothing leaves `finished`.
    @Test func randomEventsNeverCallForEver() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2000 {
            let candidates = Int.random(in: 1...4, using: &random)
            let retries = Int.random(in: 0...2, using: &random)
            var trial = attempting(candidates: candidates, retries: retries)
            var calls = 1
            for _ in 0..<40 {
                let wasFinished = trial.state.phase == .finished
                switch Int.random(in: 0..<6, using: &random) {
                case 0:
                    let reused = Bool.random(using: &random)
                    let action = trial.failed(.upstreamCut, onReusedConnection: reused)
                    switch action {
                    case .call, .wait: calls += 1
                    case .answer, .endStream, .ignore: break
                    }
                    if wasFinished { #expect(action == .ignore) }
                case 1:
                    let status = UInt16.random(in: 200..<600, using: &random)
                    let stream = Bool.random(using: &random)
                    let action = trial.head(status, isStream: stream, wantsStream: stream)
                    switch action {
                    case .call, .wait: calls += 1
                    case .buffer, .stream, .ignore: break
                    }
                    if wasFinished { #expect(action == .ignore) }
                case 2:
                    let wasCommitted = trial.state.isCommitted
                    switch trial.errorEvent() {
                    case .call, .wait:
                        calls += 1
                        #expect(!wasCommitted)
                    case .buffer, .stream, .ignore: break
                    }
                case 3 where trial.state.phase == .streaming: trial.state.committed()
                case 4 where Int.random(in: 0..<10, using: &random) == 0:
                    _ = trial.state.clientGone(generated: false)
                default: break
                }
                if wasFinished { #expect(trial.state.phase == .finished) }
            }
            #expect(calls <= (candidates + retries) * 2)
            #expect(trial.state.attempts == calls)
        }
    }
}

/// The same numbers on every run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
