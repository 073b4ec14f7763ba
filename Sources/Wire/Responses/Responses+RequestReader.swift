public import NIOCore
import Vocabulary

/// Reads a Responses request into the intermediate form. Members that are not known end in `Conversation.losses`.
public struct ResponsesConversationReader {
    private var tape = JSONTape()
    private var conversation: Conversation

    /// - Throws: a fault in the JSON, or a member of the wrong type; the offset says where.
    public static func read(_ body: ByteBuffer) throws(RequestRejection) -> Conversation {
        var reader = ResponsesConversationReader()
        do throws(JSONFault) { try reader.tape.read(body) } catch { throw RequestRejection(error) }
        try reader.body()
        return reader.conversation
    }

    private init() { conversation = Conversation(dialect: .openAIResponses, model: RawText()) }

    private mutating func body() throws(RequestRejection) {
        let root = JSONTape.root
        guard tape.kind(root) == .object else { throw RequestRejection(code: .wrongType, member: .body, offset: 0) }
        var reader = ResponsesInputReader(tape)
        if let instructions = tape.text(root, "instructions"), !instructions.isEmpty {
            reader.instructions(instructions)
        }
        if let input = tape.present(root, "input") { try reader.read(input) }
        conversation.turns = reader.turns
        conversation.losses += reader.losses
        var entry = tape.first(root)
        while let member = entry {
            if tape.kind(member) != .null { self.member(member) }
            entry = tape.next(member, in: root)
        }
        // Tools that stand in the input: they hold from the start here.
        for (list, place) in reader.tools {
            conversation.losses.append(Loss(.moved, at: place))
            tools(list) { _ in place }
        }
    }

    private mutating func member(_ index: JSONTape.Index) {
        if let known = ResponsesParameters.list.first(where: { tape.isNamed(index, $0.name) }) {
            conversation.settings.append(Setting(known.parameter, tape.json(index), known.name))
        } else if tape.isNamed(index, "model") {
            conversation.model = tape.text(index) ?? RawText()
        } else if tape.isNamed(index, "stream") {
            conversation.isStreamed = tape.kind(index) == .true
        } else if tape.isNamed(index, "max_output_tokens") {
            conversation.maximumOutput = tape.json(index)
        } else if tape.isNamed(index, "tools") {
            tools(index) { Place(.tools, $0) }
        } else if tape.isNamed(index, "tool_choice") {
            choice(index)
        } else if tape.isNamed(index, "parallel_tool_calls") {
            conversation.parallelToolCalls = tape.kind(index) == .true
        } else if tape.isNamed(index, "text") {
            text(index)
        } else if tape.isNamed(index, "reasoning") {
            reasoning(index)
        } else if tape.isNamed(index, "include") {
            include(index)
        } else if tape.isNamed(index, "truncation") {
            if !tape.equals(index, "disabled") { set(.truncation, index, "truncation") }
        } else if tape.isNamed(index, "background") {
            if tape.kind(index) == .true { set(.background, index, "background") }
        } else if !["input", "instructions", "stream_options"].contains(where: { tape.isNamed(index, $0) }) {
            conversation.losses.append(Loss(.unknownMember, at: .body, clientMember: tape.name(index)))
        }
    }

    private mutating func set(_ parameter: Parameter, _ index: JSONTape.Index, _ member: StaticString) {
        conversation.settings.append(Setting(parameter, tape.json(index), member))
    }

    private mutating func text(_ index: JSONTape.Index) {
        var entry = tape.first(index)
        while let member = entry {
            if tape.kind(member) == .null {
                // As good as absent.
            } else if tape.isNamed(member, "verbosity") {
                set(.verbosity, member, "text.verbosity")
            } else if tape.isNamed(member, "format") {
                format(member)
            } else {
                conversation.losses.append(Loss(.unknownMember, at: .body, "text"))
            }
            entry = tape.next(member, in: index)
        }
    }

    private mutating func format(_ index: JSONTape.Index) {
        if tape.member(index, "type", is: "json_schema"), let schema = tape.json(index, "schema") {
            conversation.format = .jsonSchema(
                name: tape.text(index, "name"), description: tape.text(index, "description"), schema: schema,
                isStrict: tape.present(index, "strict").map { tape.kind($0) == .true })
        } else if tape.member(index, "type", is: "json_object") {
            conversation.format = .jsonObject
        } else if tape.member(index, "type", is: "text") {
            conversation.format = .text
        } else {
            conversation.losses.append(Loss(.unsupported, at: .body, "text.format"))
        }
    }

    private mutating func reasoning(_ index: JSONTape.Index) {
        var request = ReasoningRequest()
        var entry = tape.first(index)
        while let member = entry {
            if tape.kind(member) == .null {
                // As good as absent.
            } else if tape.isNamed(member, "effort"), let effort = tape.text(member) {
                request.effort = effort
                request.mode = effort.equals("none") ? .off : .on
            } else if tape.isNamed(member, "summary") || tape.isNamed(member, "generate_summary") {
                request.display = tape.text(member)
            } else {
                conversation.losses.append(Loss(.unsupported, at: .body, "reasoning"))
            }
            entry = tape.next(member, in: index)
        }
        if request.effort != nil || request.display != nil { conversation.reasoning = request }
    }

