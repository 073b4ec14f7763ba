import Foundation
import GRDB
public import Vocabulary

extension LedgerBook {
    /// What a check looked at and found.
    public struct Check: Sendable {
        public var accounts: Int
        public var transfers: Int
        public var openHolds: Int
        public var findings: [LedgerAudit.Finding]

        public var isSound: Bool { findings.allSatisfy { $0.failed == 0 } }
    }

    /// Proves every invariant over the whole ledger, in one moment's snapshot of it. It changes nothing.
    public func check(at now: Moment) throws(StorageFault) -> Check {
        try ledger.read { database in
            var audit = LedgerAudit()
            let accounts = try Row.fetchAll(database, sql: SQLiteSource.accounts + " ORDER BY number")
                .map(SQLiteSource.account)
            for account in accounts { audit.add(account) }
            let rows = try Row.fetchCursor(database, sql: SQLiteSource.transfers + " ORDER BY t.sequence")
            while let row = try rows.next() { audit.add(try SQLiteSource.transfer(row)) }
            let open = try Self.ids(
                database,
                """
                SELECT t.id FROM ledger_open_holds o LEFT JOIN ledger_transfers t ON t.sequence = o.transfer
                ORDER BY o.transfer
                """)
            let grants = try Self.ids(database, "SELECT transfer FROM ledger_grants ORDER BY processor, business_key")
            let findings = audit.finish(stored: accounts, openHolds: open, grants: grants, now: now)
            return Check(
                accounts: accounts.count, transfers: audit.transfers, openHolds: open.count, findings: findings)
        }
    }

    private static func ids(_ database: Database, _ sql: String) throws -> [LedgerID] {
        try Data?.fetchAll(database, sql: sql).map { $0.flatMap { LedgerID(bytes: $0) } ?? .zero }
    }
}
