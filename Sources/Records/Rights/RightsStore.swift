import GRDB
public import Vocabulary

/// What is stored of an organisation's standing: numbers and times.
public struct AccountLifeRow: Equatable, Sendable {
    public enum Phase: UInt8, Sendable {
        case active = 0
        case deleted = 1
        case purged = 2
        case closed = 3
    }

    public var organisation: OrganisationID
    public var phase: Phase
    public var hasConsent: Bool
    public var isRestricted: Bool
    public var objects: Bool
    public var secretsAreGone: Bool
    public var deletedAt: Moment?
    public var purgeAt: Moment?
    public var purgedAt: Moment?
    /// Fingerprints of the data keys destroyed, 16 bytes each.
    public var destroyed: [UInt8]

    public init(
        organisation: OrganisationID, phase: Phase, hasConsent: Bool, isRestricted: Bool, objects: Bool,
        secretsAreGone: Bool, deletedAt: Moment?, purgeAt: Moment?, purgedAt: Moment?, destroyed: [UInt8] = []
    ) {
        self.destroyed = destroyed
        self.organisation = organisation
        self.phase = phase
        self.hasConsent = hasConsent
        self.isRestricted = isRestricted
        self.objects = objects
        self.secretsAreGone = secretsAreGone
        self.deletedAt = deletedAt
        self.purgeAt = purgeAt
        self.purgedAt = purgedAt
    }
}

/// A request of somebody's rights, as the register has it: what, when, until when; no name and no words.
public struct RightsRequest: Equatable, Sendable {
    /// Raw values are stored: append, never renumber.
    public enum Kind: UInt8, Sendable, CaseIterable {
        case access = 1
        case portability = 2
        case rectification = 3
        case erasure = 4
        case restriction = 5
        case objection = 6
        case consent = 7
        /// Of an authority: told to whom it concerns where that is lawful.
        case authority = 8

        public var name: StaticString {
            switch self {
            case .access: "access"
            case .portability: "portability"
            case .rectification: "rectification"
            case .erasure: "erasure"
            case .restriction: "restriction"
            case .objection: "objection"
            case .consent: "consent"
            case .authority: "authority"
            }
        }
    }

    public enum Outcome: UInt8, Sendable, CaseIterable {
        case done = 1
        case refused = 2
        case withdrawn = 3

        public var name: StaticString {
            switch self {
            case .done: "done"
            case .refused: "refused"
            case .withdrawn: "withdrawn"
            }
        }
    }

    public var id: Int64
    public var organisation: OrganisationID
    public var kind: Kind
    public var receivedAt: Moment
    public var dueAt: Moment
    public var answeredAt: Moment?
    public var outcome: Outcome?
}

/// Standings of organisations, and the register of requests.
public struct RightsStore: Sendable {
    let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// Organisations whose data is gone: whatever comes late of them must not come back.
    static func purged(in database: Database) throws -> Set<OrganisationID> {
        let ids = try Int64.fetchAll(
            database.cachedStatement(sql: "SELECT organisation FROM account_lives WHERE phase >= ?"),
            arguments: [Int64(AccountLifeRow.Phase.purged.rawValue)])
        return Set(ids.map { OrganisationID(UInt64(bitPattern: $0)) })
    }

    /// A change of standing counts as a change of keys, so that every snapshot is read again.
    static let schema = """
        CREATE TABLE account_lives (
          organisation INTEGER PRIMARY KEY NOT NULL,
          phase INTEGER NOT NULL CHECK (phase BETWEEN 0 AND 3),
          consent INTEGER NOT NULL CHECK (consent IN (0, 1)),
          restricted INTEGER NOT NULL CHECK (restricted IN (0, 1)),
          objects INTEGER NOT NULL CHECK (objects IN (0, 1)),
          secrets_gone INTEGER NOT NULL CHECK (secrets_gone IN (0, 1)),
          deleted_at INTEGER,
          purge_at INTEGER,
          purged_at INTEGER,
          destroyed BLOB NOT NULL CHECK (length(destroyed) % 16 = 0)
        ) STRICT;
        CREATE TABLE deletion_proofs (
          organisation INTEGER NOT NULL,
          at INTEGER NOT NULL,
          proof BLOB NOT NULL,
          PRIMARY KEY (organisation, at)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER life_added AFTER INSERT ON account_lives BEGIN UPDATE key_changes SET version = version + 1; END;
        CREATE TRIGGER life_changed AFTER UPDATE ON account_lives BEGIN UPDATE key_changes SET version = version + 1; END;
        CREATE TRIGGER life_removed AFTER DELETE ON account_lives BEGIN UPDATE key_changes SET version = version + 1; END;
        CREATE TABLE rights_requests (
          id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
          organisation INTEGER NOT NULL,
          kind INTEGER NOT NULL,
          received_at INTEGER NOT NULL,
          due_at INTEGER NOT NULL,
          answered_at INTEGER,
          outcome INTEGER
        ) STRICT;
        """

