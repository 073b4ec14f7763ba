import Accounts
import HTTPTypes
import Policy
import Records
import Vocabulary

/// Members, invitations, the audit log, and everybody's rights.
enum TeamInterface {
    static let routes: [Route] = [
        .api(.get, "/api/team", "Members, oldest first", .readMembers, lists: .member) { visit, account in
            try visit.desk.people.team(of: account.organisation)
        },
        .api(
            .put, "/api/team/{id}", "Sets a member's role", .changeMembers, takes: [role], isConfirmed: true
        ) { visit, account in
            try visit.desk.people.setRole(
                try TeamPage.role(visit.form["role"]), of: MemberID(try visit.number("id")), by: account)
        },
        .api(
            .delete, "/api/team/{id}", "Removes a member, who is signed out at once", .changeMembers, isConfirmed: true
        ) { visit, account in
            try visit.desk.people.remove(MemberID(try visit.number("id")), by: account)
        },
        .api(.get, "/api/invitations", "Invitations that wait", .changeMembers, lists: .invitation) { visit, account in
            try visit.desk.people.invitations(to: account.organisation)
        },
        .api(
            .post, "/api/invitations", "Invites an address", .changeMembers,
            takes: [.init("mail", .text, "An address."), role], gives: .link
        ) { visit, account in try TeamPage.invited(visit, account) },
        .api(.delete, "/api/invitations/{id}", "Withdraws an invitation", .changeMembers) { visit, account in
            try visit.desk.people.withdraw(try visit.number("id"), by: account)
        },
        .api(
            .get, "/api/audit-log", "Administrative acts, newest first", .readAuditLog,
            takes: [
                .init("before", .number, "Only those of a lower sequence.", isOptional: true)
            ], lists: .act
        ) { visit, account in
            let people = try AuditLogPage.people(visit, account)
            return try visit.desk.audit.newest(
                of: account.organisation, before: Int64(visit.query["before"]) ?? .max, limit: 1000
            ).map { Act(entry: $0, who: AuditLogPage.who($0, people, visit.words)) }
        },
        .api(.get, "/api/privacy", "Where the organisation stands", .readUsage, gives: .standing) { visit, account in
            Standing(life: try visit.desk.rights.life(of: account.organisation), fields: DataMap.fields.count)
        },
        .api(
            .post, "/api/privacy/{right}",
            "Uses a right: \(PrivacyPage.rights.map(\.name).joined(separator: ", "))", .changeOrganisation,
            takes: [.init("sure", .flag, "Deletion wants it said.", isOptional: true)], isConfirmed: true
        ) { visit, account in try await PrivacyPage.applied(visit, account) },
        .api(
            .post, "/api/export",
            Operation(summary: "Everything that is kept of the organisation, as a ZIP", gives: .archive),
            .changeOrganisation, true, PrivacyPage.export),
    ]

    private static let role = Schema.Property("role", .oneOf(Role.allCases.map { "\($0.name)" }), "What it may do.")
}

extension Shape<TeamMember> {
    static let member = Shape(
        "Member",
        [
            .text("id", "Names the member in paths.") { String($0.member.id.value, radix: 16) },
            .text("mail", "The person's address.") { $0.person.mail.text },
            .text("name", "Empty where the profile keeps none.") { $0.person.name },
            .choice("role", "What it may do.", of: Role.allCases.map { "\($0.name)" }) { "\($0.member.role.name)" },
            .time("joined_at", "Since when.") { $0.member.joinedAt },
        ])
}

extension Shape<Invitation> {
    static let invitation = Shape(
        "Invitation",
        [
            .text("id", "Names the invitation in paths.") { String($0.row.id, radix: 16) },
            .text("mail", "Who is invited.") { $0.mail.text },
            .choice("role", "As what.", of: Role.allCases.map { "\($0.name)" }) { "\($0.row.role.name)" },
            .time("expires_at", "Until when.") { $0.row.expiresAt },
        ])
}

extension Shape<String> {
    static let link = Shape("Link", [.text("link", "Works once, for this address, and is never sent again.") { $0 }])
}

/// An act with the name behind its digest.
struct Act {
    let entry: AuditEntry
    let who: String
}

extension Shape<Act> {
    static let act = Shape(
        "Act",
        [
            .number("sequence", "In the whole installation.") { $0.entry.sequence },
            .time("at", "When it was begun.") { $0.entry.at },
            .text("who", "A member's address, or what else acted.") { $0.who },
            .text("action", "What was done.") { "\($0.entry.action.name)" },
            .text("result", "`begun`, `done` or `failed`.") { "\($0.entry.result.name)" },
        ])
}

/// What an organisation's rights came to.
struct Standing {
    let life: AccountLife
    let fields: Int
}

extension Shape<Standing> {
    static let standing = Shape(
        "Standing",
        [
            .flag("consents", "Without consent nothing is forwarded.") { $0.life.hasConsent },
            .flag("restricted", "What is stored serves requests only.") { $0.life.isRestricted },
            .flag("objects", "Kept out of aggregates.") { $0.life.objects },
            .optionalTime("purge_at", "When a deletion becomes final.") { standing in
                if case .deleted(_, let at) = standing.life.phase { at } else { nil }
            },
            .number("stored_fields", "In all; none can hold what people write.") { Int64($0.fields) },
        ])
}
