public import Vocabulary

/// What an account is for. The number is stored.
public enum AccountKind: UInt8, CaseIterable, Sendable {
    /// Paid credit of an organisation: what is owed to it.
    case wallet = 1
    /// Promotional credit of an organisation, one account a grant.
    case promotion = 2
    case revenue = 3
    case providerCost = 4
    /// What providers are owed.
    case providerPayable = 5
    /// Money at a payment processor; number 0 is the operator's own book.
    case clearing = 6
    /// Charges given back.
    case refunds = 7
    /// Payments that customers' banks took back until decided.
    case disputes = 8
    case writeOff = 9
    /// Promotional credit that nobody spent in time.
    case breakage = 10
    /// What promotional credit cost.
    case promotionCost = 11
    /// Credit of an organisation that a node may spend: one account a node and origin.
    case lease = 12

    /// Its debits, pending ones included, never pass its credits but by an external event (`RULES.md` 29).
    var isLimited: Bool { self == .wallet || self == .promotion || self == .lease }

    /// The stable name.
    public var name: String {
        switch self {
        case .wallet: "wallet"
        case .promotion: "promotion"
        case .revenue: "revenue"
        case .providerCost: "provider-cost"
        case .providerPayable: "provider-payable"
        case .clearing: "clearing"
        case .refunds: "refunds"
        case .disputes: "disputes"
        case .writeOff: "write-off"
        case .breakage: "breakage"
        case .promotionCost: "promotion-cost"
        case .lease: "lease"
        }
    }
}

/// Kind, organisation and number: all that tells accounts apart, and together their id.
public struct AccountName: Hashable, Sendable {
    public var kind: AccountKind
    /// 0 where the account is the house's.
    public var organisation: UInt64
    /// The processor of a clearing account, the grant of a promotion; 56 bits.
    public var number: UInt64

    public init(_ kind: AccountKind, organisation: UInt64 = 0, number: UInt64 = 0) {
        self.kind = kind
        self.organisation = organisation
        self.number = number & 0x00ff_ffff_ffff_ffff
    }

    static func wallet(_ organisation: OrganisationID) -> AccountName {
        AccountName(.wallet, organisation: organisation.value)
    }

    /// 40 bits, so that the account of a lease can name the promotion it came from.
    static func promotion(_ organisation: OrganisationID, grant: LedgerID) -> AccountName {
        AccountName(
            .promotion, organisation: organisation.value,
            number: UInt64(truncatingIfNeeded: grant.part(1).value) & 0xff_ffff_ffff | 1)
    }

    /// Where `node` keeps what it leased from a wallet or promotion.
    static func lease(of origin: AccountName, node: UInt16) -> AccountName {
        AccountName(
            .lease, organisation: origin.organisation,
            number: UInt64(node) << 40 | (origin.kind == .promotion ? origin.number & 0xff_ffff_ffff : 0))
    }

    /// Of a lease: the node that may spend it, and where it returns to.
    var node: UInt16 { UInt16(truncatingIfNeeded: number >> 40) }
    var origin: AccountName {
        let promotion = number & 0xff_ffff_ffff
        return promotion == 0
            ? AccountName(.wallet, organisation: organisation)
            : AccountName(.promotion, organisation: organisation, number: promotion)
    }

    public var id: LedgerID {
        LedgerID(UInt128(kind.rawValue) << 120 | UInt128(number) << 64 | UInt128(organisation))
    }

    /// `nil` for an id that is no account's.
    public init?(_ id: LedgerID) {
        guard let kind = AccountKind(rawValue: UInt8(truncatingIfNeeded: id.value >> 120)) else { return nil }
        self.init(
            kind, organisation: UInt64(truncatingIfNeeded: id.value),
            number: UInt64(truncatingIfNeeded: id.value >> 64))
    }

    /// `wallet:1`, `promotion:1:8f03`, `clearing:0`, `revenue`.
    public var text: String {
        switch kind {
        case .wallet: "\(kind.name):\(organisation)"
        case .promotion: "\(kind.name):\(organisation):\(String(number, radix: 16))"
        case .clearing: "\(kind.name):\(number)"
        case .lease:
            "\(kind.name):\(organisation):\(node)"
                + (origin.kind == .promotion ? ":" + String(origin.number, radix: 16) : "")
        default: kind.name
        }
    }

    public init?(text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let kind = AccountKind.allCases.first(where: { $0.name == parts[0] }) else { return nil }
        switch (kind, parts.count) {
        case (.wallet, 2):
            guard let organisation = UInt64(parts[1]) else { return nil }
            self.init(kind, organisation: organisation)
        case (.promotion, 3):
            guard let organisation = UInt64(parts[1]), let number = UInt64(parts[2], radix: 16) else { return nil }
            self.init(kind, organisation: organisation, number: number)
        case (.clearing, 2):
            guard let number = UInt64(parts[1]) else { return nil }
            self.init(kind, number: number)
        case (.lease, 3), (.lease, 4):
            guard let organisation = UInt64(parts[1]), let node = UInt16(parts[2]) else { return nil }
            guard let promotion = parts.count == 4 ? UInt64(parts[3], radix: 16) : 0 else { return nil }
            guard promotion >> 40 == 0 else { return nil }
            self.init(kind, organisation: organisation, number: UInt64(node) << 40 | promotion)
        case (.wallet, _), (.promotion, _), (.clearing, _), (.lease, _): return nil
        default:
            guard parts.count == 1 else { return nil }
            self.init(kind)
        }
    }
}

/// An account with its four sums, in nano-USD.
public struct LedgerAccount: Hashable, Sendable {
    public let name: AccountName
    /// Burn order: lower first, then earlier expiry, then earlier creation.
    public let priority: UInt8
    /// Promotional credit is not held against from then on.
    public let expiresAt: Moment?
    public let createdAt: Moment
    public var debitsPending: Int64 = 0
    public var debitsPosted: Int64 = 0
    public var creditsPending: Int64 = 0
    public var creditsPosted: Int64 = 0

    init(_ name: AccountName, priority: UInt8 = .max, expiresAt: Moment? = nil, createdAt: Moment) {
        self.name = name
        self.priority = priority
        self.expiresAt = expiresAt
        self.createdAt = createdAt
    }

    public var id: LedgerID { name.id }
    /// Posted credits less posted debits.
    public var balance: NanoUSD { NanoUSD(creditsPosted - debitsPosted) }
    /// What holds set aside.
    public var held: NanoUSD { NanoUSD(debitsPending) }
    /// What a new hold may take.
    public var available: NanoUSD { NanoUSD(creditsPosted - debitsPosted) - NanoUSD(debitsPending) }

    /// Whether it is burnt before `other`.
    func burns(before other: LedgerAccount) -> Bool {
        func order(_ account: LedgerAccount) -> (UInt8, Int64, Int64) {
            (account.priority, account.expiresAt?.microseconds ?? .max, account.createdAt.microseconds)
        }
        return order(self) == order(other) ? id < other.id : order(self) < order(other)
    }
}
