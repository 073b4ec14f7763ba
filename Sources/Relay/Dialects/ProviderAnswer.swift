import NIOCore
import Vocabulary
import Wire

/// A provider's whole answer: what was used, and the bytes the client gets of it.
struct ProviderAnswer {
    var usage: TokenUsage?
    var visibleOutputBytes: Int64
    /// In the client's dialect.
    var body: ByteBuffer

    /// `nil` when a translation is due and the answer is not one of its dialect.
    init?(_ answer: ByteBuffer, from provider: Dialect, to client: Dialect, created: Int64) {
        switch provider {
        case .anthropic:
            let read = MessagesAnswer.read(answer)
            usage = read?.usage
            visibleOutputBytes = read?.visibleOutputBytes ?? Int64(answer.readableBytes)
        case .openAI, .openAIResponses, .gemini:
            let read = ChatAnswer.read(answer)
            usage = read?.usage
            visibleOutputBytes = read?.visibleOutputBytes ?? Int64(answer.readableBytes)
        }
        body = answer
        guard provider != client else { return }
        guard let events = provider == .anthropic ? MessagesAnswerReader.read(answer) : ChatAnswerReader.read(answer)
        else { return nil }
        body = ByteBuffer()
        if client == .anthropic {
            _ = MessagesAnswerWriter.write(events, into: &body)
        } else {
            _ = ChatAnswerWriter.write(events, created: created, into: &body)
        }
    }

    /// A provider's error body in the client's dialect.
    /// - Parameter isForeign: whether it has to be written anew.
    static func error(
        _ body: ByteBuffer, status: UInt16, from provider: Dialect, to client: Dialect, isForeign: Bool
    ) -> ByteBuffer {
        guard isForeign else { return body }
        let error =
            provider == .anthropic
            ? MessagesErrorReader.read(body, status: status) : ChatErrorReader.read(body, status: status)
        var out = ByteBuffer()
        if client == .anthropic {
            MessagesErrorWriter.write(error, into: &out)
        } else {
            ChatErrorWriter.write(error, into: &out)
        }
        return out
    }
}
