import Vocabulary

/// Which connection a call gets, as a value. Idle HTTP/1.1 connections are reused newest first, so that the oldest can
/// time out; an HTTP/2 connection takes streams up to its limit, then another is opened.
struct PoolState {
    typealias Connection = any UpstreamConnection

    private struct Idle {
        let connection: Connection
        let since: Instant
    }

    private struct Shard {
        let connection: Connection
        var streams: Int
        var limit: Int
    }

    private var idle: [Idle] = []
    private var shards: [Shard] = []

    enum Lease {
        case reuse(Connection)
        case openStream(Connection)
        case connect
    }

    var idleCount: Int { idle.count }
    var connections: [Connection] { idle.map(\.connection) + shards.map(\.connection) }

    mutating func lease() -> Lease {
        if let index = freestShard() {
            shards[index].streams += 1
            return .openStream(shards[index].connection)
        }
        if let last = idle.popLast() { return .reuse(last.connection) }
        return .connect
    }

    mutating func park(_ connection: Connection, at now: Instant) {
        idle.append(Idle(connection: connection, since: now))
    }

    /// A multiplexing connection joined, with its first stream taken.
    mutating func joined(_ connection: Connection, limit: Int) {
        shards.append(Shard(connection: connection, streams: 1, limit: limit))
    }

    mutating func streamEnded(on connection: Connection) {
        guard let index = shards.firstIndex(where: { $0.connection === connection }) else { return }
        shards[index].streams -= 1
    }

    mutating func removed(_ connection: Connection) {
        idle.removeAll { $0.connection === connection }
        shards.removeAll { $0.connection === connection }
    }

    /// Takes out what has been idle since before `instant`.
    mutating func expired(before instant: Instant) -> [Connection] {
        let count = idle.prefix { $0.since < instant }.count
        defer { idle.removeFirst(count) }
        return idle.prefix(count).map(\.connection)
    }

    mutating func takeIdle() -> [Connection] {
        defer { idle = [] }
        return idle.map(\.connection)
    }

    private func freestShard() -> Int? {
        var best: Int?
        for index in shards.indices where shards[index].streams < shards[index].limit {
            if best == nil || shards[index].streams < shards[best!].streams { best = index }
        }
        return best
    }
}
