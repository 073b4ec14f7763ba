public import NIOCore
import Vocabulary

/// What Gemini's models differ in: facts of the catalogue.
public struct GeminiRequestOptions: Sendable {
    /// Thinking is asked for by level (Gemini 3), else by a budget of tokens.
    public var takesThinkingLevel: Bool
    /// Calls without a signature are refused (Gemini 3): those of other models get Google's word for that.
    public var demandsSignatures: Bool
    /// Results of functions may hold media (Gemini 3), else they follow as parts of their own.
    public var takesMediaInResults: Bool

    /// What a model's name tells.
    public init(model: RawText) {
        let isThird = GeminiWords.isThirdGeneration(model)
        takesThinkingLevel = isThird
        demandsSignatures = isThird
        takesMediaInResults = isThird
    }
}

/// Writes a conversation as a `generateContent` request. The model's name stands in the path, not in the body.
public struct GeminiRequestWriter {
    let conversation: Conversation
    let options: GeminiRequestOptions
    var losses: [Loss] = []
    private var hasLostCacheControl = false

    /// - Parameter options: by the model's name where none are given.
    /// - Returns: what Gemini's dialect could not carry; `conversation.losses` is not in it.
    public static func write(
        _ conversation: Conversation, options: GeminiRequestOptions? = nil, into out: inout ByteBuffer
    ) -> [Loss] {
        var writer = GeminiRequestWriter(conversation, options ?? GeminiRequestOptions(model: conversation.model))
        writer.body(&out)
        return writer.losses
    }

    private init(_ conversation: Conversation, _ options: GeminiRequestOptions) {
        self.conversation = conversation
        self.options = options
    }

    private mutating func body(_ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        contents(&members, &out)
        tools(&members, &out)
        var config = ByteBuffer()
        generationConfig(&config)
        if config.readableBytes > 2 { members.json("generationConfig", RawJSON(validated: config), &out) }
        for setting in conversation.settings where conversation.dialect == .gemini {
            switch setting.parameter {
            case .safetySettings: members.json("safetySettings", setting.value, &out)
            case .cachedContent: members.json("cachedContent", setting.value, &out)
            case .metadata: members.json("labels", setting.value, &out)
            case .serviceTier: members.json("serviceTier", setting.value, &out)
            case .store: members.json("store", setting.value, &out)
            default: break
            }
        }
        out.writeInteger(UInt8.braceEnd)
    }

    // MARK: Tools

    private mutating func tools(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        var functions = ByteBuffer()
        var list = JSONElements()
        var own: [RawJSON] = []
        for tool in conversation.tools {
            cacheControl(tool.cacheControl, tool.place)
            switch tool.kind {
            case .function(let function):
                list.next(&functions)
                write(function, tool.place, &functions)
            case .foreign(let foreign):
                if foreign.dialect == .gemini {
                    own.append(foreign.json)
                } else {
                    losses.append(Loss(foreign.isServerTool ? .serverTool : .unsupported, at: tool.place))
                }
            }
        }
        if !list.isFirst || !own.isEmpty {
            members.name("tools", &out)
            out.writeInteger(UInt8.bracket)
            var elements = JSONElements()
            if !list.isFirst {
                elements.next(&out)
                out.writeStaticString("{\"functionDeclarations\":[")
                out.writeBuffer(&functions)
                out.writeStaticString("]}")
            }
            for tool in own {
                elements.next(&out)
                out.writeImmutableBuffer(tool.bytes)
            }
            out.writeInteger(UInt8.bracketEnd)
        }
        if conversation.parallelToolCalls == false, !list.isFirst {
            losses.append(conversation.loss(.unsupported, .parallelCalls))
        }
        guard let choice = conversation.toolChoice else { return }
        guard !list.isFirst else {
            if choice.mattersWithoutTools, !conversation.tools.isEmpty {
                losses.append(conversation.loss(.unsupported, .toolChoice))
            }
            return
        }
        members.name("toolConfig", &out)
        out.writeStaticString("{\"functionCallingConfig\":{\"mode\":\"")
        switch choice {
        case .auto: out.writeStaticString("AUTO\"")
        case .none: out.writeStaticString("NONE\"")
        case .required: out.writeStaticString("ANY\"")
        case .tool(let name): allowed("ANY", [name], &out)
        // Names go with ANY and VALIDATED alone; the second leaves the model free to call none.
        case .allowed(let names, let isRequired): allowed(isRequired ? "ANY" : "VALIDATED", names, &out)
        }
        out.writeStaticString("}}")
    }

    private func allowed(_ mode: StaticString, _ names: [RawText], _ out: inout ByteBuffer) {
        out.writeStaticString(mode)
        out.writeStaticString("\",\"allowedFunctionNames\":[")
        var elements = JSONElements()
        for name in names {
            elements.next(&out)
            out.writeJSONString(name)
        }
        out.writeInteger(UInt8.bracketEnd)
    }

    private mutating func write(_ function: Tool.Function, _ place: Place, _ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("name", function.name, &out)
        members.text("description", function.description, &out)
        // JSON Schema as it is; `parameters` takes a part of it only.
        members.json("parametersJsonSchema", function.schema, &out)
        out.writeInteger(UInt8.braceEnd)
        if function.isStrict == true {
            losses.append(
                Loss(.unsupported, at: place, conversation.dialect == .openAI ? "function.strict" : "strict"))
        }
    }

