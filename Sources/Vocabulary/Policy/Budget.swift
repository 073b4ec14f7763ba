/// Whose spending a budget or a rate bounds. Raw values are stored: append, never renumber.
public struct BudgetOwner: Hashable, Sendable {
    public enum Kind: UInt8, Sendable, CaseIterable {
        case key = 1
        case member = 2
        case organisation = 3
        /// One configured way to a provider.
        case deployment = 4
        /// Everything this installation serves.
        case installation = 5

        public var name: StaticString {
            switch self {
            case .key: "key"
            case .member: "member"
            case .organisation: "organisation"
            case .deployment: "provider"
            case .installation: "installation"
            }
        }
    }

    public var kind: Kind
    public var id: UInt64

    public init(_ kind: Kind, _ id: UInt64) {
        self.kind = kind
        self.id = id
    }

    public static let installation = BudgetOwner(.installation, 0)
    public static func key(_ id: KeyID) -> BudgetOwner { BudgetOwner(.key, id.value) }
    public static func member(_ id: MemberID) -> BudgetOwner { BudgetOwner(.member, id.value) }
    public static func organisation(_ id: OrganisationID) -> BudgetOwner { BudgetOwner(.organisation, id.value) }
    public static func deployment(_ id: DeploymentID) -> BudgetOwner { BudgetOwner(.deployment, id.value) }
}

/// How long a budget lasts before it begins anew, in UTC; weeks begin on Monday (`RULES.md` 33). Raw values are stored.
public enum BudgetPeriod: UInt8, Sendable, CaseIterable {
    case day = 1
    case week = 2
    case month = 3
    case ever = 4

    public var name: StaticString {
        switch self {
        case .day: "day"
        case .week: "week"
        case .month: "month"
        case .ever: "ever"
        }
    }
}

/// What happens at a budget. Raw values are stored.
public enum BudgetAction: UInt8, Sendable, CaseIterable {
    /// Told, nothing else.
    case alert = 1
    /// Requests are served by the alias the budget names.
    case downgrade = 2
    /// Requests are refused.
    case block = 3

    public var name: StaticString {
        switch self {
        case .alert: "alert"
        case .downgrade: "downgrade"
        case .block: "block"
        }
    }
}

/// An amount somebody may spend in a period.
public struct Budget: Hashable, Sendable {
    public var owner: BudgetOwner
    public var period: BudgetPeriod
    public var amount: NanoUSD
    public var action: BudgetAction
    /// The alias that serves once the budget is used up; only for `downgrade`.
    public var substitute: [UInt8]

    public init(
        _ owner: BudgetOwner, _ period: BudgetPeriod, _ amount: NanoUSD, _ action: BudgetAction = .block,
        substitute: [UInt8] = []
    ) {
        self.owner = owner
        self.period = period
        self.amount = amount
        self.action = action
        self.substitute = substitute
    }
}

/// How fast somebody may go; `nil` is no limit.
public struct RateLimits: Hashable, Sendable {
    public var requestsPerMinute: Int64?
    public var tokensPerMinute: Int64?
    /// Requests at the same time.
    public var inFlight: Int64?

    public init(requestsPerMinute: Int64? = nil, tokensPerMinute: Int64? = nil, inFlight: Int64? = nil) {
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.inFlight = inFlight
    }

    public var isEmpty: Bool { requestsPerMinute == nil && tokensPerMinute == nil && inFlight == nil }
}

/// What an organisation pays with.
public enum Billing: UInt8, Sendable {
    /// Nothing: the operator's own provider keys, or an invoice later.
    case none = 0
    /// Credit that was paid for beforehand; nothing is served beyond it.
    case prepaid = 1

    public var name: StaticString { self == .none ? "none" : "prepaid" }
}
