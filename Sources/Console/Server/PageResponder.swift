import Accounts
import HTTPTypes
import Hummingbird
import NIOCore
import Policy
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
        for route in Route.all {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                await answer(route, request, context)
            }
        }
    }

    private func answer(_ route: Route, _ request: Request, _ context: ConsoleContext) async -> Response {
        let host = request.head.authority ?? ""
        guard check.isOurs(host: host) else {
            return PageHeaders.plain(
                "The console does not answer to this name. Set accounts.address to the one it has.\n",
                .misdirectedRequest)
        }
        var visit = visit(route, request, context, host)
        do {
            if route.method != .get { visit.form = try await form(of: request, for: route, host) }
            visit.account = try desk.people.account(token: visit.token, visit.carrier)
            if let account = visit.account, let chosen = Language(rawValue: account.person.language &- 1) {
                visit.language = chosen
            }
            let answer = try await work(route, visit)
            if case .html(_, let status, _, _) = answer, status == .ok, route.method == .get {
                desk.visits?.count(route.path, request.head)
            }
            return response(answer)
        } catch {
            guard route.isInterface else { return response(visit.problem(error)) }
            let problem = Problem(error, visit.words)
            return response(.json(problem.json, status: problem.status, retryAfter: problem.retryAfter))
        }
    }

    private func work(_ route: Route, _ visit: Visit) async throws -> PageAnswer {
        switch route.work {
        case .open(let answer): return try await answer(visit)
        case .member(let permission, let answer):
            return try await member(route, visit, permission, answer)
        case .confirmed(let permission, let path, let answer):
            return try await member(route, visit, permission) { visit, account in
                guard SessionLife.isConfirmed(account.session, at: visit.now) else {
                    if route.isInterface { throw PageFault.notProved }
                    return .redirect("/confirm?then=\(Form.encoded(path))")
                }
                return try await answer(visit, account)
            }
        }
    }

    private func member(
        _ route: Route, _ visit: Visit, _ permission: Permission?,
        _ answer: @Sendable (Visit, Account) async throws -> PageAnswer
    ) async throws -> PageAnswer {
        guard let account = visit.account else {
            if route.isInterface { throw PageFault.notSignedIn }
            if route.method != .get { return .redirect("/sign-in") }
            let query = visit.path == "/" ? "" : "?then=\(Form.encoded(visit.path))"
            return .redirect("/sign-in\(query)")
        }
        if let permission, !account.may(permission) {
            desk.people.noteRefusal(of: account)
            throw PeopleRefusal.notAllowed
        }
        // A bearer is nothing a browser sends by itself: only the cookie's forms can be another page's.
        if route.method != .get, !route.isInterface, visit.form["token"] != desk.people.formToken(account) {
            desk.people.noteRefusal(of: account)
            throw PageFault.foreign
        }
        if route.needsAgreement, try !desk.rights.agreements.due(account.member, at: visit.now).isEmpty {
            if route.isInterface { throw PageFault.notAgreed }
            return .redirect("/agree?then=\(Form.encoded(route.method == .get ? visit.path : "/"))")
        }
        return try await answer(visit, account)
    }

    // MARK: Reading

    private func visit(
        _ route: Route, _ request: Request, _ context: ConsoleContext, _ host: String
    ) -> Visit {
        var parameters: [String: String] = [:]
        for name in route.parameterNames { parameters[name] = context.parameters.get(name) }
        let scheme = isTLS ? "https" : "http"
        return Visit(
            desk: desk, pages: pages, language: Language(accepting: request.headers[.acceptLanguage]),
            path: request.uri.path, parameters: parameters, query: Form((request.uri.query ?? "").utf8) ?? Form(),
            token: route.isInterface ? Self.bearer(request) : Self.token(in: request.headers[values: .cookie]),
            carrier: route.isInterface ? .bearer : .cookie,
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

    private static func bearer(_ request: Request) -> String {
        let field = request.headers[.authorization] ?? ""
        return field.lowercased().hasPrefix("bearer ") ? String(field.dropFirst("bearer ".count)) : ""
    }

    /// What a request that changes something says: a form of our own pages, or the interface's JSON.
    private func form(of request: Request, for route: Route, _ host: String) async throws -> Form {
        var request = request
        let type = request.headers[.contentType] ?? ""
        if !route.isInterface {
            let fetchSite = HTTPField.Name("sec-fetch-site").flatMap { request.headers[$0] }
            guard check.isSameOrigin(host: host, origin: request.headers[.origin], fetchSite: fetchSite) else {
                throw PageFault.foreign
            }
            guard type.isEmpty || type.hasPrefix("application/x-www-form-urlencoded") else {
                throw PageFault.unreadable
            }
        }
        let body = try await request.collectBody(upTo: Form.longest)
        if let operation = route.operation {
            if body.readableBytes == 0 { return try Form([:], operation.takes) }
            guard type.hasPrefix("application/json"), let tree = JSONTree(Array(body.readableBytesView)) else {
                throw PageFault.unreadable
            }
            return try Form(tree, operation.takes)
        }
        guard let form = Form(body.readableBytesView) else { throw PageFault.unreadable }
        return form
    }

    // MARK: Writing

    private func response(_ answer: PageAnswer) -> Response {
        var response: Response
        var cookie = PageAnswer.CookieChange.keep
        switch answer {
        case .html(let text, let status, let change, let connects):
            response = PageHeaders.answer(text.utf8, "text/html; charset=utf-8", status, connects: connects)
            cookie = change
        case .redirect(let path, let change):
            response = PageHeaders.answer([], "text/plain", .seeOther)
            response.headers[.location] = path
            cookie = change
        case .json(let tree, let status, let retryAfter):
            response = PageHeaders.answer(
                tree?.bytes ?? [], "application/json", tree == nil ? .noContent : status)
            if status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
            if let retryAfter { response.headers[.retryAfter] = "\(retryAfter)" }
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
    /// What went wrong, as a page.
    func problem(_ error: any Error) -> PageAnswer {
        let problem = Problem(error, words)
        return page(
            "problem", ProblemView(code: problem.status.code, text: problem.text), title: "problem.title",
            status: problem.status)
    }

    private struct ProblemView {
        let code: Int
        let text: String
    }
}
