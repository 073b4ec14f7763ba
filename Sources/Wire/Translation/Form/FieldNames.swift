import NIOCore
import Vocabulary

/// Parts of a request that have a member of their own in each dialect, for the paths of losses.
enum RequestField {
    case format
    case reasoning
    case effort
    case budget
    case stop
    case toolChoice
    case parallelCalls
    case maximumOutput
    case tools

    /// The member's path in the client's words.
    func name(in dialect: Dialect) -> StaticString {
        switch (self, dialect) {
        case (.format, .openAI): "response_format"
        case (.format, .openAIResponses): "text.format"
        case (.format, .anthropic): "output_config.format"
        case (.format, .gemini): "generationConfig.responseSchema"
        case (.reasoning, .openAI): "reasoning_effort"
        case (.reasoning, .openAIResponses): "reasoning"
        case (.reasoning, .anthropic): "thinking"
        case (.reasoning, .gemini): "generationConfig.thinkingConfig"
        case (.effort, .openAI): "reasoning_effort"
        case (.effort, .openAIResponses): "reasoning.effort"
        case (.effort, .anthropic): "output_config.effort"
        case (.effort, .gemini): "generationConfig.thinkingConfig.thinkingLevel"
        case (.budget, .openAI): "reasoning.max_tokens"
        case (.budget, .openAIResponses): "reasoning"
        case (.budget, .anthropic): "thinking.budget_tokens"
        case (.budget, .gemini): "generationConfig.thinkingConfig.thinkingBudget"
        case (.stop, .openAI): "stop"
        case (.stop, .openAIResponses): "stop"
        case (.stop, .anthropic): "stop_sequences"
        case (.stop, .gemini): "generationConfig.stopSequences"
        case (.toolChoice, .gemini): "toolConfig.functionCallingConfig"
        case (.toolChoice, _): "tool_choice"
        case (.parallelCalls, .anthropic): "tool_choice.disable_parallel_tool_use"
        case (.parallelCalls, _): "parallel_tool_calls"
        case (.maximumOutput, .openAI): "max_completion_tokens"
        case (.maximumOutput, .openAIResponses): "max_output_tokens"
        case (.maximumOutput, .anthropic): "max_tokens"
        case (.maximumOutput, .gemini): "generationConfig.maxOutputTokens"
        case (.tools, _): "tools"
        }
    }
}

extension Conversation {
    /// A loss at a member of the body, named in the client's words.
    func loss(_ reason: LossReason, _ field: RequestField) -> Loss { Loss(reason, at: .body, field.name(in: dialect)) }
}

extension Setting {
    /// A value that asks for what happens anyway: leaving it out loses nothing.
    var isDefault: Bool {
        switch parameter {
        case .samples: value.count == 1
        case .store, .logprobs, .background: value.kind == .false
        case .modalities: value.bytes.readableBytes <= 12 && value.isList(of: "text")
        case .verbosity: value.text?.equals("medium") ?? false
        case .serviceTier: value.text.map { $0.equals("auto") || $0.equals("default") } ?? false
        case .frequencyPenalty, .presencePenalty: value.count == 0
        default: false
        }
    }
}

extension RawJSON {
    /// Whether it is an array of this one string.
    fileprivate func isList(of word: StaticString) -> Bool {
        var tape = JSONTape()
        do throws(JSONFault) { try tape.read(bytes) } catch { return false }
        guard let first = tape.first(JSONTape.root), tape.next(first, in: JSONTape.root) == nil else { return false }
        return tape.equals(first, word)
    }
}
