// The protocols in which the two wings meet (DESIGN §2, rule 2). Each is called on an event loop: no implementation may
// block, wait on a lock held across I/O, or touch a disk.

/// What a gateway key allows.
public struct KeyGrant: Sendable, Equatable {
    public var key: KeyID
    public var organisation: OrganisationID
    public var environment: GatewayKey.Environment
    public var isRevoked: Bool
    /// `nil`: never.
    public var expiresAt: Moment?
    /// Whether a budget stands behind the key, so that every hold must be a provable upper bound (`RULES.md` 29).
    public var isBudgeted: Bool
    /// What the organisation's own standing allows.
    public var standing: Standing

    public enum Standing: UInt8, Sendable {
        case active = 0
        /// Consent was withdrawn (AX-21): nothing is forwarded; what was kept can still be read and exported.
        case consentWithdrawn = 1
        /// The organisation is being deleted: its keys are dead.
        case locked = 2
    }

    public init(
        key: KeyID, organisation: OrganisationID, environment: GatewayKey.Environment, isRevoked: Bool,
        expiresAt: Moment?, isBudgeted: Bool = false, standing: Standing = .active
    ) {
        self.standing = standing
        self.isBudgeted = isBudgeted
        self.key = key
        self.organisation = organisation
        self.environment = environment
        self.isRevoked = isRevoked
        self.expiresAt = expiresAt
    }
}

/// Keys by digest, from an immutable snapshot in memory.
public protocol KeyDirectory: AnyObject, Sendable {
    func grant(for digest: KeyDigest) -> KeyGrant?
    /// Rises whenever any grant changed, so that running streams can be checked again.
    var version: UInt64 { get }
    func isLive(_ key: KeyID) -> Bool
}

/// Budgets and rates of keys.
public protocol Purse: AnyObject, Sendable {
    /// Counts one request against the key's rate.
    func admit(_ key: KeyID, at now: Moment) -> Admission
    /// Sets the amount aside; the sum of holds and charges never passes the budget.
    func hold(_ key: KeyID, _ amount: NanoUSD) -> HoldAnswer
    /// Ends a hold: `charge` is kept, at most what was held, and the rest returns.
    func settle(_ key: KeyID, held: NanoUSD, charge: NanoUSD)
}

public enum Admission: Sendable, Equatable {
    case admitted
    case limited(retryAfterSeconds: Int64)
}

public enum HoldAnswer: Sendable, Equatable {
    case held(hold: UInt64)
    /// `left`: what the budget still has, holds taken off.
    case denied(left: NanoUSD)
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
