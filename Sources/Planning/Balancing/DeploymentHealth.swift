public import Vocabulary

/// What one event loop has seen of a deployment.
public struct DeploymentHealth: Sendable {
    /// A provider's `retry-after` is believed up to this.
    static let longestPause: Int64 = 60_000

    public private(set) var inFlight = 0
    private var latency = PeakLatency()
    private var breaker = CircuitBreaker()
    private var pausedUntil = Instant(microseconds: 0)

    public init() {}

    /// Whether it may be called: its breaker admits it, and it has not asked to be spared.
    public func isWell(at now: Instant) -> Bool { pausedUntil <= now && breaker.admits(at: now) }

    /// The wait that one more call has to expect, in microseconds, as far as calls under way share the deployment's power.
    public func load(at now: Instant) -> Double { latency.estimate(at: now) * Double(inFlight + 1) }

    /// In microseconds; 0 where it has not answered yet.
    public func latency(at now: Instant) -> Int64 { latency.measured(at: now) }

    public func circuit(at now: Instant) -> CircuitBreaker.State { breaker.state(at: now) }

    /// - Returns: whether the call is a probe, to be told to `ended`.
    public mutating func began(at now: Instant) -> Bool {
        inFlight += 1
        return breaker.began(at: now)
    }

    /// An answer began.
    public mutating func answered(after microseconds: Int64, at now: Instant) {
        latency.observe(microseconds, at: now)
    }

    public mutating func ended(_ outcome: CallOutcome, isProbe: Bool, at now: Instant, random: UInt64) {
        inFlight -= 1
        breaker.ended(outcome, isProbe: isProbe, at: now, random: random)
    }

    /// It asked to be spared: a limit of its own is reached.
    public mutating func pause(milliseconds: Int64, at now: Instant) {
        pausedUntil = max(pausedUntil, now.after(milliseconds: min(milliseconds, Self.longestPause)))
    }
}
