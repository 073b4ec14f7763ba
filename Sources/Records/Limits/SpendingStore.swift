import GRDB
public import Vocabulary

/// The tables of budgets, rates and what was spent.
public struct SpendingStore: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// Every budget and rate of the ledger.
    public func rules() throws(StorageFault) -> SpendingRules {
        try ledger.read { database in
            var rules = SpendingRules()
            for row in try Row.fetchAll(database, sql: "SELECT * FROM budgets") {
                guard let owner = Self.owner(row),
                    let period = BudgetPeriod(rawValue: UInt8(truncatingIfNeeded: row["period"] as Int64)),
                    let action = BudgetAction(rawValue: UInt8(truncatingIfNeeded: row["action"] as Int64))
                else { throw StorageFault.damaged }
                rules.add(
                    Budget(
                        owner, period, NanoUSD(row["amount"]), action,
                        substitute: Array((row["substitute"] as String? ?? "").utf8)))
            }
            for row in try Row.fetchAll(database, sql: "SELECT * FROM rate_limits") {
                guard let owner = Self.owner(row) else { throw StorageFault.damaged }
                rules.add(
                    RateLimits(
                        requestsPerMinute: row["requests_per_minute"], tokensPerMinute: row["tokens_per_minute"],
                        inFlight: row["in_flight"]), of: owner)
            }
            return rules
        }
    }

    /// Sets the budget of its owner and period.
    public func set(_ budget: Budget) throws(StorageFault) {
        try ledger.write { try Self.insert(budget, in: $0) }
    }

    /// - Returns: `false` when there was none.
    public func remove(_ owner: BudgetOwner, _ period: BudgetPeriod) throws(StorageFault) -> Bool {
        try ledger.write { database in
            try database.execute(
                sql: "DELETE FROM budgets WHERE owner_kind = ? AND owner = ? AND period = ?",
                arguments: [Int64(owner.kind.rawValue), owner.id.stored, Int64(period.rawValue)])
            return database.changesCount == 1
        }
    }

    /// Sets an owner's rates; without any they are removed.
    public func set(_ limits: RateLimits, of owner: BudgetOwner) throws(StorageFault) {
        try ledger.write { try Self.insert(limits, of: owner, in: $0) }
    }

    /// What an owner spent in the period that holds `moment`, all nodes together.
    public func spent(_ owner: BudgetOwner, _ period: BudgetPeriod, at moment: Moment) throws(StorageFault) -> NanoUSD {
        try ledger.read { try Self.spent(BudgetWindow(owner, period, at: moment), in: $0) }
    }

    static func spent(_ window: BudgetWindow, in database: Database) throws -> NanoUSD {
        let rows = try Int64.fetchAll(
            database.cachedStatement(
                sql: "SELECT spent FROM spending WHERE owner_kind = ? AND owner = ? AND period = ? AND begins_at = ?"),
            arguments: [
                Int64(window.owner.kind.rawValue), window.owner.id.stored, Int64(window.period.rawValue),
                window.beginsAt,
            ])
        return rows.reduce(NanoUSD.zero) { $0 + NanoUSD($1) }
    }

    /// What each key spent in its whole life, erased receipts included.
    func spentByKey() throws(StorageFault) -> [KeyID: NanoUSD] {
        try ledger.read { database in
            var spent: [KeyID: NanoUSD] = [:]
            for row in try Row.fetchAll(
                database, sql: "SELECT owner, spent FROM spending WHERE owner_kind = 1 AND period = 4")
            {
                spent[KeyID(row.unsigned("owner")), default: .zero] += NanoUSD(row["spent"])
            }
            return spent
        }
    }

    static func insert(_ budget: Budget, in database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO budgets VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [
                Int64(budget.owner.kind.rawValue), budget.owner.id.stored, Int64(budget.period.rawValue),
                max(0, budget.amount.value), Int64(budget.action.rawValue),
                budget.action == .downgrade ? String(decoding: budget.substitute, as: UTF8.self) : nil,
            ])
    }

    static func insert(_ limits: RateLimits, of owner: BudgetOwner, in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM rate_limits WHERE owner_kind = ? AND owner = ?",
            arguments: [Int64(owner.kind.rawValue), owner.id.stored])
        guard !limits.isEmpty else { return }
        try database.execute(
            sql: "INSERT INTO rate_limits VALUES (?, ?, ?, ?, ?)",
            arguments: [
                Int64(owner.kind.rawValue), owner.id.stored, limits.requestsPerMinute.map { max(0, $0) },
                limits.tokensPerMinute.map { max(0, $0) }, limits.inFlight.map { max(0, $0) },
            ])
    }

    private static func owner(_ row: Row) -> BudgetOwner? {
        BudgetOwner.Kind(rawValue: UInt8(truncatingIfNeeded: row["owner_kind"] as Int64)).map {
            BudgetOwner($0, row.unsigned("owner"))
        }
    }
}
