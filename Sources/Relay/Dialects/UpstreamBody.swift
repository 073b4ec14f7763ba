import NIOCore
import Vocabulary
import Wire

/// What a provider is sent: the client's own bytes with splices where both speak one dialect, else a translation.
struct UpstreamBody {
    var pieces: [ByteBuffer]
    /// What the provider's dialect cannot carry.
    var losses: [Loss] = []

    /// - Parameters:
    ///   - model: the name the provider knows the model by.
    ///   - limit: tokens to stop at when the client named no limit of its own; `nil` leaves it to the provider.
    ///   - betas: the client's `anthropic-beta`.
    ///   - cap: what the model generates at most, where its dialect demands a limit.
    init(
        _ request: ClientRequest, _ body: ByteBuffer, model: [UInt8], limit: Int64?, cap: Int64?,
        betas: ByteBuffer?, for deployment: DeploymentRuntime
    ) throws(RequestRejection) {
        let name = model == request.model ? nil : model
        switch request {
        case .chat(let chat) where deployment.dialect == .openAI:
            (pieces, losses) = chat.forwarded(
                body, model: name, askingForUsage: chat.isStreamed && !chat.asksForUsage, maximumOutput: limit,
                options: deployment.chatOptions)
        case .messages(let messages) where deployment.dialect == .anthropic:
            pieces =
                deployment.messagesPlatform?.fitted(body, betas: betas) ?? messages.forwarded(body, model: name)
        case .chat:
            var conversation = try ChatConversationReader.read(body)
            conversation.model = RawText(escaping: model)
            var options = MessagesRequestOptions()
            if let most = limit ?? cap { options.maximumOutput = most }
            var out = ByteBuffer()
            losses = MessagesRequestWriter.write(conversation, options: options, into: &out)
            losses = conversation.losses + losses
            pieces = deployment.messagesPlatform?.fitted(out, betas: nil) ?? [out]
        case .messages:
            var conversation = try MessagesRequestReader.read(body)
            conversation.model = RawText(escaping: model)
            conversation.asksForUsage = conversation.isStreamed
            var out = ByteBuffer()
            losses = ChatConversationWriter.write(conversation, options: deployment.chatOptions, into: &out)
            losses = conversation.losses + losses
            pieces = [out]
        }
    }
}
