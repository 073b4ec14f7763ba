import NIOCore
import Vocabulary

extension ChatConversationWriter {
    /// The array of messages. A turn of the user's becomes a message for each tool result and one for the rest.
    mutating func messages(_ out: inout ByteBuffer) {
        var elements = JSONElements()
        out.writeInteger(UInt8.bracket)
        for turn in conversation.turns {
            switch turn.role {
            case .system: message("system", turn, turn.blocks, &elements, &out)
            case .developer:
                if !options.takesDeveloperRole { losses.append(Loss(.converted, at: turn.place)) }
                message(options.takesDeveloperRole ? "developer" : "system", turn, turn.blocks, &elements, &out)
            case .user: user(turn, &elements, &out)
            case .assistant: assistant(turn, &elements, &out)
            }
        }
        out.writeInteger(UInt8.bracketEnd)
    }

    private mutating func user(_ turn: Turn, _ elements: inout JSONElements, _ out: inout ByteBuffer) {
        var rest: [Block] = []
        var hasResults = false
        for block in turn.blocks {
            guard case .toolResult(let result) = block.kind else {
                rest.append(block)
                continue
            }
            hasResults = true
            rest += self.result(result, block, &elements, &out)
        }
        if !rest.isEmpty || !hasResults { message("user", turn, rest, &elements, &out) }
    }

    /// A `tool` message. It takes text alone: pictures and documents of a result follow in the user's message
    /// (`PAINS.md` 7), which are returned.
    private mutating func result(
        _ result: ToolResult, _ block: Block, _ elements: inout JSONElements, _ out: inout ByteBuffer
    ) -> [Block] {
        var texts: [Block] = []
        var moved: [Block] = []
        for inner in result.content {
            if case .media(let media) = inner.kind, Self.text(of: media) == nil {
                losses.append(Loss(.moved, at: inner.place))
                moved.append(inner)
            } else {
                texts.append(inner)
            }
        }
        if result.isError { losses.append(Loss(.unsupported, at: block.place, "is_error")) }
        elements.next(&out)
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("role", "tool", &out)
        members.text("tool_call_id", result.callID, &out)
        let cache = cacheControl(block.cacheControl, block.place)
        members.name("content", &out)
        content(texts, &out)
        members.json("cache_control", cache, &out)
        out.writeInteger(UInt8.braceEnd)
        return moved
    }

    private mutating func message(
        _ role: StaticString, _ turn: Turn, _ blocks: [Block], _ elements: inout JSONElements, _ out: inout ByteBuffer
    ) {
        elements.next(&out)
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("role", role, &out)
        members.text("name", turn.name, &out)
        members.name("content", &out)
        content(blocks, &out)
        out.writeInteger(UInt8.braceEnd)
    }

    private mutating func assistant(_ turn: Turn, _ elements: inout JSONElements, _ out: inout ByteBuffer) {
        elements.next(&out)
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("role", "assistant", &out)
        members.text("name", turn.name, &out)
        var texts: [Block] = []
        var calls: [(call: ToolCall, place: Place)] = []
        var thoughts: [Thinking] = []
        var refusal: RawText?
        for block in turn.blocks {
            switch block.kind {
            case .toolCall(let call): calls.append((call, block.place))
            case .thinking(let thinking):
                thoughts.append(thinking)
                if options.thoughts == .none { losses.append(Loss(.unsupported, at: block.place)) }
            case .refusal(let text): refusal = text
            case .text, .media, .toolResult, .foreign: texts.append(block)
            }
        }
        members.name("content", &out)
        if texts.isEmpty, !calls.isEmpty || refusal != nil {
            out.writeStaticString("null")
        } else {
            content(texts, &out)
        }
        members.text("refusal", refusal, &out)
        write(thoughts, &members, &out)
        if !calls.isEmpty {
            members.name("tool_calls", &out)
            out.writeInteger(UInt8.bracket)
            var list = JSONElements()
            for (call, place) in calls {
                list.next(&out)
                if call.signature != nil { losses.append(Loss(.unsupported, at: place, "signature")) }
                // Another dialect's custom tools were declared as functions that take `{"input":…}`.
                let isCustom = call.isCustom && conversation.dialect == .openAI
                var arguments = call.arguments.encoded
                if call.isCustom, !isCustom { arguments = Arguments.value(MessagesBlock.wrapped(arguments)).encoded }
                if arguments.isEmpty, !isCustom { arguments = RawText("{}") }
                ChatCall.write(
                    id: call.id, name: call.name, isCustom: isCustom, arguments: arguments, index: nil, &out)
            }
            out.writeInteger(UInt8.bracketEnd)
        }
        out.writeInteger(UInt8.braceEnd)
    }

    private func write(_ thoughts: [Thinking], _ members: inout JSONMembers, _ out: inout ByteBuffer) {
        guard !thoughts.isEmpty else { return }
        switch options.thoughts {
        case .none: break
        case .reasoningContent:
            members.name("reasoning_content", &out)
            out.writeInteger(UInt8.quote)
            for thinking in thoughts { out.writeImmutableBuffer(thinking.text.bytes) }
            out.writeInteger(UInt8.quote)
        case .reasoningDetails:
            members.name("reasoning_details", &out)
            out.writeInteger(UInt8.bracket)
            var elements = JSONElements()
            for (index, thinking) in thoughts.enumerated() {
                elements.next(&out)
                var kind = BlockKind.thinking
                if let id = thinking.id { kind = .reasoningItem(id: id) }
                if let data = thinking.redacted { kind = .redactedThinking(data) }
                ReasoningDetail(kind, index: index).write(
                    text: thinking.text, signature: thinking.signature, &out)
            }
            out.writeInteger(UInt8.bracketEnd)
        }
    }
}

