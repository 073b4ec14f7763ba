import Records
public import Vocabulary

/// A gateway key as its owner sees it.
public struct KeyRecord: Sendable, Equatable {
    public var id: KeyID
    public var name: String
    public var environment: GatewayKey.Environment
    /// Prefix, ellipsis and last four characters.
    public var shown: String
    /// For the key's whole life; `nil`: none.
    public var budget: NanoUSD?
    public var spent: NanoUSD
    public var requestsPerMinute: Int64?
    public var createdAt: Moment
    public var expiresAt: Moment?
    public var revokedAt: Moment?

    init(_ row: GatewayKeyRow, spent: NanoUSD) {
        id = row.id
        name = row.name
        environment = row.environment
        shown = String(row.shown.prefix(9)) + "…" + String(row.shown.suffix(4))
        budget = row.budget
        self.spent = spent
        requestsPerMinute = row.requestsPerMinute
        createdAt = row.createdAt
        expiresAt = row.expiresAt
        revokedAt = row.revokedAt
    }
}
