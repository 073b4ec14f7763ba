import GRDB
import Secrets
import Vocabulary

/// The durable side of leases: one transaction moves credit between the ledger and a node (`RULES.md` 30, 31).
struct LeaseDesk: Sendable {
    let ledger: Ledger
    let served: NodeEpoch

    /// How long a node may spend what it leased without being heard of, and how much earlier it stops by its own clock.
    static let term: Int64 = 15 * 60 * 1_000_000
    static let slack: Int64 = 5 * 1_000_000

    /// What a node learns of the others.
    struct Others: Equatable, Sendable {
        /// Nodes that serve now, this one included, and its place among them.
        var nodes: Int
        var rank: Int
        /// What others wait for.
        var wanted: [CreditSource]
    }

    /// Renews the node's leases and performs what it asks, all or nothing.
    func exchange(
        _ asks: [LeaseAsk], at now: Moment
    ) throws(StorageFault) -> (terms: [LeaseTerms], others: Others) {
        try ledger.write { database in
            var terms: [LeaseTerms] = []
            let others = try others(at: now, in: database)
            for ask in asks {
                switch ask.source {
                case .wallet(let organisation):
                    terms.append(try wallet(organisation, ask, others, at: now, in: database))
                case .budget(let window): terms.append(try budget(window, ask, others, in: database))
                }
            }
            let missing = zip(asks, terms).first { ask, terms in terms.taken < ask.least && terms.elsewhere > 0 }
            try renew(at: now, wants: missing?.0.source, in: database)
            return (terms, others)
        }
    }

    /// Only looks.
    func others(at now: Moment) throws(StorageFault) -> Others {
        try ledger.read { try others(at: now, in: $0) }
    }

    /// Gives everything back that the node leased and did not spend. Only after its journal was drained to its end.
    func release(at now: Moment) throws(StorageFault) {
        try ledger.write { database in
            let accounts = try Row.fetchAll(
                database, sql: SQLiteSource.accounts + " WHERE kind = 12 AND credits_posted > debits_posted"
            ).map(SQLiteSource.account).filter { $0.name.node == node }
            let organisations = Set(accounts.map(\.name.organisation)).sorted()
            let returns = organisations.map { organisation in
                let sum = accounts.filter { $0.name.organisation == organisation }.reduce(0) {
                    $0 + $1.available.value
                }
                return LedgerOperation.leaseReturn(
                    Self.newID(), OrganisationID(organisation), node: node, NanoUSD(sum))
            }
            _ = try LedgerBook.perform(returns, at: now, in: database)
            try database.execute(
                sql: "UPDATE spending SET leased = spent WHERE node = ? AND leased > spent",
                arguments: [Int64(served.node)])
            try database.execute(sql: "DELETE FROM serving_nodes WHERE node = ?", arguments: [Int64(served.node)])
        }
    }

    private var node: UInt16 { UInt16(truncatingIfNeeded: served.node) }

    private static func newID() -> LedgerID { LedgerID(bytes: randomBytes(16)) ?? LedgerID(1) }

    private func renew(at now: Moment, wants: CreditSource?, in database: Database) throws {
        var kind: Int64?
        var owner: Int64?
        switch wants {
        case .wallet(let organisation): (kind, owner) = (0, organisation.value.stored)
        case .budget(let window): (kind, owner) = (Int64(window.owner.kind.rawValue), window.owner.id.stored)
        case nil: break
        }
        try database.execute(
            sql: "INSERT OR REPLACE INTO serving_nodes VALUES (?, ?, ?, ?, ?)",
            arguments: [Int64(served.node), Int64(served.epoch), now.microseconds + Self.term, kind, owner])
    }

    private func others(at now: Moment, in database: Database) throws -> Others {
        let rows = try Row.fetchAll(
            database, sql: "SELECT node, wants_kind, wants_owner FROM serving_nodes WHERE expires_at > ? AND node <> ?",
            arguments: [now.microseconds, Int64(served.node)])
        var others = Others(nodes: rows.count + 1, rank: 0, wanted: [])
        for row in rows {
            if (row["node"] as Int64) < Int64(served.node) { others.rank += 1 }
            guard let kind = row["wants_kind"] as Int64? else { continue }
            let owner = row.unsigned("wants_owner")
            if kind == 0 {
                others.wanted.append(.wallet(OrganisationID(owner)))
            } else if let kind = BudgetOwner.Kind(rawValue: UInt8(truncatingIfNeeded: kind)) {
                others.wanted += BudgetPeriod.allCases.map {
                    .budget(BudgetWindow(BudgetOwner(kind, owner), $0, at: now))
                }
            }
        }
        return others
    }

