import NIOCore
import Planning
import Vocabulary
import Wire

/// What a provider is sent: the client's own bytes with splices where both speak one dialect, else a translation.
struct UpstreamBody {
    var pieces: [ByteBuffer]
    /// What the provider's dialect cannot carry.
    var losses: [Loss] = []
    /// Tools of the client's that take free text: the way back needs their names.
    var customTools: [RawText] = []

    /// - Parameters:
    ///   - model: the name the provider knows the model by.
    ///   - limit: tokens to stop at when the client named no limit of its own; `nil` leaves it to the provider.
    ///   - betas: the client's `anthropic-beta`.
    ///   - cap: what the model generates at most, where its dialect demands a limit.
    ///   - dialect: what the provider is spoken to in.
    init(
        _ request: ClientRequest, _ body: ByteBuffer, model: [UInt8], limit: Int64?, cap: Int64?, in dialect: Dialect,
        betas: ByteBuffer?, for deployment: DeploymentRuntime
    ) throws(RequestRejection) {
        let isConverse = deployment.speaksConverse(to: model)
        guard request.dialect != dialect || isConverse else {
            let name = model == request.model ? nil : model
            switch request.form {
            case .passed(let passed): pieces = passed.forwarded(body, model: name)
            case .chat(let chat) where chat.isCompletion:
                pieces = chat.forwarded(
                    body, model: name, askingForUsage: deployment.chatOptions.takesStreamOptions,
                    maximumOutput: limit, outputMember: .maxTokens)
            case .chat(let chat):
                (pieces, losses) = chat.forwarded(
                    body, model: name, askingForUsage: chat.isStreamed && !chat.asksForUsage, maximumOutput: limit,
                    options: deployment.chatOptions)
            case .responses(let responses):
                pieces = responses.forwarded(body, model: name, maximumOutput: limit, mayStore: false)
            case .messages(let messages):
                pieces =
                    deployment.messagesPlatform?.fitted(body, betas: betas) ?? messages.forwarded(body, model: name)
            case .gemini(let gemini): pieces = gemini.forwarded(body, model: name, maximumOutput: limit)
            }
            return
        }
        var conversation = try request.conversation(body)
        try Self.refuseKeptObjects(conversation)
        conversation.model = RawText(escaping: model)
        conversation.asksForUsage = conversation.isStreamed
        if let limit { conversation.maximumOutput = RawJSON(limit) }
        var out = ByteBuffer()
        let lost: [Loss]
        switch dialect {
        case _ where isConverse: lost = ConverseRequestWriter.write(conversation, into: &out)
        case .openAI:
            lost = ChatConversationWriter.write(conversation, options: deployment.chatOptions, into: &out)
        case .openAIResponses: lost = ResponsesConversationWriter.write(conversation, into: &out)
        case .anthropic:
            var options = MessagesRequestOptions()
            if let cap { options.maximumOutput = cap }
            lost = MessagesRequestWriter.write(conversation, options: options, into: &out)
        case .gemini: lost = GeminiRequestWriter.write(conversation, into: &out)
        }
        pieces = isConverse ? [out] : deployment.messagesPlatform?.fitted(out, betas: nil) ?? [out]
        losses = conversation.losses + lost
        if request.dialect == .anthropic, betas != nil {
            losses.append(Loss(.unsupported, at: .body, "anthropic-beta"))
        }
        customTools = conversation.customTools
    }

    /// Marks what the provider is to keep, in a request of Anthropic's dialect that marks nothing itself.
    mutating func placeBreakpoints() {
        var whole = ByteBuffer()
        for piece in pieces { whole.writeImmutableBuffer(piece) }
        if let placed = BreakpointPlacement.placed(whole) { pieces = [placed] }
    }

    /// What a request names and its own dialect's provider keeps is not to be had at another one: an answer without it
    /// would be an answer to something else.
    private static func refuseKeptObjects(_ conversation: Conversation) throws(RequestRejection) {
        for setting in conversation.settings {
            let member: RequestMember
            switch setting.parameter {
            case .previousResponse: member = .previousResponse
            case .conversation: member = .conversation
            case .prompt: member = .prompt
            case .background: member = .background
            case .cachedContent: member = .cachedContent
            case .store where conversation.dialect == .openAIResponses && setting.value.isTrue: member = .store
            default: continue
            }
            throw RequestRejection(code: .untranslatable, member: member, offset: 0)
        }
    }
}
