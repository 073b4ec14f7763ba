// The closed words a receipt, a metric and a log line may use. Raw values are stored and signed: append, never renumber.

/// The wire dialect a client speaks.
public enum Dialect: UInt8, Sendable, CaseIterable {
    case openAI = 1
    case openAIResponses = 2
    case anthropic = 3
    case gemini = 4

    public var name: StaticString {
        switch self {
        case .openAI: "openai"
        case .openAIResponses: "openai-responses"
        case .anthropic: "anthropic"
        case .gemini: "gemini"
        }
    }
}

/// The route template a request came in by.
public enum Endpoint: UInt8, Sendable, CaseIterable {
    case chatCompletions = 1
    case models = 2
    case model = 3
    case receipt = 4
    case health = 5
    case messages = 6
    case responses = 7
    case generateContent = 8
    case streamGenerateContent = 9
    case countMessageTokens = 10
    case countTokens = 11
    case balance = 30
    case outcome = 31
    // From 32 on: passed to a provider of the same dialect, not translated.
    case completions = 32
    case embeddings = 33
    case imageGenerations = 34
    case imageEdits = 35
    case imageVariations = 36
    case speech = 37
    case transcriptions = 38
    case translations = 39
    case moderations = 40
    case rerank = 41
    case files = 42
    case file = 43
    case fileContent = 44
    case batches = 45
    case batch = 46
    case batchCancel = 47
    case storedResponse = 48
    case storedResponseCancel = 49
    case storedResponseItems = 50
    case messageBatches = 51
    case messageBatch = 52
    case messageBatchCancel = 53
    case messageBatchResults = 54
    case embedContent = 55
    case batchEmbedContents = 56
    case realtime = 57
    case unknown = 255

    public var template: StaticString {
        switch self {
        case .chatCompletions: "/v1/chat/completions"
        case .models: "/v1/models"
        case .model: "/v1/models/{id}"
        case .receipt: "/v1/receipts/{id}"
        case .health: "/healthz"
        case .messages: "/v1/messages"
        case .responses: "/v1/responses"
        case .generateContent: "/v1beta/models/{model}:generateContent"
        case .streamGenerateContent: "/v1beta/models/{model}:streamGenerateContent"
        case .countMessageTokens: "/v1/messages/count_tokens"
        case .countTokens: "/v1beta/models/{model}:countTokens"
        case .balance: "/v1/balance"
        case .outcome: "/v1/receipts/{id}/{outcome}"
        case .completions: "/v1/completions"
        case .embeddings: "/v1/embeddings"
        case .imageGenerations: "/v1/images/generations"
        case .imageEdits: "/v1/images/edits"
        case .imageVariations: "/v1/images/variations"
        case .speech: "/v1/audio/speech"
        case .transcriptions: "/v1/audio/transcriptions"
        case .translations: "/v1/audio/translations"
        case .moderations: "/v1/moderations"
        case .rerank: "/v1/rerank"
        case .files: "/v1/files"
        case .file: "/v1/files/{id}"
        case .fileContent: "/v1/files/{id}/content"
        case .batches: "/v1/batches"
        case .batch: "/v1/batches/{id}"
        case .batchCancel: "/v1/batches/{id}/cancel"
        case .storedResponse: "/v1/responses/{id}"
        case .storedResponseCancel: "/v1/responses/{id}/cancel"
        case .storedResponseItems: "/v1/responses/{id}/input_items"
        case .messageBatches: "/v1/messages/batches"
        case .messageBatch: "/v1/messages/batches/{id}"
        case .messageBatchCancel: "/v1/messages/batches/{id}/cancel"
        case .messageBatchResults: "/v1/messages/batches/{id}/results"
        case .realtime: "/v1/realtime"
        case .embedContent: "/v1beta/models/{model}:embedContent"
        case .batchEmbedContents: "/v1beta/models/{model}:batchEmbedContents"
        case .unknown: "unknown"
        }
    }
}

/// How far an answer came.
public enum Completion: UInt8, Sendable, CaseIterable {
    /// The provider's last byte was passed on.
    case complete = 1
    /// Something was generated, then the client or the provider went away.
    case cut = 2
    /// Nothing was generated.
    case failed = 3

    public var name: StaticString {
        switch self {
        case .complete: "complete"
        case .cut: "cut"
        case .failed: "failed"
        }
    }
}

/// Why the served deployment and model were chosen.
public enum RouteReason: UInt8, Sendable, CaseIterable {
    /// Nothing was chosen: the request ended before.
    case none = 0
    /// The client named provider and model.
    case named = 1
    /// The first entry of an alias.
    case alias = 2
    /// A later entry of an alias, because those before failed.
    case fallback = 3
    /// A bare model name that one configured provider serves.
    case catalogue = 4
    /// A budget was used up, and its substitute serves.
    case budget = 16
    /// One of several deployments that share an alias's requests.
    case balanced = 20
    /// The client asked for a hedge, and the second deployment answered before the first.
    case hedged = 21
    /// The router chose another model than the requested one.
    case routed = 24
    /// The router only watches: it would have chosen another.
    case watched = 25
    /// The router would have chosen another; the request is of the control arm.
    case control = 26
    /// The session stays with the model that has its prompt cached.
    case session = 27
    /// No model passes constraints and floors: the requested one serves.
    case unrouted = 28

    public var name: StaticString {
        switch self {
        case .none: "none"
        case .named: "named"
        case .alias: "alias"
        case .fallback: "fallback"
        case .catalogue: "catalogue"
        case .budget: "budget"
        case .balanced: "balanced"
        case .hedged: "hedged"
        case .routed: "routed"
        case .watched: "watched"
        case .control: "control"
        case .session: "session"
        case .unrouted: "unrouted"
        }
    }
}

/// What the answer cache did.
public enum CacheOutcome: UInt8, Sendable, CaseIterable {
    case off = 0
    case miss = 1
    case hit = 2
    case shared = 3
    /// The answer to another question that means the same.
    case similar = 4

    /// Whether no provider was asked for this request.
    public var isFromMemory: Bool { self == .hit || self == .shared || self == .similar }

    public var name: StaticString {
        switch self {
        case .off: "off"
        case .miss: "miss"
        case .hit: "hit"
        case .shared: "shared"
        case .similar: "similar"
        }
    }
}

/// What a request was about, as the classifier sees it.
public enum TaskCategory: UInt8, Sendable, CaseIterable {
    case unclassified = 0
    case code = 1
    case mathematics = 2
    case extraction = 3
    case summary = 4
    case translation = 5
    case classification = 6
    case writing = 7
    /// A question with given answers to choose from.
    case choice = 8
    case question = 9

    public var name: StaticString {
        switch self {
        case .unclassified: "unclassified"
        case .code: "code"
        case .mathematics: "mathematics"
        case .extraction: "extraction"
        case .summary: "summary"
        case .translation: "translation"
        case .classification: "classification"
        case .writing: "writing"
        case .choice: "choice"
        case .question: "question"
        }
    }
}

/// Which promises the words of a request stand under.
public enum DataClass: UInt8, Sendable, CaseIterable {
    /// Passed through, never kept.
    case relay = 1

    public var name: StaticString { "relay" }
}
