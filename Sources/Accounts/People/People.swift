public import Records
public import Secrets
import Synchronization
public import Vocabulary

/// A person as the console shows it.
public struct Person: Sendable, Equatable {
    public var id: UInt64
    public var mail: MailAddress
    public var name: String
    public var hasPassword: Bool
    /// Whether there is an authenticator that shows codes.
    public var hasSecondFactor: Bool
    /// Whether there is a passkey, where they are taken.
    public var hasPasskey: Bool
    public var language: UInt8
    public var createdAt: Moment
}

/// Who asks: the person, in which organisation, as what, by which session.
public struct Account: Sendable, Equatable {
    public var person: Person
    public var member: MemberRow
    public var organisationName: String
    public var session: SessionRow
    /// Every organisation the person belongs to.
    public var memberships: [MemberRow]

    public var organisation: OrganisationID { member.organisation }
    public func may(_ permission: Permission) -> Bool {
        permission.isGranted(to: member.role) && (permission != .operate || organisation == .home)
    }
}

/// Where somebody asks from, as guesses are counted by.
public struct GuessOrigin: Sendable {
    /// 4 or 16 bytes; empty where it is not known.
    public var address: [UInt8]

    public init(address: [UInt8]) { self.address = address }

    var subjects: [GuessLimiter.Subject] {
        [.address(address), .network(Array(address.prefix(address.count == 4 ? 3 : 6)))]
    }
}

/// People and how they come in. Decisions are values (`PendingSignIn`, `GuessLimiter`, `PasswordRules`, `Permission`); here
/// they meet the store, and every act is written to the audit log first.
public final class People: Sendable {
    let people: PersonStore
    let members: MemberStore
    let sessions: SessionStore
    let passkeys: PasskeyStore
    let audit: AuditLog
    let keys: AccountKeys
    let tokens: SessionToken
    let hashes: HashPool
    public let terms: AccountTerms
    public let outbox: Outbox
    let now: @Sendable () -> Moment
    let limiter = Mutex(GuessLimiter())
    let pending = Mutex<[[UInt8]: PendingSignIn]>([:])
    /// Authenticators shown and not yet proved, by person.
    let offeredSecrets = Mutex<[UInt64: (secret: [UInt8], at: Moment)]>([:])
    let challenges = Mutex(OpenChallenges())
    let refusals = Mutex(GuessLimiter())
    /// Addresses about to be changed, by person.
    let mailChanges = Mutex<[UInt64: MailChange]>([:])
    private let setUpDigest = Mutex<[UInt8]?>(nil)

    /// - Parameter bcryptCost: 11 takes about a third of a second.
    public init(
        _ ledger: Ledger, _ keys: AccountKeys, _ terms: AccountTerms, outbox: Outbox, bcryptCost: Int = 11,
        now: @escaping @Sendable () -> Moment
    ) {
        people = PersonStore(ledger)
        members = MemberStore(ledger)
        sessions = SessionStore(ledger)
        passkeys = PasskeyStore(ledger)
        audit = AuditLog(ledger)
        self.keys = keys
        tokens = SessionToken(keys)
        hashes = HashPool(PasswordHasher(keys, cost: bcryptCost))
        self.terms = terms
        self.outbox = outbox
        self.now = now
    }

    // MARK: The first person

    /// A fresh one-time secret for the first account; `nil` once there is one. It ends with the process.
    public func offerSetUp() throws(StorageFault) -> String? {
        guard try people.isEmpty() else { return nil }
        let secret = randomBytes(16)
        setUpDigest.withLock { $0 = keys.digest(.invitation, secret) }
        return SessionToken.base64url(secret)
    }

    public func isSetUpSecret(_ text: String) -> Bool {
        guard let secret = SessionToken.bytes(base64url: text), let wanted = setUpDigest.withLock({ $0 }) else {
            return false
        }
        return isEqualInConstantTime(keys.digest(.invitation, secret), wanted)
    }

    /// Makes the first account, the owner of the installation's own organisation.
    /// - Returns: the text of its session.
    public func setUp(
        secret: String, mail: String, name: String, organisation: String, password: String,
        _ carrier: SessionRow.Carrier = .cookie
    ) async throws(PeopleRefusal) -> String {
        guard isSetUpSecret(secret) else { throw .over }
        let mail = try address(mail)
        let verifier = try await newVerifier(password, context: [mail.text, name, organisation])
        let row = try newPerson(mail, name, verifier)
        let member = MemberRow(
            id: MemberID(Self.freshNumber()), organisation: .home, person: row.id, role: .owner, joinedAt: now())
        let home = try newOrganisation(.home, organisation)
        try record(.setUp, by: row.id, in: .home, subject: member.id.value)
        let isFirst = try stored { () throws(StorageFault) in
            try people.insert(row, member, home, onlyFirst: true)
        }
        guard isFirst else { throw .over }
        setUpDigest.withLock { $0 = nil }
        return try begin(row.id, in: .home, carrier)
    }

