import Accounts
import HTTPTypes
import Records
import Vocabulary

/// What an invitation's link opens.
enum InvitationPages {
    static let routes: [Route] = [
        .get("/invitation/{secret}", .open(ask)), .post("/invitation/{secret}", .open(accept)),
    ]

    private struct InvitationView {
        let problem: String?
        let action: String
        let organisation: String
        let role: String
        let mail: String
        let token: String
        /// Signed in with the invited address: one button.
        let joins: Bool
        /// The address has an account and must sign in first.
        let signsIn: Bool
        let then: String
        let asksName: Bool
        let asksPassword: Bool
    }

    private static func form(_ visit: Visit, problem: PeopleRefusal? = nil) throws -> PageAnswer {
        let people = visit.desk.people
        guard let invitation = try people.invitation(secret: visit.parameters["secret"] ?? "") else {
            throw PeopleRefusal.over
        }
        let joins = visit.account?.person.mail == invitation.mail
        let action = "/invitation/" + (visit.parameters["secret"] ?? "")
        let view = InvitationView(
            problem: problem.map(visit.words.sentence), action: action,
            organisation: visit.words.organisation(invitation.organisationName, invitation.row.organisation),
            role: visit.words.named("role.\(invitation.row.role.name)"), mail: invitation.mail.text,
            token: visit.account.map(people.formToken) ?? "", joins: joins,
            signsIn: try !joins && (visit.account != nil || people.hasAccount(invitation)), then: action,
            asksName: people.terms.fields == .named, asksPassword: people.terms.allowsPassword)
        return visit.page("invitation", view, title: "invitation.title", status: problem?.status ?? .ok)
    }

    @Sendable private static func ask(_ visit: Visit) async throws -> PageAnswer { try form(visit) }

    @Sendable private static func accept(_ visit: Visit) async throws -> PageAnswer {
        let people = visit.desk.people
        let secret = visit.parameters["secret"] ?? ""
        if let account = visit.account, visit.form["token"] != people.formToken(account) { throw PageFault.foreign }
        do throws(PeopleRefusal) {
            if let account = visit.account {
                try people.accept(secret: secret, by: account)
                return visit.done("/", .joined)
            }
            let token = try await people.accept(
                secret: secret, name: visit.form["name"], password: visit.form["password"])
            return .redirect("/?done=\(Notice.joined.rawValue)", cookie: .set(token))
        } catch {
            guard error.keepsTheForm else { throw error }
            return try form(visit, problem: error)
        }
    }
}
