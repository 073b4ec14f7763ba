import GRDB
public import Vocabulary

/// A data key as it is stored: wrapped.
public struct WrappedKeyRow: Equatable, Sendable {
    public var id: UInt64
    public var organisation: OrganisationID
    /// Names the master key it is wrapped under: 16 bytes.
    public var master: [UInt8]
    public var wrapped: [UInt8]
    public var fingerprint: [UInt8]

    public init(id: UInt64, organisation: OrganisationID, master: [UInt8], wrapped: [UInt8], fingerprint: [UInt8]) {
        self.id = id
        self.organisation = organisation
        self.master = master
        self.wrapped = wrapped
        self.fingerprint = fingerprint
    }
}

/// A provider key as it is stored: sealed, with its last four characters.
public struct SealedKeyRow: Equatable, Sendable {
    public var id: UInt64
    public var organisation: OrganisationID
    public var deployment: DeploymentID
    public var dataKey: UInt64
    public var sealed: [UInt8]
    public var shown: String
    public var createdAt: Moment
    /// To five minutes.
    public var lastUsedAt: Moment?

    public init(
        id: UInt64, organisation: OrganisationID, deployment: DeploymentID, dataKey: UInt64, sealed: [UInt8],
        shown: String, createdAt: Moment, lastUsedAt: Moment? = nil
    ) {
        self.id = id
        self.organisation = organisation
        self.deployment = deployment
        self.dataKey = dataKey
        self.sealed = sealed
        self.shown = shown
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
    }
}

/// The tables of the vault. It sees ciphertext only.
public struct VaultStore: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    public func wrappedKeys() throws(StorageFault) -> [WrappedKeyRow] {
        try ledger.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM vault_data_keys ORDER BY id").map { row in
                WrappedKeyRow(
                    id: row.unsigned("id"), organisation: OrganisationID(row.unsigned("organisation")),
                    master: row.bytes("master"), wrapped: row.bytes("wrapped"), fingerprint: row.bytes("fingerprint"))
            }
        }
    }

    public func sealedKeys() throws(StorageFault) -> [SealedKeyRow] {
        try ledger.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM vault_provider_keys ORDER BY created_at, id").map { row in
                SealedKeyRow(
                    id: row.unsigned("id"), organisation: OrganisationID(row.unsigned("organisation")),
                    deployment: DeploymentID(row.unsigned("deployment")), dataKey: row.unsigned("data_key"),
                    sealed: row.bytes("sealed"), shown: row["shown"],
                    createdAt: Moment(microseconds: row["created_at"]),
                    lastUsedAt: (row["last_used_at"] as Int64?).map { Moment(microseconds: $0) })
            }
        }
    }

    /// Keeps a provider key in place of the organisation's former one for that deployment, which is overwritten.
    public func replace(_ row: SealedKeyRow) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: "DELETE FROM vault_provider_keys WHERE organisation = ? AND deployment = ?",
                arguments: [row.organisation.value.stored, row.deployment.value.stored])
            try Self.insert(row, in: database)
        }
        try ledger.truncateLog()
    }

    /// `false` when there was none. Its bytes are overwritten in the file and in the write-ahead log.
    public func delete(_ deployment: DeploymentID, of organisation: OrganisationID) throws(StorageFault) -> Bool {
        let deleted = try ledger.write { database in
            try database.execute(
                sql: "DELETE FROM vault_provider_keys WHERE organisation = ? AND deployment = ?",
                arguments: [organisation.value.stored, deployment.value.stored])
            return database.changesCount > 0
        }
        try ledger.truncateLog()
        return deleted
    }

    /// One transaction: the organisation's new data key, and every key of it sealed anew.
    public func rotate(to key: WrappedKeyRow, _ rows: [SealedKeyRow], at now: Moment) throws(StorageFault) {
        try ledger.write { database in
            try Self.forget(key.organisation, in: database)
            try Self.insert(key, at: now, in: database)
            for row in rows { try Self.insert(row, in: database) }
        }
        try ledger.truncateLog()
    }

    /// One transaction: every data key wrapped under another master key.
    public func rewrap(_ keys: [WrappedKeyRow]) throws(StorageFault) {
        try ledger.write { database in
            for key in keys {
                try database.execute(
                    sql: "UPDATE vault_data_keys SET master = ?, wrapped = ? WHERE id = ?",
                    arguments: [key.master.stored, key.wrapped.stored, key.id.stored])
            }
        }
        try ledger.truncateLog()
    }

    /// Destroys an organisation's data key and what is sealed under it: what copies of the ledger hold of it is noise.
    /// - Returns: the fingerprints of the keys destroyed, and how many provider keys went.
    public func shred(_ organisation: OrganisationID) throws(StorageFault) -> (fingerprints: [[UInt8]], keys: Int) {
        let gone = try ledger.write { database in try Self.forget(organisation, in: database) }
        try ledger.truncateLog()
        return gone
    }

    public func markUsed(_ ids: [UInt64], at now: Moment) throws(StorageFault) {
        guard !ids.isEmpty else { return }
        try ledger.write { database in
            for id in ids {
                try database.execute(
                    sql: "UPDATE vault_provider_keys SET last_used_at = ? WHERE id = ?",
                    arguments: [now.microseconds, id.stored])
            }
        }
    }

    @discardableResult
    static func forget(
        _ organisation: OrganisationID, in database: Database
    ) throws -> (fingerprints: [[UInt8]], keys: Int) {
        let number = organisation.value.stored
        try database.execute(sql: "DELETE FROM vault_provider_keys WHERE organisation = ?", arguments: [number])
        let keys = database.changesCount
        let rows = try Row.fetchAll(
            database, sql: "DELETE FROM vault_data_keys WHERE organisation = ? RETURNING fingerprint",
            arguments: [number])
        return (rows.map { $0.bytes("fingerprint") }, keys)
    }

    private static func insert(_ key: WrappedKeyRow, at now: Moment, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO vault_data_keys VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [
                key.id.stored, key.organisation.value.stored, key.master.stored, key.wrapped.stored,
                key.fingerprint.stored, now.microseconds,
            ])
    }

    private static func insert(_ row: SealedKeyRow, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO vault_provider_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                row.id.stored, row.organisation.value.stored, row.deployment.value.stored, row.dataKey.stored,
                row.sealed.stored, row.shown, row.createdAt.microseconds, row.lastUsedAt?.microseconds,
            ])
    }
}
