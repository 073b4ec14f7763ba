public import NIOCore
import Vocabulary

/// Writes a conversation as a request of Amazon Bedrock's Converse API, which knows all models that it serves.
public struct ConverseRequestWriter {
    let conversation: Conversation
    var losses: [Loss] = []
    /// Documents told so far: each needs a name of its own.
    var documents: Int64 = 0

    /// - Returns: what Converse could not carry; `conversation.losses` is not in it.
    public static func write(_ conversation: Conversation, into out: inout ByteBuffer) -> [Loss] {
        var writer = ConverseRequestWriter(conversation: conversation)
        writer.body(&out)
        return writer.losses
    }

    private mutating func body(_ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.name("messages", &out)
        messages(&out)
        writeSystem(&members, &out)
        inference(&members, &out)
        tools(&members, &out)
        format(&members, &out)
        if conversation.reasoning?.mode != .off, let request = conversation.reasoning,
            request.mode != .unspecified || request.effort != nil
        {
            losses.append(conversation.loss(.unsupported, .reasoning))
        }
        for setting in conversation.settings where setting.parameter != .temperature && setting.parameter != .topP {
            if !setting.isDefault { losses.append(Loss(.unsupported, at: .body, setting.member)) }
        }
        out.writeInteger(UInt8.braceEnd)
    }

    private func inference(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        var inner = JSONMembers()
        var fields = ByteBuffer()
        inner.json("maxTokens", conversation.maximumOutput, &fields)
        inner.json("temperature", conversation.setting(.temperature), &fields)
        inner.json("topP", conversation.setting(.topP), &fields)
        if !conversation.stop.isEmpty {
            inner.name("stopSequences", &fields)
            var elements = JSONElements()
            fields.writeInteger(UInt8.bracket)
            for text in conversation.stop {
                elements.next(&fields)
                fields.writeJSONString(text)
            }
            fields.writeInteger(UInt8.bracketEnd)
        }
        guard fields.readableBytes > 0 else { return }
        members.name("inferenceConfig", &out)
        out.writeInteger(UInt8.brace)
        out.writeBuffer(&fields)
        out.writeInteger(UInt8.braceEnd)
    }

    private mutating func format(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        switch conversation.format {
        case nil, .text: break
        case .jsonObject: losses.append(conversation.loss(.unsupported, .format))
        case .jsonSchema(let name, let description, let schema, _):
            members.name("outputConfig", &out)
            out.writeStaticString("{\"textFormat\":{\"type\":\"json_schema\",\"structure\":{\"jsonSchema\":{")
            var inner = JSONMembers()
            // Here a schema is JSON text in a string.
            inner.text("schema", RawText(escaping: Array(buffer: schema.bytes)), &out)
            inner.text("name", name, &out)
            inner.text("description", description, &out)
            out.writeStaticString("}}}}")
        }
    }

    // MARK: Tools

    private mutating func tools(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        let called = calledNames()
        let isForbidden = if case .some(.none) = conversation.toolChoice { true } else { false }
        var list = ByteBuffer()
        var elements = JSONElements()
        if !isForbidden || !called.isEmpty {
            for tool in conversation.tools { write(tool, &elements, &list) }
        }
        if elements.isFirst, !called.isEmpty {
            // Calls in the history need tools: they get an open schema.
            for name in called {
                elements.next(&list)
                list.writeStaticString("{\"toolSpec\":{\"name\":")
                list.writeJSONString(name)
                list.writeStaticString(",\"inputSchema\":{\"json\":{\"type\":\"object\"}}}}")
            }
            losses.append(conversation.loss(.converted, .tools))
        } else if isForbidden, !called.isEmpty {
            losses.append(conversation.loss(.unsupported, .toolChoice))
        }
        guard !elements.isFirst else {
            if let choice = conversation.toolChoice, choice.mattersWithoutTools {
                losses.append(conversation.loss(.unsupported, .toolChoice))
            }
            return
        }
        if conversation.parallelToolCalls == false { losses.append(conversation.loss(.unsupported, .parallelCalls)) }
        members.name("toolConfig", &out)
        out.writeStaticString("{\"tools\":[")
        out.writeBuffer(&list)
        out.writeInteger(UInt8.bracketEnd)
        switch conversation.toolChoice {
        case .required, .allowed(_, isRequired: true): out.writeStaticString(",\"toolChoice\":{\"any\":{}}")
        case .tool(let name):
            out.writeStaticString(",\"toolChoice\":{\"tool\":{\"name\":")
            out.writeJSONString(name)
            out.writeStaticString("}}")
        case nil, .auto, .some(.none), .allowed(_, isRequired: false): break
        }
        out.writeInteger(UInt8.braceEnd)
    }

    private mutating func write(_ tool: Tool, _ elements: inout JSONElements, _ out: inout ByteBuffer) {
        guard case .function(let function) = tool.kind else {
            if case .foreign(let foreign) = tool.kind {
                losses.append(Loss(foreign.isServerTool ? .serverTool : .unsupported, at: tool.place))
            }
            return
        }
        // No list of allowed tools: the others are left out, which says the same.
        if case .allowed(let names, _) = conversation.toolChoice,
            !names.contains(where: { $0.isSpelled(like: function.name) })
        {
            return
        }
        elements.next(&out)
        out.writeStaticString("{\"toolSpec\":{")
        var members = JSONMembers()
        members.text("name", function.name, &out)
        if let description = function.description, !description.isEmpty {
            members.text("description", description, &out)
        }
        members.name("inputSchema", &out)
        out.writeStaticString("{\"json\":")
        var schema = RawJSON("{\"type\":\"object\",\"properties\":{}}")
        if let given = function.schema, given.inside.firstMark != nil { schema = given }
        out.writeImmutableBuffer(schema.bytes)
        out.writeInteger(UInt8.braceEnd)
        if function.isStrict == true { members.flag("strict", true, &out) }
        out.writeStaticString("}}")
        if tool.cacheControl != nil {
            elements.next(&out)
            out.writeStaticString(Self.cachePoint)
        }
    }

    static let cachePoint: StaticString = "{\"cachePoint\":{\"type\":\"default\"}}"

    private func calledNames() -> [RawText] {
        var names: [RawText] = []
        for turn in conversation.turns {
            for block in turn.blocks {
                guard case .toolCall(let call) = block.kind, !names.contains(where: { $0.isSpelled(like: call.name) })
                else { continue }
                names.append(call.name)
            }
        }
        return names
    }
}
