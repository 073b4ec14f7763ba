import NIOCore
import Vocabulary
import Wire

/// A request for a model in the dialect its client speaks, read as far as a decision needs.
enum ClientRequest: Sendable {
    case chat(ChatRequest)
    case messages(MessagesRequest)

    static func read(_ body: ByteBuffer, _ dialect: Dialect) throws(RequestRejection) -> ClientRequest {
        switch dialect {
        case .anthropic: .messages(try MessagesRequest.read(body))
        case .openAI, .openAIResponses, .gemini: .chat(try ChatRequest.read(body))
        }
    }

    var dialect: Dialect {
        switch self {
        case .chat: .openAI
        case .messages: .anthropic
        }
    }

    var model: [UInt8] {
        switch self {
        case .chat(let request): request.model
        case .messages(let request): request.model
        }
    }

    var isStreamed: Bool {
        switch self {
        case .chat(let request): request.isStreamed
        case .messages(let request): request.isStreamed
        }
    }

    /// Whether the client wants usage in its stream; the messages dialect always has it.
    var asksForUsage: Bool {
        switch self {
        case .chat(let request): request.asksForUsage
        case .messages: true
        }
    }

    var maximumOutput: Int64? {
        switch self {
        case .chat(let request): request.maximumOutput
        case .messages(let request): request.maximumOutput
        }
    }

    var samples: Int64 {
        switch self {
        case .chat(let request): request.samples
        case .messages: 1
        }
    }
}
