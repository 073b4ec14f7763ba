import Records
public import Vocabulary

/// A gateway key as its owner sees it.
public struct KeyRecord: Sendable, Equatable {
    public var id: KeyID
    public var organisation: OrganisationID
    public var name: String
    public var environment: GatewayKey.Environment
    /// Prefix, ellipsis and last four characters.
    public var shown: String
    public var member: MemberID
    public var scope: KeyScope?
    public var decisions: Decisions
    public var budgets: [Budget]
    public var limits: RateLimits
    /// In the key's whole life.
    public var spent: NanoUSD
    public var createdAt: Moment
    public var expiresAt: Moment?
    public var revokedAt: Moment?

    init(_ row: GatewayKeyRow, rules: SpendingRules, spent: NanoUSD) {
        id = row.id
        organisation = row.organisation
        name = row.name
        environment = row.environment
        shown = String(row.shown.prefix(9)) + "…" + String(row.shown.suffix(4))
        member = row.member
        scope = row.scope
        decisions = row.decisions
        budgets = rules.budgets[.key(row.id)] ?? []
        limits = rules.limits[.key(row.id)] ?? RateLimits()
        self.spent = spent
        createdAt = row.createdAt
        expiresAt = row.expiresAt
        revokedAt = row.revokedAt
    }
}