// MARK: Content

extension ChatConversationWriter {
    /// One text is a string, all else is parts: every provider takes the string, some no parts.
    private mutating func content(_ blocks: [Block], _ out: inout ByteBuffer) {
        if blocks.isEmpty {
            out.writeStaticString("\"\"")
            return
        }
        if blocks.count == 1, case .text(let text) = blocks[0].kind,
            blocks[0].cacheControl == nil || !options.takesCacheControl
        {
            _ = cacheControl(blocks[0].cacheControl, blocks[0].place)
            citations(blocks[0])
            return out.writeJSONString(text)
        }
        var elements = JSONElements()
        out.writeInteger(UInt8.bracket)
        for block in blocks {
            var one = ByteBuffer()
            guard part(block, &one) else { continue }
            elements.next(&out)
            out.writeInteger(UInt8.brace)
            out.writeBuffer(&one)
            if let cache = cacheControl(block.cacheControl, block.place) {
                out.writeStaticString(",\"cache_control\":")
                out.writeImmutableBuffer(cache.bytes)
            }
            out.writeInteger(UInt8.braceEnd)
        }
        out.writeInteger(UInt8.bracketEnd)
    }

    private mutating func citations(_ block: Block) {
        if block.citations != nil { losses.append(Loss(.unsupported, at: block.place, "citations")) }
    }

    /// The members of a part; whether it is carried.
    private mutating func part(_ block: Block, _ out: inout ByteBuffer) -> Bool {
        var members = JSONMembers()
        citations(block)
        switch block.kind {
        case .text(let text):
            members.text("type", "text", &out)
            members.text("text", text, &out)
        case .refusal(let text):
            members.text("type", "refusal", &out)
            members.text("refusal", text, &out)
        case .media(let media): return part(media, block, &out)
        case .foreign(let foreign):
            guard foreign.dialect == .openAI, foreign.json.bytes.readableBytes > 2 else {
                losses.append(Loss(foreign.isServerTool ? .serverTool : .unsupported, at: block.place))
                return false
            }
            // Its members without the braces.
            out.writeImmutableBuffer(RawJSON(validated: foreign.json.bytes).inside)
        case .toolCall, .toolResult, .thinking:
            losses.append(Loss(.unsupported, at: block.place))
            return false
        }
        return true
    }

    private mutating func part(_ media: Media, _ block: Block, _ out: inout ByteBuffer) -> Bool {
        var members = JSONMembers()
        if let text = Self.text(of: media) {
            losses.append(Loss(.converted, at: block.place))
            members.text("type", "text", &out)
            members.text("text", text, &out)
            return true
        }
        switch (media.kind, media.source) {
        case (.image, .url), (.image, .base64):
            guard let url = media.url else { return false }
            members.text("type", "image_url", &out)
            members.name("image_url", &out)
            var image = JSONMembers()
            out.writeInteger(UInt8.brace)
            image.text("url", url, &out)
            image.text("detail", media.detail, &out)
            out.writeInteger(UInt8.braceEnd)
        case (.document, .base64):
            guard let url = media.url else { return false }
            members.text("type", "file", &out)
            members.name("file", &out)
            var file = JSONMembers()
            out.writeInteger(UInt8.brace)
            file.text("filename", media.title ?? RawText("document.pdf"), &out)
            file.text("file_data", url, &out)
            out.writeInteger(UInt8.braceEnd)
            if media.context != nil { losses.append(Loss(.unsupported, at: block.place, "context")) }
        case (.document, .file(let id))
        where conversation.dialect == .openAI || conversation.dialect == .openAIResponses:
            members.text("type", "file", &out)
            members.name("file", &out)
            var file = JSONMembers()
            out.writeInteger(UInt8.brace)
            file.text("file_id", id, &out)
            out.writeInteger(UInt8.braceEnd)
        case (.audio, .base64(let type, let data)):
            members.text("type", "input_audio", &out)
            members.name("input_audio", &out)
            var audio = JSONMembers()
            out.writeInteger(UInt8.brace)
            audio.text("data", data, &out)
            audio.text("format", type.hasSuffix("mpeg") || type.hasSuffix("mp3") ? "mp3" : "wav", &out)
            out.writeInteger(UInt8.braceEnd)
        default:
            losses.append(Loss(.unsupported, at: block.place, "source"))
            return false
        }
        return true
    }

    /// The words of a document that is text: chat has no other form for it.
    private static func text(of media: Media) -> RawText? {
        switch media.source {
        case .text(let text): return text
        case .blocks(let blocks):
            var all = RawText()
            for block in blocks {
                guard case .text(let text) = block.kind else { return nil }
                all.append(text)
            }
            return all
        case .base64, .url, .file: return nil
        }
    }
}

extension RawJSON {
    /// An object's members without its braces.
    var inside: ByteBuffer {
        bytes.getSlice(at: bytes.readerIndex + 1, length: max(0, bytes.readableBytes - 2)) ?? ByteBuffer()
    }
}
