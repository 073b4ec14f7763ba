public import NIOCore
import Vocabulary

/// Writes a conversation as a Responses request. Nothing is stored with the provider unless the client said so
/// (`RULES.md` 8), so reasoning comes and goes encrypted.
public struct ResponsesConversationWriter {
    let conversation: Conversation
    var losses: [Loss] = []
    var hasLostCacheControl = false
    /// Ids made for calls that had none, by name, in the order in which results may come.
    var madeIDs: [(name: RawText, id: RawText)] = []

    /// - Returns: what the dialect could not carry; `conversation.losses` is not in it.
    public static func write(_ conversation: Conversation, into out: inout ByteBuffer) -> [Loss] {
        var writer = ResponsesConversationWriter(conversation)
        writer.body(&out)
        return writer.losses
    }

    private init(_ conversation: Conversation) { self.conversation = conversation }

    private mutating func body(_ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("model", conversation.model, &out)
        let turns = instructions(&members, &out)
        members.name("input", &out)
        input(turns, &out)
        maximumOutput(&members, &out)
        tools(&members, &out)
        text(&members, &out)
        reasoning(&members, &out)
        if conversation.setting(.store) == nil { members.literal("store", "false", &out) }
        include(&members, &out)
        if !conversation.stop.isEmpty { losses.append(conversation.loss(.unsupported, .stop)) }
        for setting in conversation.settings { self.setting(setting, &members, &out) }
        if conversation.isStreamed { members.literal("stream", "true", &out) }
        out.writeInteger(UInt8.braceEnd)
    }

    /// A first system turn of one text is `instructions`; the turns that are left.
    private mutating func instructions(_ members: inout JSONMembers, _ out: inout ByteBuffer) -> ArraySlice<Turn> {
        guard let first = conversation.turns.first, first.role == .system, first.name == nil, first.blocks.count == 1,
            case .text(let text) = first.blocks[0].kind
        else { return conversation.turns[...] }
        loseCacheControl(first.blocks[0])
        members.text("instructions", text, &out)
        return conversation.turns.dropFirst()
    }

    private mutating func maximumOutput(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        guard let limit = conversation.maximumOutput else { return }
        // OpenAI refuses less than 16.
        let isSmall = limit.count.map { $0 < 16 } ?? false
        if isSmall { losses.append(conversation.loss(.clamped, .maximumOutput)) }
        members.json("max_output_tokens", isSmall ? RawJSON("16") : limit, &out)
    }

    private mutating func text(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        let verbosity = conversation.setting(.verbosity)
        guard conversation.format != nil || verbosity != nil else { return }
        members.name("text", &out)
        var inner = JSONMembers()
        out.writeInteger(UInt8.brace)
        switch conversation.format {
        case nil: break
        case .text: inner.literal("format", "{\"type\":\"text\"}", &out)
        case .jsonObject: inner.literal("format", "{\"type\":\"json_object\"}", &out)
        case .jsonSchema(let name, let description, let schema, let isStrict):
            inner.name("format", &out)
            out.writeInteger(UInt8.brace)
            var format = JSONMembers()
            format.text("type", "json_schema", &out)
            // A name is demanded.
            format.text("name", name ?? RawText("answer"), &out)
            format.text("description", description, &out)
            if let isStrict { format.flag("strict", isStrict, &out) }
            format.json("schema", schema, &out)
            out.writeInteger(UInt8.braceEnd)
        }
        inner.json("verbosity", verbosity, &out)
        out.writeInteger(UInt8.braceEnd)
    }

    private mutating func reasoning(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        guard let request = conversation.reasoning else { return }
        var effort = request.effort
        if effort == nil, let budget = request.budget?.count, request.mode != .off {
            losses.append(conversation.loss(.converted, .budget))
            effort = budget <= 2048 ? RawText("low") : budget <= 8192 ? RawText("medium") : RawText("high")
        }
        var summary: RawText?
        if conversation.dialect == .openAIResponses {
            summary = request.display
        } else if conversation.dialect != .openAI, request.mode == .on || request.mode == .adaptive {
            // The other dialects show thoughts unless told not to.
            let isHidden = request.display.map { $0.equals("omitted") || $0.equals("false") } ?? false
            if !isHidden { summary = RawText("auto") }
        }
        guard effort != nil || summary != nil else {
            // Not to think is what models do that are asked nothing; others cannot be kept from it.
            return losses.append(conversation.loss(.unsupported, .reasoning))
        }
        members.name("reasoning", &out)
        var inner = JSONMembers()
        out.writeInteger(UInt8.brace)
        inner.text("effort", effort, &out)
        inner.text("summary", summary, &out)
        out.writeInteger(UInt8.braceEnd)
    }

    /// What a model without reasoning refuses is asked for only where reasoning is at hand.
    private func include(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        var elements = JSONElements()
        var list = ByteBuffer()
        let thinks = conversation.reasoning.map { $0.mode != .off } ?? false
        let isStored = conversation.setting(.store)?.isTrue ?? false
        if !isStored, thinks || conversation.turns.contains(where: Self.hasProof) {
            elements.next(&list)
            list.writeStaticString("\"reasoning.encrypted_content\"")
        }
        if conversation.setting(.logprobs)?.isTrue ?? false {
            elements.next(&list)
            list.writeStaticString("\"message.output_text.logprobs\"")
        }
        if let more = conversation.setting(.include), more.inside.firstMark != nil, more.kind == .array {
            // The client's list has all that is asked for already.
            return members.json("include", more, &out)
        }
        guard !elements.isFirst else { return }
        members.name("include", &out)
        out.writeInteger(UInt8.bracket)
        out.writeBuffer(&list)
        out.writeInteger(UInt8.bracketEnd)
    }

