import NIOCore
import Vocabulary

extension ResponsesConversationWriter {
    /// The array of items. A turn becomes as many as it has sides: messages, reasoning, calls and their outputs.
    mutating func input(_ turns: ArraySlice<Turn>, _ out: inout ByteBuffer) {
        var elements = JSONElements()
        out.writeInteger(UInt8.bracket)
        for turn in turns {
            if turn.name != nil { losses.append(Loss(.unsupported, at: turn.place, "name")) }
            var rest: [Block] = []
            for block in turn.blocks {
                if isPart(block) {
                    rest.append(block)
                    continue
                }
                var one = ByteBuffer()
                guard item(block, &one) else { continue }
                message(turn, &rest, &elements, &out)
                elements.next(&out)
                out.writeBuffer(&one)
            }
            message(turn, &rest, &elements, &out)
        }
        out.writeInteger(UInt8.bracketEnd)
    }

    private func isPart(_ block: Block) -> Bool {
        switch block.kind {
        case .text, .media, .refusal: return true
        case .foreign(let foreign): return foreign.isPart
        case .toolCall, .toolResult, .thinking: return false
        }
    }

    private mutating func message(
        _ turn: Turn, _ blocks: inout [Block], _ elements: inout JSONElements, _ out: inout ByteBuffer
    ) {
        guard !blocks.isEmpty else { return }
        var content = ByteBuffer()
        self.content(blocks, isAssistant: turn.role == .assistant, &content)
        blocks = []
        guard content.readableBytes > 2 else { return }
        elements.next(&out)
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("type", "message", &out)
        switch turn.role {
        case .system: members.text("role", "system", &out)
        case .developer: members.text("role", "developer", &out)
        case .user: members.text("role", "user", &out)
        case .assistant: members.text("role", "assistant", &out)
        }
        members.name("content", &out)
        out.writeBuffer(&content)
        out.writeInteger(UInt8.braceEnd)
    }

    /// An item that is no message; whether it is carried.
    private mutating func item(_ block: Block, _ out: inout ByteBuffer) -> Bool {
        loseCacheControl(block)
        switch block.kind {
        case .toolCall(let call): self.call(call, block, &out)
        case .toolResult(let result): self.result(result, block, &out)
        case .thinking(let thinking): return reasoning(thinking, block, &out)
        case .foreign(let foreign):
            guard foreign.dialect == .openAIResponses else {
                losses.append(Loss(foreign.isServerTool ? .serverTool : .unsupported, at: block.place))
                return false
            }
            out.writeImmutableBuffer(foreign.json.bytes)
        case .text, .media, .refusal: return false
        }
        return true
    }

    private mutating func call(_ call: ToolCall, _ block: Block, _ out: inout ByteBuffer) {
        if call.signature != nil { losses.append(Loss(.unsupported, at: block.place, "signature")) }
        var id = call.id
        if id.isEmpty {
            id = ResponsesItem.id("call", RawText(), madeIDs.count)
            madeIDs.append((call.name, id))
        }
        var arguments = call.arguments.encoded
        if arguments.isEmpty, !call.isCustom { arguments = RawText("{}") }
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("type", call.isCustom ? "custom_tool_call" : "function_call", &out)
        members.text("call_id", id, &out)
        members.text("name", call.name, &out)
        members.text(call.isCustom ? "input" : "arguments", arguments, &out)
        out.writeInteger(UInt8.braceEnd)
    }

    private mutating func result(_ result: ToolResult, _ block: Block, _ out: inout ByteBuffer) {
        if result.isError { losses.append(Loss(.unsupported, at: block.place, "is_error")) }
        var id = result.callID
        if id.isEmpty, let made = madeID(result.name) { id = made }
        let isCustom = conversation.turns.contains { turn in
            turn.blocks.contains { block in
                guard case .toolCall(let call) = block.kind else { return false }
                return call.isCustom && call.id.isSpelled(like: result.callID)
            }
        }
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("type", isCustom ? "custom_tool_call_output" : "function_call_output", &out)
        members.text("call_id", id, &out)
        members.name("output", &out)
        if result.content.isEmpty {
            out.writeStaticString("\"\"")
        } else {
            content(result.content, isAssistant: false, &out)
        }
        out.writeInteger(UInt8.braceEnd)
    }

    /// The oldest call without an id that this result can be about.
    private mutating func madeID(_ name: RawText?) -> RawText? {
        let place = madeIDs.firstIndex { made in name.map { $0.isSpelled(like: made.name) } ?? true }
        guard let place else { return nil }
        return madeIDs.remove(at: place).id
    }

