import Vocabulary
import Wire

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
        Route(gemini: .embedContent, below: "/v1beta/models/", ":embedContent"),
        Route(gemini: .embedContent, below: "/v1/models/", ":embedContent"),
        Route(gemini: .batchEmbedContents, below: "/v1beta/models/", ":batchEmbedContents"),
        Route(gemini: .batchEmbedContents, below: "/v1/models/", ":batchEmbedContents"),
        Route(passed: .completions, .post),
        Route(passed: .embeddings, .post),
        Route(passed: .imageGenerations, .post),
        Route(passed: .imageEdits, .post),
        Route(passed: .imageVariations, .post),
        Route(passed: .speech, .post),
        Route(passed: .transcriptions, .post),
        Route(passed: .translations, .post),
        Route(passed: .moderations, .post),
        Route(passed: .rerank, .post),
        Route(passed: .realtime, .get),
        Route(passed: .files, .post, dialect: nil),
        Route(passed: .files, .get, dialect: nil),
        Route(passed: .fileContent, .get, "/v1/files/", "/content", dialect: nil),
        Route(passed: .file, .get, "/v1/files/", dialect: nil),
        Route(passed: .file, .delete, "/v1/files/", dialect: nil),
        Route(passed: .batches, .post),
        Route(passed: .batches, .get),
        Route(passed: .batchCancel, .post, "/v1/batches/", "/cancel"),
        Route(passed: .batch, .get, "/v1/batches/"),
        Route(passed: .storedResponseCancel, .post, "/v1/responses/", "/cancel"),
        Route(passed: .storedResponseItems, .get, "/v1/responses/", "/input_items"),
        Route(passed: .storedResponse, .get, "/v1/responses/"),
        Route(passed: .storedResponse, .delete, "/v1/responses/"),
        Route(passed: .messageBatches, .post, dialect: .anthropic),
        Route(passed: .messageBatches, .get, dialect: .anthropic),
        Route(passed: .messageBatchCancel, .post, "/v1/messages/batches/", "/cancel", dialect: .anthropic),
        Route(passed: .messageBatchResults, .get, "/v1/messages/batches/", "/results", dialect: .anthropic),
        Route(passed: .messageBatch, .get, "/v1/messages/batches/", dialect: .anthropic),
        Route(passed: .messageBatch, .delete, "/v1/messages/batches/", dialect: .anthropic),
        Route(.models, .get, "/v1/models"),
        Route(.models, .get, "/v1beta/models", dialect: .gemini),
        Route(.model, .get, "/v1/models/", takesName: true),
        Route(.model, .get, "/v1beta/models/", takesName: true, dialect: .gemini),
        Route(.outcome, .post, "/v1/receipts/", suffix: "/good", takesName: true),
        Route(.outcome, .post, "/v1/receipts/", suffix: "/bad", takesName: true),
        Route(.receipt, .get, "/v1/receipts/", takesName: true),
        Route(.balance, .get, "/v1/balance"),
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

    /// Of the two routes that take an outcome.
    var isGood: Bool { suffix.utf8CodeUnitCount == 5 }

    /// Whether model and action stand in the path, as Gemini's clients have it.
    var hasAction: Bool { dialect == .gemini && suffix.utf8CodeUnitCount > 0 }

    /// A path that is passed on: whole, or with an object's name behind `path` and before `suffix`.
    private init(
        passed endpoint: Endpoint, _ method: HTTPMethod, _ path: StaticString? = nil, _ suffix: StaticString = "",
        dialect: Dialect? = .openAI
    ) {
        self.init(
            endpoint, method, path ?? endpoint.template, suffix: suffix, takesName: path != nil, isMetered: true,
            dialect: dialect)
    }

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
        case wrongMethod(allowed: [HTTPMethod], Dialect?)
        case unknown(Dialect?)
    }

    /// - Parameter path: the request's path without its query.
    static func match(_ method: HTTPMethod, _ path: Span<UInt8>) -> Match {
        var other: Route?
        var allowed: [HTTPMethod] = []
        for route in table where route.matches(path) && (other?.endpoint ?? route.endpoint) == route.endpoint {
            // What is passed on is fetched for its body: a HEAD would fetch it in vain.
            let answersHead = method == .head && route.method == .get && !route.endpoint.isPassed
            if method == route.method || answersHead {
                return .route(route, nameOffset: route.takesName ? route.path.utf8CodeUnitCount : nil)
            }
            other = other ?? route
            allowed.append(route.method)
        }
        if let other { return .wrongMethod(allowed: allowed, other.dialect) }
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
