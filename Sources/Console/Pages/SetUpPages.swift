import Accounts
import HTTPTypes
import Vocabulary

/// The first account, by the one-time link that the server printed.
enum SetUpPages {
    static let routes: [Route] = [
        .get("/set-up/{secret}", .open(ask)), .post("/set-up/{secret}", .open(make)),
    ]

    private struct SetUpView {
        let problem: String?
        let action: String
        let mail: String
        let name: String
        let organisation: String
        let asksName: Bool
        let asksOrganisation: Bool
        let asksPassword: Bool
    }

    private static func form(_ visit: Visit, problem: PeopleRefusal? = nil) -> PageAnswer {
        let fields = visit.desk.people.terms.fields
        let view = SetUpView(
            problem: problem.map(visit.words.sentence), action: "/set-up/" + (visit.parameters["secret"] ?? ""),
            mail: String(visit.form["mail"].prefix(254)), name: String(visit.form["name"].prefix(64)),
            organisation: String(visit.form["organisation"].prefix(64)), asksName: fields == .named,
            asksOrganisation: fields != .mailOnly, asksPassword: visit.desk.people.terms.allowsPassword)
        return visit.page("set-up", view, title: "set_up.title", status: problem?.status ?? .ok)
    }

    @Sendable private static func ask(_ visit: Visit) async throws -> PageAnswer {
        guard visit.desk.people.isSetUpSecret(visit.parameters["secret"] ?? "") else { throw PeopleRefusal.over }
        return form(visit)
    }

    @Sendable private static func make(_ visit: Visit) async throws -> PageAnswer {
        do throws(PeopleRefusal) {
            return .redirect("/keys", cookie: .set(try await made(visit)))
        } catch let refusal where refusal.keepsTheForm {
            return form(visit, problem: refusal)
        }
    }

    /// Makes the first account: the text of its session.
    static func made(_ visit: Visit) async throws(PeopleRefusal) -> String {
        try await visit.desk.people.setUp(
            secret: visit.parameters["secret"] ?? "", mail: visit.form["mail"], name: visit.form["name"],
            organisation: visit.form["organisation"], password: visit.form["password"], visit.carrier)
    }
}
