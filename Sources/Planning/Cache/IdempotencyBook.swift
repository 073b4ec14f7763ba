public import Vocabulary

/// Which `Idempotency-Key`s were used, for which body, and by which request (`RULES.md` 7). What it holds are keyed hashes
/// and ids; the answers are elsewhere, and may be gone before their keys are. Of a key that was used before this start the
/// body is not known.
public struct IdempotencyBook: Sendable {
    /// A day in microseconds.
    public static let lifetime: Int64 = 86_400_000_000

    /// What a key says of a request.
    public enum Use: Sendable, Equatable {
        /// It was not used before: call the provider.
        case first
        /// It was used for the same body, or one that is not known, by this request.
        case same(RequestID)
        /// It was used for another body.
        case other(RequestID)
    }

    private struct Entry: Sendable {
        var body: CacheKey?
        var request: RequestID
        var usedAt: Moment
    }

    private let most: Int
    private var entries: [CacheKey: Entry] = [:]
    /// In the order of use; the first `gone` are no longer in the book.
    private var order: [(key: CacheKey, request: RequestID)] = []
    private var gone = 0

    /// - Parameter most: keys that are remembered; the oldest are forgotten first.
    public init(most: Int) { self.most = most }

    public var count: Int { entries.count }

    public mutating func use(_ key: CacheKey, body: CacheKey, by request: RequestID, at now: Moment) -> Use {
        forget(before: Moment(microseconds: now.microseconds - Self.lifetime))
        if let entry = entries[key] {
            return entry.body ?? body == body ? .same(entry.request) : .other(entry.request)
        }
        entries[key] = Entry(body: body, request: request, usedAt: now)
        order.append((key, request))
        if entries.count > most { drop() }
        return .first
    }

    /// A key that was used before this start; the oldest come first.
    public mutating func restore(_ key: CacheKey, by request: RequestID, at moment: Moment) {
        entries[key] = Entry(body: nil, request: request, usedAt: moment)
        order.append((key, request))
        if entries.count > most { drop() }
    }

    /// Nothing came of the request and nothing was charged: its key may be used anew.
    public mutating func release(_ key: CacheKey, by request: RequestID) {
        if entries[key]?.request == request { entries[key] = nil }
    }

    private mutating func forget(before horizon: Moment) {
        while gone < order.count {
            let oldest = order[gone]
            if let entry = entries[oldest.key], entry.request == oldest.request, entry.usedAt > horizon { break }
            drop()
        }
    }

    private mutating func drop() {
        guard gone < order.count else { return }
        let oldest = order[gone]
        if entries[oldest.key]?.request == oldest.request { entries[oldest.key] = nil }
        gone += 1
        if gone > 1024, gone * 2 > order.count {
            order.removeFirst(gone)
            gone = 0
        }
    }
}
