import Foundation
import GRDB
import Secrets
public import Vocabulary

/// The double-entry ledger in SQLite: one call is one durable transaction, however many operations it holds.
public struct LedgerBook: Sendable {
    let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// Performs operations in order. Each is all or nothing by itself; they become durable together, so that the cost of
    /// a commit is shared. On a fault none of them happened and all may be sent again.
    public func perform(_ operations: [LedgerOperation], at now: Moment) throws(StorageFault) -> [LedgerAnswer] {
        try ledger.write { database in try Self.perform(operations, at: now, in: database) }
    }

    static func perform(
        _ operations: [LedgerOperation], at now: Moment, in database: Database
    ) throws -> [LedgerAnswer] {
        var state = try LedgerState(SQLiteSource(database: database))
        let answers = try operations.map { try state.perform($0, at: now) }
        try state.record()
        return answers
    }

    /// Whether a hold or a promotion is over and not ended yet: a look is cheaper than a commit.
    public func hasDue(at now: Moment) throws(StorageFault) -> Bool {
        try ledger.read { database in
            let source = SQLiteSource(database: database)
            return try !source.due(at: now, limit: 1).isEmpty || !source.expiredPromotions(at: now, limit: 1).isEmpty
        }
    }

    /// Credit that nobody paid for: it burns before paid credit, low priorities first, then what expires first.
    public struct Promotion: Sendable {
        public var priority: UInt8
        public var expiresAt: Moment

        public init(priority: UInt8, expiresAt: Moment) {
            self.priority = priority
            self.expiresAt = expiresAt
        }
    }

    /// What became of a top-up.
    public struct Grant: Sendable {
        public var answer: LedgerAnswer
        public var id: LedgerID
        /// The wallet, or the promotion's account, after it.
        public var wallet: LedgerAccount?
    }

    /// Credits an organisation for a payment. `businessKey` names the payment (never the message that told of it): the
    /// same key again credits nothing, whoever sends it, at once or after years; with another amount or organisation it
    /// is refused.
    ///
    /// - Returns: `nil` when the key is not 1 to 96 of `A-Z a-z 0-9 . _ : / @ + -`.
    public func grant(
        _ amount: NanoUSD, to organisation: OrganisationID, businessKey: String, processor: UInt32 = 0,
        note: UInt64 = 0, promotion: Promotion? = nil, at now: Moment
    ) throws(StorageFault) -> Grant? {
        guard Self.isBusinessKey(businessKey) else { return nil }
        return try ledger.write { database in
            let earlier = try Self.granted(businessKey, processor, in: database)
            guard let id = earlier ?? LedgerID(bytes: randomBytes(16)) else { throw StorageFault.failed }
            let operation =
                promotion.map {
                    LedgerOperation.promotion(
                        id, organisation, amount, priority: $0.priority, expiresAt: $0.expiresAt)
                } ?? .topUp(id, organisation, amount, processor: processor, note: note)
            let answers = try Self.perform([operation], at: now, in: database)
            if earlier == nil, answers[0].result == .created {
                try database.execute(
                    sql: "INSERT INTO ledger_grants VALUES (?, ?, ?)",
                    arguments: [Int64(processor), businessKey, id.stored])
            }
            let name = promotion == nil ? AccountName.wallet(organisation) : .promotion(organisation, grant: id)
            let wallet = try SQLiteSource(database: database).account(name.id)
            return Grant(answer: answers[0], id: id, wallet: wallet)
        }
    }

    /// The transfer that credited a payment; `nil` when none did.
    static func granted(_ businessKey: String, _ processor: UInt32, in database: Database) throws -> LedgerID? {
        try Data.fetchOne(
            database, sql: "SELECT transfer FROM ledger_grants WHERE processor = ? AND business_key = ?",
            arguments: [Int64(processor), businessKey]
        ).flatMap { LedgerID(bytes: $0) }
    }

    static func isBusinessKey(_ text: String) -> Bool {
        (1...96).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x40...0x5a, 0x61...0x7a, 0x2e, 0x5f, 0x3a, 0x2f, 0x2b, 0x2d: true
                default: false
                }
            }
    }

    /// Every account, in the order they were opened.
    public func accounts() throws(StorageFault) -> [LedgerAccount] {
        try ledger.read { database in
            try Row.fetchAll(database, sql: SQLiteSource.accounts + " ORDER BY number").map(SQLiteSource.account)
        }
    }

    /// The newest transfers of an account, newest first; `nil` when there is no such account.
    public func statement(of name: AccountName, limit: Int) throws(StorageFault) -> [StatementLine]? {
        try ledger.read { database in
            let source = SQLiteSource(database: database)
            guard let account = try source.account(name.id) else { return nil }
            let number = try Int64.fetchOne(
                database, sql: "SELECT number FROM ledger_accounts WHERE id = ?", arguments: [name.id.stored])
            var balance = account.balance
            return try Row.fetchAll(
                database,
                sql: """
                    \(SQLiteSource.transfers) WHERE t.sequence IN (
                      SELECT * FROM (SELECT sequence FROM ledger_transfers WHERE debit = ?1 ORDER BY sequence DESC LIMIT ?2)
                      UNION ALL
                      SELECT * FROM (SELECT sequence FROM ledger_transfers WHERE credit = ?1 ORDER BY sequence DESC LIMIT ?2))
                    ORDER BY t.sequence DESC LIMIT ?2
                    """, arguments: [number, limit]
            ).map { row in
                let line = StatementLine(account: name.id, transfer: try SQLiteSource.transfer(row), balance: balance)
                balance = balance - line.change
                return line
            }
        }
    }
}

/// A transfer as one of its accounts sees it.
public struct StatementLine: Hashable, Sendable {
    public var account: LedgerID
    public var transfer: LedgerTransfer
    /// After the transfer.
    public var balance: NanoUSD

    /// What it changed of the balance: nothing until it is posted.
    public var change: NanoUSD {
        guard transfer.kind == .single || transfer.kind == .post else { return .zero }
        return NanoUSD(transfer.credit == account ? transfer.amount : -transfer.amount)
    }

    /// The other account.
    public var counterpart: AccountName? {
        AccountName(transfer.credit == account ? transfer.debit : transfer.credit)
    }
}
