public import NIOCore
import Vocabulary

/// Reads a messages request into the intermediate form. Members that are not known end in `Conversation.losses`.
public struct MessagesRequestReader {
    private var tape = JSONTape()
    private var conversation: Conversation

    /// - Throws: a fault in the JSON, or a member of the wrong type; the offset says where.
    public static func read(_ body: ByteBuffer) throws(RequestRejection) -> Conversation {
        var reader = MessagesRequestReader()
        do throws(JSONFault) { try reader.tape.read(body) } catch { throw RequestRejection(error) }
        try reader.body()
        return reader.conversation
    }

    private init() { conversation = Conversation(dialect: .anthropic, model: RawText()) }

    private mutating func body() throws(RequestRejection) {
        let root = JSONTape.root
        guard tape.kind(root) == .object else { throw RequestRejection(code: .wrongType, member: .body, offset: 0) }
        guard let messages = tape.present(root, "messages"), tape.kind(messages) == .array else {
            throw RequestRejection(code: .missingMember, member: .messages, offset: tape.source.readableBytes)
        }
        var reader = MessagesTurnsReader(tape)
        if let system = tape.present(root, "system") { reader.readSystem(system) }
        try reader.read(messages)
        conversation.turns = reader.turns
        conversation.losses += reader.losses
        var entry = tape.first(root)
        while let member = entry {
            if tape.kind(member) != .null { self.member(member) }
            entry = tape.next(member, in: root)
        }
    }

    private mutating func member(_ index: JSONTape.Index) {
        if let known = MessagesParameters.list.first(where: { tape.isNamed(index, $0.name) }) {
            conversation.settings.append(Setting(known.parameter, tape.json(index), known.name))
        } else if tape.isNamed(index, "model") {
            conversation.model = tape.text(index) ?? RawText()
        } else if tape.isNamed(index, "stream") {
            conversation.isStreamed = tape.kind(index) == .true
        } else if tape.isNamed(index, "max_tokens") {
            conversation.maximumOutput = tape.json(index)
        } else if tape.isNamed(index, "stop_sequences") {
            var entry = tape.first(index)
            while let one = entry {
                if let text = tape.text(one) { conversation.stop.append(text) }
                entry = tape.next(one, in: index)
            }
        } else if tape.isNamed(index, "metadata") {
            metadata(index)
        } else if tape.isNamed(index, "tools") {
            tools(index)
        } else if tape.isNamed(index, "tool_choice") {
            choice(index)
        } else if tape.isNamed(index, "thinking") {
            thinking(index)
        } else if tape.isNamed(index, "output_config") {
            output(index)
        } else if tape.isNamed(index, "output_format") {
            format(index, "output_format")
        } else if !tape.isNamed(index, "messages"), !tape.isNamed(index, "system"),
            !tape.isNamed(index, "anthropic_version")
        {
            conversation.losses.append(Loss(.unknownMember, at: .body, clientMember: tape.name(index)))
        }
    }

    private mutating func metadata(_ index: JSONTape.Index) {
        var entry = tape.first(index)
        while let member = entry {
            if tape.isNamed(member, "user_id"), tape.kind(member) == .string {
                conversation.settings.append(Setting(.user, tape.json(member), "metadata.user_id"))
            } else if tape.kind(member) != .null {
                conversation.losses.append(Loss(.unknownMember, at: .body, "metadata"))
            }
            entry = tape.next(member, in: index)
        }
    }

    private mutating func thinking(_ index: JSONTape.Index) {
        var request = conversation.reasoning ?? ReasoningRequest()
        if tape.member(index, "type", is: "enabled") { request.mode = .on }
        if tape.member(index, "type", is: "adaptive") { request.mode = .adaptive }
        if tape.member(index, "type", is: "disabled") { request.mode = .off }
        request.budget = tape.json(index, "budget_tokens")
        request.display = tape.text(index, "display")
        conversation.reasoning = request
    }

    private mutating func output(_ index: JSONTape.Index) {
        var entry = tape.first(index)
        while let member = entry {
            if tape.isNamed(member, "effort") {
                var request = conversation.reasoning ?? ReasoningRequest()
                request.effort = tape.text(member)
                conversation.reasoning = request
            } else if tape.isNamed(member, "format") {
                if tape.kind(member) != .null { format(member, "output_config.format") }
            } else if tape.kind(member) != .null {
                conversation.losses.append(Loss(.unknownMember, at: .body, "output_config"))
            }
            entry = tape.next(member, in: index)
        }
    }

    private mutating func format(_ index: JSONTape.Index, _ member: StaticString) {
        guard tape.member(index, "type", is: "json_schema"), let schema = tape.json(index, "schema") else {
            conversation.losses.append(Loss(.unsupported, at: .body, member))
            return
        }
        conversation.format = .jsonSchema(name: nil, description: nil, schema: schema, isStrict: true)
    }

    private mutating func choice(_ index: JSONTape.Index) {
        if tape.isTrue(index, "disable_parallel_tool_use") { conversation.parallelToolCalls = false }
        if tape.member(index, "type", is: "auto") {
            conversation.toolChoice = .auto
        } else if tape.member(index, "type", is: "any") {
            conversation.toolChoice = .required
        } else if tape.member(index, "type", is: "none") {
            conversation.toolChoice = ToolChoice.none
        } else if tape.member(index, "type", is: "tool"), let name = tape.text(index, "name") {
            conversation.toolChoice = .tool(name)
        } else {
            conversation.losses.append(Loss(.unsupported, at: .body, "tool_choice"))
        }
    }

    private mutating func tools(_ list: JSONTape.Index) {
        var entry = tape.first(list)
        var position = 0
        while let tool = entry {
            let place = Place(.tools, position)
            let cache = tape.json(tool, "cache_control")
            let type = tape.text(tool, "type")
            if type.map({ $0.equals("custom") }) ?? true {
                let function = Tool.Function(
                    name: tape.text(tool, "name") ?? RawText(), description: tape.text(tool, "description"),
                    schema: tape.json(tool, "input_schema"),
                    isStrict: tape.present(tool, "strict").map { tape.kind($0) == .true })
                conversation.tools.append(Tool(.function(function), at: place, cacheControl: cache))
            } else {
                // These of Anthropic's own kinds the client runs; all others the provider does.
                let isClients = ["bash_", "text_editor_", "computer_", "memory_"].contains { (name: StaticString) in
                    type.map { $0.hasPrefix(name) } ?? false
                }
                conversation.tools.append(
                    Tool(
                        .foreign(Foreign(.anthropic, tape.json(tool), isServerTool: !isClients)), at: place,
                        cacheControl: cache))
            }
            position += 1
            entry = tape.next(tool, in: list)
        }
    }
}

/// Members of a messages request that are one value each.
enum MessagesParameters {
    static let list: [(name: StaticString, parameter: Parameter)] = [
        ("temperature", .temperature), ("top_p", .topP), ("top_k", .topK), ("service_tier", .serviceTier),
        ("container", .container), ("mcp_servers", .mcpServers), ("context_management", .contextManagement),
        ("cache_control", .cacheControl),
    ]
}
