public import Records
public import Secrets
public import Vocabulary

/// Makes, lists and revokes gateway keys. A key's text exists once, in the answer to `create`.
public struct Keys: Sendable {
    private let store: GatewayKeyStore
    private let spending: SpendingStore
    /// What the data plane looks keys up with.
    public let hasher: KeyHasher

    /// Opens the keys of an installation; the pepper is made on first use, `data/keys/pepper`, 0600.
    public init(ledger: Ledger, directory: DataDirectory) throws(KeyFileFault) {
        store = GatewayKeyStore(ledger)
        spending = SpendingStore(ledger)
        let pepper = try SecretFile.loadOrCreate(path: directory.keysPath + "/pepper", count: 32) { randomBytes(32) }
        hasher = KeyHasher(pepper: pepper)
    }

    /// - Parameters:
    ///   - name: the operator's word for the key, at most 64 characters without control characters.
    ///   - terms: what the key may do and spend.
    /// - Returns: the key's 47 bytes, to be shown once and wiped, and what is kept of it.
    public func create(
        name: String, _ terms: KeyTerms = KeyTerms(), environment: GatewayKey.Environment = .live,
        of organisation: OrganisationID = .home, at now: Moment
    ) throws(StorageFault) -> (text: [UInt8], record: KeyRecord) {
        guard Self.isValid(name: name) else { throw .badName }
        let text = GatewayKeyMaker.make(environment)
        let digest = hasher.digest(of: text.span)
        let shown = String(decoding: text.prefix(9) + text.suffix(4), as: UTF8.self)
        var random = SystemRandomNumberGenerator()
        let row = GatewayKeyRow(
            id: KeyID(random.next()), organisation: organisation, environment: environment, name: name, digest: digest,
            shown: shown, member: terms.member, scope: terms.scope, decisions: terms.decisions, createdAt: now,
            expiresAt: terms.expiresAt, revokedAt: nil)
        let budgets = terms.budget.map {
            Budget(.key(row.id), $0.period, $0.amount, $0.action, substitute: $0.substitute)
        }
        try store.insert(row, budgets: budgets.map { [$0] } ?? [], limits: terms.limits)
        return (text, KeyRecord(row, rules: try spending.rules(), spent: .zero))
    }

    /// Every key, revoked ones included, oldest first.
    public func list() throws(StorageFault) -> [KeyRecord] {
        let spent = try store.spent()
        let rules = try spending.rules()
        return try store.all().map { KeyRecord($0, rules: rules, spent: spent[$0.id] ?? .zero) }
    }

    /// Every key of an organisation, revoked ones included, oldest first.
    public func list(of organisation: OrganisationID) throws(StorageFault) -> [KeyRecord] {
        try list().filter { $0.organisation == organisation }
    }

    /// Revokes a live key of an organisation; `false` when it has none of this id.
    public func revoke(_ id: KeyID, of organisation: OrganisationID, at now: Moment) throws(StorageFault) -> Bool {
        guard try list(of: organisation).contains(where: { $0.id == id && $0.revokedAt == nil }) else { return false }
        return try store.revoke(id, at: now)
    }

    /// Revokes the live key of this id (`key_…`) or name.
    /// - Returns: the key, `nil` when there is no live one.
    public func revoke(_ idOrName: String, at now: Moment) throws(StorageFault) -> KeyRecord? {
        guard var row = try row(idOrName) else { return nil }
        guard try store.revoke(row.id, at: now) else { return nil }
        row.revokedAt = now
        return KeyRecord(row, rules: try spending.rules(), spent: try store.spent()[row.id] ?? .zero)
    }

    /// The live key of this id (`key_…`) or name.
    public func live(_ idOrName: String) throws(StorageFault) -> KeyRecord? {
        guard let row = try row(idOrName) else { return nil }
        return KeyRecord(row, rules: try spending.rules(), spent: try store.spent()[row.id] ?? .zero)
    }

    /// Changes what a live key decides of its requests.
    /// - Returns: the key, `nil` when there is no live one.
    public func decide(_ id: KeyID, _ decisions: Decisions) throws(StorageFault) -> KeyRecord? {
        try store.setDecisions(decisions, of: id) ? try live(id.text) : nil
    }

    private func row(_ idOrName: String) throws(StorageFault) -> GatewayKeyRow? {
        let live = try store.all().filter { $0.revokedAt == nil }
        let named = KeyID(text: idOrName).flatMap { id in live.first { $0.id == id } }
        return named ?? live.first(where: { $0.name == idOrName })
    }

    static func isValid(name: String) -> Bool {
        guard !name.isEmpty, name.unicodeScalars.count <= 64 else { return false }
        return name.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            // Format characters turn the direction of text and hide in lists.
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
            default: true
            }
        }
    }
}

/// What a new key may do and spend.
public struct KeyTerms: Sendable {
    /// The owner is the key, whatever it says.
    public var budget: Budget?
    public var limits: RateLimits
    public var scope: KeyScope?
    public var decisions: Decisions
    public var member: MemberID
    public var expiresAt: Moment?

    public init(
        budget: Budget? = nil, limits: RateLimits = RateLimits(), scope: KeyScope? = nil, decisions: Decisions = .none,
        member: MemberID = .none, expiresAt: Moment? = nil
    ) {
        self.budget = budget
        self.limits = limits
        self.scope = scope
        self.decisions = decisions
        self.member = member
        self.expiresAt = expiresAt
    }
}
