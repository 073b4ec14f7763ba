public import NIOCore
import Vocabulary

/// Reads a `generateContent` request into the intermediate form. Members that are not known end in `Conversation.losses`.
public struct GeminiRequestReader {
    private var tape = JSONTape()
    private var conversation: Conversation

    /// - Parameters:
    ///   - path: names model and action: neither stands in the body.
    /// - Throws: a fault in the JSON, or a member of the wrong type; the offset says where.
    public static func read(_ body: ByteBuffer, path: GeminiPath) throws(RequestRejection) -> Conversation {
        var reader = GeminiRequestReader(path)
        do throws(JSONFault) { try reader.tape.read(body) } catch { throw RequestRejection(error) }
        try reader.body()
        return reader.conversation
    }

    private init(_ path: GeminiPath) {
        conversation = Conversation(dialect: .gemini, model: RawText(escaping: path.model))
        conversation.isStreamed = path.action == .streamGenerateContent
    }

    private mutating func body() throws(RequestRejection) {
        var root = JSONTape.root
        guard tape.kind(root) == .object else { throw RequestRejection(code: .wrongType, member: .body, offset: 0) }
        // countTokens may hold the whole request.
        if let request = tape.present(root, "generateContentRequest", "generate_content_request") { root = request }
        guard let contents = tape.present(root, "contents") else {
            throw RequestRejection(code: .missingMember, member: .contents, offset: tape.source.readableBytes)
        }
        guard tape.kind(contents) != .number, tape.kind(contents) != .true, tape.kind(contents) != .false else {
            throw RequestRejection(code: .wrongType, member: .contents, offset: tape.offset(contents))
        }
        var reader = GeminiTurnsReader(tape)
        if let system = tape.present(root, "systemInstruction", "system_instruction") { reader.readSystem(system) }
        try reader.read(contents)
        conversation.turns = reader.turns
        conversation.losses += reader.losses
        each(root) { $0.member($1) }
    }

    private mutating func each(_ object: JSONTape.Index, _ take: (inout Self, JSONTape.Index) -> Void) {
        var entry = tape.first(object)
        while let member = entry {
            if tape.kind(member) != .null { take(&self, member) }
            entry = tape.next(member, in: object)
        }
    }

    private mutating func setting(_ parameter: Parameter, _ index: JSONTape.Index, _ member: StaticString) {
        conversation.settings.append(Setting(parameter, tape.json(index), member))
    }

    private mutating func unknown(_ index: JSONTape.Index) {
        conversation.losses.append(Loss(.unknownMember, at: .body, clientMember: tape.name(index)))
    }

    private mutating func member(_ index: JSONTape.Index) {
        if tape.isNamed(index, "tools") {
            tools(index)
        } else if tape.isNamed(index, "toolConfig", "tool_config") {
            each(index) { $0.toolConfig($1) }
        } else if tape.isNamed(index, "generationConfig", "generation_config") {
            let config = GeminiGenerationConfig(tape, index)
            conversation.settings += config.settings
            conversation.losses += config.losses
            conversation.stop = config.stop
            conversation.maximumOutput = config.maximumOutput
            conversation.format = config.format
            conversation.reasoning = config.reasoning
        } else if tape.isNamed(index, "safetySettings", "safety_settings") {
            setting(.safetySettings, index, "safetySettings")
        } else if tape.isNamed(index, "cachedContent", "cached_content") {
            setting(.cachedContent, index, "cachedContent")
        } else if tape.isNamed(index, "labels") {
            setting(.metadata, index, "labels")
        } else if tape.isNamed(index, "serviceTier", "service_tier") {
            setting(.serviceTier, index, "serviceTier")
        } else if tape.isNamed(index, "store") {
            setting(.store, index, "store")
        } else if !tape.isNamed(index, "model"), !tape.isNamed(index, "contents"),
            !tape.isNamed(index, "systemInstruction", "system_instruction")
        {
            unknown(index)
        }
    }

    // MARK: Tools

    private mutating func tools(_ list: JSONTape.Index) {
        for (index, tool) in tape.entries(list).enumerated() {
            let place = Place(.tools, index)
            each(tool) { reader, member in
                if reader.tape.isNamed(member, "functionDeclarations", "function_declarations") {
                    reader.functions(member, place)
                } else {
                    // Each other member is a tool that Google runs: googleSearch, codeExecution, urlContext …
                    var out = ByteBuffer()
                    out.writeStaticString("{\"")
                    out.writeJSONText(reader.tape.name(member).span)
                    out.writeStaticString("\":")
                    out.writeImmutableBuffer(reader.tape.json(member).bytes)
                    out.writeInteger(UInt8.braceEnd)
                    let json = RawJSON(validated: out)
                    reader.conversation.tools.append(
                        Tool(.foreign(Foreign(.gemini, json, isServerTool: true)), at: place))
                }
            }
        }
    }

    private mutating func functions(_ list: JSONTape.Index, _ place: Place) {
        for (index, function) in tape.entries(list).enumerated() {
            let place = place.inside(.functionDeclarations, index)
            let plain = tape.present(function, "parametersJsonSchema", "parameters_json_schema").map { tape.json($0) }
            let typed = tape.present(function, "parameters").map { GeminiSchema.jsonSchema(tape.json($0)) }
            let declared = Tool.Function(
                name: tape.text(function, "name") ?? RawText(), description: tape.text(function, "description"),
                schema: plain ?? typed)
            conversation.tools.append(Tool(.function(declared), at: place))
            each(function) { reader, member in
                let known: [StaticString] = [
                    "name", "description", "parameters", "parametersJsonSchema", "parameters_json_schema",
                ]
                guard !known.contains(where: { reader.tape.isNamed(member, $0) }) else { return }
                // What a function answers and how it is called is for Google's models alone.
                reader.conversation.losses.append(
                    Loss(.unsupported, at: place, clientMember: reader.tape.name(member)))
            }
        }
    }

    private mutating func toolConfig(_ index: JSONTape.Index) {
        guard tape.isNamed(index, "functionCallingConfig", "function_calling_config") else { return unknown(index) }
        let allowed = tape.present(index, "allowedFunctionNames", "allowed_function_names")
        let names = allowed.map { tape.entries($0).compactMap { tape.text($0) } } ?? []
        guard let mode = tape.present(index, "mode") else { return }
        let number = tape.count(mode)
        if tape.equals(mode, "AUTO") || number == 1 {
            conversation.toolChoice = .auto
        } else if tape.equals(mode, "NONE") || number == 3 {
            conversation.toolChoice = ToolChoice.none
        } else if tape.equals(mode, "ANY") || number == 2 {
            conversation.toolChoice =
                names.isEmpty ? .required : names.count == 1 ? .tool(names[0]) : .allowed(names, isRequired: true)
        } else if tape.equals(mode, "VALIDATED") || number == 4 {
            // The model is held to the schemas: other dialects say that tool by tool.
            conversation.losses.append(conversation.loss(.converted, .toolChoice))
            conversation.toolChoice = names.isEmpty ? .auto : .allowed(names, isRequired: false)
        }
    }
}
