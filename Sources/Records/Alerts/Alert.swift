public import Vocabulary

/// Something an operator should know. Each cause is told once.
public struct Alert: Hashable, Sendable {
    /// Stored: append, never renumber.
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// A part of a budget is used; `level` is the percentage.
        case budget = 1
        /// An organisation's credit is below `limit`.
        case balance = 2
        /// At the pace of the last day the credit is used up in `level` hours.
        case pace = 3
        /// The last hour of a key is unlike those before; `level` is a tenth of the robust z-score.
        case spending = 4
        case errors = 5
        case latency = 6
        /// Outcomes showed that it does harm, so it is off; `amount` and `limit` are how many in a thousand turned out well of
        /// its requests and of the control arm's.
        case routing = 7
        case compression = 8
        /// The router proposes a move and somebody should look at it; `level` is the proposal's number, `amount` what a month
        /// would save, `limit` the quality expected to be lost, in thousandths.
        case proposal = 9

        public var name: StaticString {
            switch self {
            case .budget: "budget"
            case .balance: "balance"
            case .pace: "pace"
            case .spending: "spending"
            case .errors: "errors"
            case .latency: "latency"
            case .routing: "routing"
            case .compression: "compression"
            case .proposal: "proposal"
            }
        }
    }

    /// Numbers and words of ours only: `budget:1:42:month:1793491200000000:80`.
    public var cause: String
    public var kind: Kind
    public var at: Moment
    public var owner: BudgetOwner
    public var period: BudgetPeriod
    public var level: Int64
    /// Nano-USD for money; for errors how many in a thousand, for latency microseconds.
    public var amount: Int64
    public var limit: Int64

    /// `key`, `organisation` and so on with its number.
    public var ownerText: String {
        owner.kind == .key
            ? KeyID(owner.id).text : owner.kind == .installation ? "installation" : "\(owner.kind.name)/\(owner.id)"
    }
}

/// When to tell.
public struct AlertRules: Equatable, Sendable {
    /// Percentages of budgets.
    public var budgetLevels: [Int64] = [80, 100]
    /// Of an organisation's credit.
    public var balanceLevels: [NanoUSD] = []
    /// Days that the credit lasts at the pace of the last one.
    public var paceDays: Int64 = 3
    public var findsAnomalies = true

    public init() {}
}

/// What to tell, as a value.
enum AlertLogic {
    static func budget(_ budget: Budget, spent: NanoUSD, _ rules: AlertRules, at now: Moment) -> [Alert] {
        guard budget.amount > .zero else { return [] }
        let window = BudgetWindow(budget.owner, budget.period, at: now)
        return rules.budgetLevels.filter { level in
            Int128(spent.value) * 100 >= Int128(budget.amount.value) * Int128(level)
        }.map { level in
            Alert(
                cause: "budget:\(budget.owner.kind.rawValue):\(budget.owner.id):\(budget.period.name):"
                    + "\(window.beginsAt):\(budget.amount.value):\(level)", kind: .budget, at: now,
                owner: budget.owner, period: budget.period, level: level, amount: spent.value,
                limit: budget.amount.value)
        }
    }

    /// - Parameters:
    ///   - paid: all credit there ever was: a top-up is a new cause.
    ///   - spentInADay: in the last 24 hours.
    static func credit(
        of organisation: OrganisationID, balance: NanoUSD, paid: NanoUSD, spentInADay: NanoUSD, _ rules: AlertRules,
        at now: Moment
    ) -> [Alert] {
        var alerts = rules.balanceLevels.filter { balance < $0 }.map { level in
            Alert(
                cause: "balance:\(organisation.value):\(level.value):\(paid.value)", kind: .balance, at: now,
                owner: .organisation(organisation), period: .ever, level: 0, amount: balance.value, limit: level.value)
        }
        guard spentInADay > .zero, rules.paceDays > 0 else { return alerts }
        let hours = Int64(Int128(max(0, balance.value)) * 24 / Int128(spentInADay.value))
        if hours < rules.paceDays * 24 {
            alerts.append(
                Alert(
                    cause: "pace:\(organisation.value):\(rules.paceDays):\(paid.value)", kind: .pace, at: now,
                    owner: .organisation(organisation), period: .day, level: hours, amount: balance.value,
                    limit: spentInADay.value))
        }
        return alerts
    }

    /// A trial that has stopped.
    static func stopped(_ trial: RouteTrialRow, at now: Moment) -> Alert {
        func share(_ arm: RouteTrialRow.Arm) -> Int64 { arm.count == 0 ? 0 : arm.good * 1000 / arm.count }
        let kind: Alert.Kind = trial.kind == .routing ? .routing : .compression
        return Alert(
            cause: "\(kind.name):\(trial.organisation.value):\(now.microseconds)", kind: kind, at: now,
            owner: .organisation(trial.organisation), period: .ever, level: 0, amount: share(trial.routed),
            limit: share(trial.control))
    }

    /// A proposal that waits for its review, once there is evidence for it.
    static func proposed(_ proposal: RouteProposal, at now: Moment) -> Alert? {
        guard proposal.approvedAt == nil, proposal.requests >= leastRequests, proposal.saved > .zero else { return nil }
        return Alert(
            cause: "proposal:\(proposal.id)", kind: .proposal, at: now, owner: .organisation(proposal.organisation),
            period: .month, level: proposal.id, amount: proposal.savedMonthly.value, limit: proposal.lossShare)
    }

    /// Of a move, before anybody is asked about it.
    static let leastRequests: Int64 = 20

    /// One hour against those before it.
    static func anomaly(
        _ kind: Alert.Kind, of key: KeyID, hour: Int64, value: Int64, before: [Int64], floor: Double, at now: Moment
    ) -> Alert? {
        guard before.count >= leastHours, let score = robustScore(value, before, floor: floor), score >= leastScore
        else { return nil }
        return Alert(
            cause: "\(kind.name):\(key.value):\(hour)", kind: kind, at: now, owner: .key(key), period: .day,
            level: Int64(min(score, 1_000_000) * 10), amount: value,
            limit: median(before.map(Double.init)).map(Int64.init) ?? 0)
    }

    /// A day of history at least, and six deviations: seldom wrong, never a page of noise.
    static let leastHours = 24
    static let leastScore = 6.0

    /// How many deviations a value lies above the median, by the median absolute deviation, which a few wild hours cannot
    /// move; 0.6745 makes it a standard deviation where values are normal.
    static func robustScore(_ value: Int64, _ history: [Int64], floor: Double) -> Double? {
        let values = history.map(Double.init)
        guard let middle = median(values), let deviation = median(values.map { abs($0 - middle) }) else { return nil }
        return 0.6745 * (Double(value) - middle) / max(deviation, floor, abs(middle) / 20)
    }

    static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }
}
