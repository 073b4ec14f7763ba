import NIOCore
import Vocabulary

extension MessagesRequestWriter {
    /// `tools` and `tool_choice`.
    mutating func tools(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        var elements = JSONElements()
        for tool in conversation.tools where isAllowed(tool) {
            var one = ByteBuffer()
            guard write(tool, &one) else { continue }
            next(&elements, &members, &out)
            out.writeBuffer(&one)
        }
        var hasChoice = true
        if elements.isFirst {
            // Calls in the history need tools: Anthropic refuses them otherwise. They get an open schema and may not be called.
            hasChoice = false
            for name in calledNames() {
                next(&elements, &members, &out)
                out.writeStaticString("{\"name\":")
                out.writeJSONString(name)
                out.writeStaticString(",\"input_schema\":{\"type\":\"object\"}}")
            }
            if !elements.isFirst { losses.append(conversation.loss(.converted, .tools)) }
        }
        guard !elements.isFirst else {
            if let choice = conversation.toolChoice, choice.mattersWithoutTools {
                losses.append(conversation.loss(.unsupported, .toolChoice))
            }
            return
        }
        out.writeInteger(UInt8.bracketEnd)
        choice(hasChoice ? conversation.toolChoice : ToolChoice.none, &members, &out)
    }

    private func next(_ elements: inout JSONElements, _ members: inout JSONMembers, _ out: inout ByteBuffer) {
        if elements.isFirst {
            members.name("tools", &out)
            out.writeInteger(UInt8.bracket)
        }
        elements.next(&out)
    }

    /// Anthropic has no list of allowed tools: the others are left out, which says the same.
    private func isAllowed(_ tool: Tool) -> Bool {
        guard case .allowed(let names, _) = conversation.toolChoice, case .function(let function) = tool.kind else {
            return true
        }
        return names.contains { $0.isSpelled(like: function.name) }
    }

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

    private mutating func write(_ tool: Tool, _ out: inout ByteBuffer) -> Bool {
        switch tool.kind {
        case .foreign(let foreign):
            guard foreign.dialect == .anthropic else {
                losses.append(Loss(foreign.isServerTool ? .serverTool : .unsupported, at: tool.place))
                return false
            }
            out.writeImmutableBuffer(foreign.json.bytes)
        case .function(let function):
            var members = JSONMembers()
            out.writeInteger(UInt8.brace)
            members.text("name", function.name, &out)
            members.text("description", function.description, &out)
            var schema = RawJSON("{\"type\":\"object\",\"properties\":{}}")
            if let given = function.schema, given.inside.firstMark != nil { schema = given }
            members.json("input_schema", schema, &out)
            if function.isStrict == true { members.flag("strict", true, &out) }
            members.json("cache_control", tool.cacheControl, &out)
            out.writeInteger(UInt8.braceEnd)
        }
        return true
    }

    private func choice(_ choice: ToolChoice?, _ members: inout JSONMembers, _ out: inout ByteBuffer) {
        let isSerial = conversation.parallelToolCalls == false
        guard choice != nil || isSerial else { return }
        members.name("tool_choice", &out)
        var inner = JSONMembers()
        out.writeInteger(UInt8.brace)
        var takesSerial = isSerial
        switch choice {
        case nil, .auto, .allowed(_, isRequired: false): inner.text("type", "auto", &out)
        case .required, .allowed(_, isRequired: true): inner.text("type", "any", &out)
        case .some(.none):
            inner.text("type", "none", &out)
            takesSerial = false
        case .tool(let name):
            inner.text("type", "tool", &out)
            inner.text("name", name, &out)
        }
        if takesSerial { inner.flag("disable_parallel_tool_use", true, &out) }
        out.writeInteger(UInt8.braceEnd)
    }
}
