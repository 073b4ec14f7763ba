public import NIOCore
import Vocabulary

/// What providers of the chat dialect differ in: facts of the provider table.
public struct ChatRequestOptions: Sendable {
    /// The member that limits generated tokens.
    public var outputMember = ChatRequest.OutputMember.maxCompletionTokens
    /// Knows `max_tokens` alone, and may refuse the newer name.
    public var takesOnlyMaxTokens = false
    /// Takes `stream_options`.
    public var takesStreamOptions = true
    /// Knows the role `developer`.
    public var takesDeveloperRole = true
    /// Calls `seed` `random_seed`.
    public var takesRandomSeed = false
    /// Members it refuses though nothing of the answer hangs on them.
    public var refusedMembers: [[UInt8]] = []
    /// Takes `reasoning_effort`.
    public var takesEffort = true
    /// Takes `top_k`, `min_p` and `repetition_penalty` (vLLM, OpenRouter and others; OpenAI refuses them).
    public var takesExtendedSampling = false
    /// Takes `cache_control` on parts and tools (OpenRouter).
    public var takesCacheControl = false
    /// Takes thoughts back as `reasoning_content` (DeepSeek, Moonshot) or `reasoning_details` (OpenRouter).
    public var thoughts = Thoughts.none

    public enum Thoughts: Sendable {
        case none
        case reasoningContent
        case reasoningDetails
    }

    public init() {}
}

/// Writes a conversation as a chat request.
public struct ChatConversationWriter {
    let conversation: Conversation
    let options: ChatRequestOptions
    var losses: [Loss] = []
    var hasLostCacheControl = false

    /// - Returns: what chat's dialect could not carry; `conversation.losses` is not in it.
    public static func write(
        _ conversation: Conversation, options: ChatRequestOptions = ChatRequestOptions(), into out: inout ByteBuffer
    ) -> [Loss] {
        var writer = ChatConversationWriter(conversation, options)
        writer.body(&out)
        return writer.losses
    }

    private init(_ conversation: Conversation, _ options: ChatRequestOptions) {
        self.conversation = conversation
        self.options = options
    }

    private mutating func body(_ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("model", conversation.model, &out)
        members.name("messages", &out)
        messages(&out)
        if let limit = conversation.maximumOutput { members.json(options.outputMember.name, limit, &out) }
        stop(&members, &out)
        tools(&members, &out)
        format(&members, &out)
        reasoning(&members, &out)
        for setting in conversation.settings { self.setting(setting, &members, &out) }
        if conversation.isStreamed {
            members.literal("stream", "true", &out)
            if options.takesStreamOptions {
                members.literal("stream_options", "{\"include_usage\":true}", &out)
            }
        }
        out.writeInteger(UInt8.braceEnd)
    }

    private mutating func stop(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        guard !conversation.stop.isEmpty else { return }
        if conversation.stop.count > 4 { losses.append(conversation.loss(.clamped, .stop)) }
        members.name("stop", &out)
        out.writeInteger(UInt8.bracket)
        var elements = JSONElements()
        for text in conversation.stop.prefix(4) {
            elements.next(&out)
            out.writeJSONString(text)
        }
        out.writeInteger(UInt8.bracketEnd)
    }

    private mutating func setting(_ setting: Setting, _ members: inout JSONMembers, _ out: inout ByteBuffer) {
        let extended: Set<Parameter> = [.topK, .minP, .repetitionPenalty]
        if setting.parameter == .cacheControl, options.takesCacheControl {
            members.json("cache_control", setting.value, &out)
        } else if setting.parameter == .serviceTier, conversation.dialect == .anthropic {
            members.text(
                "service_tier", setting.value.text.map { $0.equals("standard_only") } ?? false ? "default" : "auto",
                &out)
        } else if !extended.contains(setting.parameter) || options.takesExtendedSampling,
            setting.parameter != .cacheControl, setting.parameter != .webSearch || conversation.dialect == .openAI,
            let known = ChatParameters.list.first(where: { $0.parameter == setting.parameter }),
            !options.refuses(known.name)
        {
            let isSeed = setting.parameter == .seed && options.takesRandomSeed
            members.json(isSeed ? "random_seed" : known.name, setting.value, &out)
        } else if !setting.isDefault {
            losses.append(Loss(.unsupported, at: .body, setting.member))
        }
    }

