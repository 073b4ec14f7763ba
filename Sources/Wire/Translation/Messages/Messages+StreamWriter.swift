public import NIOCore
import Vocabulary

/// Writes an answer as a messages stream.
public struct MessagesStreamWriter: AnswerStreamWriter {
    private var kind: BlockKind?
    /// The index of the block that is open, counted over those that were written.
    private var index = 0
    private var calls = 0
    /// Text of a custom call, which has to become an object.
    private var custom: RawText?
    private var usage: TokenUsage?
    private var stop: StopReason?
    public private(set) var losses: [Loss] = []

    public init() {}

    public mutating func write(_ event: AnswerEvent, into out: inout ByteBuffer) {
        switch event {
        case .start(let id, let model): start(id, model, &out)
        case .blockStart(let source, let kind): begin(source, kind, &out)
        case .blockStop: close(&out)
        case .text(let text), .refusal(let text): delta("text_delta", "text", text, &out)
        case .thinking(let text): delta("thinking_delta", "thinking", text, &out)
        case .signature(let text):
            if case .toolCall = kind {
                losses.append(Loss(.unsupported, at: Place(.content, index), "signature"))
            } else {
                delta("signature_delta", "signature", text, &out)
            }
        case .arguments(let text):
            if custom != nil { custom?.append(text) } else { delta("input_json_delta", "partial_json", text, &out) }
        case .citation(let citation): self.citation(citation, &out)
        case .usage(let report): usage = report
        case .logprobs: losses.append(Loss(.unsupported, at: .body, "logprobs"))
        case .stop(let reason): stop = reason
        case .failure(let error):
            out.writeStaticString("event: error\ndata: ")
            MessagesErrorWriter.write(error, into: &out)
            out.writeStaticString("\n\n")
        case .end: end(&out)
        }
    }

    private mutating func start(_ id: RawText, _ model: RawText, _ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeStaticString("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{")
        members.text("id", id, &out)
        members.text("type", "message", &out)
        members.text("role", "assistant", &out)
        members.text("model", model, &out)
        members.literal("content", "[]", &out)
        members.literal("stop_reason", "null", &out)
        members.literal("stop_sequence", "null", &out)
        members.name("usage", &out)
        MessagesUsage.write(usage, &out)
        out.writeStaticString("}}\n\n")
    }

    private mutating func begin(_ source: Int, _ kind: BlockKind, _ out: inout ByteBuffer) {
        guard MessagesBlock.isCarried(kind) else {
            losses.append(MessagesBlock.loss(of: kind, source))
            self.kind = nil
            return
        }
        self.kind = kind
        out.writeStaticString("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":")
        out.writeDecimal(index)
        out.writeStaticString(",\"content_block\":")
        switch kind {
        case .text, .refusal: out.writeStaticString("{\"type\":\"text\",\"text\":\"\"}")
        case .thinking, .reasoningItem:
            out.writeStaticString("{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}")
        case .redactedThinking(let data):
            out.writeStaticString("{\"type\":\"redacted_thinking\",\"data\":")
            out.writeJSONString(data)
            out.writeInteger(UInt8.braceEnd)
        case .toolCall(let id, let name, let isCustom):
            if isCustom {
                losses.append(Loss(.malformed, at: Place(.content, source), "input"))
                custom = RawText()
            }
            calls += 1
            out.writeStaticString("{\"type\":\"tool_use\",\"id\":")
            out.writeJSONString(id)
            out.writeStaticString(",\"name\":")
            out.writeJSONString(name)
            out.writeStaticString(",\"input\":{}}")
        case .foreign(let foreign): out.writeImmutableBuffer(foreign.json.bytes)
        case .media: break
        }
        out.writeStaticString("}\n\n")
    }

    private mutating func close(_ out: inout ByteBuffer) {
        guard kind != nil else { return }
        if let text = custom {
            let object = RawText(escaping: Array(buffer: MessagesBlock.wrapped(text).bytes))
            delta("input_json_delta", "partial_json", object, &out)
            custom = nil
        }
        out.writeStaticString("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":")
        out.writeDecimal(index)
        out.writeStaticString("}\n\n")
        index += 1
        kind = nil
    }

    private mutating func citation(_ citation: Citation, _ out: inout ByteBuffer) {
        guard kind != nil else { return }
        var one = ByteBuffer()
        guard MessagesWords.write(citation, &one) else {
            losses.append(Loss(.unsupported, at: Place(.content, index), "annotations"))
            return
        }
        open("citations_delta", &out)
        out.writeStaticString("\"citation\":")
        out.writeImmutableBuffer(one)
        out.writeStaticString("}}\n\n")
    }

    private func delta(_ type: StaticString, _ name: StaticString, _ text: RawText, _ out: inout ByteBuffer) {
        guard kind != nil else { return }
        open(type, &out)
        out.writeInteger(UInt8.quote)
        out.writeStaticString(name)
        out.writeStaticString("\":")
        out.writeJSONString(text)
        out.writeStaticString("}}\n\n")
    }

    private func open(_ type: StaticString, _ out: inout ByteBuffer) {
        out.writeStaticString("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":")
        out.writeDecimal(index)
        out.writeStaticString(",\"delta\":{\"type\":\"")
        out.writeStaticString(type)
        out.writeStaticString("\",")
    }

    private func end(_ out: inout ByteBuffer) {
        out.writeStaticString("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"")
        out.writeStaticString(MessagesWords.word(stop, hasCalls: calls > 0))
        out.writeStaticString("\",\"stop_sequence\":null},\"usage\":")
        MessagesUsage.write(usage, &out)
        out.writeStaticString("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
    }
}
