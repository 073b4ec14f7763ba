/// Retries as a share of traffic: each request pays in its share of one, a retry takes one out. In an outage retries add at
/// most that share, whatever their number a request.
public struct RetryBudget: Sendable {
    /// A loop begins with, and keeps at most, so many retries.
    static let reserve = 10

    /// In hundredths of a retry.
    private var saved: Int
    private let percent: Int

    /// - Parameter percent: of requests; 0 retries nothing.
    public init(percent: Int) {
        self.percent = percent
        saved = percent > 0 ? Self.reserve * 100 : 0
    }

    public mutating func requestBegan() { saved = min(saved + percent, Self.reserve * 100) }

    /// Takes a retry out; `false` when none is left.
    public mutating func take() -> Bool {
        guard percent > 0, saved >= 100 else { return false }
        saved -= 100
        return true
    }
}

/// How long a retry waits.
public enum Backoff {
    /// Calls of one request to deployments that have failed it before.
    public static let retries = 2
    static let first: Int64 = 100
    static let longest: Int64 = 2_000
    /// Who asks to be left alone for longer than this is not asked again: the client is told how long.
    static let longestPause: Int64 = 5_000

    /// Full jitter: anything from nothing to a bound that doubles, behind what the provider asked for.
    ///
    /// - Parameters:
    ///   - number: 0 for the first retry.
    ///   - pause: the provider's `retry-after` in milliseconds.
    /// - Returns: milliseconds; `nil` when the provider's pause is too long to wait for.
    public static func delay(
        _ number: Int, pause: Int64?, using random: inout some RandomNumberGenerator
    ) -> Int64? {
        let pause = pause ?? 0
        guard pause <= longestPause else { return nil }
        let bound = min(longest, first << Int64(min(max(0, number), 8)))
        return max(0, pause) + Int64(random.next() % UInt64(bound + 1))
    }
}
