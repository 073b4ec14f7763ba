public import Records
import Secrets
public import Vocabulary

/// A member as the team's page shows it.
public struct TeamMember: Sendable, Equatable {
    public var member: MemberRow
    public var person: Person
}

/// An invitation that waits.
public struct Invitation: Sendable, Equatable {
    public var row: InvitationRow
    public var mail: MailAddress
    public var organisationName: String
}

// Who belongs to an organisation, and who is asked to.

extension People {
    static let invitationDays: Int64 = 7

    public func team(of organisation: OrganisationID) throws(PeopleRefusal) -> [TeamMember] {
        try stored { () throws(StorageFault) in
            var team: [TeamMember] = []
            for (member, row) in try members.members(of: organisation) {
                team.append(TeamMember(member: member, person: try person(row)))
            }
            return team
        }
    }

    /// Who speaks for an organisation: its owners and admins.
    public func leaders(of organisation: OrganisationID) throws(StorageFault) -> [Person] {
        try members.members(of: organisation)
            .filter { Permission.changeOrganisation.isGranted(to: $0.member.role) }
            .map { found throws(StorageFault) in try person(found.person) }
    }

    public func organisations() throws(StorageFault) -> [OrganisationID] { try members.organisations() }

    /// An organisation of people, with how many they are.
    public struct KnownOrganisation: Sendable {
        public var id: OrganisationID
        /// Empty without a name.
        public var name: String
        public var createdAt: Moment
        public var members: Int
    }

    /// Every organisation of people, oldest first: the operator's view.
    public func roster() throws(PeopleRefusal) -> [KnownOrganisation] {
        try stored { () throws(StorageFault) in
            var known: [KnownOrganisation] = []
            for (row, count) in try members.roster() {
                known.append(
                    KnownOrganisation(
                        id: row.id, name: try name(of: row.id), createdAt: row.createdAt, members: count))
            }
            return known
        }
    }

    public func invitations(to organisation: OrganisationID) throws(PeopleRefusal) -> [Invitation] {
        try stored { () throws(StorageFault) in
            var found: [Invitation] = []
            for row in try members.invitations(to: organisation) where row.expiresAt > now() {
                found.append(try invitation(row))
            }
            return found
        }
    }

    /// Invites an address. An earlier invitation of it ends.
    /// - Parameter letter: subject and text around the link's secret; sent where mail is.
    /// - Returns: the link's secret, to be shown once.
    public func invite(
        _ mail: String, as role: Role, by account: Account,
        letter: (_ secret: String) -> (subject: String, text: String)
    ) throws(PeopleRefusal) -> String {
        guard account.may(.changeMembers), role != .owner || account.may(.own) else { throw .notAllowed }
        let mail = try address(mail)
        guard try !team(of: account.organisation).contains(where: { $0.person.mail == mail }) else { throw .isMember }
        let secret = randomBytes(16)
        let id = Self.freshNumber()
        let now = now()
        let row = InvitationRow(
            id: id, organisation: account.organisation, role: role, digest: keys.digest(.invitation, secret),
            mailbox: mailbox(mail),
            sealed: try seal(Array(mail.text.utf8), .invitation, id, of: .organisation(account.organisation)),
            createdAt: now,
            expiresAt: Moment(microseconds: now.microseconds + Self.invitationDays * 86_400_000_000))
        try record(.invite, by: account, subject: id)
        try stored { () throws(StorageFault) in try members.insert(row) }
        let text = SessionToken.base64url(secret)
        let (subject, body) = letter(text)
        outbox.add(
            Letter(to: mail, subject: subject, text: body, endsAt: row.expiresAt, organisation: account.organisation))
        return text
    }

    /// The invitation behind a link; `nil` when it was used, withdrawn or is too old.
    public func invitation(secret: String) throws(PeopleRefusal) -> Invitation? {
        guard let bytes = SessionToken.bytes(base64url: secret) else { return nil }
        return try stored { () throws(StorageFault) in
            let row = try members.invitation(digest: keys.digest(.invitation, bytes))
            guard let row, row.expiresAt > now() else { return nil }
            return try invitation(row)
        }
    }

    /// Whether the invited address has an account, which must sign in first.
    public func hasAccount(_ invitation: Invitation) throws(PeopleRefusal) -> Bool {
        try stored { () throws(StorageFault) in try people.person(mailbox: invitation.row.mailbox) != nil }
    }

