public import Vocabulary

/// Routed requests beside a control arm that kept the requested model, by a signal of the operator's choosing (a test that
/// passed, an answer that was taken). Routing goes on while it is not shown to be worse.
public struct ControlledTrial: Sendable, Equatable {
    public enum Verdict: UInt8, Sendable, CaseIterable {
        /// Too little is known.
        case open
        /// The loss is smaller than the margin, with 95 % confidence.
        case notInferior
        /// The loss is larger than the margin, with 95 % confidence, or still in doubt after `decideBy`: it stops.
        case stop
    }

    public struct Arm: Sendable, Equatable {
        public var count: Int64 = 0
        public var good: Int64 = 0
        public var cost = NanoUSD.zero

        public init(count: Int64 = 0, good: Int64 = 0, cost: NanoUSD = .zero) {
            self.count = count
            self.good = good
            self.cost = cost
        }

        mutating func add(isGood: Bool, cost: NanoUSD) {
            count += 1
            good += isGood ? 1 : 0
            self.cost += cost
        }
    }

    /// The share of good outcomes that may be lost, in thousandths.
    public let margin: Int64
    /// Outcomes of the control arm before anything is said, and by which a verdict must stand.
    public let sayFrom: Int64
    public let decideBy: Int64
    public private(set) var routed = Arm()
    public private(set) var control = Arm()
    /// Once stopped, it stays so until the operator starts another.
    public private(set) var hasStopped = false

    public init(margin: Int64 = 20, sayFrom: Int64 = 50, decideBy: Int64 = 5000) {
        self.margin = max(0, margin)
        self.sayFrom = max(2, sayFrom)
        self.decideBy = max(sayFrom, decideBy)
    }

    /// Goes on where a trial was when its arms were kept.
    public init(routed: Arm, control: Arm, hasStopped: Bool) {
        self.init()
        self.routed = routed
        self.control = control
        self.hasStopped = hasStopped
    }

    public mutating func record(isControl: Bool, isGood: Bool, cost: NanoUSD) -> Verdict {
        if isControl { control.add(isGood: isGood, cost: cost) } else { routed.add(isGood: isGood, cost: cost) }
        let verdict = verdict
        if verdict == .stop { hasStopped = true }
        return verdict
    }

    public var verdict: Verdict {
        if hasStopped { return .stop }
        guard control.count >= sayFrom, routed.count >= sayFrom else { return .open }
        let (p, n) = (share(routed), Double(routed.count))
        let (q, m) = (share(control), Double(control.count))
        // Agresti and Caffo: one good and one bad outcome more in each arm keep the error from being nothing.
        let error = (p * (1 - p) / (n + 2) + q * (1 - q) / (m + 2)).squareRoot()
        let difference = p - q
        let limit = -Double(margin) / 1000
        if difference + 1.645 * error < limit { return .stop }
        if difference - 1.645 * error > limit { return .notInferior }
        return control.count >= decideBy ? .stop : .open
    }

    /// What routing saved so far: the control arm's mean cost for as many requests as were routed, less theirs. It may be
    /// below zero: this is a measurement.
    public var realisedSavings: NanoUSD {
        guard control.count > 0 else { return .zero }
        let expected = Int128(control.cost.value) * Int128(routed.count) / Int128(control.count)
        return NanoUSD(Int64(clamping: expected)) - routed.cost
    }

    private func share(_ arm: Arm) -> Double { Double(arm.good + 1) / Double(arm.count + 2) }
}
