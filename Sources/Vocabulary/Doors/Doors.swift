// The protocols in which the two wings meet (DESIGN §2, rule 2). Each is called on an event loop: no implementation may
// block, wait on a lock held across I/O, or touch a disk.

/// What a gateway key allows.
public struct KeyGrant: Sendable, Equatable {
    public var key: KeyID
    public var organisation: OrganisationID
    /// Whose key it is within the organisation.
    public var member: MemberID
    public var environment: GatewayKey.Environment
    public var isRevoked: Bool
    /// `nil`: never.
    public var expiresAt: Moment?
    /// Whether credit or a budget stands behind the key, so that every hold must be a provable upper bound (`RULES.md` 29).
    public var isBudgeted: Bool
    /// What the organisation's own standing allows.
    public var standing: Standing
    /// `nil`: everything.
    public var scope: KeyScope?
    /// What it decides of its requests.
    public var decisions: Decisions
    public var mayCompress: CompressionLeave
    public var cacheSharing: CacheSharing
    /// Whether outcomes of its requests may move the router's weights (`RULES.md` 23).
    public var mayLearn: Bool
    public var origins: OriginKeeping

    public enum Standing: UInt8, Sendable {
        case active = 0
        /// Consent was withdrawn (AX-21): nothing is forwarded; what was kept can still be read and exported.
        case consentWithdrawn = 1
        /// The organisation is being deleted: its keys are dead.
        case locked = 2
    }

    public init(
        key: KeyID, organisation: OrganisationID, environment: GatewayKey.Environment, isRevoked: Bool,
        expiresAt: Moment?, isBudgeted: Bool = false, standing: Standing = .active, member: MemberID = .none,
        scope: KeyScope? = nil, decisions: Decisions = .none, mayCompress: CompressionLeave = .key,
        cacheSharing: CacheSharing = .organisation, mayLearn: Bool = false, origins: OriginKeeping = .none
    ) {
        self.decisions = decisions
        self.mayCompress = mayCompress
        self.cacheSharing = cacheSharing
        self.mayLearn = mayLearn
        self.origins = origins
        self.standing = standing
        self.member = member
        self.scope = scope
        self.isBudgeted = isBudgeted
        self.key = key
        self.organisation = organisation
        self.environment = environment
        self.isRevoked = isRevoked
        self.expiresAt = expiresAt
    }

    public var payer: Payer { Payer(key: key, member: member, organisation: organisation) }
}

/// Whether it is kept from where a request came, beside its receipt and for the logs' term (`PROMISES.md` 3.13).
public enum OriginKeeping: UInt8, Sendable {
    case none = 0
    /// Cut to /24, or /48 of IPv6.
    case network = 1
    case whole = 2

    /// What may be kept of an address.
    public func kept(of address: Network.Address) -> Network.Address? {
        switch self {
        case .none: nil
        case .network: Network(address: address, prefix: address >> 32 == 0xffff ? 120 : 48).address
        case .whole: address
        }
    }
}

/// Keys by digest, from an immutable snapshot in memory.
public protocol KeyDirectory: AnyObject, Sendable {
    func grant(for digest: KeyDigest) -> KeyGrant?
    /// Rises whenever any grant changed, so that running streams can be checked again.
    var version: UInt64 { get }
    func isLive(_ key: KeyID) -> Bool
    /// Whether the snapshot is older than its profile allows, because the store cannot be asked: nobody is let in (`RULES.md` 35).
    var isStale: Bool { get }
}

/// Where receipts go. A call returns once the record is in the mapped journal: it survives `kill -9`.
public protocol ReceiptSink: AnyObject, Sendable {
    /// `false`: the journal has no room, and the request must not go on (503 `journal_full`).
    func write(_ payload: some JournalPayload) -> Bool
    /// Whether a request may start: room for its records is sure.
    var hasRoom: Bool { get }
}

/// Hosts that may be called, and with which data.
public protocol Egress: AnyObject, Sendable {
    func allows(host: String, port: Int, dataClass: DataClass) -> Bool
}

/// Provider keys, readable only while one is written into a request head.
public protocol Credentials: AnyObject, Sendable {
    /// `false`: neither deployment nor organisation has a key for it. The span must not outlive the call.
    func withKey(of deployment: DeploymentID, for organisation: OrganisationID, _ body: (Span<UInt8>) -> Void) -> Bool
}

/// Keeps from where requests came, where a profile says so.
public protocol OriginBook: AnyObject, Sendable {
    func note(_ id: RequestID, of organisation: OrganisationID, at: Moment, from origin: Network.Address)
}

/// Where log events go.
public protocol EventLog: AnyObject, Sendable {
    func record(_ event: LogEvent)
}
