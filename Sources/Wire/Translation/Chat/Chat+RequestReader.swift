public import NIOCore
import Vocabulary

/// Reads a chat request into the intermediate form. Members that are not known end in `Conversation.losses`.
public struct ChatConversationReader {
    private var tape = JSONTape()
    private var conversation: Conversation

    /// - Throws: a fault in the JSON, or a member of the wrong type; the offset says where.
    public static func read(_ body: ByteBuffer) throws(RequestRejection) -> Conversation {
        var reader = ChatConversationReader()
        do throws(JSONFault) { try reader.tape.read(body) } catch { throw RequestRejection(error) }
        try reader.body()
        return reader.conversation
    }

    private init() { conversation = Conversation(dialect: .openAI, model: RawText()) }

    private mutating func body() throws(RequestRejection) {
        let root = JSONTape.root
        guard tape.kind(root) == .object else { throw RequestRejection(code: .wrongType, member: .body, offset: 0) }
        guard let messages = tape.present(root, "messages"), tape.kind(messages) == .array else {
            throw RequestRejection(code: .missingMember, member: .messages, offset: tape.source.readableBytes)
        }
        var entry = tape.first(root)
        while let member = entry {
            if tape.kind(member) != .null { self.member(member) }
            entry = tape.next(member, in: root)
        }
        var reader = ChatTurnsReader(tape)
        try reader.read(messages)
        conversation.turns = reader.turns
        conversation.losses += reader.losses
    }

    private mutating func member(_ index: JSONTape.Index) {
        if let known = ChatParameters.list.first(where: { tape.isNamed(index, $0.name) }) {
            conversation.settings.append(Setting(known.parameter, tape.json(index), known.name))
        } else if tape.isNamed(index, "model") {
            conversation.model = tape.text(index) ?? RawText()
        } else if tape.isNamed(index, "stream") {
            conversation.isStreamed = tape.kind(index) == .true
        } else if tape.isNamed(index, "stream_options") {
            conversation.asksForUsage = tape.isTrue(index, "include_usage")
        } else if tape.isNamed(index, "max_completion_tokens") {
            conversation.maximumOutput = tape.json(index)
        } else if tape.isNamed(index, "max_tokens") {
            if conversation.maximumOutput == nil { conversation.maximumOutput = tape.json(index) }
        } else if tape.isNamed(index, "stop") {
            stop(index)
        } else if tape.isNamed(index, "tools") {
            tools(index)
        } else if tape.isNamed(index, "functions") {
            functions(index)
        } else if tape.isNamed(index, "tool_choice") || tape.isNamed(index, "function_call") {
            choice(index)
        } else if tape.isNamed(index, "parallel_tool_calls") {
            conversation.parallelToolCalls = tape.kind(index) == .true
        } else if tape.isNamed(index, "response_format") {
            format(index)
        } else if tape.isNamed(index, "reasoning_effort") {
            effort(tape.text(index))
        } else if tape.isNamed(index, "reasoning") {
            reasoning(index)
        } else if !tape.isNamed(index, "messages") {
            conversation.losses.append(Loss(.unknownMember, at: .body, clientMember: tape.name(index)))
        }
    }

    private mutating func stop(_ index: JSONTape.Index) {
        if let text = tape.text(index) {
            conversation.stop = [text]
            return
        }
        var entry = tape.first(index)
        while let one = entry {
            if let text = tape.text(one) { conversation.stop.append(text) }
            entry = tape.next(one, in: index)
        }
    }

    private mutating func effort(_ effort: RawText?) {
        guard let effort else { return }
        var request = conversation.reasoning ?? ReasoningRequest()
        request.effort = effort
        request.mode = effort.equals("none") ? .off : .on
        conversation.reasoning = request
    }

    /// OpenRouter's `reasoning`: `effort`, `max_tokens`, `enabled`.
    private mutating func reasoning(_ index: JSONTape.Index) {
        var request = conversation.reasoning ?? ReasoningRequest()
        if let enabled = tape.present(index, "enabled") { request.mode = tape.kind(enabled) == .true ? .on : .off }
        if let budget = tape.json(index, "max_tokens") {
            request.budget = budget
            request.mode = .on
        }
        conversation.reasoning = request
        effort(tape.text(index, "effort"))
    }

