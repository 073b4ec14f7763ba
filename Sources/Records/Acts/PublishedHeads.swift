import GRDB

/// Where the chains stood at the end of each day: published, so that nothing before can be taken away unseen.
public struct PublishedHeads: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// One JSON array, oldest day first: `{"day","chain":"audit","sequence","head"}`, and of the receipts' trees
    /// `{"day","chain":"receipts","node","epoch","batch","head","signature"}` with the head's canonical bytes.
    public func json(days: Int = 400) throws(StorageFault) -> [UInt8] {
        let lines = try ledger.read { database in
            try Self.audit(days, in: database) + Self.receipts(days, in: database)
        }
        return Array("[".utf8) + Array(lines.joined(separator: Array(",\n".utf8))) + Array("]\n".utf8)
    }

    private static func audit(_ days: Int, in database: Database) throws -> [[UInt8]] {
        // SQLite takes the other columns from the row with the maximum.
        try Row.fetchAll(
            database,
            sql: """
                SELECT date(at / 1000000, 'unixepoch') AS day, MAX(sequence) AS sequence, chained FROM audit_log
                GROUP BY day ORDER BY day DESC LIMIT ?
                """,
            arguments: [days]
        ).reversed().map { row in
            line(row) { json in
                json.text("chain", "audit")
                json.number("sequence", row["sequence"] as Int64)
                json.hex("head", row.bytes("chained"))
            }
        }
    }

    private static func receipts(_ days: Int, in database: Database) throws -> [[UInt8]] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT date(newest / 1000000, 'unixepoch') AS day, MAX(id) AS id, node, epoch, batch_index, head, signature
                FROM merkle_batches WHERE newest IS NOT NULL GROUP BY day, node, epoch ORDER BY day DESC LIMIT ?
                """,
            arguments: [days]
        ).reversed().map { row in
            line(row) { json in
                json.text("chain", "receipts")
                json.number("node", row["node"] as Int64)
                json.number("epoch", row["epoch"] as Int64)
                json.number("batch", row["batch_index"] as Int64)
                json.hex("head", row.bytes("head"))
                json.hex("signature", row.bytes("signature"))
            }
        }
    }

    private static func line(_ row: Row, _ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.text("day", row["day"] as String?)
            body(&json)
        }
        return json.bytes
    }
}