    private static func hasProof(_ turn: Turn) -> Bool {
        turn.blocks.contains { block in
            guard case .thinking(let thinking) = block.kind else { return false }
            return thinking.isFromResponses
        }
    }

    private mutating func setting(_ setting: Setting, _ members: inout JSONMembers, _ out: inout ByteBuffer) {
        switch setting.parameter {
        // Written where they belong.
        case .verbosity, .logprobs, .include: return
        case .truncation: return members.json("truncation", setting.value, &out)
        case .background: return members.json("background", setting.value, &out)
        case .serviceTier where conversation.dialect == .anthropic:
            let isStandard = setting.value.text?.equals("standard_only") ?? false
            return members.text("service_tier", isStandard ? "default" : "auto", &out)
        // OpenAI refuses longer ones; Claude Code's are.
        case .user where setting.value.bytes.readableBytes > 66: break
        default:
            if let known = ResponsesParameters.list.first(where: { $0.parameter == setting.parameter }),
                setting.parameter != .contextManagement || conversation.dialect == .openAIResponses,
                !setting.isDefault || setting.parameter == .store
            {
                return members.json(known.name, setting.value, &out)
            }
        }
        if !setting.isDefault { losses.append(Loss(.unsupported, at: .body, setting.member)) }
    }
}

// MARK: Tools

extension ResponsesConversationWriter {
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
        if tool.cacheControl != nil { loseCacheControl(tool.place) }
        switch tool.kind {
        case .foreign(let foreign):
            if foreign.dialect == .openAIResponses {
                out.writeImmutableBuffer(foreign.json.bytes)
                return true
            }
            if foreign.dialect == .openAI, custom(foreign.json, tool.place, &out) { return true }
            losses.append(Loss(foreign.isServerTool ? .serverTool : .unsupported, at: tool.place))
            return false
        case .function(let function):
            var members = JSONMembers()
            out.writeInteger(UInt8.brace)
            members.text("type", "function", &out)
            members.text("name", function.name, &out)
            members.text("description", function.description, &out)
            members.json("parameters", function.schema ?? RawJSON("{\"type\":\"object\",\"properties\":{}}"), &out)
            // Left out it would be true here, which few schemas of other dialects stand.
            members.flag("strict", function.isStrict ?? false, &out)
            out.writeInteger(UInt8.braceEnd)
            return true
        }
    }

    /// Chat's custom tool, whose members stand one level deeper there.
    private mutating func custom(_ json: RawJSON, _ place: Place, _ out: inout ByteBuffer) -> Bool {
        var tape = JSONTape()
        guard tape.readRepaired(json.bytes), tape.member(JSONTape.root, "type", is: "custom"),
            let tool = tape.present(JSONTape.root, "custom")
        else { return false }
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("type", "custom", &out)
        members.text("name", tape.text(tool, "name") ?? RawText(), &out)
        members.text("description", tape.text(tool, "description"), &out)
        if let format = tape.present(tool, "format") {
            if let grammar = tape.present(format, "grammar") {
                members.name("format", &out)
                var inner = JSONMembers()
                out.writeInteger(UInt8.brace)
                inner.text("type", "grammar", &out)
                inner.text("syntax", tape.text(grammar, "syntax"), &out)
                inner.text("definition", tape.text(grammar, "definition"), &out)
                out.writeInteger(UInt8.braceEnd)
            } else {
                members.json("format", tape.json(format), &out)
            }
        }
        out.writeInteger(UInt8.braceEnd)
        return true
    }

    private func isCustom(_ name: RawText) -> Bool {
        conversation.tools.contains { tool in
            guard case .foreign(let foreign) = tool.kind, foreign.dialect == .openAI else { return false }
            var tape = JSONTape()
            guard tape.readRepaired(foreign.json.bytes), let custom = tape.present(JSONTape.root, "custom") else {
                return false
            }
            return tape.text(custom, "name").map { $0.isSpelled(like: name) } ?? false
        }
    }

    private func write(_ choice: ToolChoice, _ out: inout ByteBuffer) {
        switch choice {
        case .auto: out.writeStaticString("\"auto\"")
        case .none: out.writeStaticString("\"none\"")
        case .required: out.writeStaticString("\"required\"")
        case .tool(let name): self.name(name, &out)
        case .allowed(let names, let isRequired):
            out.writeStaticString("{\"type\":\"allowed_tools\",\"mode\":\"")
            out.writeStaticString(isRequired ? "required" : "auto")
            out.writeStaticString("\",\"tools\":[")
            var elements = JSONElements()
            for name in names {
                elements.next(&out)
                self.name(name, &out)
            }
            out.writeStaticString("]}")
        }
    }

    private func name(_ name: RawText, _ out: inout ByteBuffer) {
        out.writeStaticString(
            isCustom(name) ? "{\"type\":\"custom\",\"name\":" : "{\"type\":\"function\",\"name\":")
        out.writeJSONString(name)
        out.writeInteger(UInt8.braceEnd)
    }

    /// One loss for all marks, at the first: caches are found by their bytes here, without marks.
    mutating func loseCacheControl(_ place: Place) {
        if !hasLostCacheControl { losses.append(Loss(.unsupported, at: place, "cache_control")) }
        hasLostCacheControl = true
    }

    mutating func loseCacheControl(_ block: Block) { if block.cacheControl != nil { loseCacheControl(block.place) } }
}

extension Thinking {
    /// Whether a Responses provider signed it: it has an item's id, or OpenAI's own form of encryption.
    var isFromResponses: Bool {
        guard let signature else { return false }
        return id != nil || signature.hasPrefix("gAAAA")
    }
}
