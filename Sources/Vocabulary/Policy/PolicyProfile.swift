/// The policy a deployment runs under. Raw values are signed into receipts: append, never renumber.
public enum ProfileID: UInt8, Sendable, CaseIterable {
    case strict = 1
    case aurex = 2
    case aura = 3
    case aurixel = 4
    case auxen = 5
    case outlay = 6

    public var name: StaticString {
        switch self {
        case .strict: "strict"
        case .aurex: "aurex"
        case .aura: "aura"
        case .aurixel: "aurixel"
        case .auxen: "auxen"
        case .outlay: "outlay"
        }
    }
}

/// One value that drives the code paths (and, with the executable policy, the legal pages). `RULES.md` 36: each knob has
/// an order from loosest to tightest; `strict` is written down here, not derived.
public struct PolicyProfile: Equatable, Sendable {
    public static let version: UInt32 = 1

    public let id: ProfileID
    /// Whether the process may start where pages can be swapped to an unencrypted disk (`RULES.md` 19).
    public var unencryptedSwap: Permission
    /// Days after which a log segment is deleted: AU-29 says 14, AN-25 at most 30.
    public var logRetentionDays: Int64
    /// Months after which daily sums of usage are deleted: AU-27 says 12; `nil` until their organisation is deleted. Sums by
    /// minute and hour go sooner, in every profile.
    public var usageRetentionMonths: Int64?
    /// What of a person an account may hold beside the mail address.
    public var accountFields: AccountFields
    /// Seconds for which keys are honoured while their store cannot be asked (`RULES.md` 35).
    public var snapshotMaxAge: Int64

    public enum AccountFields: UInt8, Sendable, Comparable {
        case named = 0
        /// What an organisation is called, of people nothing.
        case business = 1
        case mailOnly = 2
        public static func < (a: AccountFields, b: AccountFields) -> Bool { a.rawValue < b.rawValue }
    }

    public enum Permission: UInt8, Sendable, Comparable {
        case allowed = 0
        case refused = 1
        public static func < (a: Permission, b: Permission) -> Bool { a.rawValue < b.rawValue }
    }

    public init(_ id: ProfileID) {
        self.id = id
        unencryptedSwap = id == .strict ? .refused : .allowed
        logRetentionDays = id == .auxen ? 30 : 14
        usageRetentionMonths = id == .aura || id == .strict ? 12 : nil
        switch id {
        case .aurex, .aura, .outlay: accountFields = .named
        case .auxen: accountFields = .business
        case .aurixel, .strict: accountFields = .mailOnly
        }
        snapshotMaxAge = id == .strict ? 60 : 600
    }
}
