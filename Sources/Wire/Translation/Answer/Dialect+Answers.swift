public import NIOCore
public import Vocabulary

// The readers of each dialect's answers. With the writers that `AnswerTarget` chooses, any provider's answer becomes any
// client's, without a translation for each pair.
extension Dialect {
    /// A whole plain answer as events; `nil` when the body is none of this dialect.
    public func readAnswer(_ body: ByteBuffer) -> [AnswerEvent]? {
        switch self {
        case .openAI: ChatAnswerReader.read(body)
        case .openAIResponses: ResponsesAnswerReader.read(body)
        case .anthropic: MessagesAnswerReader.read(body)
        case .gemini: GeminiAnswerReader.read(body)
        }
    }

    /// A reader for one stream.
    public var streamReader: any AnswerStreamReader {
        switch self {
        case .openAI: ChatStreamReader()
        case .openAIResponses: ResponsesStreamReader()
        case .anthropic: MessagesStreamReader()
        case .gemini: GeminiStreamReader()
        }
    }

    /// - Parameter status: the HTTP status the error body came with.
    public func readError(_ body: ByteBuffer, status: UInt16) -> ProviderError {
        switch self {
        case .openAI: ChatErrorReader.read(body, status: status)
        case .openAIResponses: ResponsesErrorReader.read(body, status: status)
        case .anthropic: MessagesErrorReader.read(body, status: status)
        case .gemini: GeminiErrorReader.read(body, status: status)
        }
    }

    /// Appends an error body.
    public func write(_ error: ProviderError, into out: inout ByteBuffer) {
        switch self {
        case .openAI: ChatErrorWriter.write(error, into: &out)
        case .openAIResponses: ResponsesErrorWriter.write(error, into: &out)
        case .anthropic: MessagesErrorWriter.write(error, into: &out)
        case .gemini: GeminiErrorWriter.write(error, into: &out)
        }
    }

    /// What Tacet meters of a whole plain answer.
    public func meterAnswer(_ body: ByteBuffer) -> AnswerMeter {
        var meter = AnswerMeter(visibleOutputBytes: Int64(body.readableBytes))
        switch self {
        case .openAI:
            guard let answer = ChatAnswer.read(body) else { break }
            meter = AnswerMeter(usage: answer.usage, visibleOutputBytes: answer.visibleOutputBytes)
        case .openAIResponses:
            guard let answer = ResponsesAnswer.read(body) else { break }
            meter = AnswerMeter(usage: answer.usage, visibleOutputBytes: answer.visibleOutputBytes)
        case .anthropic:
            guard let answer = MessagesAnswer.read(body) else { break }
            meter = AnswerMeter(usage: answer.usage, visibleOutputBytes: answer.visibleOutputBytes)
        case .gemini:
            guard let answer = GeminiAnswer.read(body) else { break }
            meter = AnswerMeter(usage: answer.usage, visibleOutputBytes: answer.visibleOutputBytes)
        }
        return meter
    }
}

/// What was used for a plain answer.
public struct AnswerMeter: Sendable {
    /// As the provider reported it; `nil` when it did not.
    public var usage: TokenUsage?
    /// Bytes of generated text, for an estimate; all bytes of an answer that could not be read.
    public var visibleOutputBytes: Int64
}

/// The dialect of a client's answer, with what its writers need to know of the request.
public enum AnswerTarget: Sendable {
    /// `created` is in seconds since 1970.
    case chat(includesUsage: Bool, created: Int64)
    /// `customTools` are `Conversation.customTools` of the request.
    case responses(created: Int64, customTools: [RawText])
    case messages
    case gemini(GeminiFraming)

    public var dialect: Dialect {
        switch self {
        case .chat: .openAI
        case .responses: .openAIResponses
        case .messages: .anthropic
        case .gemini: .gemini
        }
    }

    /// Appends a whole plain answer.
    ///
    /// - Returns: what the dialect has no place for.
    public func write(_ events: [AnswerEvent], into out: inout ByteBuffer) -> [Loss] {
        switch self {
        case .chat(_, let created): ChatAnswerWriter.write(events, created: created, into: &out)
        case .responses(let created, let customTools):
            ResponsesAnswerWriter.write(events, created: created, customTools: customTools, into: &out)
        case .messages: MessagesAnswerWriter.write(events, into: &out)
        case .gemini: GeminiAnswerWriter.write(events, into: &out)
        }
    }

    /// A writer for one stream.
    public var streamWriter: any AnswerStreamWriter {
        switch self {
        case .chat(let includesUsage, let created): ChatStreamWriter(includesUsage: includesUsage, created: created)
        case .responses(let created, let customTools):
            ResponsesStreamWriter(created: created, customTools: customTools)
        case .messages: MessagesStreamWriter()
        case .gemini(let framing): GeminiStreamWriter(framing: framing)
        }
    }
}
