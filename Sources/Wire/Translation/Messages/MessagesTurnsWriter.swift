import NIOCore
import Vocabulary

extension MessagesRequestWriter {
    /// All system and developer texts in front: Anthropic has one place for them. Those from between the turns are moved.
    mutating func writeSystem(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        var blocks: [Block] = []
        var isBehind = false
        for turn in conversation.turns {
            guard turn.role == .system || turn.role == .developer else {
                isBehind = true
                continue
            }
            if isBehind { losses.append(Loss(.moved, at: turn.place)) }
            for block in turn.blocks {
                if case .text(let text) = block.kind {
                    if !text.isEmpty { blocks.append(block) }
                } else {
                    losses.append(Loss(.unsupported, at: block.place))
                }
            }
        }
        guard !blocks.isEmpty else { return }
        members.name("system", &out)
        if blocks.count == 1, blocks[0].cacheControl == nil, case .text(let text) = blocks[0].kind {
            return out.writeJSONString(text)
        }
        var elements = JSONElements()
        out.writeInteger(UInt8.bracket)
        for block in blocks { write(block, &elements, &out) }
        out.writeInteger(UInt8.bracketEnd)
    }

    /// The array of messages. Turns of one side in a row are one message; results stand before all else in it.
    mutating func messages(_ out: inout ByteBuffer) {
        var elements = JSONElements()
        out.writeInteger(UInt8.bracket)
        for side in conversation.sides(&losses) {
            message(side, &elements, &out)
        }
        out.writeInteger(UInt8.bracketEnd)
    }

    private mutating func message(_ side: Side, _ elements: inout JSONElements, _ out: inout ByteBuffer) {
        let blocks = side.blocks
        var content = ByteBuffer()
        var inner = JSONElements()
        if blocks.count == 1, blocks[0].cacheControl == nil, case .text(let text) = blocks[0].kind {
            if text.isEmpty { return }
            content.writeJSONString(text)
        } else {
            content.writeInteger(UInt8.bracket)
            for block in blocks { write(block, &inner, &content) }
            // Anthropic refuses a message without content; there is nothing in it to lose.
            if inner.isFirst { return }
            content.writeInteger(UInt8.bracketEnd)
        }
        elements.next(&out)
        out.writeStaticString(
            side.role == .assistant ? "{\"role\":\"assistant\",\"content\":" : "{\"role\":\"user\",\"content\":")
        out.writeBuffer(&content)
        out.writeInteger(UInt8.braceEnd)
    }

    private mutating func write(_ block: Block, _ elements: inout JSONElements, _ out: inout ByteBuffer) {
        var one = ByteBuffer()
        guard members(block, &one) else { return }
        elements.next(&out)
        out.writeInteger(UInt8.brace)
        out.writeBuffer(&one)
        // A foreign block has its mark in it.
        if let cache = block.cacheControl, !block.isForeign {
            out.writeStaticString(",\"cache_control\":")
            out.writeImmutableBuffer(cache.bytes)
        }
        out.writeInteger(UInt8.braceEnd)
    }

    /// The members of a block; whether it is carried.
    private mutating func members(_ block: Block, _ out: inout ByteBuffer) -> Bool {
        var members = JSONMembers()
        switch block.kind {
        case .text(let text), .refusal(let text):
            // Anthropic refuses empty texts.
            if text.isEmpty { return false }
            members.text("type", "text", &out)
            members.text("text", text, &out)
            if conversation.dialect == .anthropic { members.json("citations", block.citations, &out) }
        case .media(let media): return write(media, block, &out)
        case .toolCall(let call):
            members.text("type", "tool_use", &out)
            members.text("id", call.id.asToolID, &out)
            members.text("name", call.name, &out)
            let object = call.isCustom ? nil : call.arguments.object
            if object == nil, !call.isCustom { losses.append(Loss(.malformed, at: block.place, "arguments")) }
            if call.signature != nil { losses.append(Loss(.unsupported, at: block.place, "signature")) }
            members.json("input", object ?? MessagesBlock.wrapped(call.arguments.encoded), &out)
        case .toolResult(let result):
            members.text("type", "tool_result", &out)
            members.text("tool_use_id", result.callID.asToolID, &out)
            self.result(result, &members, &out)
            if result.isError { members.flag("is_error", true, &out) }
        case .thinking(let thinking):
            guard Self.isTaken(thinking) else {
                losses.append(Loss(.unsigned, at: block.place))
                return false
            }
            if let data = thinking.redacted {
                members.text("type", "redacted_thinking", &out)
                members.text("data", data, &out)
            } else {
                members.text("type", "thinking", &out)
                members.text("thinking", thinking.text, &out)
                members.text("signature", thinking.signature, &out)
            }
        case .foreign(let foreign):
            guard foreign.dialect == .anthropic else {
                losses.append(Loss(foreign.isServerTool ? .serverTool : .unsupported, at: block.place))
                return false
            }
            out.writeImmutableBuffer(foreign.json.inside)
        }
        return true
    }