    // MARK: Sessions

    /// Who a token speaks for; `nil` when the session is over, or its person is no member any more.
    /// - Parameter isUse: whether the person did something, so that the time without use begins anew.
    public func account(
        token: String, _ carrier: SessionRow.Carrier, isUse: Bool = true
    ) throws(PeopleRefusal) -> Account? {
        guard let id = tokens.id(in: token) else { return nil }
        let now = now()
        return try stored { () throws(StorageFault) in
            guard var session = try sessions.session(keys.digest(.session, id)), session.carrier == carrier else {
                return nil
            }
            let memberships = try members.memberships(of: session.person)
            guard SessionLife.isAlive(session, at: now), let row = try people.person(id: session.person),
                let member = memberships.first(where: { $0.organisation == session.organisation }) ?? memberships.first
            else {
                _ = try sessions.end(session.digest, of: session.person)
                return nil
            }
            if isUse && SessionLife.mustNote(session, at: now) || session.organisation != member.organisation {
                session.seenAt = now
                session.organisation = member.organisation
                try sessions.update(session)
            }
            return Account(
                person: try person(row), member: member, organisationName: try name(of: member.organisation),
                session: session, memberships: memberships)
        }
    }

    /// Begins a session of a person who has proved who it is. The id is new each time (ASVS 7.2.4).
    func begin(
        _ person: UInt64, in organisation: OrganisationID, _ carrier: SessionRow.Carrier = .cookie
    ) throws(PeopleRefusal) -> String {
        let id = SessionToken.freshID()
        let now = now()
        try stored { () throws(StorageFault) in
            try sessions.insert(
                SessionRow(
                    digest: keys.digest(.session, id), person: person, organisation: organisation, carrier: carrier,
                    createdAt: now, seenAt: now, confirmedAt: now))
        }
        return tokens.text(of: id)
    }

    public func signOut(_ account: Account) throws(PeopleRefusal) {
        try record(.signOut, by: account)
        _ = try stored { () throws(StorageFault) in
            try sessions.end(account.session.digest, of: account.person.id)
        }
    }

    public func sessions(of account: Account) throws(PeopleRefusal) -> [SessionRow] {
        try stored { () throws(StorageFault) in try sessions.sessions(of: account.person.id) }
    }

    /// Ends all sessions of the person but the one that asks.
    public func endOtherSessions(of account: Account) throws(PeopleRefusal) {
        try record(.sessionsEnd, by: account)
        try endOthers(of: account)
    }

    func endOthers(of account: Account) throws(PeopleRefusal) {
        _ = try stored { () throws(StorageFault) in
            try sessions.endAll(of: account.person.id, but: account.session.digest)
        }
    }

    /// Ends one session of the person, by the first bytes of its digest.
    public func endSession(_ name: String, of account: Account) throws(PeopleRefusal) {
        let found = try sessions(of: account).first { Self.name(of: $0) == name }
        guard let found else { throw .unknown }
        try record(.sessionsEnd, by: account)
        _ = try stored { () throws(StorageFault) in try sessions.end(found.digest, of: account.person.id) }
    }

    /// What a session is called in a list: it helps nobody to take it over.
    public static func name(of session: SessionRow) -> String { name(of: session.digest) }

    static func name(of digest: [UInt8]) -> String { SessionToken.base64url(Array(digest.prefix(9))) }

    /// Shows another organisation of the person.
    public func show(_ organisation: OrganisationID, for account: Account) throws(PeopleRefusal) {
        guard account.memberships.contains(where: { $0.organisation == organisation }) else { throw .unknown }
        try show(organisation, in: account.session)
    }

    /// A token that a form of this session carries, so that no other page can send it (CONTROL 4.4).
    public func formToken(_ account: Account) -> String {
        SessionToken.base64url(Array(keys.digest(.formToken, account.session.digest).prefix(16)))
    }

    /// Deletes what is over: sessions, invitations, sign-ins under way.
    public func expire() {
        let now = now()
        try? sessions.expire(
            createdBefore: Moment(microseconds: now.microseconds - SessionLife.whole),
            seenBefore: Moment(microseconds: now.microseconds - SessionLife.idle))
        try? members.expire(at: now)
        pending.withLock { $0 = $0.filter { $0.value.isAlive(at: now) } }
        challenges.withLock { $0.expire(at: now) }
        mailChanges.withLock { $0 = $0.filter { $0.value.isAlive(at: now) } }
        offeredSecrets.withLock {
            $0 = $0.filter { now.microseconds - $0.value.at.microseconds < PendingSignIn.lifetime }
        }
    }
}
