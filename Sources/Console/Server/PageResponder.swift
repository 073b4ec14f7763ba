import Accounts
import HTTPTypes
import Hummingbird
import NIOCore
import Records
import Vocabulary

/// Between Hummingbird and the pages: checks where a request comes from, reads it, asks who it is, and writes the answer.
struct PageResponder: Sendable {
    /// The one cookie there is (OL-10).
    static let cookie = "__Host-tacet"
    let desk: ConsoleDesk
    let isTLS: Bool
    private let pages = Templates()
    private let check: OriginCheck

    init(_ desk: ConsoleDesk, isTLS: Bool) {
        self.desk = desk
        self.isTLS = isTLS
        check = OriginCheck(publicAddress: desk.publicAddress)
    }

    func register(on router: Router<ConsoleContext>) {
        for route in PageRoute.all {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                await answer(route, request, context)
            }
        }
    }

    private func answer(_ route: PageRoute, _ request: Request, _ context: ConsoleContext) async -> Response {
        let host = request.head.authority ?? ""
        guard check.isOurs(host: host) else {
            return PageHeaders.plain(
                "The console does not answer to this name. Set accounts.address to the one it has.\n",
                .misdirectedRequest)
        }
        var visit = visit(route, request, context, host)
        do {
            if route.method != .get {
                let fetchSite = HTTPField.Name("sec-fetch-site").flatMap { request.headers[$0] }
                guard check.isSameOrigin(host: host, origin: request.headers[.origin], fetchSite: fetchSite) else {
                    return response(visit.problem(.forbidden, "problem.origin"))
                }
                visit.form = try await form(of: request)
            }
            visit.account = try desk.people.account(token: visit.token, .cookie)
            if let account = visit.account, let chosen = Language(rawValue: account.person.language &- 1) {
                visit.language = chosen
            }
            return response(try await work(route, visit))
        } catch {
            return response(visit.problem(error))
        }
    }

    private func work(_ route: PageRoute, _ visit: Visit) async throws -> PageAnswer {
        switch route.work {
        case .open(let answer): return try await answer(visit)
        case .member(let permission, let answer):
            return try await member(route, visit, permission, answer)
        case .confirmed(let permission, let path, let answer):
            return try await member(route, visit, permission) { visit, account in
                guard SessionLife.isConfirmed(account.session, at: visit.now) else {
                    return .redirect("/confirm?then=\(Form.encoded(path))")
                }
                return try await answer(visit, account)
            }
        }
    }

    private func member(
        _ route: PageRoute, _ visit: Visit, _ permission: Permission?,
        _ answer: @Sendable (Visit, Account) async throws -> PageAnswer
    ) async throws -> PageAnswer {
        guard let account = visit.account else {
            if route.method != .get { return .redirect("/sign-in") }
            let query = visit.path == "/" ? "" : "?then=\(Form.encoded(visit.path))"
            return .redirect("/sign-in\(query)")
        }
        if let permission, !account.may(permission) { return visit.problem(.forbidden, "problem.role") }
        if route.method != .get, visit.form["token"] != desk.people.formToken(account) {
            return visit.problem(.forbidden, "problem.origin")
        }
        return try await answer(visit, account)
    }

    // MARK: Reading

    private func visit(
        _ route: PageRoute, _ request: Request, _ context: ConsoleContext, _ host: String
    ) -> Visit {
        var parameters: [String: String] = [:]
        for part in route.path.split(separator: "/") where part.hasPrefix("{") {
            let name = String(part.dropFirst().dropLast())
            parameters[name] = context.parameters.get(name)
        }
        let scheme = isTLS ? "https" : "http"
        return Visit(
            desk: desk, pages: pages, language: Language(accepting: request.headers[.acceptLanguage]),
            path: request.uri.path, parameters: parameters, query: Form((request.uri.query ?? "").utf8) ?? Form(),
            token: Self.token(in: request.headers[values: .cookie]),
            from: GuessOrigin(address: context.clientAddress(request)),
            address: desk.publicAddress.isEmpty ? "\(scheme)://\(host)" : desk.publicAddress, now: desk.now())
    }

    static func token(in fields: [String]) -> String {
        for field in fields {
            for pair in field.split(separator: ";") {
                let pair = pair.drop { $0 == " " }
                if pair.hasPrefix(cookie + "=") { return String(pair.dropFirst(cookie.count + 1)) }
            }
        }
        return ""
    }

    private func form(of request: Request) async throws -> Form {
        var request = request
        let type = request.headers[.contentType] ?? ""
        guard type.isEmpty || type.hasPrefix("application/x-www-form-urlencoded") else { throw PageFault.unreadable }
        let body = try await request.collectBody(upTo: Form.longest)
        guard let form = Form(body.readableBytesView) else { throw PageFault.unreadable }
        return form
    }

    // MARK: Writing

    private func response(_ answer: PageAnswer) -> Response {
        var response: Response
        var cookie = PageAnswer.CookieChange.keep
        switch answer {
        case .html(let text, let status, let change):
            response = PageHeaders.answer(text.utf8, "text/html; charset=utf-8", status)
            cookie = change
        case .redirect(let path, let change):
            response = PageHeaders.answer([], "text/plain", .seeOther)
            response.headers[.location] = path
            cookie = change
        case .file(let name, let type, let bytes):
            response = PageHeaders.answer(bytes, type, .ok)
            response.headers[.contentDisposition] = "attachment; filename=\"\(name)\""
        case .events(let stream):
            response = PageHeaders.answer([], "text/event-stream", .ok)
            response.body = ResponseBody(asyncSequence: stream)
        }
        let attributes = "; Path=/; Secure; HttpOnly; SameSite=Lax"
        switch cookie {
        case .keep: break
        case .set(let token):
            response.headers[.setCookie] =
                "\(Self.cookie)=\(token)\(attributes); Max-Age=\(SessionLife.whole / 1_000_000)"
        case .clear:
            response.headers[.setCookie] = "\(Self.cookie)=\(attributes); Max-Age=0"
            if let name = HTTPField.Name("clear-site-data") { response.headers[name] = "\"cookies\", \"storage\"" }
        }
        if isTLS { response.headers[.strictTransportSecurity] = "max-age=31536000; includeSubDomains" }
        return response
    }
}

