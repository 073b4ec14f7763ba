public import NIOCore
import Vocabulary

/// Writes a plain `chat.completion`.
public enum ChatAnswerWriter {
    /// - Parameters:
    ///   - events: a whole answer without a failure.
    ///   - created: seconds since 1970.
    public static func write(_ events: [AnswerEvent], created: Int64, into out: inout ByteBuffer) -> [Loss] {
        let answer = AnswerCollection(events)
        var message = ChatMessageWriter(answer)
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("id", answer.id, &out)
        members.text("object", "chat.completion", &out)
        members.number("created", created, &out)
        members.text("model", answer.model, &out)
        members.name("choices", &out)
        out.writeStaticString("[{\"index\":0,\"message\":")
        message.write(&out)
        out.writeStaticString(",\"logprobs\":")
        logprobs(answer.logprobs, &out)
        out.writeStaticString(",\"finish_reason\":\"")
        out.writeStaticString(ChatWords.word(answer.stop, hasCalls: answer.hasCalls))
        out.writeStaticString("\"}]")
        if let usage = answer.usage {
            members.name("usage", &out)
            ChatWords.write(usage, &out)
        }
        out.writeInteger(UInt8.braceEnd)
        return message.losses
    }

    /// Arrays joined into one.
    private static func logprobs(_ arrays: [RawJSON], _ out: inout ByteBuffer) {
        guard !arrays.isEmpty else {
            out.writeStaticString("null")
            return
        }
        out.writeStaticString("{\"content\":[")
        var elements = JSONElements()
        for array in arrays {
            let bytes = array.bytes
            guard let inner = bytes.getSlice(at: bytes.readerIndex + 1, length: bytes.readableBytes - 2),
                inner.firstMark != nil
            else { continue }
            elements.next(&out)
            out.writeImmutableBuffer(inner)
        }
        out.writeStaticString("]}")
    }
}

/// Writes an assistant's `message` from the parts of an answer.
struct ChatMessageWriter {
    private let answer: AnswerCollection
    private(set) var losses: [Loss] = []

    init(_ answer: AnswerCollection) { self.answer = answer }

    mutating func write(_ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("role", "assistant", &out)
        let hasText = answer.parts.contains { part in
            if case .text = part.kind { true } else { false }
        }
        members.name("content", &out)
        if hasText {
            string(&out) { if case .text = $0 { true } else { false } }
        } else {
            out.writeStaticString(answer.parts.isEmpty ? "\"\"" : "null")
        }
        members.name("refusal", &out)
        if answer.parts.contains(where: { if case .refusal = $0.kind { true } else { false } }) {
            string(&out) { if case .refusal = $0 { true } else { false } }
        } else {
            out.writeStaticString("null")
        }
        reasoning(&members, &out)
        calls(&members, &out)
        annotations(&members, &out)
        images(&members, &out)
        for (index, part) in answer.parts.enumerated() {
            guard case .foreign(let foreign) = part.kind else { continue }
            losses.append(Loss(foreign.isServerTool ? .serverTool : .unsupported, at: Place(.content, index)))
        }
        out.writeInteger(UInt8.braceEnd)
    }

    private func string(_ out: inout ByteBuffer, _ isPart: (BlockKind) -> Bool) {
        out.writeInteger(UInt8.quote)
        for part in answer.parts where isPart(part.kind) { out.writeImmutableBuffer(part.text.bytes) }
        out.writeInteger(UInt8.quote)
    }

    private func reasoning(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        let thoughts = answer.parts.filter(Self.isThinking)
        guard !thoughts.isEmpty else { return }
        if thoughts.contains(where: { !$0.text.isEmpty }) {
            members.name("reasoning_content", &out)
            string(&out) { kind in
                switch kind {
                case .thinking, .reasoningItem: true
                default: false
                }
            }
        }
        members.name("reasoning_details", &out)
        out.writeInteger(UInt8.bracket)
        var elements = JSONElements()
        for (index, part) in thoughts.enumerated() {
            elements.next(&out)
            ReasoningDetail(part.kind, index: index).write(text: part.text, signature: part.signature, &out)
        }
        out.writeInteger(UInt8.bracketEnd)
    }

    private static func isThinking(_ part: AnswerCollection.Part) -> Bool {
        switch part.kind {
        case .thinking, .redactedThinking, .reasoningItem: true
        default: false
        }
    }