    /// Google caches without marks: one loss for all of them, at the first.
    mutating func cacheControl(_ mark: RawJSON?, _ place: Place) {
        guard mark != nil else { return }
        if !hasLostCacheControl { losses.append(Loss(.unsupported, at: place, "cache_control")) }
        hasLostCacheControl = true
    }

    // MARK: Generation

    private mutating func generationConfig(_ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.json("maxOutputTokens", conversation.maximumOutput, &out)
        for setting in conversation.settings { self.setting(setting, &members, &out) }
        stop(&members, &out)
        format(&members, &out)
        thinking(&members, &out)
        out.writeInteger(UInt8.braceEnd)
    }

    private mutating func setting(_ setting: Setting, _ members: inout JSONMembers, _ out: inout ByteBuffer) {
        switch setting.parameter {
        case .safetySettings, .cachedContent, .metadata, .serviceTier, .store:
            // Written in the body where they are Gemini's own.
            if conversation.dialect == .gemini { return }
        case .mediaResolution:
            if conversation.dialect == .gemini { return members.json("mediaResolution", setting.value, &out) }
        case .modalities:
            if !setting.isDefault { modalities(setting.value, &members, &out) }
            return
        case .logprobs where setting.value.kind == .false: return
        default:
            if let known = GeminiParameters.list.first(where: { $0.parameter == setting.parameter }) {
                return members.json(known.camel, setting.value, &out)
            }
        }
        if !setting.isDefault { losses.append(Loss(.unsupported, at: .body, setting.member)) }
    }

    private func modalities(_ value: RawJSON, _ members: inout JSONMembers, _ out: inout ByteBuffer) {
        members.name("responseModalities", &out)
        let bytes = value.bytes.readableBytesUInt8Span
        for index in bytes.indices {
            let isSmall = UInt8(ascii: "a")...UInt8(ascii: "z") ~= bytes[index]
            out.writeInteger(isSmall ? bytes[index] & 0xdf : bytes[index])
        }
    }

    private mutating func stop(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        guard !conversation.stop.isEmpty else { return }
        if conversation.stop.count > 5 { losses.append(conversation.loss(.clamped, .stop)) }
        members.name("stopSequences", &out)
        out.writeInteger(UInt8.bracket)
        var elements = JSONElements()
        for text in conversation.stop.prefix(5) {
            elements.next(&out)
            out.writeJSONString(text)
        }
        out.writeInteger(UInt8.bracketEnd)
    }

    private mutating func format(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        switch conversation.format {
        case nil, .text: break
        case .jsonObject: members.text("responseMimeType", "application/json", &out)
        case .jsonSchema(_, let description, let schema, _):
            // A schema's name says nothing to a model; its description might.
            if description != nil { losses.append(conversation.loss(.unsupported, .format)) }
            members.text("responseMimeType", "application/json", &out)
            members.json("responseJsonSchema", schema, &out)
        }
    }

    private mutating func thinking(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        guard let request = conversation.reasoning else { return }
        var inner = JSONMembers()
        var config = ByteBuffer()
        var isOff = request.mode == .off
        if let effort = request.effort {
            isOff = isOff || effort.equals("none")
            if !isOff { self.effort(effort, &inner, &config) }
        } else if let budget = request.budget, request.mode != .off {
            inner.json("thinkingBudget", budget, &config)
        } else if request.mode == .adaptive, !options.takesThinkingLevel {
            inner.literal("thinkingBudget", "-1", &config)
        }
        if isOff {
            // Gemini 3 cannot be kept from thinking.
            if options.takesThinkingLevel {
                losses.append(conversation.loss(.clamped, .reasoning))
                inner.text("thinkingLevel", "low", &config)
            } else {
                inner.literal("thinkingBudget", "0", &config)
            }
        } else if showsThoughts(request) {
            inner.flag("includeThoughts", true, &config)
        }
        guard config.readableBytes > 0 else { return }
        members.name("thinkingConfig", &out)
        out.writeInteger(UInt8.brace)
        out.writeBuffer(&config)
        out.writeInteger(UInt8.braceEnd)
    }

    /// A Responses client gets thoughts where it asked for a summary, all others unless they said no.
    private func showsThoughts(_ request: ReasoningRequest) -> Bool {
        guard let display = request.display else {
            return conversation.dialect != .openAIResponses && request.mode != .unspecified
        }
        return !display.equals("omitted") && !display.equals("none")
    }

    /// Levels, and budgets for models that have none, as Google's own compatible endpoint maps them.
    private mutating func effort(_ effort: RawText, _ inner: inout JSONMembers, _ out: inout ByteBuffer) {
        let isAbove = effort.equals("xhigh") || effort.equals("max")
        if isAbove { losses.append(conversation.loss(.clamped, .effort)) }
        if options.takesThinkingLevel {
            if effort.equals("minimal") && conversation.dialect == .gemini {
                inner.text("thinkingLevel", "minimal", &out)
            } else if effort.equals("minimal") || effort.equals("low") {
                inner.text("thinkingLevel", "low", &out)
            } else {
                inner.text("thinkingLevel", effort.equals("medium") ? "medium" : "high", &out)
            }
        } else if let budget = conversation.reasoning?.budget {
            inner.json("thinkingBudget", budget, &out)
        } else {
            let isLow = effort.equals("minimal") || effort.equals("low")
            inner.literal("thinkingBudget", isLow ? "1024" : effort.equals("medium") ? "8192" : "24576", &out)
        }
    }
}
