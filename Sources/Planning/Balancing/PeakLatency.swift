public import Vocabulary

/// How long a deployment takes to begin an answer: a moving average that jumps up at once and comes down slowly, so that
/// one which has become slow is left before it has ruined many requests (peak EWMA).
public struct PeakLatency: Sendable, Equatable {
    /// After this without a slow answer half of a peak is forgotten.
    static let settling = 10_000_000.0
    /// Nothing answers faster; it also stands for what was never measured.
    static let least = 1000.0

    private var average = 0.0
    private var measuredAt = Instant(microseconds: 0)

    public init() {}

    /// - Parameter microseconds: from the call to the first byte of the answer.
    public mutating func observe(_ microseconds: Int64, at now: Instant) {
        let sample = Double(max(0, microseconds))
        average = sample > average ? sample : average * share(at: now) + sample * (1 - share(at: now))
        measuredAt = now
    }

    /// In microseconds. It sinks while nothing is measured: one that was slow is tried again.
    public func estimate(at now: Instant) -> Double { max(Self.least, average * share(at: now)) }

    /// The same of what was measured; 0 where no answer has begun yet.
    public func measured(at now: Instant) -> Int64 { average > 0 ? Int64(estimate(at: now)) : 0 }

    /// What of the average still counts.
    private func share(at now: Instant) -> Double {
        Self.settling / (Self.settling + Double(max(0, now - measuredAt)))
    }
}