    private mutating func format(_ index: JSONTape.Index) {
        if tape.member(index, "type", is: "json_object") {
            conversation.format = .jsonObject
        } else if let schema = tape.present(index, "json_schema"), let json = tape.json(schema, "schema") {
            conversation.format = .jsonSchema(
                name: tape.text(schema, "name"), description: tape.text(schema, "description"), schema: json,
                isStrict: tape.present(schema, "strict").map { tape.kind($0) == .true })
        } else if tape.member(index, "type", is: "text") {
            conversation.format = .text
        } else {
            conversation.losses.append(Loss(.unsupported, at: .body, "response_format"))
        }
    }

    private mutating func choice(_ index: JSONTape.Index) {
        if tape.equals(index, "auto") {
            conversation.toolChoice = .auto
        } else if tape.equals(index, "none") {
            conversation.toolChoice = ToolChoice.none
        } else if tape.equals(index, "required") || tape.equals(index, "any") {
            conversation.toolChoice = .required
        } else if let allowed = tape.present(index, "allowed_tools") {
            var names: [RawText] = []
            if let list = tape.present(allowed, "tools") {
                var entry = tape.first(list)
                while let tool = entry {
                    if let name = toolName(tool) { names.append(name) }
                    entry = tape.next(tool, in: list)
                }
            }
            conversation.toolChoice = .allowed(names, isRequired: tape.member(allowed, "mode", is: "required"))
        } else if let name = toolName(index) {
            conversation.toolChoice = .tool(name)
        } else {
            conversation.losses.append(Loss(.unsupported, at: .body, "tool_choice"))
        }
    }

    private func toolName(_ index: JSONTape.Index) -> RawText? {
        let inner = tape.present(index, "function") ?? tape.present(index, "custom")
        return tape.text(inner ?? index, "name")
    }

    private mutating func tools(_ list: JSONTape.Index) {
        var entry = tape.first(list)
        var position = 0
        while let tool = entry {
            let place = Place(.tools, position)
            let cache = tape.json(tool, "cache_control")
            if tape.member(tool, "type", is: "function"), let function = tape.present(tool, "function") {
                conversation.tools.append(Tool(.function(self.function(function)), at: place, cacheControl: cache))
            } else {
                let isCustom = tape.member(tool, "type", is: "custom")
                conversation.tools.append(
                    Tool(.foreign(Foreign(.openAI, tape.json(tool), isServerTool: !isCustom)), at: place))
            }
            position += 1
            entry = tape.next(tool, in: list)
        }
    }

    /// The form before tools.
    private mutating func functions(_ list: JSONTape.Index) {
        var entry = tape.first(list)
        var position = 0
        while let function = entry {
            conversation.tools.append(Tool(.function(self.function(function)), at: Place(.tools, position)))
            position += 1
            entry = tape.next(function, in: list)
        }
    }

    private func function(_ index: JSONTape.Index) -> Tool.Function {
        Tool.Function(
            name: tape.text(index, "name") ?? RawText(), description: tape.text(index, "description"),
            schema: tape.json(index, "parameters"),
            isStrict: tape.present(index, "strict").map { tape.kind($0) == .true })
    }
}

/// Members of a chat request that are one value each.
enum ChatParameters {
    static let list: [(name: StaticString, parameter: Parameter)] = [
        ("temperature", .temperature), ("top_p", .topP), ("top_k", .topK), ("min_p", .minP),
        ("frequency_penalty", .frequencyPenalty), ("presence_penalty", .presencePenalty),
        ("repetition_penalty", .repetitionPenalty), ("seed", .seed), ("logit_bias", .logitBias),
        ("logprobs", .logprobs), ("top_logprobs", .topLogprobs), ("n", .samples), ("user", .user),
        ("safety_identifier", .safetyIdentifier), ("metadata", .metadata), ("store", .store),
        ("service_tier", .serviceTier), ("prompt_cache_key", .promptCacheKey),
        ("prompt_cache_retention", .promptCacheRetention), ("verbosity", .verbosity), ("modalities", .modalities),
        ("audio", .audio), ("prediction", .prediction), ("web_search_options", .webSearch),
        ("cache_control", .cacheControl),
    ]
}
