public import Vocabulary

/// Slows guessing: failures are counted by account, by address and by network, each with its own allowance, and forgotten
/// as time passes. A value: who asks hands in the time.
///
/// An account's own allowance is large enough that a stranger who guesses does not lock its owner out for long, and far
/// below the 100 failures in a row that NIST SP 800-63B-4 allows.
public struct GuessLimiter: Sendable {
    public enum Subject: Hashable, Sendable {
        case account([UInt8])
        case address([UInt8])
        /// 24 bits of IPv4, 48 of IPv6.
        case network([UInt8])

        /// Failures at once, and microseconds after which one of them is forgiven.
        var allowance: (count: Int64, recovery: Int64) {
            switch self {
            case .account: (8, 120_000_000)
            case .address: (20, 60_000_000)
            case .network: (100, 15_000_000)
            }
        }
    }

    /// As in a leaky bucket: a failure adds one recovery time; below `count` of them is room.
    private var fullUntil: [Subject: Int64] = [:]
    private let capacity: Int

    /// - Parameter capacity: subjects remembered; at the limit those longest forgiven go first.
    public init(capacity: Int = 50_000) { self.capacity = capacity }

    /// Seconds to wait; `nil` when a try is allowed now.
    public func wait(_ subjects: [Subject], at now: Moment) -> Int64? {
        var longest: Int64 = 0
        for subject in subjects {
            let allowance = subject.allowance
            let over = (fullUntil[subject] ?? 0) - now.microseconds - (allowance.count - 1) * allowance.recovery
            longest = max(longest, over)
        }
        return longest > 0 ? (longest + 999_999) / 1_000_000 : nil
    }

    /// Counts a try. Called before it is made, so that many at once count as many.
    public mutating func count(_ subjects: [Subject], at now: Moment) {
        if fullUntil.count + subjects.count > capacity { forget(at: now) }
        for subject in subjects {
            fullUntil[subject] = max(fullUntil[subject] ?? 0, now.microseconds) + subject.allowance.recovery
        }
    }

    /// Takes back what a try counted, after it was right. What others did against the account stays.
    public mutating func forgive(_ subjects: [Subject], at now: Moment) {
        for subject in subjects {
            guard let until = fullUntil[subject] else { continue }
            let left = until - subject.allowance.recovery
            fullUntil[subject] = left > now.microseconds ? left : nil
        }
    }

    private mutating func forget(at now: Moment) {
        fullUntil = fullUntil.filter { $0.value > now.microseconds }
        guard fullUntil.count >= capacity else { return }
        // Still full: a flood. The lightest half goes.
        let order = fullUntil.values.sorted()
        let middle = order[order.count / 2]
        fullUntil = fullUntil.filter { $0.value > middle }
    }
}