    private func calls(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        guard answer.hasCalls else { return }
        members.name("tool_calls", &out)
        out.writeInteger(UInt8.bracket)
        var elements = JSONElements()
        for part in answer.parts {
            guard case .toolCall(let id, let name, let isCustom) = part.kind else { continue }
            elements.next(&out)
            ChatCall.write(
                id: id, name: name, isCustom: isCustom,
                arguments: part.text.isEmpty && !isCustom ? RawText("{}") : part.text, index: nil, &out)
        }
        out.writeInteger(UInt8.bracketEnd)
    }

    private mutating func annotations(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        var elements = JSONElements()
        for (index, part) in answer.parts.enumerated() {
            for citation in part.citations {
                var one = ByteBuffer()
                guard ChatWords.write(citation, &one) else {
                    losses.append(Loss(.unsupported, at: Place(.content, index), "citations"))
                    continue
                }
                if elements.isFirst {
                    members.name("annotations", &out)
                    out.writeInteger(UInt8.bracket)
                }
                elements.next(&out)
                out.writeBuffer(&one)
            }
        }
        if !elements.isFirst { out.writeInteger(UInt8.bracketEnd) }
    }

    /// Generated images stand in OpenRouter's `images`: OpenAI's chat has no place for them.
    private mutating func images(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        var elements = JSONElements()
        for (index, part) in answer.parts.enumerated() {
            guard case .media(let media) = part.kind else { continue }
            guard media.kind == .image, let url = media.url else {
                losses.append(Loss(.unsupported, at: Place(.content, index)))
                continue
            }
            if elements.isFirst {
                members.name("images", &out)
                out.writeInteger(UInt8.bracket)
            }
            elements.next(&out)
            ChatCall.write(image: url, &out)
        }
        if !elements.isFirst { out.writeInteger(UInt8.bracketEnd) }
    }
}

extension Media {
    /// Its address, as a data URL where it is given by its bytes; `nil` for a file or text.
    var url: RawText? {
        switch source {
        case .url(let url): return url
        case .base64(let mediaType, let data):
            var bytes = ByteBuffer()
            bytes.reserveCapacity(data.bytes.readableBytes + mediaType.bytes.readableBytes + 16)
            bytes.writeStaticString("data:")
            bytes.writeImmutableBuffer(mediaType.bytes)
            bytes.writeStaticString(";base64,")
            bytes.writeImmutableBuffer(data.bytes)
            return RawText(validated: bytes)
        case .file, .text, .blocks: return nil
        }
    }
}

/// An entry of `tool_calls`.
enum ChatCall {
    static func write(
        id: RawText, name: RawText, isCustom: Bool, arguments: RawText, index: Int?, _ out: inout ByteBuffer
    ) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        if let index { members.number("index", Int64(index), &out) }
        members.text("id", id, &out)
        members.text("type", isCustom ? "custom" : "function", &out)
        members.name(isCustom ? "custom" : "function", &out)
        var function = JSONMembers()
        out.writeInteger(UInt8.brace)
        function.text("name", name, &out)
        function.text(isCustom ? "input" : "arguments", arguments, &out)
        out.writeStaticString("}}")
    }

    static func write(image url: RawText, _ out: inout ByteBuffer) {
        out.writeStaticString("{\"type\":\"image_url\",\"image_url\":{\"url\":")
        out.writeJSONString(url)
        out.writeStaticString("}}")
    }
}

/// An entry of `reasoning_details`, OpenRouter's form, in which chat clients hand thoughts and their signatures back.
struct ReasoningDetail {
    private let kind: BlockKind
    private let index: Int

    init(_ kind: BlockKind, index: Int) {
        self.kind = kind
        self.index = index
    }

    func write(text: RawText, signature: RawText?, _ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        switch kind {
        case .redactedThinking(let data):
            members.text("type", "reasoning.encrypted", &out)
            members.text("data", data, &out)
        case .reasoningItem(let id):
            members.text("type", text.isEmpty ? "reasoning.encrypted" : "reasoning.summary", &out)
            members.text("id", id, &out)
            if !text.isEmpty { members.text("summary", text, &out) }
            members.text("data", signature, &out)
        default:
            members.text("type", "reasoning.text", &out)
            if !text.isEmpty || signature == nil { members.text("text", text, &out) }
            members.text("signature", signature, &out)
        }
        members.number("index", Int64(index), &out)
        out.writeInteger(UInt8.braceEnd)
    }
}
