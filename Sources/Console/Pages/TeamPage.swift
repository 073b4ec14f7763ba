import Accounts
import HTTPTypes
import Records
import Vocabulary

/// Who belongs to the organisation, as what, and who is asked to.
enum TeamPage {
    static let routes: [Route] = [
        .get("/team", .member(.readMembers, show)), .post("/team/invitations", .member(.changeMembers, invite)),
        .post("/team/invitations/{id}/withdraw", .member(.changeMembers, withdraw)),
        .post("/team/{id}/role", .confirmed(.changeMembers, returnTo: "/team", setRole)),
        .post("/team/{id}/remove", .confirmed(.changeMembers, returnTo: "/team", remove)),
        .post("/organisation", .member(nil, choose)),
    ]

    private struct View {
        let problem: String?
        let token: String
        let may: Bool
        let members: [Row]
        let invitations: [Waiting]
        let hasInvitations: Bool
        let roles: [Choice]
        let mail: String
        let link: String?
        let sends: Bool
    }

    private struct Row {
        let id: String
        let mail: String
        let name: String
        let isSelf: Bool
        let role: String
        let joined: TimeView
        let roles: [Choice]
        let changes: Bool
    }

    private struct Waiting {
        let id: String
        let mail: String
        let role: String
        let until: TimeView
        let delayed: Bool
    }

    private static func roles(_ words: Catalogue, _ account: Account, _ chosen: String) -> [Choice] {
        Role.allCases.filter { $0 != .owner || account.may(.own) }.map { role in
            .init(
                value: role.name.description, label: words.named("role.\(role.name)"),
                current: role.name.description == chosen)
        }
    }

    private static func page(
        _ visit: Visit, _ account: Account, problem: PeopleRefusal? = nil, link: String? = nil
    ) throws -> PageAnswer {
        let words = visit.words
        let people = visit.desk.people
        let invitations = try people.invitations(to: account.organisation)
        let view = View(
            problem: problem.map(words.sentence), token: people.formToken(account), may: account.may(.changeMembers),
            members: try people.team(of: account.organisation).map { one in
                Row(
                    id: String(one.member.id.value, radix: 16), mail: one.person.mail.text, name: one.person.name,
                    isSelf: one.person.id == account.person.id, role: words.named("role.\(one.member.role.name)"),
                    joined: words.time(one.member.joinedAt),
                    roles: roles(words, account, one.member.role.name.description),
                    changes: account.may(.changeMembers) && (one.member.role != .owner || account.may(.own)))
            },
            invitations: invitations.map {
                Waiting(
                    id: String($0.row.id, radix: 16), mail: $0.mail.text, role: words.named("role.\($0.row.role.name)"),
                    until: words.time($0.row.expiresAt), delayed: people.outbox.isDelayed($0.mail))
            }, hasInvitations: !invitations.isEmpty,
            roles: roles(words, account, visit.form.has("role") ? visit.form["role"] : "developer"),
            mail: link == nil ? String(visit.form["mail"].prefix(254)) : "", link: link, sends: people.outbox.canSend)
        return visit.page("team", view, title: "team.title", status: problem?.status ?? .ok)
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try page(visit, account)
    }

    static func role(_ text: String) throws(PageFault) -> Role {
        guard let role = Role.allCases.first(where: { $0.name.description == text }) else { throw .unreadable }
        return role
    }

    @Sendable private static func invite(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do {
            return try page(visit, account, link: try invited(visit, account))
        } catch let refusal as PeopleRefusal where refusal != .failed {
            return try page(visit, account, problem: refusal)
        }
    }

    /// Invites the address of the form: the link, which is mailed too where mail is.
    static func invited(_ visit: Visit, _ account: Account) throws -> String {
        let words = visit.words
        let address = { (secret: String) in "\(visit.address)/invitation/\(secret)" }
        let secret = try visit.desk.people.invite(
            visit.form["mail"], as: try role(visit.form["role"]), by: account
        ) { secret in
            (
                words.text("letter.invitation.subject"),
                words.text(
                    "letter.invitation.text",
                    .text(words.organisation(account.organisationName, account.organisation)),
                    .text(address(secret)))
            )
        }
        return address(secret)
    }

    @Sendable private static func withdraw(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try visit.desk.people.withdraw(try visit.number("id"), by: account)
        return visit.done("/team", .invitationWithdrawn)
    }

    @Sendable private static func setRole(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do {
            try visit.desk.people.setRole(
                try role(visit.form["role"]), of: MemberID(try visit.number("id")), by: account)
            return visit.done("/team", .roleSet)
        } catch PeopleRefusal.lastOwner {
            return try page(visit, account, problem: .lastOwner)
        }
    }

    @Sendable private static func remove(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do {
            try visit.desk.people.remove(MemberID(try visit.number("id")), by: account)
            return visit.done("/team", .memberRemoved)
        } catch PeopleRefusal.lastOwner {
            return try page(visit, account, problem: .lastOwner)
        }
    }

    @Sendable private static func choose(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try chosen(visit, account)
        return .redirect("/")
    }

    /// Shows another organisation of the person.
    static func chosen(_ visit: Visit, _ account: Account) throws {
        guard let id = UInt64(visit.form["organisation"], radix: 16) else { throw PageFault.notFound }
        try visit.desk.people.show(OrganisationID(id), for: account)
    }
}
