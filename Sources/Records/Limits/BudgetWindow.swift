public import Vocabulary

/// One period of one owner: what spending is counted by.
public struct BudgetWindow: Hashable, Sendable {
    public var owner: BudgetOwner
    public var period: BudgetPeriod
    /// Microseconds since 1970; 0 for ever.
    public var beginsAt: Int64

    public init(_ owner: BudgetOwner, _ period: BudgetPeriod, at moment: Moment) {
        self.owner = owner
        self.period = period
        beginsAt = period.begin(at: moment)
    }

    init(_ owner: BudgetOwner, _ period: BudgetPeriod, beginsAt: Int64) {
        self.owner = owner
        self.period = period
        self.beginsAt = beginsAt
    }

    /// `nil` for ever.
    public var endsAt: Moment? { period.end(of: beginsAt) }
}

extension BudgetPeriod {
    private static let day = CivilTime.dayLength

    /// When the period began that holds `moment`: midnight UTC, Monday's, the first's.
    public func begin(at moment: Moment) -> Int64 {
        let time = CivilTime(moment)
        let midnight = moment.microseconds - time.ofDay
        switch self {
        case .day: return midnight
        case .week:
            // 1970-01-01 was a Thursday.
            let number = midnight / Self.day
            return midnight - (((number + 3) % 7 + 7) % 7) * Self.day
        case .month: return midnight - (time.day - 1) * Self.day
        case .ever: return 0
        }
    }

    /// - Parameter begin: a period's beginning.
    func end(of begin: Int64) -> Moment? {
        switch self {
        case .day: return Moment(microseconds: begin + Self.day)
        case .week: return Moment(microseconds: begin + 7 * Self.day)
        // The 1st and 32 days is in the next month, whichever it is.
        case .month: return Moment(microseconds: self.begin(at: Moment(microseconds: begin + 32 * Self.day)))
        case .ever: return nil
        }
    }
}