    private mutating func result(_ result: ToolResult, _ members: inout JSONMembers, _ out: inout ByteBuffer) {
        guard !result.content.isEmpty else { return }
        members.name("content", &out)
        if result.content.count == 1, result.content[0].cacheControl == nil,
            case .text(let text) = result.content[0].kind
        {
            return out.writeJSONString(text)
        }
        var elements = JSONElements()
        out.writeInteger(UInt8.bracket)
        for block in result.content { write(block, &elements, &out) }
        out.writeInteger(UInt8.bracketEnd)
    }

    private mutating func write(_ media: Media, _ block: Block, _ out: inout ByteBuffer) -> Bool {
        var source = ByteBuffer()
        var inner = JSONMembers()
        source.writeInteger(UInt8.brace)
        switch media.source {
        case .base64(let type, let data):
            // Of documents Anthropic takes PDF alone this way; images are not checked here, its own error says more.
            if media.kind == .document, !type.hasSuffix("pdf") { return lose(block) }
            inner.text("type", "base64", &source)
            inner.text("media_type", type.hasSuffix("/jpg") ? RawText("image/jpeg") : type, &source)
            inner.text("data", data, &source)
        case .url(let url):
            inner.text("type", "url", &source)
            inner.text("url", url, &source)
        case .file(let id):
            guard conversation.dialect == .anthropic else { return lose(block) }
            inner.text("type", "file", &source)
            inner.text("file_id", id, &source)
        case .text(let text):
            inner.text("type", "text", &source)
            inner.text("media_type", "text/plain", &source)
            inner.text("data", text, &source)
        case .blocks(let blocks):
            inner.text("type", "content", &source)
            inner.name("content", &source)
            var elements = JSONElements()
            source.writeInteger(UInt8.bracket)
            for block in blocks { write(block, &elements, &source) }
            source.writeInteger(UInt8.bracketEnd)
        }
        source.writeInteger(UInt8.braceEnd)
        var members = JSONMembers()
        switch media.kind {
        case .image: members.text("type", "image", &out)
        case .document: members.text("type", "document", &out)
        case .audio, .video: return lose(block)
        }
        members.name("source", &out)
        out.writeBuffer(&source)
        if media.kind == .document {
            members.text("title", media.title, &out)
            members.text("context", media.context, &out)
            members.json("citations", block.citations, &out)
        }
        if let detail = media.detail, !detail.equals("auto") {
            losses.append(Loss(.unsupported, at: block.place, "image_url.detail"))
        }
        return true
    }

    private mutating func lose(_ block: Block) -> Bool {
        losses.append(Loss(.unsupported, at: block.place))
        return false
    }
}

extension Block {
    fileprivate var isForeign: Bool {
        if case .foreign = kind { true } else { false }
    }
}

extension RawText {
    /// Anthropic takes ids of letters, digits, `_` and `-`; what else stands in one becomes `_`, in call and result alike.
    var asToolID: RawText {
        let span = bytes.readableBytesUInt8Span
        var isPlain = true
        for index in span.indices where !Self.isPlain(span[index]) { isPlain = false }
        if isPlain { return self }
        var out: [UInt8] = []
        for index in span.indices { out.append(Self.isPlain(span[index]) ? span[index] : UInt8(ascii: "_")) }
        return RawText(escaping: out)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case .zero ... .nine, UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "_"), .minus:
            true
        default: false
        }
    }
}