    /// Organisations whose standing was ever changed.
    public func lives() throws(StorageFault) -> [AccountLifeRow] {
        try ledger.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM account_lives ORDER BY organisation").map { row in
                func moment(_ column: String) -> Moment? {
                    (row[column] as Int64?).map { Moment(microseconds: $0) }
                }
                guard let phase = AccountLifeRow.Phase(rawValue: UInt8(truncatingIfNeeded: row["phase"] as Int64))
                else {
                    throw StorageFault.damaged
                }
                return AccountLifeRow(
                    organisation: OrganisationID(row.unsigned("organisation")), phase: phase,
                    hasConsent: row["consent"],
                    isRestricted: row["restricted"], objects: row["objects"], secretsAreGone: row["secrets_gone"],
                    deletedAt: moment("deleted_at"), purgeAt: moment("purge_at"), purgedAt: moment("purged_at"),
                    destroyed: row.bytes("destroyed"))
            }
        }
    }

    public func save(_ row: AccountLifeRow) throws(StorageFault) {
        try ledger.write { database in
            if row.phase == .closed {
                try database.execute(
                    sql: "DELETE FROM account_lives WHERE organisation = ?", arguments: [row.organisation.value.stored])
                try database.execute(
                    sql: "DELETE FROM rights_requests WHERE organisation = ?",
                    arguments: [row.organisation.value.stored])
                return
            }
            try database.execute(
                sql: """
                    INSERT INTO account_lives VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (organisation) DO UPDATE SET phase = excluded.phase, consent = excluded.consent,
                    restricted = excluded.restricted, objects = excluded.objects, secrets_gone = excluded.secrets_gone,
                    deleted_at = excluded.deleted_at, purge_at = excluded.purge_at, purged_at = excluded.purged_at,
                    destroyed = excluded.destroyed
                    """,
                arguments: [
                    row.organisation.value.stored, Int64(row.phase.rawValue), row.hasConsent, row.isRestricted,
                    row.objects, row.secretsAreGone, row.deletedAt?.microseconds, row.purgeAt?.microseconds,
                    row.purgedAt?.microseconds, row.destroyed.stored,
                ])
        }
    }

    public func enter(
        _ kind: RightsRequest.Kind, of organisation: OrganisationID, at now: Moment, dueAt: Moment
    ) throws(StorageFault) -> RightsRequest {
        let id = try ledger.write { database in
            try database.execute(
                sql: "INSERT INTO rights_requests (organisation, kind, received_at, due_at) VALUES (?, ?, ?, ?)",
                arguments: [
                    organisation.value.stored, Int64(kind.rawValue), now.microseconds, dueAt.microseconds,
                ])
            return database.lastInsertedRowID
        }
        return RightsRequest(id: id, organisation: organisation, kind: kind, receivedAt: now, dueAt: dueAt)
    }

    /// `false` when there is no open request of this number.
    public func answer(_ id: Int64, _ outcome: RightsRequest.Outcome, at now: Moment) throws(StorageFault) -> Bool {
        try ledger.write { database in
            try database.execute(
                sql: "UPDATE rights_requests SET answered_at = ?, outcome = ? WHERE id = ? AND answered_at IS NULL",
                arguments: [now.microseconds, Int64(outcome.rawValue), id])
            return database.changesCount == 1
        }
    }

    public func keep(_ proof: [UInt8], of organisation: OrganisationID, at now: Moment) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO deletion_proofs VALUES (?, ?, ?)",
                arguments: [organisation.value.stored, now.microseconds, proof.stored])
        }
    }

    /// Signed proofs of purges, oldest first.
    public func proofs() throws(StorageFault) -> [[UInt8]] {
        try ledger.read { database in
            try Row.fetchAll(database, sql: "SELECT proof FROM deletion_proofs ORDER BY at").map { $0.bytes("proof") }
        }
    }

    /// The register, what is due first first.
    public func requests() throws(StorageFault) -> [RightsRequest] {
        try ledger.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM rights_requests ORDER BY answered_at IS NOT NULL, due_at, id"
            ).map { row in
                guard let kind = RightsRequest.Kind(rawValue: UInt8(truncatingIfNeeded: row["kind"] as Int64)) else {
                    throw StorageFault.damaged
                }
                return RightsRequest(
                    id: row["id"], organisation: OrganisationID(row.unsigned("organisation")), kind: kind,
                    receivedAt: Moment(microseconds: row["received_at"]), dueAt: Moment(microseconds: row["due_at"]),
                    answeredAt: (row["answered_at"] as Int64?).map { Moment(microseconds: $0) },
                    outcome: (row["outcome"] as Int64?).flatMap {
                        RightsRequest.Outcome(rawValue: UInt8(truncatingIfNeeded: $0))
                    })
            }
        }
    }
}
