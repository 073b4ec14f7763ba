import GRDB

/// A column of the ledger, as the file itself says: what the data map is compared with.
public struct LedgerColumn: Equatable, Sendable {
    public var table: String
    public var name: String
    /// Whether text may stand in it; numbers and blobs of fixed length may not hold words.
    public var isText: Bool
}

extension Ledger {
    /// Every column of every table, in their order.
    public func columns() throws(StorageFault) -> [LedgerColumn] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT m.name AS owner, p.name AS name, p.type AS type FROM sqlite_schema m, pragma_table_info(m.name) p
                    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, p.cid
                    """
            ).map { LedgerColumn(table: $0["owner"], name: $0["name"], isText: $0["type"] == "TEXT") }
        }
    }
}