    /// Only what a Responses provider encrypted: it refuses all else. Byte-identical (`PAINS.md` 5).
    private mutating func reasoning(_ thinking: Thinking, _ block: Block, _ out: inout ByteBuffer) -> Bool {
        guard thinking.isFromResponses else {
            losses.append(Loss(.unsigned, at: block.place))
            return false
        }
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("type", "reasoning", &out)
        members.text("id", thinking.id.flatMap { $0.isEmpty ? nil : $0 }, &out)
        members.name("summary", &out)
        out.writeInteger(UInt8.bracket)
        if !thinking.text.isEmpty { ResponsesItem.summaryPart(thinking.text, &out) }
        out.writeInteger(UInt8.bracketEnd)
        members.text("encrypted_content", thinking.signature, &out)
        out.writeInteger(UInt8.braceEnd)
        return true
    }
}

// MARK: Content

extension ResponsesConversationWriter {
    /// One text is a string, all else is parts.
    private mutating func content(_ blocks: [Block], isAssistant: Bool, _ out: inout ByteBuffer) {
        for block in blocks {
            loseCacheControl(block)
            if block.citations != nil { losses.append(Loss(.unsupported, at: block.place, "citations")) }
        }
        if blocks.count == 1, case .text(let text) = blocks[0].kind { return out.writeJSONString(text) }
        var elements = JSONElements()
        out.writeInteger(UInt8.bracket)
        for block in blocks { part(block, isAssistant, &elements, &out) }
        out.writeInteger(UInt8.bracketEnd)
    }

    private mutating func part(
        _ block: Block, _ isAssistant: Bool, _ elements: inout JSONElements, _ out: inout ByteBuffer
    ) {
        switch block.kind {
        case .text(let text):
            elements.next(&out)
            self.text(text, isAssistant, &out)
        case .refusal(let text):
            elements.next(&out)
            if isAssistant {
                ResponsesItem.refusalPart(text, &out)
            } else {
                self.text(text, false, &out)
                losses.append(Loss(.converted, at: block.place))
            }
        case .media(let media):
            if case .blocks(let inner) = media.source {
                losses.append(Loss(.converted, at: block.place))
                for block in inner { part(block, isAssistant, &elements, &out) }
                return
            }
            var one = ByteBuffer()
            guard !isAssistant, self.media(media, block, &one) else {
                if isAssistant { losses.append(Loss(.unsupported, at: block.place)) }
                return
            }
            elements.next(&out)
            out.writeBuffer(&one)
        case .foreign(let foreign):
            guard foreign.dialect == .openAIResponses else {
                return losses.append(Loss(foreign.isServerTool ? .serverTool : .unsupported, at: block.place))
            }
            elements.next(&out)
            out.writeImmutableBuffer(foreign.json.bytes)
        case .toolCall, .toolResult, .thinking: losses.append(Loss(.unsupported, at: block.place))
        }
    }

    private func text(_ text: RawText, _ isAssistant: Bool, _ out: inout ByteBuffer) {
        out.writeStaticString(
            isAssistant ? "{\"type\":\"output_text\",\"text\":" : "{\"type\":\"input_text\",\"text\":")
        out.writeJSONString(text)
        out.writeStaticString(isAssistant ? ",\"annotations\":[]}" : "}")
    }

    private mutating func media(_ media: Media, _ block: Block, _ out: inout ByteBuffer) -> Bool {
        if media.context != nil { losses.append(Loss(.unsupported, at: block.place, "context")) }
        if case .base64(_, let data) = media.source, !data.isBase64 {
            losses.append(Loss(.malformed, at: block.place, "source"))
        }
        let isOurs = conversation.dialect == .openAI || conversation.dialect == .openAIResponses
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        switch (media.kind, media.source) {
        case (.image, .url), (.image, .base64):
            members.text("type", "input_image", &out)
            members.text("image_url", media.url, &out)
            members.text("detail", media.detail ?? RawText("auto"), &out)
        case (.image, .file(let id)) where isOurs:
            members.text("type", "input_image", &out)
            members.text("file_id", id, &out)
            members.text("detail", media.detail ?? RawText("auto"), &out)
        case (.document, .base64):
            members.text("type", "input_file", &out)
            members.text("filename", media.title ?? RawText("document.pdf"), &out)
            members.text("file_data", media.url, &out)
        case (.document, .url(let url)):
            members.text("type", "input_file", &out)
            members.text("file_url", url, &out)
        case (.document, .file(let id)) where isOurs:
            members.text("type", "input_file", &out)
            members.text("file_id", id, &out)
        case (_, .text(let text)):
            losses.append(Loss(.converted, at: block.place))
            members.text("type", "input_text", &out)
            members.text("text", text, &out)
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
        out.writeInteger(UInt8.braceEnd)
        return true
    }
}

extension Foreign {
    /// Whether it is a part of a message's content, not an item.
    fileprivate var isPart: Bool {
        guard dialect == .openAIResponses else { return false }
        var tape = JSONTape()
        guard tape.readRepaired(json.bytes), let type = tape.text(JSONTape.root, "type") else { return false }
        return type.hasPrefix("input_") || type.hasPrefix("output_")
    }
}