    /// Of what is left at most a quarter where others serve too, so that nothing is parked where nobody spends it; what
    /// requests wait for comes first.
    private func share(of left: Int64, _ ask: LeaseAsk, _ others: Others) -> Int64 {
        let part = others.nodes > 1 ? left / 4 : left
        return max(0, min(left, max(ask.least, min(ask.take, part))))
    }

    // MARK: Wallets

    private func wallet(
        _ organisation: OrganisationID, _ ask: LeaseAsk, _ others: Others, at now: Moment, in database: Database
    ) throws -> LeaseTerms {
        let source = SQLiteSource(database: database)
        if ask.giveBack > 0 {
            let answer = try LedgerBook.perform(
                [.leaseReturn(Self.newID(), organisation, node: node, NanoUSD(ask.giveBack))], at: now, in: database)
            guard answer[0].result.isDone else { throw StorageFault.damaged }
        }
        var left = try source.account(AccountName.wallet(organisation).id)?.available.value ?? 0
        for promotion in try source.promotions(of: organisation.value)
        where promotion.expiresAt.map({ $0 > now }) ?? true { left += promotion.available.value }
        let taken = share(of: left, ask, others)
        if taken > 0 {
            let answer = try LedgerBook.perform(
                [.lease(Self.newID(), organisation, node: node, NanoUSD(taken))], at: now, in: database)
            // Credit that another operation took meanwhile cannot be: this is one transaction. A wallet below zero can.
            guard answer[0].result.isDone else {
                return LeaseTerms(taken: 0, given: ask.giveBack, left: 0, elsewhere: 0)
            }
        }
        let first = AccountName(.lease, number: 0).id
        let last = AccountName(.lease, organisation: .max, number: .max).id
        let rows = try Row.fetchAll(
            database.cachedStatement(sql: SQLiteSource.accounts + " WHERE id BETWEEN ? AND ? AND organisation = ?"),
            arguments: [first.stored, last.stored, organisation.value.stored])
        let elsewhere = try rows.map(SQLiteSource.account).filter { $0.name.node != node }.reduce(0) {
            $0 + $1.available.value
        }
        return LeaseTerms(taken: taken, given: ask.giveBack, left: left - taken, elsewhere: elsewhere)
    }

    // MARK: Budgets

    private func budget(
        _ window: BudgetWindow, _ ask: LeaseAsk, _ others: Others, in database: Database
    ) throws -> LeaseTerms {
        let key: [(any DatabaseValueConvertible)?] = [
            Int64(window.owner.kind.rawValue), window.owner.id.stored, Int64(window.period.rawValue), window.beginsAt,
        ]
        if ask.giveBack > 0 {
            try database.cachedStatement(
                sql: """
                    UPDATE spending SET leased = max(spent, leased - ?5)
                    WHERE owner_kind = ?1 AND owner = ?2 AND period = ?3 AND begins_at = ?4 AND node = ?6
                    """
            ).execute(arguments: StatementArguments(key + [ask.giveBack, Int64(served.node)]))
        }
        var used: Int64 = 0
        var elsewhere: Int64 = 0
        let rows = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT node, leased, spent FROM spending
                    WHERE owner_kind = ? AND owner = ? AND period = ? AND begins_at = ?
                    """), arguments: StatementArguments(key))
        for row in rows {
            let (leased, spent) = (row["leased"] as Int64, row["spent"] as Int64)
            used = (NanoUSD(used) + NanoUSD(max(leased, spent))).value
            if row["node"] as Int64 != Int64(served.node) { elsewhere += max(0, leased - spent) }
        }
        let left = max(0, ask.limit.value - used)
        let taken = share(of: left, ask, others)
        if taken > 0 {
            // What this node spent before it leased anything is a part of what it has used.
            try database.cachedStatement(
                sql: """
                    INSERT INTO spending VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)
                    ON CONFLICT DO UPDATE SET leased = max(leased, spent) + ?6
                    """
            ).execute(arguments: StatementArguments(key + [Int64(served.node), taken]))
        }
        return LeaseTerms(taken: taken, given: ask.giveBack, left: left - taken, elsewhere: elsewhere)
    }
}
