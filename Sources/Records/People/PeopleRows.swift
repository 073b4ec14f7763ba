public import Vocabulary

/// What a member may do in the organisation. Raw values are stored: append, never renumber.
public enum Role: UInt8, Sendable, CaseIterable {
    case owner = 1
    case admin = 2
    case developer = 3
    case billing = 4
    case viewer = 5

    public var name: StaticString {
        switch self {
        case .owner: "owner"
        case .admin: "admin"
        case .developer: "developer"
        case .billing: "billing"
        case .viewer: "viewer"
        }
    }
}

/// A person as stored: address and name are in `sealed`.
public struct PersonRow: Equatable, Sendable {
    public var id: UInt64
    /// A keyed digest of the address, by which it is found.
    public var mailbox: [UInt8]
    public var sealed: [UInt8]
    /// The password's hash; `nil` without a password.
    public var verifier: [UInt8]?
    /// The sealed secret of the authenticator; `nil` without one.
    public var totp: [UInt8]?
    /// The last step a code was accepted of.
    public var totpStep: Int64
    /// A number of the console's languages; 0 takes the browser's.
    public var language: UInt8
    public var createdAt: Moment

    public init(
        id: UInt64, mailbox: [UInt8], sealed: [UInt8], verifier: [UInt8]?, totp: [UInt8]? = nil, totpStep: Int64 = 0,
        language: UInt8 = 0, createdAt: Moment
    ) {
        self.id = id
        self.mailbox = mailbox
        self.sealed = sealed
        self.verifier = verifier
        self.totp = totp
        self.totpStep = totpStep
        self.language = language
        self.createdAt = createdAt
    }
}

/// An organisation as stored; without a name where the profile keeps none.
public struct OrganisationRow: Equatable, Sendable {
    public var id: OrganisationID
    public var sealed: [UInt8]?
    public var createdAt: Moment

    public init(id: OrganisationID, sealed: [UInt8]?, createdAt: Moment) {
        self.id = id
        self.sealed = sealed
        self.createdAt = createdAt
    }
}

public struct MemberRow: Equatable, Sendable {
    public var id: MemberID
    public var organisation: OrganisationID
    public var person: UInt64
    public var role: Role
    public var joinedAt: Moment

    public init(id: MemberID, organisation: OrganisationID, person: UInt64, role: Role, joinedAt: Moment) {
        self.id = id
        self.organisation = organisation
        self.person = person
        self.role = role
        self.joinedAt = joinedAt
    }
}

/// An open invitation: the link's digest, and the address it was made for.
public struct InvitationRow: Equatable, Sendable {
    public var id: UInt64
    public var organisation: OrganisationID
    public var role: Role
    public var digest: [UInt8]
    public var mailbox: [UInt8]
    public var sealed: [UInt8]
    public var createdAt: Moment
    public var expiresAt: Moment

    public init(
        id: UInt64, organisation: OrganisationID, role: Role, digest: [UInt8], mailbox: [UInt8], sealed: [UInt8],
        createdAt: Moment, expiresAt: Moment
    ) {
        self.id = id
        self.organisation = organisation
        self.role = role
        self.digest = digest
        self.mailbox = mailbox
        self.sealed = sealed
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// A session as stored: nothing of browser or address (AU-16 is kept by not asking).
public struct SessionRow: Equatable, Sendable {
    /// How the token travels.
    public enum Carrier: UInt8, Sendable {
        case cookie = 1
        case bearer = 2
    }

    /// A keyed digest of its id.
    public var digest: [UInt8]
    public var person: UInt64
    /// The one shown; the membership decides at each request whether it may be.
    public var organisation: OrganisationID
    public var carrier: Carrier
    public var createdAt: Moment
    public var seenAt: Moment
    /// When the person last proved who it is.
    public var confirmedAt: Moment

    public init(
        digest: [UInt8], person: UInt64, organisation: OrganisationID, carrier: Carrier, createdAt: Moment,
        seenAt: Moment, confirmedAt: Moment
    ) {
        self.digest = digest
        self.person = person
        self.organisation = organisation
        self.carrier = carrier
        self.createdAt = createdAt
        self.seenAt = seenAt
        self.confirmedAt = confirmedAt
    }
}
