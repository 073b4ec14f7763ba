import GRDB
public import Secrets
public import Vocabulary

/// The audit log of the installation: append only, each entry chained to the one before.
public struct AuditLog: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    static let schema = """
        CREATE TABLE audit_log (
          sequence INTEGER PRIMARY KEY NOT NULL CHECK (sequence > 0),
          at INTEGER NOT NULL,
          actor INTEGER NOT NULL,
          action INTEGER NOT NULL,
          organisation INTEGER NOT NULL,
          subject INTEGER NOT NULL,
          fields BLOB NOT NULL CHECK (length(fields) % 17 = 0),
          result INTEGER NOT NULL,
          chained BLOB NOT NULL CHECK (length(chained) = 32)
        ) STRICT;
        CREATE TABLE audit_head (
          only INTEGER PRIMARY KEY NOT NULL CHECK (only = 1),
          sequence INTEGER NOT NULL CHECK (sequence >= 0),
          chained BLOB NOT NULL CHECK (length(chained) = 32)
        ) STRICT;
        INSERT INTO audit_head VALUES (1, 0, zeroblob(32));
        """

    /// Where the chain stands: what is published day by day, so that later nothing before it can be taken away.
    public struct Head: Equatable, Sendable {
        public var sequence: Int64
        public var hash: MerkleHash
    }

    /// Appends one entry; it is on the disk when this returns.
    @discardableResult
    public func append(
        _ action: AuditEntry.Action, by actor: AuditEntry.Actor, organisation: OrganisationID = .home,
        subject: UInt64 = 0, fields: [AuditEntry.Field] = [], result: AuditEntry.Result = .begun, at now: Moment
    ) throws(StorageFault) -> Head {
        try ledger.write { database in
            let last = try Self.head(in: database)
            let entry = AuditEntry(
                sequence: last.sequence + 1, at: now, actor: actor, action: action, organisation: organisation,
                subject: subject, fields: fields, result: result)
            let hash = HashChain.next(after: last.hash, entry.canonicalBytes)
            try database.execute(
                sql: "INSERT INTO audit_log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    entry.sequence, now.microseconds, Int64(actor.rawValue), Int64(action.rawValue),
                    organisation.value.stored, subject.stored, entry.fieldBytes.stored, Int64(result.rawValue),
                    hash.bytes.stored,
                ])
            try database.execute(
                sql: "UPDATE audit_head SET sequence = ?, chained = ?",
                arguments: [entry.sequence, hash.bytes.stored])
            return Head(sequence: entry.sequence, hash: hash)
        }
    }

    public func head() throws(StorageFault) -> Head { try ledger.read { try Self.head(in: $0) } }

    /// An entry with the hash that is stored beside it.
    public struct Stored: Equatable, Sendable {
        public var entry: AuditEntry
        public var hash: MerkleHash
    }

    /// Every entry behind `sequence`, oldest first.
    public func entries(after sequence: Int64 = 0, limit: Int = .max) throws(StorageFault) -> [Stored] {
        try ledger.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM audit_log WHERE sequence > ? ORDER BY sequence LIMIT ?",
                arguments: [sequence, Int64(clamping: limit)]
            ).map { try Self.stored($0) }
        }
    }

    /// The newest entries of one organisation, before `sequence`, newest first.
    public func newest(
        of organisation: OrganisationID, before sequence: Int64 = .max, limit: Int
    ) throws(StorageFault) -> [AuditEntry] {
        try ledger.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM audit_log WHERE organisation = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?",
                arguments: [organisation.value.stored, sequence, limit]
            ).map { try Self.stored($0).entry }
        }
    }

    /// What walking the chain showed.
    public struct Check: Equatable, Sendable {
        public var entries = 0
        /// The first entry that is not as it was chained, or is missing.
        public var brokenAt: Int64?
        public var head: Head
        /// Whether the chain has the hash that was asked for.
        public var holdsAnchor: Bool?

        public var isSound: Bool { brokenAt == nil && holdsAnchor != false }
    }

    /// Walks the chain from its beginning.
    /// - Parameter anchor: a head published earlier, which the chain must have.
    public func verify(anchor: MerkleHash? = nil) throws(StorageFault) -> Check {
        try ledger.read { database in
            let head = try Self.head(in: database)
            var check = Check(head: head, holdsAnchor: anchor.map { $0 == .zero })
            var last = Head(sequence: 0, hash: .zero)
            let rows = try Row.fetchCursor(database, sql: "SELECT * FROM audit_log ORDER BY sequence")
            while let row = try rows.next() {
                let sequence: Int64 = row["sequence"]
                guard sequence == last.sequence + 1, let stored = try? Self.stored(row),
                    HashChain.next(after: last.hash, stored.entry.canonicalBytes) == stored.hash
                else {
                    check.brokenAt = min(sequence, last.sequence + 1)
                    return check
                }
                last = Head(sequence: sequence, hash: stored.hash)
                if stored.hash == anchor { check.holdsAnchor = true }
                check.entries += 1
            }
            if last != head { check.brokenAt = min(last.sequence, head.sequence) + 1 }
            return check
        }
    }

    private static func head(in database: Database) throws -> Head {
        guard let row = try Row.fetchOne(database, sql: "SELECT sequence, chained FROM audit_head"),
            let hash = MerkleHash(row.bytes("chained"))
        else { throw StorageFault.damaged }
        return Head(sequence: row["sequence"], hash: hash)
    }

    private static func stored(_ row: Row) throws -> Stored {
        guard let actor = AuditEntry.Actor(rawValue: UInt8(truncatingIfNeeded: row["actor"] as Int64)),
            let action = AuditEntry.Action(rawValue: UInt16(truncatingIfNeeded: row["action"] as Int64)),
            let result = AuditEntry.Result(rawValue: UInt8(truncatingIfNeeded: row["result"] as Int64)),
            let fields = AuditEntry.fields(row.bytes("fields")), let hash = MerkleHash(row.bytes("chained"))
        else { throw StorageFault.damaged }
        return Stored(
            entry: AuditEntry(
                sequence: row["sequence"], at: Moment(microseconds: row["at"]), actor: actor, action: action,
                organisation: OrganisationID(row.unsigned("organisation")), subject: row.unsigned("subject"),
                fields: fields, result: result),
            hash: hash)
    }
}
