import HTTPTypes
import Hummingbird
import NIOCore

/// What the console answers: the pages of those who are signed in, what anyone may read, and, to this machine only, the
/// status page and the figures.
struct ConsoleRoutes: Sendable {
    private let page: StatusPage
    private let responder: PageResponder
    private let audit = AuditPage()
    private let pages: [PublicPage]
    private let token: [UInt8]?
    private let isDraining: @Sendable () -> Bool
    private let desk: ConsoleDesk

    init(
        _ settings: ConsoleSettings, desk: ConsoleDesk, pages: [PublicPage], isDraining: @escaping @Sendable () -> Bool
    ) throws {
        page = try StatusPage()
        responder = PageResponder(desk, isTLS: settings.tls != nil)
        self.pages = pages
        token = settings.metricsToken
        self.isDraining = isDraining
        self.desk = desk
    }

    func router() -> Router<ConsoleContext> {
        let router = Router(context: ConsoleContext.self)
        responder.register(on: router)
        router.get("/status") { request, context in
            guard Self.isHere(request, context) else { return Self.elsewhere }
            return Self.answer(page.html(await desk.status()), "text/html; charset=utf-8")
        }
        let files = [
            ("style.css", "text/css"), ("theme.js", "text/javascript"), ("console.js", "text/javascript"),
            ("playground.js", "text/javascript"), ("passkey.js", "text/javascript"),
            ("icon.svg", "image/svg+xml"),
        ]
        for (name, type) in files {
            let text = Templates.source(name)
            router.get(RouterPath("/\(name)")) { _, _ in Self.answer(text, "\(type); charset=utf-8") }
        }
        router.get("/audit") { request, _ in
            desk.visits?.count("/audit", request.head)
            return audit?.response ?? Self.noAudit
        }
        router.get("/healthz") { _, _ in Self.answer("ok\n", "text/plain") }
        router.get("/readyz") { _, _ in
            isDraining()
                ? Self.answer("draining\n", "text/plain", status: .serviceUnavailable)
                : Self.answer("ok\n", "text/plain")
        }
        router.get("/metrics") { request, context in
            guard mayReadMetrics(request, context) else { return token == nil ? Self.elsewhere : Self.locked }
            return Self.answer(MetricsPage.text(await desk.status()), "text/plain; version=0.0.4; charset=utf-8")
        }
        for page in pages {
            router.get(RouterPath(page.path)) { request, _ in
                guard let body = await page.body(PublicPage.Wish(request)) else {
                    return Self.answer("not available\n", "text/plain", status: .serviceUnavailable)
                }
                if page.type.hasPrefix("text/html") { desk.visits?.count(page.path, request.head) }
                return Self.answer(body, page.type)
            }
        }
        return router
    }

    /// With a token set, the token; without, this machine.
    private func mayReadMetrics(_ request: Request, _ context: ConsoleContext) -> Bool {
        guard let token else { return Self.isHere(request, context) }
        let given = Array((request.headers[.authorization] ?? "").utf8)
        let wanted = Array("Bearer ".utf8) + token
        guard given.count == wanted.count else { return false }
        var difference: UInt8 = 0
        for index in given.indices { difference |= given[index] ^ wanted[index] }
        return difference == 0
    }

    /// A connection from this machine, not passed on by a proxy, and asked for by a name of this machine: a page
    /// elsewhere cannot read it by pointing its own name here.
    private static func isHere(_ request: Request, _ context: ConsoleContext) -> Bool {
        guard context.isLocal else { return false }
        for name in ["x-forwarded-for", "forwarded", "x-real-ip"] {
            if let field = HTTPField.Name(name), request.headers[field] != nil { return false }
        }
        guard let authority = request.head.authority else { return false }
        let host =
            authority.hasPrefix("[") ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
        return host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    private static let elsewhere = answer(
        "This page is shown on the machine that runs Tacet only. From elsewhere: ssh -L 8401:127.0.0.1:8401 HOST\n",
        "text/plain; charset=utf-8", status: .forbidden)

    private static let noAudit = answer(
        "The audit page was not built into this program: `make` builds it. `tacet audit FILE` does the same.\n",
        "text/plain; charset=utf-8", status: .notFound)

    private static let locked = answer(
        "Send the token of metrics.token as Authorization: Bearer.\n", "text/plain; charset=utf-8",
        status: .unauthorized)

    private static func answer(
        _ body: some Sequence<UInt8>, _ type: String, status: HTTPResponse.Status = .ok
    ) -> Response {
        var headers: HTTPFields = [.contentType: type, .cacheControl: "no-store", .xContentTypeOptions: "nosniff"]
        headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        if let name = HTTPField.Name("referrer-policy") { headers[name] = "no-referrer" }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    private static func answer(_ text: String, _ type: String, status: HTTPResponse.Status = .ok) -> Response {
        answer(text.utf8, type, status: status)
    }
}
