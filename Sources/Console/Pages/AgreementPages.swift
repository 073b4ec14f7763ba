import Accounts
import HTTPTypes
import Policy
import Records
import Vocabulary

/// What is agreed to before the console is used: the pages in force, and the age where the profile asks for it.
enum AgreementPages {
    static let routes: [Route] = [.get("/agree", .member(nil, ask)), .post("/agree", .member(nil, agree))]

    private struct View {
        let problem: String?
        let token: String
        let then: String
        let points: [Point]
    }

    private struct Point {
        let name: String
        let version: Int64
        let text: String
        /// `nil` for what is no page.
        let path: String?
        let title: String
    }

    private static func page(_ visit: Visit, _ account: Account, problem: String? = nil) throws -> PageAnswer {
        let words = visit.words
        let due = try visit.desk.rights.agreements.due(account.member, at: visit.now)
        let then = OriginCheck.path(visit.form.has("then") ? visit.form["then"] : visit.query["then"])
        guard !due.isEmpty else { return .redirect(then) }
        let points = due.map { point in
            guard case .page(let page) = point.subject else {
                return Point(
                    name: point.name, version: point.version, text: words.named("agree.age.\(point.version)"),
                    path: nil, title: "")
            }
            let path = "/legal/\(page.rawValue)?lang=\(visit.language.code)&version=\(point.version)"
            return Point(
                name: point.name, version: point.version, text: words.text("agree.to"), path: path,
                title: words.named("legal.title.\(page.rawValue)"))
        }
        let view = View(
            problem: problem, token: visit.desk.people.formToken(account), then: then, points: points)
        return visit.page(
            "agree", view, title: "agree.title", status: problem == nil ? .ok : .unprocessableContent)
    }

    @Sendable private static func ask(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try page(visit, account)
    }

    @Sendable private static func agree(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let due = try visit.desk.rights.agreements.due(account.member, at: visit.now)
        // Each with the version that was shown: one that came meanwhile is asked for first.
        guard due.allSatisfy({ visit.form[$0.name] == "\($0.version)" }) else {
            return try page(visit, account, problem: visit.words.text("agree.missing"))
        }
        for point in due { try record(point, visit, account) }
        return .redirect(OriginCheck.path(visit.form["then"]))
    }

    // MARK: Acts

    /// Agrees to the one point that the form names.
    static func agreed(_ visit: Visit, _ account: Account) throws {
        let due = try visit.desk.rights.agreements.due(account.member, at: visit.now)
        guard let point = due.first(where: { $0.name == visit.form["name"] }) else { throw PageFault.notFound }
        guard "\(point.version)" == visit.form["version"] else { throw PageFault.refused("agree.missing") }
        try record(point, visit, account)
    }

    private static func record(_ point: Agreements.Point, _ visit: Visit, _ account: Account) throws {
        try visit.desk.people.record(.pageAccept, by: account, subject: UInt64(clamping: point.version))
        try visit.desk.rights.agreements.agree(point, as: account.member, at: visit.now)
    }
}

extension Route {
    /// Ways that stay open to who has not agreed: in and out, one's own account, and the rights.
    private static let free = [
        "/agree", "/privacy", "/settings", "/confirm", "/sign-out", "/organisation", "/api/agreements", "/api/privacy",
        "/api/export", "/api/session", "/api/sessions", "/api/me", "/api/invitation",
    ]

    /// Whether only those come in who have agreed to what is in force.
    var needsAgreement: Bool { !Self.free.contains { path == $0 || path.hasPrefix($0 + "/") } }
}
