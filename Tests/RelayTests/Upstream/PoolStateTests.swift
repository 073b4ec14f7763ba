import Testing
import Vocabulary

@testable import Relay

@Suite struct PoolStateTests {
    @Test func theNewestIdleConnectionIsReusedFirst() {
        var pool = PoolState()
        let (old, new) = (FakeConnection(), FakeConnection())
        pool.park(old, at: Instant(microseconds: 1))
        pool.park(new, at: Instant(microseconds: 2))
        #expect(leased(&pool) === new)
        #expect(leased(&pool) === old)
        #expect(leased(&pool) == nil)
    }

    @Test func onlyWhatIsOldEnoughExpires() {
        var pool = PoolState()
        let (old, new) = (FakeConnection(), FakeConnection())
        pool.park(old, at: Instant(microseconds: 10))
        pool.park(new, at: Instant(microseconds: 20))
        let expired = pool.expired(before: Instant(microseconds: 20))
        #expect(expired.count == 1 && expired[0] === old)
        #expect(pool.idleCount == 1)
    }

    @Test func streamsGoToTheFreestConnectionUntilAllAreFull() {
        var pool = PoolState()
        let (a, b) = (FakeConnection(), FakeConnection())
        pool.joined(a, limit: 2)
        pool.joined(b, limit: 2)
        let first = leased(&pool)
        let second = leased(&pool)
        #expect(first !== second)
        #expect(leased(&pool) == nil)
        pool.streamEnded(on: b)
        #expect(leased(&pool) === b)
    }

    @Test func aClosedConnectionIsNeverLeased() {
        var pool = PoolState()
        let (a, b) = (FakeConnection(), FakeConnection())
        pool.park(a, at: Instant(microseconds: 1))
        pool.joined(b, limit: 9)
        pool.removed(a)
        pool.removed(b)
        #expect(leased(&pool) == nil)
        #expect(pool.connections.isEmpty)
    }

    private func leased(_ pool: inout PoolState) -> (any UpstreamConnection)? {
        switch pool.lease() {
        case .reuse(let connection), .openStream(let connection): connection
        case .connect: nil
        }
    }
}

private final class FakeConnection: UpstreamConnection {
    func start(_ request: UpstreamRequest, _ observer: any UpstreamObserver, isReused: Bool) -> any UpstreamCall {
        preconditionFailure("no call is made in these tests")
    }
    func close() {}
}