extension Visit {
    /// What went wrong, as a page; nothing of the cause's inside.
    func problem(_ error: any Error) -> PageAnswer {
        switch error {
        case PageFault.notFound, PeopleRefusal.unknown: return problem(.notFound, "problem.not_found")
        case PageFault.unreadable: return problem(.badRequest, "problem.unreadable")
        case PeopleRefusal.notAllowed: return problem(.forbidden, "problem.role")
        case PeopleRefusal.lastOwner: return problem(.conflict, "problem.last_owner")
        case PeopleRefusal.otherAddress: return problem(.forbidden, "problem.other_address")
        case PeopleRefusal.over: return problem(.gone, "problem.over")
        case let refusal as PeopleRefusal where refusal != .failed:
            return problem(.unprocessableContent, text: words.sentence(for: refusal))
        default: return problem(.serviceUnavailable, "problem.failed")
        }
    }

    func problem(_ status: HTTPResponse.Status, _ key: StaticString) -> PageAnswer {
        problem(status, text: words.text(key))
    }

    private func problem(_ status: HTTPResponse.Status, text: String) -> PageAnswer {
        page("problem", ProblemView(code: status.code, text: text), title: "problem.title", status: status)
    }

    private struct ProblemView {
        let code: Int
        let text: String
    }
}

extension Catalogue {
    /// What a refusal says to the person at the form.
    func sentence(for refusal: PeopleRefusal) -> String {
        switch refusal {
        case .badMail: text("refusal.mail")
        case .badName: text("refusal.name")
        case .badPassword(let why): named("refusal.password.\(why.rawValue)")
        case .wrong: text("refusal.wrong")
        case .wrongCode(let left): text("refusal.code", .count(Int64(left)))
        case .wait(let seconds): text("refusal.wait", .count(seconds))
        case .over: text("problem.over")
        case .otherAddress: text("problem.other_address")
        case .lastOwner: text("problem.last_owner")
        case .isMember: text("refusal.is_member")
        case .unknown: text("problem.not_found")
        case .notAllowed: text("problem.role")
        case .busy: text("refusal.busy")
        case .failed: text("problem.failed")
        }
    }
}
