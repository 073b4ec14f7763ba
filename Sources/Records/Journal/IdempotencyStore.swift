import GRDB
public import Vocabulary

/// Which `Idempotency-Key`s requests came with, for a day: after a restart none is charged twice (`RULES.md` 7). Of a key there
/// is its mark, of the body nothing.
public struct IdempotencyStore: Sendable {
    static let schema = """
        CREATE TABLE idempotency_keys (
          mark BLOB PRIMARY KEY NOT NULL CHECK (length(mark) = 16),
          id BLOB NOT NULL CHECK (length(id) = 16),
          organisation INTEGER NOT NULL,
          opened_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// A day in microseconds.
    private static let term: Int64 = 86_400_000_000

    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// The keys that may not be used again, the oldest first. One whose request failed and cost nothing may.
    public func used(at now: Moment) throws(StorageFault) -> [UsedIdempotencyKey] {
        try ledger.read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT mark, idempotency_keys.id AS id, opened_at, canonical FROM idempotency_keys
                    LEFT JOIN receipts ON receipts.id = idempotency_keys.id
                    WHERE opened_at > ? ORDER BY opened_at
                    """, arguments: [now.microseconds - Self.term])
            return try rows.compactMap { row in
                guard let id = RequestID(bytes: row["id"]) else { throw StorageFault.damaged }
                if let canonical = row.optionalBytes("canonical"),
                    let receipt = unsafe Receipt(canonicalBytes: canonical.span.bytes),
                    receipt.completion == .failed, receipt.charge == .zero
                {
                    return nil
                }
                // A mark is 16 bytes as an id is.
                guard let mark = RequestID(bytes: row["mark"]) else { throw StorageFault.damaged }
                return UsedIdempotencyKey(
                    mark: IdempotencyMark(high: mark.high, low: mark.low), request: id,
                    usedAt: Moment(microseconds: row["opened_at"]))
            }
        }
    }

    /// Forgets those whose day is over.
    public func expire(at now: Moment) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: "DELETE FROM idempotency_keys WHERE opened_at <= ?", arguments: [now.microseconds - Self.term])
        }
    }

    /// The later use of a key that was free again counts.
    static func keep(_ record: OpenedRecord, in database: Database) throws {
        try database.cachedStatement(sql: "INSERT OR REPLACE INTO idempotency_keys VALUES (?, ?, ?, ?)").execute(
            arguments: [
                RequestID(high: record.mark.high, low: record.mark.low).bytes.stored, record.id.bytes.stored,
                record.organisation.value.stored, record.openedAt.microseconds,
            ])
    }
}