    private mutating func format(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        switch conversation.format {
        case nil, .text: break
        case .jsonObject: members.literal("response_format", "{\"type\":\"json_object\"}", &out)
        case .jsonSchema(let name, let description, let schema, let isStrict):
            members.name("response_format", &out)
            out.writeStaticString("{\"type\":\"json_schema\",\"json_schema\":{")
            var inner = JSONMembers()
            // OpenAI demands a name.
            inner.text("name", name ?? RawText("answer"), &out)
            inner.text("description", description, &out)
            if let isStrict { inner.flag("strict", isStrict, &out) }
            inner.json("schema", schema, &out)
            out.writeStaticString("}}")
        }
    }

    private mutating func reasoning(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        guard let request = conversation.reasoning else { return }
        if request.display != nil { losses.append(conversation.loss(.unsupported, .reasoning)) }
        guard options.takesEffort, request.mode != .off || request.effort != nil else {
            return losses.append(conversation.loss(.unsupported, .reasoning))
        }
        if let effort = request.effort {
            if effort.equals("max") { losses.append(conversation.loss(.clamped, .effort)) }
            members.text("reasoning_effort", effort.equals("max") ? RawText("xhigh") : effort, &out)
        } else if let budget = request.budget?.count {
            losses.append(conversation.loss(.converted, .budget))
            members.text("reasoning_effort", budget <= 2048 ? "low" : budget <= 8192 ? "medium" : "high", &out)
        }
    }

    private mutating func tools(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        var elements = JSONElements()
        for tool in conversation.tools {
            var one = ByteBuffer()
            guard write(tool, &one) else { continue }
            if elements.isFirst {
                members.name("tools", &out)
                out.writeInteger(UInt8.bracket)
            }
            elements.next(&out)
            out.writeBuffer(&one)
        }
        guard !elements.isFirst else {
            // Without a tool that is carried there is nothing to choose.
            if let choice = conversation.toolChoice, choice.mattersWithoutTools, !conversation.tools.isEmpty {
                losses.append(conversation.loss(.unsupported, .toolChoice))
            }
            return
        }
        out.writeInteger(UInt8.bracketEnd)
        if let choice = conversation.toolChoice {
            members.name("tool_choice", &out)
            write(choice, &out)
        }
        if let isParallel = conversation.parallelToolCalls { members.flag("parallel_tool_calls", isParallel, &out) }
    }

    private mutating func write(_ tool: Tool, _ out: inout ByteBuffer) -> Bool {
        switch tool.kind {
        case .foreign(let foreign):
            guard foreign.dialect == .openAI else {
                losses.append(Loss(foreign.isServerTool ? .serverTool : .unsupported, at: tool.place))
                return false
            }
            out.writeImmutableBuffer(foreign.json.bytes)
        case .function(let function):
            out.writeStaticString("{\"type\":\"function\",\"function\":{")
            var members = JSONMembers()
            members.text("name", function.name, &out)
            members.text("description", function.description, &out)
            members.json("parameters", function.schema, &out)
            if let isStrict = function.isStrict { members.flag("strict", isStrict, &out) }
            out.writeInteger(UInt8.braceEnd)
            if let cache = cacheControl(tool.cacheControl, tool.place) {
                out.writeStaticString(",\"cache_control\":")
                out.writeImmutableBuffer(cache.bytes)
            }
            out.writeInteger(UInt8.braceEnd)
        }
        return true
    }

    private func write(_ choice: ToolChoice, _ out: inout ByteBuffer) {
        switch choice {
        case .auto: out.writeStaticString("\"auto\"")
        case .none: out.writeStaticString("\"none\"")
        case .required: out.writeStaticString("\"required\"")
        case .tool(let name):
            out.writeStaticString("{\"type\":\"function\",\"function\":{\"name\":")
            out.writeJSONString(name)
            out.writeStaticString("}}")
        case .allowed(let names, let isRequired):
            out.writeStaticString("{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"")
            out.writeStaticString(isRequired ? "required" : "auto")
            out.writeStaticString("\",\"tools\":[")
            var elements = JSONElements()
            for name in names {
                elements.next(&out)
                out.writeStaticString("{\"type\":\"function\",\"function\":{\"name\":")
                out.writeJSONString(name)
                out.writeStaticString("}}")
            }
            out.writeStaticString("]}}")
        }
    }

    /// The mark where it is taken; else one loss for all of them, at the first.
    mutating func cacheControl(_ mark: RawJSON?, _ place: Place) -> RawJSON? {
        guard mark != nil, !options.takesCacheControl else { return mark }
        if !hasLostCacheControl { losses.append(Loss(.unsupported, at: place, "cache_control")) }
        hasLostCacheControl = true
        return nil
    }
}

extension ToolChoice {
    /// Something was demanded, not only allowed.
    var mattersWithoutTools: Bool {
        switch self {
        case .auto, .none: false
        case .required, .tool, .allowed: true
        }
    }
}