    /// Encrypted reasoning comes in every dialect that has it without being asked for; logprobs have a member elsewhere.
    private mutating func include(_ index: JSONTape.Index) {
        var hasOther = false
        var entry = tape.first(index)
        while let name = entry {
            if tape.equals(name, "message.output_text.logprobs") {
                conversation.settings.append(Setting(.logprobs, RawJSON("true"), "include"))
            } else if !tape.equals(name, "reasoning.encrypted_content") {
                hasOther = true
            }
            entry = tape.next(name, in: index)
        }
        if hasOther { set(.include, index, "include") }
    }
}

// MARK: Tools

extension ResponsesConversationReader {
    private mutating func tools(_ list: JSONTape.Index, _ place: (Int) -> Place) {
        var entry = tape.first(list)
        var position = 0
        while let tool = entry {
            self.tool(tool, place(position))
            position += 1
            entry = tape.next(tool, in: list)
        }
    }

    private mutating func tool(_ tool: JSONTape.Index, _ place: Place) {
        if tape.member(tool, "type", is: "function") {
            let function = Tool.Function(
                name: tape.text(tool, "name") ?? RawText(), description: tape.text(tool, "description"),
                schema: tape.json(tool, "parameters"),
                isStrict: tape.present(tool, "strict").map { tape.kind($0) == .true })
            conversation.tools.append(Tool(.function(function), at: place))
        } else if tape.member(tool, "type", is: "custom") {
            custom(tool, place)
        } else if tape.member(tool, "type", is: "namespace"), let inner = tape.present(tool, "tools") {
            // Calls name the tool alone.
            conversation.losses.append(Loss(.converted, at: place))
            tools(inner) { _ in place }
        } else {
            let clients: [StaticString] = [
                "computer_use_preview", "computer", "local_shell", "shell", "apply_patch", "tool_search",
            ]
            let isClients = tape.text(tool, "type").map { type in clients.contains { type.equals($0) } } ?? false
            conversation.tools.append(
                Tool(
                    .foreign(Foreign(.openAIResponses, tape.json(tool), isServerTool: !isClients)), at: place))
        }
    }

    /// A tool that takes free text, as a function with one string. A grammar can only be told, not held to.
    private mutating func custom(_ tool: JSONTape.Index, _ place: Place) {
        var description = tape.text(tool, "description") ?? RawText()
        if let format = tape.present(tool, "format"), let grammar = tape.text(format, "definition") {
            conversation.losses.append(Loss(.converted, at: place, "format"))
            if !description.isEmpty { description.append(RawText("\\n\\n")) }
            description.append(RawText("The input follows this grammar:\\n"))
            description.append(grammar)
        }
        var function = Tool.Function(
            name: tape.text(tool, "name") ?? RawText(), description: description.isEmpty ? nil : description,
            schema: RawJSON(
                "{\"type\":\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"],\"additionalProperties\":false}"
            ))
        function.isCustom = true
        conversation.tools.append(Tool(.function(function), at: place))
    }

    private mutating func choice(_ index: JSONTape.Index) {
        if tape.equals(index, "auto") {
            conversation.toolChoice = .auto
        } else if tape.equals(index, "none") {
            conversation.toolChoice = ToolChoice.none
        } else if tape.equals(index, "required") {
            conversation.toolChoice = .required
        } else if tape.member(index, "type", is: "allowed_tools") || tape.present(index, "mode") != nil,
            let list = tape.present(index, "tools")
        {
            var names: [RawText] = []
            var entry = tape.first(list)
            while let tool = entry {
                if let name = tape.text(tool, "name") {
                    names.append(name)
                } else {
                    conversation.losses.append(Loss(.serverTool, at: .body, "tool_choice"))
                }
                entry = tape.next(tool, in: list)
            }
            conversation.toolChoice = .allowed(names, isRequired: tape.member(index, "mode", is: "required"))
        } else if let name = tape.text(index, "name") {
            conversation.toolChoice = .tool(name)
        } else {
            conversation.losses.append(Loss(.serverTool, at: .body, "tool_choice"))
        }
    }
}

/// Members of a Responses request that are one value each.
enum ResponsesParameters {
    static let list: [(name: StaticString, parameter: Parameter)] = [
        ("temperature", .temperature), ("top_p", .topP), ("top_logprobs", .topLogprobs),
        ("frequency_penalty", .frequencyPenalty), ("presence_penalty", .presencePenalty), ("user", .user),
        ("safety_identifier", .safetyIdentifier), ("metadata", .metadata), ("store", .store),
        ("service_tier", .serviceTier), ("prompt_cache_key", .promptCacheKey),
        ("prompt_cache_retention", .promptCacheRetention), ("previous_response_id", .previousResponse),
        ("conversation", .conversation), ("prompt", .prompt), ("max_tool_calls", .maxToolCalls),
        ("context_management", .contextManagement),
    ]
}
