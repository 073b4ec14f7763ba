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
        scope: KeyScope? = nil
    ) {
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

/// Keys by digest, from an immutable snapshot in memory.
public protocol KeyDirectory: AnyObject, Sendable {
    func grant(for digest: KeyDigest) -> KeyGrant?
    /// Rises whenever any grant changed, so that running streams can be checked again.
    var version: UInt64 { get }
    func isLive(_ key: KeyID) -> Bool
}

/// Where receipts go. A call returns once the record is in the mapped journal: it survives `kill -9`.
public protocol ReceiptSink: AnyObject, Sendable {
    /// `false`: the journal has no room, and the request must not go on (503 `journal_full`).
    func write(_ record: JournalRecord) -> Bool
    /// Whether a request may start: room for its records is sure.
    var hasRoom: Bool { get }
}

/// Hosts that may be called, and with which data.
public protocol Egress: AnyObject, Sendable {
    func allows(host: String, port: Int, dataClass: DataClass) -> Bool
}

/// Provider keys, readable only while one is written into a request head.
public protocol Credentials: AnyObject, Sendable {
    /// `false`: the deployment has no key. The span must not outlive the call.
    func withKey(of deployment: DeploymentID, _ body: (Span<UInt8>) -> Void) -> Bool
}

/// Where log events go.
public protocol EventLog: AnyObject, Sendable {
    func record(_ event: LogEvent)
}