    /// Somebody who is signed in joins.
    public func accept(secret: String, by account: Account) throws(PeopleRefusal) {
        guard let invitation = try invitation(secret: secret) else { throw .over }
        guard invitation.mail == account.person.mail else { throw .otherAddress }
        try join(account.person.id, invitation)
        try show(invitation.row.organisation, in: account.session)
    }

    /// Somebody new joins; the link proved the address.
    /// - Returns: the text of the session.
    public func accept(
        secret: String, name: String, password: String, _ carrier: SessionRow.Carrier = .cookie
    ) async throws(PeopleRefusal) -> String {
        guard let invitation = try invitation(secret: secret) else { throw .over }
        guard try !hasAccount(invitation) else { throw .otherAddress }
        let verifier = try await newVerifier(password, context: [invitation.mail.text, name])
        let row = try newPerson(invitation.mail, name, verifier)
        let isNew = try stored { () throws(StorageFault) in try people.insert(row, nil, nil) }
        guard isNew else { throw .over }
        try join(row.id, invitation)
        return try begin(row.id, in: invitation.row.organisation, carrier)
    }

    public func withdraw(_ invitation: UInt64, by account: Account) throws(PeopleRefusal) {
        guard try invitations(to: account.organisation).contains(where: { $0.row.id == invitation }) else {
            throw .unknown
        }
        try record(.invitationWithdraw, by: account, subject: invitation)
        _ = try stored { () throws(StorageFault) in try members.withdraw(invitation, in: account.organisation) }
    }

    /// Only an owner makes or unmakes one.
    public func setRole(_ role: Role, of member: MemberID, by account: Account) throws(PeopleRefusal) {
        let found = try membership(member, of: account)
        guard role != .owner && found.role != .owner || account.may(.own) else { throw .notAllowed }
        try record(.roleSet, by: account, subject: member.value)
        try done { () throws(StorageFault) in try members.setRole(role, of: member, in: account.organisation) }
    }

    public func remove(_ member: MemberID, by account: Account) throws(PeopleRefusal) {
        let found = try membership(member, of: account)
        guard found.role != .owner || account.may(.own) else { throw .notAllowed }
        try record(.memberRemove, by: account, subject: member.value)
        try done { () throws(StorageFault) in try members.remove(member, from: account.organisation) }
        // Who belongs nowhere has no account any more, and no key.
        let row = try stored { () throws(StorageFault) in try people.person(id: found.person) }
        if row == nil { _ = try? keys.own.destroy(.person(found.person)) }
    }

    public func rename(_ name: String, by account: Account) throws(PeopleRefusal) {
        let sealed = try sealed(name, account.organisation)
        try record(.organisationRename, by: account)
        try stored { () throws(StorageFault) in try members.rename(account.organisation, sealed: sealed) }
    }

    // MARK: Steps

    private func membership(_ id: MemberID, of account: Account) throws(PeopleRefusal) -> MemberRow {
        let all = try stored { () throws(StorageFault) in try members.members(of: account.organisation) }
        guard let found = all.first(where: { $0.member.id == id })?.member else { throw .unknown }
        return found
    }

    private func done(_ change: () throws(StorageFault) -> MemberStore.Change) throws(PeopleRefusal) {
        switch try stored(change) {
        case .done: return
        case .unknown: throw .unknown
        case .lastOwner: throw .lastOwner
        }
    }

    private func join(_ person: UInt64, _ invitation: Invitation) throws(PeopleRefusal) {
        let member = MemberRow(
            id: MemberID(Self.freshNumber()), organisation: invitation.row.organisation, person: person,
            role: invitation.row.role, joinedAt: now())
        try record(.invitationAccept, by: person, in: invitation.row.organisation, subject: member.id.value)
        let isIn = try stored { () throws(StorageFault) in try members.accept(invitation.row, as: member) }
        guard isIn else { throw .over }
    }

    func show(_ organisation: OrganisationID, in session: SessionRow) throws(PeopleRefusal) {
        var session = session
        session.organisation = organisation
        let changed = session
        try stored { () throws(StorageFault) in try sessions.update(changed) }
    }

    private func invitation(_ row: InvitationRow) throws(StorageFault) -> Invitation {
        let text = String(
            decoding: try opened(row.sealed, .invitation, row.id, of: .organisation(row.organisation)), as: UTF8.self)
        guard let mail = MailAddress(text) else { throw .damaged }
        return Invitation(row: row, mail: mail, organisationName: try name(of: row.organisation))
    }
}
