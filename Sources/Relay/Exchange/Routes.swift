import Vocabulary

/// One way into the gateway. Every ingress is in this table; a test walks it (`RULES.md` 1).
struct Route: Equatable, Sendable {
    let endpoint: Endpoint
    let method: HTTPMethod
    /// Bytes of the path; a route that `takesName` matches what begins with it.
    let path: StaticString
    /// What the path ends with, behind the name.
    let suffix: StaticString
    let takesName: Bool
    /// Whether a key is asked for. Only health answers without.
    let isGated: Bool
    /// Whether money is held before anything leaves the process.
    let isMetered: Bool
    /// The dialect the path belongs to; `nil` where the client's headers tell (`RULES.md` 9).
    let dialect: Dialect?

    static let table: [Route] = [
        Route(.chatCompletions, .post, "/v1/chat/completions", isMetered: true, dialect: .openAI),
        Route(.responses, .post, "/v1/responses", isMetered: true, dialect: .openAIResponses),
        Route(.messages, .post, "/v1/messages", isMetered: true, dialect: .anthropic),
        Route(.countMessageTokens, .post, "/v1/messages/count_tokens", isMetered: true, dialect: .anthropic),
        Route(gemini: .generateContent, below: "/v1beta/models/", ":generateContent"),
        Route(gemini: .streamGenerateContent, below: "/v1beta/models/", ":streamGenerateContent"),
        Route(gemini: .generateContent, below: "/v1/models/", ":generateContent"),
        Route(gemini: .streamGenerateContent, below: "/v1/models/", ":streamGenerateContent"),
        Route(gemini: .countTokens, below: "/v1beta/models/", ":countTokens"),
        Route(gemini: .countTokens, below: "/v1/models/", ":countTokens"),
        Route(.models, .get, "/v1/models"),
        Route(.models, .get, "/v1beta/models", dialect: .gemini),
        Route(.model, .get, "/v1/models/", takesName: true),
        Route(.model, .get, "/v1beta/models/", takesName: true, dialect: .gemini),
        Route(.receipt, .get, "/v1/receipts/", takesName: true),
        Route(.health, .get, "/healthz", isGated: false),
        Route(.health, .get, "/readyz", isGated: false),
    ]

    private init(
        _ endpoint: Endpoint, _ method: HTTPMethod, _ path: StaticString, suffix: StaticString = "",
        takesName: Bool = false, isGated: Bool = true, isMetered: Bool = false, dialect: Dialect? = nil
    ) {
        self.endpoint = endpoint
        self.method = method
        self.path = path
        self.suffix = suffix
        self.takesName = takesName
        self.isGated = isGated
        self.isMetered = isMetered
        self.dialect = dialect
    }

    /// Whether model and action stand in the path, as Gemini's clients have it.
    var hasAction: Bool { suffix.utf8CodeUnitCount > 0 }

    /// A route of Gemini's: the model's name stands between path and action.
    private init(gemini endpoint: Endpoint, below path: StaticString, _ action: StaticString) {
        self.init(endpoint, .post, path, suffix: action, takesName: true, isMetered: true, dialect: .gemini)
    }

    static func == (a: Route, b: Route) -> Bool {
        a.endpoint == b.endpoint && a.method == b.method && a.dialect == b.dialect
    }

    enum Match: Equatable {
        /// `nameOffset` is where the part stands that the route takes as a name, as an offset into the path.
        case route(Route, nameOffset: Int?)
        case wrongMethod(allowed: HTTPMethod, Dialect?)
        case unknown(Dialect?)
    }

    /// - Parameter path: the request's path without its query.
    static func match(_ method: HTTPMethod, _ path: Span<UInt8>) -> Match {
        var other: Route?
        for route in table where route.matches(path) {
            if method == route.method || method == .head && route.method == .get {
                return .route(route, nameOffset: route.takesName ? route.path.utf8CodeUnitCount : nil)
            }
            other = other ?? route
        }
        if let other { return .wrongMethod(allowed: other.method, other.dialect) }
        return .unknown(path.begins(with: "/v1beta/") ? .gemini : nil)
    }

    private func matches(_ other: Span<UInt8>) -> Bool {
        let count = path.utf8CodeUnitCount + suffix.utf8CodeUnitCount
        guard takesName ? other.count > count : other.count == count else { return false }
        return other.begins(with: path) && other.ends(with: suffix)
    }
}

extension Span<UInt8> {
    func begins(with text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count >= length else { return false }
        for index in 0..<length where unsafe self[index] != text.utf8Start[index] { return false }
        return true
    }

    func ends(with text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        return count >= length && extracting(droppingFirst: count - length).begins(with: text)
    }
}
