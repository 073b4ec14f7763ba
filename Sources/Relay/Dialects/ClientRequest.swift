import NIOCore
import Vocabulary
import Wire

/// A request for a model in the dialect its client speaks, read as far as a decision needs. Shared, not copied: every
/// step of an exchange takes it up.
final class ClientRequest: Sendable {
    enum Form: Sendable {
        case chat(ChatRequest)
        case responses(ResponsesRequest)
        case messages(MessagesRequest)
        case gemini(GeminiRequest)
        case passed(PassedRequest)
    }

    let form: Form
    let dialect: Dialect
    let model: [UInt8]
    let isStreamed: Bool
    /// Whether the client wants usage in its stream; all dialects but chat always have it.
    let asksForUsage: Bool
    /// The client's own limit of generated tokens.
    let maximumOutput: Int64?
    let samples: Int64
    /// What the provider is asked to serve at.
    let level: ServiceLevel
    /// The answer is made while nobody waits.
    let isBackground: Bool

    /// - Parameters:
    ///   - path: of a request in Gemini's dialect, which names the model there.
    ///   - counts: it asks for a count of its tokens, not for an answer.
    ///   - own: the provider's id of what it keeps for the caller (`ResponsesRequest.resolve`).
    static func read(
        _ body: ByteBuffer, _ dialect: Dialect, path: GeminiPath?, counts: Bool, own: ([UInt8]) -> [UInt8]?
    ) throws(RequestRejection) -> ClientRequest {
        switch dialect {
        case .openAI: return ClientRequest(try ChatRequest.read(body))
        case .openAIResponses:
            var request = try ResponsesRequest.read(body)
            try request.resolve(own)
            return ClientRequest(request)
        case .anthropic: return ClientRequest(try MessagesRequest.read(body, for: counts ? .countTokens : .generate))
        case .gemini:
            return ClientRequest(
                try GeminiRequest.read(body, path: path ?? GeminiPath(model: [], action: .generateContent)))
        }
    }

    /// A request that is passed on, in the dialect of its path.
    init(_ request: PassedRequest, _ dialect: Dialect) {
        form = .passed(request)
        self.dialect = dialect
        model = request.model
        isStreamed = request.isStreamed
        asksForUsage = true
        maximumOutput = nil
        samples = request.samples
        level = .standard
        isBackground = false
    }

    /// The provider keeps the answer, or something it builds on.
    var isKept: Bool { if case .responses(let request) = form { request.isKept } else { false } }

    var passed: PassedRequest? { if case .passed(let request) = form { request } else { nil } }

    /// What a provider generates at most where the client named no limit, if its dialect says so.
    var standardOutput: Int64? { if case .chat(let request) = form { request.standardOutput } else { nil } }

    /// A chat whose reader met no such member need not be searched for it.
    func mayAskForTemperatureZero(_ body: ByteBuffer) -> Bool {
        if case .chat(let request) = form, !request.namesTemperature { return false }
        return body.mayAskForTemperatureZero
    }

    init(_ request: ChatRequest) {
        form = .chat(request)
        dialect = .openAI
        model = request.model
        isStreamed = request.isStreamed
        asksForUsage = request.asksForUsage
        maximumOutput = request.maximumOutput
        samples = request.samples
        level = request.level
        isBackground = false
    }

    private init(_ request: ResponsesRequest) {
        form = .responses(request)
        dialect = .openAIResponses
        model = request.model
        isStreamed = request.isStreamed
        asksForUsage = true
        maximumOutput = request.maximumOutput
        samples = 1
        level = request.level
        isBackground = request.isBackground
    }

    private init(_ request: MessagesRequest) {
        form = .messages(request)
        dialect = .anthropic
        model = request.model
        isStreamed = request.isStreamed
        asksForUsage = true
        maximumOutput = request.maximumOutput
        samples = 1
        level = request.level
        isBackground = false
    }

    private init(_ request: GeminiRequest) {
        form = .gemini(request)
        dialect = .gemini
        model = request.path.model
        isStreamed = request.isStreamed
        asksForUsage = true
        maximumOutput = request.maximumOutput
        samples = request.samples
        level = request.level
        isBackground = false
    }

    /// The whole request in no dialect, for a provider of another one.
    func conversation(_ body: ByteBuffer) throws(RequestRejection) -> Conversation {
        switch form {
        case .chat: try ChatConversationReader.read(body)
        case .responses: try ResponsesConversationReader.read(body)
        case .messages: try MessagesRequestReader.read(body)
        case .gemini(let request): try GeminiRequestReader.read(body, path: request.path)
        case .passed: throw RequestRejection(code: .notServedByProvider, member: .body, offset: 0)
        }
    }

    /// How a Gemini client wants its stream framed; other dialects have events alone.
    var framing: GeminiFraming {
        if case .gemini(let request) = form { request.path.framing } else { .events }
    }

    /// What the writers of this client's answers need to know.
    func target(created: Int64, customTools: [RawText]) -> AnswerTarget {
        switch form {
        case .chat, .passed: .chat(includesUsage: asksForUsage, created: created)
        case .responses: .responses(created: created, customTools: customTools)
        case .messages: .messages
        case .gemini: .gemini(framing)
        }
    }
}
