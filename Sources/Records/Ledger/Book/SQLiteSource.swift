import Foundation
import GRDB
import Vocabulary

/// The recorded ledger, read inside one transaction.
struct SQLiteSource: LedgerSource {
    typealias Failure = any Error

    let database: Database

    func newest() throws -> (sequence: Int64, at: Moment) {
        let row = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT sequence, at FROM ledger_transfers ORDER BY sequence DESC LIMIT 1"))
        return (row?[0] ?? 0, Moment(microseconds: row?[1] ?? 0))
    }

    func account(_ id: LedgerID) throws -> LedgerAccount? {
        let statement = try database.cachedStatement(sql: Self.accounts + " WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id.stored]).map(Self.account)
    }

    func transfer(_ id: LedgerID) throws -> ResolvedTransfer? {
        let statement = try database.cachedStatement(sql: Self.transfers + " WHERE t.id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id.stored]) else { return nil }
        var found = ResolvedTransfer(transfer: try Self.transfer(row))
        guard found.transfer.kind == .pending else { return found }
        let resolution = try database.cachedStatement(sql: Self.transfers + " WHERE t.pending = ?")
        found.resolution = try Row.fetchOne(resolution, arguments: [found.transfer.sequence]).map(Self.transfer)
        return found
    }

    func hasFailed(_ id: LedgerID) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "SELECT EXISTS (SELECT 1 FROM ledger_failed_ids WHERE id = ?)")
        return try Bool.fetchOne(statement, arguments: [id.stored]) ?? false
    }

    func promotions(of organisation: UInt64) throws -> [LedgerAccount] {
        let statement = try database.cachedStatement(
            sql: Self.accounts
                + " WHERE organisation = ? AND kind = 2 AND credits_posted > debits_posted + debits_pending")
        return try Row.fetchAll(statement, arguments: [organisation.stored]).map(Self.account)
    }

    func leases(of organisation: UInt64, node: UInt16) throws -> [LedgerAccount] {
        // Kind and node are the first bytes of an account's id.
        let first = AccountName(.lease, number: UInt64(node) << 40).id
        let last = AccountName(.lease, organisation: .max, number: UInt64(node) << 40 | 0xff_ffff_ffff).id
        let statement = try database.cachedStatement(
            sql: Self.accounts + " WHERE id BETWEEN ? AND ? AND organisation = ?")
        return try Row.fetchAll(statement, arguments: [first.stored, last.stored, organisation.stored])
            .map(Self.account)
    }

    func about(_ subject: LedgerID) throws -> [LedgerTransfer] {
        let statement = try database.cachedStatement(sql: Self.transfers + " WHERE t.subject = ? ORDER BY t.sequence")
        return try Row.fetchAll(statement, arguments: [subject.stored]).map(Self.transfer)
    }

    func due(at now: Moment, limit: Int) throws -> [LedgerTransfer] {
        let statement = try database.cachedStatement(
            sql: """
                \(Self.transfers) JOIN ledger_open_holds o ON o.transfer = t.sequence
                WHERE o.expires_at <= ? ORDER BY o.expires_at, o.transfer LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [now.microseconds, limit]).map(Self.transfer)
    }

    func expiredPromotions(at now: Moment, limit: Int) throws -> [LedgerAccount] {
        let statement = try database.cachedStatement(
            sql: Self.accounts
                + """
                 WHERE kind = 2 AND expires_at <= ? AND credits_posted > debits_posted + debits_pending
                 ORDER BY expires_at, id LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [now.microseconds, limit]).map(Self.account)
    }

    // MARK: Rows

    static let accounts = """
        SELECT id, priority, expires_at, created_at, debits_pending, debits_posted, credits_pending, credits_posted, number
        FROM ledger_accounts
        """

    static func account(_ row: Row) throws -> LedgerAccount {
        guard let id = LedgerID(bytes: row[0] as Data), let name = AccountName(id) else { throw StorageFault.damaged }
        var account = LedgerAccount(
            name, priority: row[1], expiresAt: (row[2] as Int64?).map { Moment(microseconds: $0) },
            createdAt: Moment(microseconds: row[3]))
        account.debitsPending = row[4]
        account.debitsPosted = row[5]
        account.creditsPending = row[6]
        account.creditsPosted = row[7]
        return account
    }

    static let transfers = """
        SELECT t.sequence, t.id, t.kind, d.id, c.id, t.amount, p.id, t.timeout, t.code, t.subject, t.note, t.parts, t.at
        FROM ledger_transfers t JOIN ledger_accounts d ON d.number = t.debit JOIN ledger_accounts c ON c.number = t.credit
        LEFT JOIN ledger_transfers p ON p.sequence = t.pending
        """

    static func transfer(_ row: Row) throws -> LedgerTransfer {
        func id(_ index: Int) throws -> LedgerID {
            guard let bytes = row[index] as Data? else { return .zero }
            guard let id = LedgerID(bytes: bytes) else { throw StorageFault.damaged }
            return id
        }
        guard let kind = LedgerTransfer.Kind(rawValue: row[2]), let code = TransferCode(rawValue: row[8]) else {
            throw StorageFault.damaged
        }
        var transfer = LedgerTransfer(
            try id(1), kind, debit: try id(3), credit: try id(4), amount: row[5], pending: try id(6), timeout: row[7],
            code: code, subject: try id(9), note: UInt64(bitPattern: row[10] as Int64), parts: row[11])
        transfer.sequence = row[0]
        transfer.at = Moment(microseconds: row[12])
        return transfer
    }
}

extension LedgerID {
    /// A BLOB.
    var stored: Data { Data(bytes) }
}

extension LedgerState where Source == SQLiteSource {
    /// Writes down what is new. The sums of accounts follow by the tables' triggers.
    func record() throws {
        let database = source.database
        let account = try database.cachedStatement(
            sql: """
                INSERT INTO ledger_accounts (id, kind, organisation, priority, expires_at, created_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """)
        for new in opened {
            try account.execute(arguments: [
                new.id.stored, new.name.kind.rawValue, new.name.organisation.stored, new.priority,
                new.expiresAt?.microseconds, new.createdAt.microseconds,
            ])
        }
        var numbers: [LedgerID: Int64] = [:]
        for id in Set(created.flatMap { [$0.debit, $0.credit] }) {
            let number = try database.cachedStatement(sql: "SELECT number FROM ledger_accounts WHERE id = ?")
            numbers[id] = try Int64.fetchOne(number, arguments: [id.stored])
        }
        var sequences: [LedgerID: Int64] = [:]
        let transfer = try database.cachedStatement(
            sql: "INSERT INTO ledger_transfers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        for new in created {
            if new.kind == .pending { sequences[new.id] = new.sequence }
            var pending: Int64?
            if new.pending != .zero {
                pending = sequences[new.pending] ?? recorded(new.pending)
            }
            try transfer.execute(arguments: [
                new.sequence, new.id == .zero ? nil : new.id.stored, new.kind.rawValue, numbers[new.debit],
                numbers[new.credit], new.amount, pending, new.timeout, new.expiresAt?.microseconds, new.code.rawValue,
                new.subject == .zero ? nil : new.subject.stored, new.note.stored, new.parts, new.at.microseconds,
            ])
        }
        let failure = try database.cachedStatement(sql: "INSERT OR IGNORE INTO ledger_failed_ids VALUES (?)")
        for id in failures { try failure.execute(arguments: [id.stored]) }
    }
}
