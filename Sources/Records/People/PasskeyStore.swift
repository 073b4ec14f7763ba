import GRDB
public import Vocabulary

/// A passkey as stored: its id, key and name are in `sealed`.
public struct PasskeyRow: Equatable, Sendable {
    /// A keyed digest of its id, by which it is found.
    public var digest: [UInt8]
    public var person: UInt64
    public var sealed: [UInt8]
    /// How often it signed; 0 where it does not count.
    public var counter: UInt32
    public var createdAt: Moment
    public var usedAt: Moment

    public init(
        digest: [UInt8], person: UInt64, sealed: [UInt8], counter: UInt32, createdAt: Moment, usedAt: Moment
    ) {
        self.digest = digest
        self.person = person
        self.sealed = sealed
        self.counter = counter
        self.createdAt = createdAt
        self.usedAt = usedAt
    }
}

/// Passkeys of people.
public struct PasskeyStore: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    static let schema = """
        CREATE TABLE passkeys (
          digest BLOB PRIMARY KEY NOT NULL CHECK (length(digest) = 32),
          person INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
          sealed BLOB NOT NULL CHECK (length(sealed) > 29),
          counter INTEGER NOT NULL CHECK (counter BETWEEN 0 AND 4294967295),
          created_at INTEGER NOT NULL,
          used_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX passkeys_by_person ON passkeys (person);
        """

    /// - Parameter most: of one person.
    /// - Returns: `false` when the passkey is there already, or the person has the most.
    public func insert(_ row: PasskeyRow, most: Int) throws(StorageFault) -> Bool {
        try ledger.write { database in
            try database.execute(
                sql: """
                    INSERT OR IGNORE INTO passkeys SELECT ?1, ?2, ?3, ?4, ?5, ?6
                    WHERE (SELECT count(*) FROM passkeys WHERE person = ?2) < ?7
                    """,
                arguments: [
                    row.digest.stored, row.person.stored, row.sealed.stored, Int64(row.counter),
                    row.createdAt.microseconds, row.usedAt.microseconds, most,
                ])
            return database.changesCount == 1
        }
    }

    public func passkey(_ digest: [UInt8]) throws(StorageFault) -> PasskeyRow? {
        try ledger.read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM passkeys WHERE digest = ?", arguments: [digest.stored])
                .map(Self.row)
        }
    }

    /// A person's, the oldest first.
    public func passkeys(of person: UInt64) throws(StorageFault) -> [PasskeyRow] {
        try ledger.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM passkeys WHERE person = ? ORDER BY created_at, digest",
                arguments: [person.stored]
            ).map(Self.row)
        }
    }

    public func has(_ person: UInt64) throws(StorageFault) -> Bool {
        try ledger.read { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM passkeys WHERE person = ?)", arguments: [person.stored])
                ?? false
        }
    }

    /// Notes a use; `false` when another use with this counter was first, so that a copy of an authenticator is told from it.
    public func use(_ row: PasskeyRow, counter: UInt32, at now: Moment) throws(StorageFault) -> Bool {
        try ledger.write { database in
            try database.execute(
                sql: "UPDATE passkeys SET counter = ?, used_at = ? WHERE digest = ? AND counter = ?",
                arguments: [Int64(counter), now.microseconds, row.digest.stored, Int64(row.counter)])
            return database.changesCount == 1
        }
    }

    /// `false` when the person has no such one.
    public func remove(_ digest: [UInt8], of person: UInt64) throws(StorageFault) -> Bool {
        let isDone = try ledger.write { database in
            try database.execute(
                sql: "DELETE FROM passkeys WHERE digest = ? AND person = ?",
                arguments: [digest.stored, person.stored])
            return database.changesCount == 1
        }
        try ledger.truncateLog()
        return isDone
    }

    private static func row(_ row: Row) -> PasskeyRow {
        PasskeyRow(
            digest: row.bytes("digest"), person: row.unsigned("person"), sealed: row.bytes("sealed"),
            counter: UInt32(clamping: row["counter"] as Int64), createdAt: Moment(microseconds: row["created_at"]),
            usedAt: Moment(microseconds: row["used_at"]))
    }
}
