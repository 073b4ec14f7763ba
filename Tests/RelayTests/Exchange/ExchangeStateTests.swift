import Testing
import Vocabulary

@testable import Relay

@Suite struct ExchangeStateTests {
    private func attempting(candidates: Int) -> ExchangeState {
        var state = ExchangeState()
        let first = state.planned(candidates: candidates)
        #expect(first == 0)
        return state
    }

    @Test func aPlainAnswerIsBuffered() {
        var state = attempting(candidates: 1)
        let action = state.upstreamHead(status: 200, isStream: false, wantsStream: false)
        #expect(action == .buffer)
        #expect(state.phase == .buffering)
    }

    @Test(arguments: [
        (UInt16(200), true, true, ExchangeState.AfterHead.stream),
        (200, false, true, .buffer), (200, true, false, .buffer), (400, true, true, .buffer),
        (500, false, true, .buffer),
    ])
    func onlyAGoodEventStreamThatWasAskedForIsPassedOn(
        status: UInt16, isStream: Bool, wantsStream: Bool, expected: ExchangeState.AfterHead
    ) {
        var state = attempting(candidates: 1)
        let action = state.upstreamHead(status: status, isStream: isStream, wantsStream: wantsStream)
        #expect(action == expected)
    }

    @Test(arguments: [UInt16(401), 402, 403, 408, 429, 500, 502, 503, 529])
    func aProvidersOwnTroubleGoesToTheNextCandidate(status: UInt16) {
        var state = attempting(candidates: 2)
        let first = state.upstreamHead(status: status, isStream: false, wantsStream: false)
        #expect(first == .call(candidate: 1))
        let second = state.upstreamHead(status: status, isStream: false, wantsStream: false)
        #expect(second == .buffer)
        #expect(state.attempts == 2)
    }

    @Test(arguments: [UInt16(200), 400, 404, 413, 422])
    func anAnswerToTheRequestItselfStays(status: UInt16) {
        var state = attempting(candidates: 2)
        let action = state.upstreamHead(status: status, isStream: false, wantsStream: false)
        #expect(action == .buffer)
    }

    @Test func aStaleConnectionIsTriedOnceMoreAndCountsAsAnAttempt() {
        var state = attempting(candidates: 1)
        let again = state.upstreamFailed(.upstreamUnreachable, onReusedConnection: true)
        #expect(again == .call(candidate: 0))
        let over = state.upstreamFailed(.upstreamUnreachable, onReusedConnection: true)
        #expect(over == .answer(.upstreamUnreachable))
        #expect(state.attempts == 2)
    }

    @Test func nothingIsTriedAfterTheFirstByteOfAStream() {
        var state = attempting(candidates: 3)
        _ = state.upstreamHead(status: 200, isStream: true, wantsStream: true)
        let action = state.upstreamFailed(.upstreamCut, onReusedConnection: false)
        #expect(action == .endStream(.upstreamCut))
        #expect(state.phase == .finished)
    }

    @Test func aCutPlainAnswerWasNotSeenByTheClientAndMayFallBack() {
        var state = attempting(candidates: 2)
        _ = state.upstreamHead(status: 200, isStream: false, wantsStream: false)
        let action = state.upstreamFailed(.upstreamCut, onReusedConnection: false)
        #expect(action == .call(candidate: 1))
    }

    @Test func aClientThatGoesCancelsOnce() {
        var state = attempting(candidates: 1)
        let first = state.clientGone(generated: true)
        #expect(first == .cancel(.cut))
        let second = state.clientGone(generated: true)
        #expect(second == .ignore)
    }

    /// Whatever comes in whatever order: attempts are bounded, and nothing leaves `finished`.
    @Test func randomEventsNeverCallForEver() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2000 {
            let candidates = Int.random(in: 1...4, using: &random)
            var state = attempting(candidates: candidates)
            var calls = 1
            for _ in 0..<40 {
                let wasFinished = state.phase == .finished
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    let reused = Bool.random(using: &random)
                    let action = state.upstreamFailed(.upstreamCut, onReusedConnection: reused)
                    if case .call = action { calls += 1 }
                    if wasFinished { #expect(action == .ignore) }
                case 1:
                    let status = UInt16.random(in: 200..<600, using: &random)
                    let stream = Bool.random(using: &random)
                    let action = state.upstreamHead(status: status, isStream: stream, wantsStream: stream)
                    if case .call = action { calls += 1 }
                    if wasFinished { #expect(action == .ignore) }
                case 2 where Int.random(in: 0..<10, using: &random) == 0:
                    _ = state.clientGone(generated: false)
                default: break
                }
                if wasFinished { #expect(state.phase == .finished) }
            }
            #expect(calls <= candidates * 2)
            #expect(state.attempts == calls)
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
