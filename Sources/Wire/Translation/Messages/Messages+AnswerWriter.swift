public import NIOCore
import Vocabulary

/// Writes a plain `message`.
public enum MessagesAnswerWriter {
    /// - Parameter events: a whole answer without a failure.
    public static func write(_ events: [AnswerEvent], into out: inout ByteBuffer) -> [Loss] {
        let answer = AnswerCollection(events)
        var losses: [Loss] = []
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("id", answer.id, &out)
        members.text("type", "message", &out)
        members.text("role", "assistant", &out)
        members.text("model", answer.model, &out)
        members.name("content", &out)
        out.writeInteger(UInt8.bracket)
        var elements = JSONElements()
        for (index, part) in answer.parts.enumerated() {
            guard MessagesBlock.isCarried(part.kind) else {
                losses.append(MessagesBlock.loss(of: part.kind, index))
                continue
            }
            elements.next(&out)
            block(part, index, &losses, &out)
        }
        out.writeInteger(UInt8.bracketEnd)
        members.text("stop_reason", MessagesWords.word(answer.stop, hasCalls: answer.hasCalls), &out)
        members.literal("stop_sequence", "null", &out)
        members.name("usage", &out)
        MessagesUsage.write(answer.usage, &out)
        out.writeInteger(UInt8.braceEnd)
        if !answer.logprobs.isEmpty { losses.append(Loss(.unsupported, at: .body, "logprobs")) }
        return losses
    }

    private static func block(
        _ part: AnswerCollection.Part, _ index: Int, _ losses: inout [Loss], _ out: inout ByteBuffer
    ) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        switch part.kind {
        case .text, .refusal:
            members.text("type", "text", &out)
            members.text("text", part.text, &out)
            citations(part.citations, index, &losses, &members, &out)
        case .thinking, .reasoningItem:
            members.text("type", "thinking", &out)
            members.text("thinking", part.text, &out)
            members.text("signature", part.signature ?? RawText(), &out)
        case .redactedThinking(let data):
            members.text("type", "redacted_thinking", &out)
            members.text("data", data, &out)
        case .toolCall(let id, let name, let isCustom):
            members.text("type", "tool_use", &out)
            members.text("id", id, &out)
            members.text("name", name, &out)
            let object = isCustom ? nil : Arguments.encoded(part.text).object
            if object == nil { losses.append(Loss(.malformed, at: Place(.content, index), "input")) }
            members.json("input", object ?? MessagesBlock.wrapped(part.text), &out)
        case .foreign(let foreign):
            // Members that are there already are written as they stand.
            out.moveWriterIndex(to: out.writerIndex - 1)
            out.writeImmutableBuffer(foreign.json.bytes)
            return
        case .media: break
        }
        out.writeInteger(UInt8.braceEnd)
    }

    private static func citations(
        _ citations: [Citation], _ index: Int, _ losses: inout [Loss], _ members: inout JSONMembers,
        _ out: inout ByteBuffer
    ) {
        var elements = JSONElements()
        for citation in citations {
            var one = ByteBuffer()
            guard MessagesWords.write(citation, &one) else {
                losses.append(Loss(.unsupported, at: Place(.content, index), "annotations"))
                continue
            }
            if elements.isFirst {
                members.name("citations", &out)
                out.writeInteger(UInt8.bracket)
            }
            elements.next(&out)
            out.writeBuffer(&one)
        }
        if !elements.isFirst { out.writeInteger(UInt8.bracketEnd) }
    }
}

/// What of an answer's blocks Anthropic's dialect has.
enum MessagesBlock {
    static func isCarried(_ kind: BlockKind) -> Bool {
        switch kind {
        case .media: false
        case .foreign(let foreign): foreign.dialect == .anthropic
        default: true
        }
    }

    static func loss(of kind: BlockKind, _ index: Int) -> Loss {
        var reason = LossReason.unsupported
        if case .foreign(let foreign) = kind, foreign.isServerTool { reason = .serverTool }
        return Loss(reason, at: Place(.content, index))
    }

    /// Arguments that are no JSON object, inside one: the client's parser takes nothing else.
    static func wrapped(_ text: RawText) -> RawJSON {
        var out = ByteBuffer()
        out.writeStaticString("{\"input\":")
        out.writeJSONString(text)
        out.writeInteger(UInt8.braceEnd)
        return RawJSON(validated: out)
    }
}
