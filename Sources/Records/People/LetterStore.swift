import GRDB
public import Vocabulary

/// A letter that waits for the mail server, sealed: it holds an address and a link.
public struct LetterRow: Equatable, Sendable {
    public var id: UInt64
    public var organisation: OrganisationID
    public var sealed: [UInt8]
    public var endsAt: Moment

    public init(id: UInt64, organisation: OrganisationID, sealed: [UInt8], endsAt: Moment) {
        self.id = id
        self.organisation = organisation
        self.sealed = sealed
        self.endsAt = endsAt
    }
}

/// Letters that outlive the process.
public struct LetterStore: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    static let schema = """
        CREATE TABLE letters (
          id INTEGER PRIMARY KEY NOT NULL,
          organisation INTEGER NOT NULL,
          sealed BLOB NOT NULL CHECK (length(sealed) > 29),
          ends_at INTEGER NOT NULL
        ) STRICT;
        """

    public func insert(_ row: LetterRow) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: "INSERT INTO letters VALUES (?, ?, ?, ?)",
                arguments: [row.id.stored, row.organisation.value.stored, row.sealed.stored, row.endsAt.microseconds])
        }
    }

    /// Deletes a letter that was sent.
    public func remove(_ id: UInt64) throws(StorageFault) {
        try ledger.write { try $0.execute(sql: "DELETE FROM letters WHERE id = ?", arguments: [id.stored]) }
        // The address is in the log's pages until it is emptied.
        try ledger.truncateLog()
    }

    /// What waits and is still of use, oldest first; the rest is deleted.
    public func waiting(at now: Moment) throws(StorageFault) -> [LetterRow] {
        try ledger.write { database in
            try database.execute(sql: "DELETE FROM letters WHERE ends_at <= ?", arguments: [now.microseconds])
            return try Row.fetchAll(database, sql: "SELECT * FROM letters ORDER BY ends_at, id").map { row in
                LetterRow(
                    id: row.unsigned("id"), organisation: OrganisationID(row.unsigned("organisation")),
                    sealed: row.bytes("sealed"), endsAt: Moment(microseconds: row["ends_at"]))
            }
        }
    }
}
