public import Vocabulary

/// How a call to a deployment went.
public enum CallOutcome: Sendable {
    case success
    /// The deployment's own trouble: unreachable, silent, malformed, or a status that says so.
    case failure
    /// Nothing is to be learned: the client went, or the request itself was wrong.
    case unknown
}

/// Keeps requests from a deployment that fails: after several failures in a row, or when half of many calls fail, it is left
/// alone for a second, then one probe decides; each probe that fails doubles the rest, up to a minute.
///
/// ```
/// closed → open → (rest is over) → one probe → closed
///           ↑______________________________|
/// ```
public struct CircuitBreaker: Sendable, Equatable {
    static let failuresInRow = 5
    /// Of a window's calls this many must have been made, and half of them failed.
    static let callsInWindow = 20
    static let window: Int64 = 10_000
    static let firstRest: Int64 = 1_000
    static let longestRest: Int64 = 60_000

    public enum State: Sendable, Equatable {
        case closed
        case open
        /// A probe is due or on its way.
        case halfOpen
    }

    private var inRow = 0
    private var calls = 0
    private var failures = 0
    private var windowEnds = Instant(microseconds: 0)
    /// `nil` while closed.
    private var restsUntil: Instant?
    private var rest = Self.firstRest
    private var isProbing = false

    public init() {}

    public func state(at now: Instant) -> State {
        guard let restsUntil else { return .closed }
        return now < restsUntil ? .open : .halfOpen
    }

    /// Whether a call may be made now.
    public func admits(at now: Instant) -> Bool {
        switch state(at: now) {
        case .closed: true
        case .open: false
        case .halfOpen: !isProbing
        }
    }

    /// A call is made, admitted or for want of anything better.
    /// - Returns: whether it is the probe, to be told to `ended`.
    public mutating func began(at now: Instant) -> Bool {
        guard state(at: now) == .halfOpen, !isProbing else { return false }
        isProbing = true
        return true
    }

    /// - Parameter random: spreads the probes of loops and nodes over a quarter of the rest.
    public mutating func ended(_ outcome: CallOutcome, isProbe: Bool, at now: Instant, random: UInt64) {
        if isProbe { isProbing = false }
        guard restsUntil == nil || isProbe else { return }
        switch outcome {
        case .unknown: return
        case .success where isProbe: self = CircuitBreaker()
        case .success:
            inRow = 0
            count(at: now)
        case .failure where isProbe:
            rest = min(rest * 2, Self.longestRest)
            open(at: now, random)
        case .failure:
            inRow += 1
            count(at: now)
            failures += 1
            let isHalf = calls >= Self.callsInWindow && failures * 2 >= calls
            if inRow >= Self.failuresInRow || isHalf { open(at: now, random) }
        }
    }

    private mutating func count(at now: Instant) {
        if now >= windowEnds {
            (calls, failures) = (0, 0)
            windowEnds = now.after(milliseconds: Self.window)
        }
        calls += 1
    }

    private mutating func open(at now: Instant, _ random: UInt64) {
        let spread = Int64(random % UInt64(rest / 4 + 1))
        restsUntil = now.after(milliseconds: rest + spread)
        (inRow, calls, failures) = (0, 0, 0)
    }
}
