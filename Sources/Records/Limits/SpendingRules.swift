public import Vocabulary

/// All budgets and rates there are: those of the ledger and those of the configuration.
public struct SpendingRules: Equatable, Sendable {
    public var billing: Billing
    public private(set) var budgets: [BudgetOwner: [Budget]] = [:]
    public private(set) var limits: [BudgetOwner: RateLimits] = [:]

    public init(billing: Billing = .none) { self.billing = billing }

    /// A budget of the same owner and period: the narrower holds.
    public mutating func add(_ budget: Budget) {
        var own = budgets[budget.owner, default: []]
        if let index = own.firstIndex(where: { $0.period == budget.period && $0.action == budget.action }) {
            if budget.amount < own[index].amount { own[index] = budget }
        } else {
            own.append(budget)
        }
        budgets[budget.owner] = own
    }

    /// Each limit at its narrowest.
    public mutating func add(_ other: RateLimits, of owner: BudgetOwner) {
        func least(_ a: Int64?, _ b: Int64?) -> Int64? { a.map { min($0, b ?? $0) } ?? b }
        let own = limits[owner] ?? RateLimits()
        limits[owner] = RateLimits(
            requestsPerMinute: least(own.requestsPerMinute, other.requestsPerMinute),
            tokensPerMinute: least(own.tokensPerMinute, other.tokensPerMinute),
            inFlight: least(own.inFlight, other.inFlight))
    }

    public mutating func add(_ other: SpendingRules) {
        if other.billing == .prepaid { billing = .prepaid }
        for budget in other.budgets.values.joined() { add(budget) }
        for (owner, limits) in other.limits { add(limits, of: owner) }
    }

    /// Whether something stops a key's spending, so that its holds must be upper bounds.
    public func bound(_ payer: Payer) -> Bool {
        if billing == .prepaid { return true }
        for (owner, budgets) in budgets where budgets.contains(where: { $0.action != .alert }) {
            if owner.kind == .deployment || owners(of: payer).contains(owner) { return true }
        }
        return false
    }

    func owners(of payer: Payer) -> [BudgetOwner] {
        var owners: [BudgetOwner] = [.key(payer.key)]
        if payer.member != .none { owners.append(.member(payer.member)) }
        return owners + [.organisation(payer.organisation), .installation]
    }
}
