import Vocabulary

/// One way into the gateway. Every ingress is in this table; a test walks it (`RULES.md` 1).
struct Route: Equatable, Sendable {
    let endpoint: Endpoint
    let method: HTTPMethod
    /// Bytes of the path; a route that `takesName` matches what begins with it.
    let path: StaticString
    let takesName: Bool
    /// Whether a key is asked for. Only health answers without.
    let isGated: Bool
    /// Whether money is held before anything leaves the process.
    let isMetered: Bool
    /// The dialect the path belongs to; `nil` where the client's headers tell (`RULES.md` 9).
    let dialect: Dialect?

    static let table: [Route] = [
        Route(.chatCompletions, .post, "/v1/chat/completions", isMetered: true, dialect: .openAI),
        Route(.messages, .post, "/v1/messages", isMetered: true, dialect: .anthropic),
        Route(.models, .get, "/v1/models"),
        Route(.model, .get, "/v1/models/", takesName: true),
        Route(.receipt, .get, "/v1/receipts/", takesName: true),
        Route(.health, .get, "/healthz", isGated: false),
        Route(.health, .get, "/readyz", isGated: false),
    ]

    private init(
        _ endpoint: Endpoint, _ method: HTTPMethod, _ path: StaticString, takesName: Bool = false, isGated: Bool = true,
        isMetered: Bool = false, dialect: Dialect? = nil
    ) {
        self.endpoint = endpoint
        self.method = method
        self.path = path
        self.takesName = takesName
        self.isGated = isGated
        self.isMetered = isMetered
        self.dialect = dialect
    }

    static func == (a: Route, b: Route) -> Bool { a.endpoint == b.endpoint && a.method == b.method }

    enum Match: Equatable {
        /// `name` is what follows the path of a route that takes one, as an offset into the path.
        case route(Route, nameOffset: Int?)
        case wrongMethod(allowed: HTTPMethod)
        case unknown
    }

    /// - Parameter path: the request's path without its query.
    static func match(_ method: HTTPMethod, _ path: Span<UInt8>) -> Match {
        for route in table where route.matches(path) {
            let answersHead = method == .head && route.method == .get
            guard method == route.method || answersHead else { return .wrongMethod(allowed: route.method) }
            return .route(route, nameOffset: route.takesName ? route.path.utf8CodeUnitCount : nil)
        }
        return .unknown
    }

    private func matches(_ other: Span<UInt8>) -> Bool {
        let count = path.utf8CodeUnitCount
        return (takesName ? other.count > count : other.count == count) && other.begins(with: path)
    }
}

extension Span<UInt8> {
    func begins(with text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count >= length else { return false }
        for index in 0..<length where unsafe self[index] != text.utf8Start[index] { return false }
        return true
    }
}
