import NIOCore
import Vocabulary

extension ConverseRequestWriter {
    /// All system and developer texts: Converse has one place for them.
    mutating func writeSystem(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        var list = ByteBuffer()
        var elements = JSONElements()
        var isBehind = false
        for turn in conversation.turns {
            guard turn.role == .system || turn.role == .developer else {
                isBehind = true
                continue
            }
            if isBehind { losses.append(Loss(.moved, at: turn.place)) }
            for block in turn.blocks { write(block, &elements, &list) }
        }
        guard !elements.isFirst else { return }
        members.name("system", &out)
        out.writeInteger(UInt8.bracket)
        out.writeBuffer(&list)
        out.writeInteger(UInt8.bracketEnd)
    }

    /// The array of messages, whose roles must alternate: turns of one side in a row are one; results stand first in it.
    mutating func messages(_ out: inout ByteBuffer) {
        var elements = JSONElements()
        out.writeInteger(UInt8.bracket)
        for side in conversation.sides(&losses) {
            var content = ByteBuffer()
            var inner = JSONElements()
            for block in side.blocks { write(block, &inner, &content) }
            // Converse refuses a message without content; there is nothing in it to lose.
            if inner.isFirst { continue }
            elements.next(&out)
            out.writeStaticString(
                side.role == .assistant ? "{\"role\":\"assistant\",\"content\":[" : "{\"role\":\"user\",\"content\":[")
            out.writeBuffer(&content)
            out.writeStaticString("]}")
        }
        out.writeInteger(UInt8.bracketEnd)
    }

    private mutating func write(_ block: Block, _ elements: inout JSONElements, _ out: inout ByteBuffer) {
        var one = ByteBuffer()
        guard write(block, &one) else { return }
        elements.next(&out)
        out.writeInteger(UInt8.brace)
        out.writeBuffer(&one)
        out.writeInteger(UInt8.braceEnd)
        guard block.cacheControl != nil else { return }
        elements.next(&out)
        out.writeStaticString(Self.cachePoint)
    }

    /// The member of a block; whether it is carried.
    private mutating func write(_ block: Block, _ out: inout ByteBuffer) -> Bool {
        var members = JSONMembers()
        switch block.kind {
        case .text(let text), .refusal(let text):
            if text.isEmpty { return false }
            members.text("text", text, &out)
        case .media(let media): return write(media, block, &out)
        case .toolCall(let call):
            let object = call.isCustom ? nil : call.arguments.object
            if object == nil, !call.isCustom { losses.append(Loss(.malformed, at: block.place, "arguments")) }
            members.name("toolUse", &out)
            out.writeInteger(UInt8.brace)
            var inner = JSONMembers()
            inner.text("toolUseId", call.id.asToolID, &out)
            inner.text("name", call.name, &out)
            inner.json("input", object ?? MessagesBlock.wrapped(call.arguments.encoded), &out)
            out.writeInteger(UInt8.braceEnd)
        case .toolResult(let result): write(result, &out)
        case .thinking(let thinking):
            guard thinking.redacted == nil, let signature = thinking.signature, !thinking.isFromResponses else {
                losses.append(Loss(.unsigned, at: block.place))
                return false
            }
            out.writeStaticString("\"reasoningContent\":{\"reasoningText\":{")
            members.text("text", thinking.text, &out)
            members.text("signature", signature, &out)
            out.writeStaticString("}}")
        case .foreign(let foreign):
            losses.append(Loss(foreign.isServerTool ? .serverTool : .unsupported, at: block.place))
            return false
        }
        return true
    }

    private mutating func write(_ result: ToolResult, _ out: inout ByteBuffer) {
        out.writeStaticString("\"toolResult\":{")
        var members = JSONMembers()
        members.text("toolUseId", result.callID.asToolID, &out)
        members.name("content", &out)
        out.writeInteger(UInt8.bracket)
        var elements = JSONElements()
        for block in result.content { write(block, &elements, &out) }
        out.writeInteger(UInt8.bracketEnd)
        if result.isError { members.text("status", "error", &out) }
        out.writeInteger(UInt8.braceEnd)
    }

    private mutating func write(_ media: Media, _ block: Block, _ out: inout ByteBuffer) -> Bool {
        switch (media.kind, media.source) {
        case (.image, .base64(let type, let data)):
            guard let format = Self.format(type, Self.images) else { return lose(block) }
            out.writeStaticString("\"image\":{")
            source(format, data, &out)
        case (.document, .base64(let type, let data)):
            guard let format = Self.format(type, Self.documents) else { return lose(block) }
            out.writeStaticString("\"document\":{")
            documentName(media, &out)
            source(format, data, &out)
        case (.document, .text(let text)):
            out.writeStaticString("\"document\":{")
            documentName(media, &out)
            out.writeStaticString("\"format\":\"txt\",\"source\":{\"text\":")
            out.writeJSONString(text)
            out.writeStaticString("}}")
        default: return lose(block)
        }
        return true
    }

    private func source(_ format: StaticString, _ data: RawText, _ out: inout ByteBuffer) {
        out.writeStaticString("\"format\":\"")
        out.writeStaticString(format)
        out.writeStaticString("\",\"source\":{\"bytes\":")
        out.writeJSONString(data)
        out.writeStaticString("}}")
    }

    /// Names are of letters, digits, spaces and hyphens, and no two alike; the client's title may hold anything.
    private mutating func documentName(_ media: Media, _ out: inout ByteBuffer) {
        documents += 1
        out.writeStaticString("\"name\":\"document-")
        out.writeDecimal(documents)
        out.writeStaticString("\",")
    }

    private mutating func lose(_ block: Block) -> Bool {
        losses.append(Loss(.unsupported, at: block.place))
        return false
    }

    private static let images: [(StaticString, StaticString)] = [
        ("image/png", "png"), ("image/jpeg", "jpeg"), ("image/jpg", "jpeg"), ("image/gif", "gif"),
        ("image/webp", "webp"),
    ]

    private static let documents: [(StaticString, StaticString)] = [
        ("application/pdf", "pdf"), ("text/csv", "csv"), ("application/msword", "doc"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
        ("application/vnd.ms-excel", "xls"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"), ("text/html", "html"),
        ("text/plain", "txt"), ("text/markdown", "md"),
    ]

    private static func format(_ type: RawText, _ known: [(StaticString, StaticString)]) -> StaticString? {
        known.first { type.equals($0.0) }?.1
    }
}
