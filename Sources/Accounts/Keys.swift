public import Records
public import Secrets
public import Vocabulary

/// Makes, lists and revokes gateway keys. A key's text exists once, in the answer to `create`.
public struct Keys: Sendable {
    private let store: GatewayKeyStore
    /// What the data plane looks keys up with.
    public let hasher: KeyHasher

    /// Opens the keys of an installation; the pepper is made on first use, `data/keys/pepper`, 0600.
    public init(ledger: Ledger, directory: DataDirectory) throws(KeyFileFault) {
        store = GatewayKeyStore(ledger)
        let pepper = try SecretFile.loadOrCreate(path: directory.keysPath + "/pepper", count: 32) { randomBytes(32) }
        hasher = KeyHasher(pepper: pepper)
    }

    /// - Parameters:
    ///   - name: the operator's word for the key, at most 64 characters without control characters.
    ///   - budget: for the key's whole life.
    /// - Returns: the key's 47 bytes, to be shown once and wiped, and what is kept of it.
    public func create(
        name: String, budget: NanoUSD? = nil, requestsPerMinute: Int64? = nil,
        environment: GatewayKey.Environment = .live, expiresAt: Moment? = nil, at now: Moment
    ) throws(StorageFault) -> (text: [UInt8], record: KeyRecord) {
        guard Self.isValid(name: name) else { throw .badName }
        let text = GatewayKeyMaker.make(environment)
        let digest = hasher.digest(of: text.span)
        let shown = String(decoding: text.prefix(9) + text.suffix(4), as: UTF8.self)
        var random = SystemRandomNumberGenerator()
        let row = GatewayKeyRow(
            id: KeyID(random.next()), organisation: .home, environment: environment, name: name, digest: digest,
            shown: shown, budget: budget.map { max(.zero, $0) },
            requestsPerMinute: requestsPerMinute.map { max(0, $0) },
            createdAt: now, expiresAt: expiresAt, revokedAt: nil)
        try store.insert(row)
        return (text, KeyRecord(row, spent: .zero))
    }

    /// Every key, revoked ones included, oldest first.
    public func list() throws(StorageFault) -> [KeyRecord] {
        let spent = try store.spent()
        return try store.all().map { KeyRecord($0, spent: spent[$0.id] ?? .zero) }
    }

    /// Revokes the live key of this id (`key_…`) or name.
    /// - Returns: the key, `nil` when there is no live one.
    public func revoke(_ idOrName: String, at now: Moment) throws(StorageFault) -> KeyRecord? {
        let live = try store.all().filter { $0.revokedAt == nil }
        let named = KeyID(text: idOrName).flatMap { id in live.first { $0.id == id } }
        guard var row = named ?? live.first(where: { $0.name == idOrName }) else { return nil }
        guard try store.revoke(row.id, at: now) else { return nil }
        row.revokedAt = now
        return KeyRecord(row, spent: try store.spent()[row.id] ?? .zero)
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
