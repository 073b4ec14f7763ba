import GRDB
import Secrets
public import Vocabulary

/// What is kept of a gateway key: never the key.
public struct GatewayKeyRow: Sendable {
    public var id: KeyID
    public var organisation: OrganisationID
    public var environment: GatewayKey.Environment
    /// The operator's word for it: account data, never logged.
    public var name: String
    public var digest: KeyDigest
    /// Prefix and last four characters.
    public var shown: String
    public var member: MemberID
    /// `nil`: all that its organisation may.
    public var scope: KeyScope?
    public var decisions: Decisions
    public var createdAt: Moment
    public var expiresAt: Moment?
    public var revokedAt: Moment?

    public init(
        id: KeyID, organisation: OrganisationID, environment: GatewayKey.Environment, name: String, digest: KeyDigest,
        shown: String, member: MemberID = .none, scope: KeyScope? = nil, decisions: Decisions = .none,
        createdAt: Moment,
        expiresAt: Moment?, revokedAt: Moment?
    ) {
        self.id = id
        self.organisation = organisation
        self.environment = environment
        self.name = name
        self.digest = digest
        self.shown = shown
        self.member = member
        self.scope = scope
        self.decisions = decisions
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }
}

/// The table of gateway keys.
public struct GatewayKeyStore: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// Adds a key with its budgets and rates; a live one of the same name is in the way.
    public func insert(
        _ row: GatewayKeyRow, budgets: [Budget] = [], limits: RateLimits = RateLimits()
    ) throws(StorageFault) {
        try ledger.write { database in
            let taken = try Bool.fetchOne(
                database,
                sql:
                    "SELECT EXISTS (SELECT 1 FROM gateway_keys WHERE organisation = ? AND name = ? AND revoked_at IS NULL)",
                arguments: [row.organisation.value.stored, row.name])
            if taken == true { throw StorageFault.nameTaken }
            try database.execute(
                sql: """
                    INSERT INTO gateway_keys (id, organisation, environment, name, digest, shown, member, models,
                    endpoints, networks, created_at, expires_at, revoked_at, compression, router, cache, breakpoints)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    row.id.value.stored, row.organisation.value.stored, Int64(row.environment.rawValue), row.name,
                    row.digest.bytes.stored, row.shown, row.member.value.stored,
                    text(row.scope?.models, ScopeText.text),
                    text(row.scope?.endpoints, ScopeText.text), text(row.scope?.networks, ScopeText.text),
                    row.createdAt.microseconds, row.expiresAt?.microseconds, row.revokedAt?.microseconds,
                    row.decisions.compression.stored, row.decisions.router.stored, row.decisions.cache.stored,
                    row.decisions.breakpoints.stored,
                ])
            for budget in budgets { try SpendingStore.insert(budget, in: database) }
            try SpendingStore.insert(limits, of: .key(row.id), in: database)
        }
    }

    /// Every key, revoked ones included, oldest first.
    public func all() throws(StorageFault) -> [GatewayKeyRow] {
        try ledger.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM gateway_keys ORDER BY created_at, id").map { row in
                let environment = GatewayKey.Environment(
                    rawValue: UInt8(truncatingIfNeeded: row["environment"] as Int64))
                guard let environment, let digest = KeyDigest(bytes: row.bytes("digest").span) else {
                    throw StorageFault.damaged
                }
                return GatewayKeyRow(
                    id: KeyID(row.unsigned("id")), organisation: OrganisationID(row.unsigned("organisation")),
                    environment: environment, name: row["name"], digest: digest, shown: row["shown"],
                    member: MemberID(row.unsigned("member")), scope: try scope(row), decisions: try decisions(row),
                    createdAt: Moment(microseconds: row["created_at"]),
                    expiresAt: (row["expires_at"] as Int64?).map { Moment(microseconds: $0) },
                    revokedAt: (row["revoked_at"] as Int64?).map { Moment(microseconds: $0) })
            }
        }
    }

    /// `false` when there is no live key of this id.
    public func revoke(_ id: KeyID, at now: Moment) throws(StorageFault) -> Bool {
        try ledger.write { database in
            try database.execute(
                sql: "UPDATE gateway_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                arguments: [now.microseconds, id.value.stored])
            return database.changesCount == 1
        }
    }

    /// What a live key decides from now on; `false` when there is none of this id.
    public func setDecisions(_ decisions: Decisions, of id: KeyID) throws(StorageFault) -> Bool {
        try ledger.write { database in
            try database.execute(
                sql: """
                    UPDATE gateway_keys SET compression = ?, router = ?, cache = ?, breakpoints = ?
                    WHERE id = ? AND revoked_at IS NULL
                    """,
                arguments: [
                    decisions.compression.stored, decisions.router.stored, decisions.cache.stored,
                    decisions.breakpoints.stored, id.value.stored,
                ])
            return database.changesCount == 1
        }
    }

    /// What all receipts of each key were charged, erased ones included.
    public func spent() throws(StorageFault) -> [KeyID: NanoUSD] { try SpendingStore(ledger).spentByKey() }

    private func text<Element>(_ list: [Element]?, _ write: ([Element]) -> String) -> String? {
        list.flatMap { $0.isEmpty ? nil : write($0) }
    }

    private func decisions(_ row: Row) throws -> Decisions {
        func mode<Mode: RawRepresentable<UInt8>>(_ column: String) throws -> Mode? {
            guard let value = row[column] as Int64? else { return nil }
            guard let mode = UInt8(exactly: value).flatMap(Mode.init) else { throw StorageFault.damaged }
            return mode
        }
        return Decisions(
            compression: try mode("compression"), router: try mode("router"), cache: try mode("cache"),
            breakpoints: try mode("breakpoints"))
    }

    /// A scope that cannot be read stops everything: half of it would let too much through.
    private func scope(_ row: Row) throws -> KeyScope? {
        func list<Element>(_ column: String, _ read: (String) -> [Element]?) throws -> [Element] {
            guard let text = row[column] as String? else { return [] }
            guard let list = read(text) else { throw StorageFault.damaged }
            return list
        }
        let scope = KeyScope(
            models: try list("models", ScopeText.models), endpoints: try list("endpoints", ScopeText.endpoints),
            networks: try list("networks", ScopeText.networks))
        return scope == KeyScope(models: [], endpoints: [], networks: []) ? nil : scope
    }

    /// Rises with every change of the table, whoever made it.
    public func version() throws(StorageFault) -> Int64 {
        try ledger.read { try Int64.fetchOne($0, sql: "SELECT version FROM key_changes") ?? 0 }
    }

    /// Rises whenever another connection changed the file: cheaper to ask than `version`.
    public func fileVersion() throws(StorageFault) -> Int64 { try ledger.dataVersion() }
}

extension Optional where Wrapped: RawRepresentable<UInt8> {
    fileprivate var stored: Int64? { map { Int64($0.rawValue) } }
}
