import NIOCore
import Vocabulary
import Wire

/// An error in the client's dialect, with a stable code, the request id and a sentence that helps.
struct ErrorReply: ~Copyable {
    let head: AnswerHead
    let body: ByteBuffer

    /// - Parameters:
    ///   - status: the HTTP status when framing asks for another than the code's own.
    ///   - id: of a metered request; others get one for the answer alone.
    init(
        _ code: ErrorCode, _ message: ErrorMessage, status: UInt16? = nil, allow: [HTTPMethod] = [],
        dialect: Dialect, id: RequestID, limits: RelayLimits
    ) {
        let message = Self.completed(message, code, limits)
        let status = status ?? code.status
        var body = ByteBuffer()
        let text = message.text(for: code)
        switch dialect {
        case .anthropic: AnthropicReply.error(status: status, code: code, message: text, id: id, into: &body)
        case .openAI, .openAIResponses:
            OpenAIReply.error(status: status, code: code, message: text, member: message.member, id: id, into: &body)
        case .gemini: GeminiReply.error(status: status, code: code, message: text, id: id, into: &body)
        }
        var head = AnswerHead(status: status)
        head.request = id
        head.retryAfterSeconds = message.retryAfter
        head.allow = allow
        self.head = head
        self.body = body
    }

    /// Answers a request that has no exchange.
    static func send(
        _ code: ErrorCode, _ message: ErrorMessage = ErrorMessage(), status: UInt16? = nil, allow: [HTTPMethod] = [],
        dialect: Dialect = .openAI, rates: RateFields? = nil, to client: any ClientSide, loop: LoopContext
    ) {
        let reply = ErrorReply(
            code, message, status: status, allow: allow, dialect: dialect, id: loop.nextRequestID(at: Clock.moment()),
            limits: loop.shared.settings.limits)
        loop.shared.counters.count(status: reply.head.status)
        var head = reply.head
        head.rates = rates
        client.send(head, body: reply.body)
        client.flush()
    }

    /// The error as the last event of a stream that has begun.
    ///
    /// - Parameters:
    ///   - sequence: how many events went before, where the dialect counts them.
    ///   - isFirst: none did.
    static func writeEvent(
        _ code: ErrorCode, _ message: ErrorMessage, to target: AnswerTarget, after sequence: Int64, isFirst: Bool,
        id: RequestID, limits: RelayLimits, into out: inout ByteBuffer
    ) {
        let message = completed(message, code, limits)
        let text = message.text(for: code)
        switch target {
        case .chat:
            OpenAIReply.errorEvent(
                status: code.status, code: code, message: text, member: message.member, id: id, into: &out)
        case .responses:
            ResponsesReply.errorEvent(
                code: code, message: text, member: message.member, id: id, sequence: sequence, into: &out)
        case .messages: AnthropicReply.errorEvent(status: code.status, code: code, message: text, id: id, into: &out)
        case .gemini(let framing):
            GeminiReply.errorEvent(
                status: code.status, code: code, message: text, id: id, framing: framing, isFirst: isFirst, into: &out)
        }
    }

    /// The error as the last event of a realtime session.
    static func writeRealtimeEvent(
        _ code: ErrorCode, _ message: ErrorMessage, id: RequestID, limits: RelayLimits, into out: inout ByteBuffer
    ) {
        let message = completed(message, code, limits)
        OpenAIReply.realtimeEvent(
            status: code.status, code: code, message: message.text(for: code), id: id, into: &out)
    }

    private static func completed(_ message: ErrorMessage, _ code: ErrorCode, _ limits: RelayLimits) -> ErrorMessage {
        var message = message
        switch code {
        case .bodyTooLarge: message.limit = Int64(limits.body)
        case .draining, .outOfMemory, .journalFull, .creditUnconfirmed: message.retryAfter = message.retryAfter ?? 1
        default: break
        }
        return message
    }
}

extension ErrorMessage {
    init(model: [UInt8], near: [[UInt8]] = []) {
        self.init()
        member = .model
        self.model = model
        self.near = near
    }

    init(retryAfter: Int64?) {
        self.init()
        self.retryAfter = retryAfter
    }

    init(_ denial: RateDenial) {
        self.init(retryAfter: denial.retryAfterSeconds)
        owner = denial.owner
        limit = denial.limit
    }

    /// - Parameter isUnderWay: the answer has begun.
    init(_ denial: HoldDenial, at now: Moment, isUnderWay: Bool = false) {
        self.init()
        owner = denial.owner
        left = denial.left
        resetsIn = denial.resetsAt.map { max(1, ($0.microseconds - now.microseconds + 999_999) / 1_000_000) }
        self.isUnderWay = isUnderWay
    }
}

extension RateKind {
    var code: ErrorCode {
        switch self {
        case .requests: .rateLimited
        case .tokens: .tooManyTokens
        case .inFlight: .tooManyInFlight
        }
    }
}
