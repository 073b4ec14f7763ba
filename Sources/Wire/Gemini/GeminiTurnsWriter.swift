import NIOCore
import Vocabulary

extension GeminiRequestWriter {
    /// Google's word for a call that no Gemini made: it stands where a signature is demanded.
    private static let foreignCall = RawText("skip_thought_signature_validator")

    /// `systemInstruction` and `contents`. Turns of one side in a row become one content: the results of parallel calls have
    /// to stand together.
    mutating func contents(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        var system: [Block] = []
        var turns: [(role: Turn.Role, blocks: [Block])] = []
        for turn in conversation.turns {
            if turn.name != nil { losses.append(Loss(.unsupported, at: turn.place, "name")) }
            switch turn.role {
            case .system, .developer:
                if turn.role == .developer { losses.append(Loss(.converted, at: turn.place)) }
                if !turns.isEmpty { losses.append(Loss(.moved, at: turn.place)) }
                system += turn.blocks
            case .user, .assistant:
                if let last = turns.last, last.role == turn.role {
                    turns[turns.count - 1].blocks += turn.blocks
                } else {
                    turns.append((turn.role, turn.blocks))
                }
            }
        }
        if turns.isEmpty, let first = system.first {
            // Google wants something said beside the instructions.
            losses.append(Loss(.moved, at: first.place))
            turns = [(.user, system)]
            system = []
        }
        if !system.isEmpty {
            var parts = GeminiTurnParts()
            var list = ByteBuffer()
            for block in system { self.block(block, isModel: false, &parts, &list) }
            if list.readableBytes > 0 {
                members.name("systemInstruction", &out)
                out.writeStaticString("{\"parts\":[")
                out.writeBuffer(&list)
                out.writeStaticString("]}")
            }
        }
        members.name("contents", &out)
        out.writeInteger(UInt8.bracket)
        var elements = JSONElements()
        for turn in turns { content(turn.role, turn.blocks, &elements, &out) }
        out.writeInteger(UInt8.bracketEnd)
    }

    private mutating func content(
        _ role: Turn.Role, _ blocks: [Block], _ elements: inout JSONElements, _ out: inout ByteBuffer
    ) {
        var list = ByteBuffer()
        var parts = GeminiTurnParts()
        let isModel = role == .assistant
        if isModel {
            let signatures = callSignatures(blocks)
            parts.firstCall = signatures.first
            parts.skipped = signatures.skipped
        }
        for (index, block) in blocks.enumerated() {
            if parts.skipped == index { continue }
            self.block(block, isModel: isModel, &parts, &list)
        }
        parts.flush(&list)
        // What other models need in a result follows behind all results.
        for media in parts.moved { _ = self.media(media.medium, media.place, &parts.elements, &list) }
        guard list.readableBytes > 0 else { return }
        elements.next(&out)
        out.writeStaticString(isModel ? "{\"role\":\"model\",\"parts\":[" : "{\"role\":\"user\",\"parts\":[")
        out.writeBuffer(&list)
        out.writeStaticString("]}")
    }

    /// Chat tells all thoughts in front of all calls: there the signature of the first call stands on the thoughts. It goes
    /// back onto the call, where Gemini made it; Gemini itself never signs thoughts.
    private func callSignatures(_ blocks: [Block]) -> (first: RawText?, skipped: Int?) {
        guard conversation.dialect == .openAI || conversation.dialect == .openAIResponses else { return (nil, nil) }
        let call = blocks.firstIndex { if case .toolCall = $0.kind { true } else { false } }
        guard let call else { return (nil, nil) }
        let signed = blocks[..<call].lastIndex { block in
            if case .thinking(let thinking) = block.kind { thinking.signature != nil } else { false }
        }
        guard let signed, case .thinking(let thinking) = blocks[signed].kind else { return (nil, nil) }
        return (thinking.signature, thinking.text.isEmpty ? signed : nil)
    }

    private mutating func block(
        _ block: Block, isModel: Bool, _ parts: inout GeminiTurnParts, _ out: inout ByteBuffer
    ) {
        cacheControl(block.cacheControl, block.place)
        if block.citations != nil { losses.append(Loss(.unsupported, at: block.place, "citations")) }
        switch block.kind {
        case .toolCall(let call): return self.call(call, block.place, &parts, &out)
        case .thinking(let thinking): return self.thinking(thinking, block.place, &parts, &out)
        default: parts.flush(&out)
        }
        switch block.kind {
        case .text(let text): parts.text(text, &out)
        case .refusal(let text):
            losses.append(Loss(.converted, at: block.place))
            parts.text(text, &out)
        case .media(let medium):
            details(of: medium, block.place)
            _ = media(medium, block.place, &parts.elements, &out)
        case .toolResult(let result): self.result(result, block.place, &parts, &out)
        case .foreign(let foreign):
            guard foreign.dialect == .gemini else {
                losses.append(Loss(foreign.isServerTool ? .serverTool : .unsupported, at: block.place))
                return
            }
            parts.elements.next(&out)
            out.writeImmutableBuffer(foreign.json.bytes)
        case .toolCall, .thinking: break
        }
    }

    // MARK: The model's

    private mutating func thinking(
        _ thinking: Thinking, _ place: Place, _ parts: inout GeminiTurnParts, _ out: inout ByteBuffer
    ) {
        parts.flush(&out)
        if thinking.redacted != nil {
            losses.append(Loss(.unsigned, at: place))
        } else if thinking.text.isEmpty {
            parts.waiting = thinking.signature
        } else {
            let isMoved = parts.firstCall.map { first in thinking.signature?.isSpelled(like: first) ?? false } ?? false
            parts.elements.next(&out)
            GeminiPart.text(
                thinking.text, isThought: true, signature: isMoved ? nil : thinking.signature, &out)
        }
    }

    private mutating func call(
        _ call: ToolCall, _ place: Place, _ parts: inout GeminiTurnParts, _ out: inout ByteBuffer
    ) {
        let arguments = GeminiPart.object(call.arguments, isCustom: call.isCustom)
        if !arguments.isWhole { losses.append(Loss(.malformed, at: place, "arguments")) }
        var signature = call.signature ?? parts.waiting
        parts.waiting = nil
        if !parts.hasCalls {
            signature = signature ?? parts.firstCall ?? (options.demandsSignatures ? Self.foreignCall : nil)
        }
        parts.hasCalls = true
        parts.elements.next(&out)
        GeminiPart.call(id: call.id, name: call.name, arguments: arguments.json, signature: signature, &out)
    }

    // MARK: Media

    /// What Gemini's parts have no place for.
    private mutating func details(of media: Media, _ place: Place) {
        if let detail = media.detail, !detail.equals("auto") { losses.append(Loss(.unsupported, at: place, "detail")) }
        if media.title != nil {
            let member: StaticString =
                switch conversation.dialect {
                case .openAI: "file.filename"
                case .openAIResponses: "filename"
                case .anthropic: "title"
                case .gemini: "displayName"
                }
            losses.append(Loss(.unsupported, at: place, member))
        }
        if media.context != nil { losses.append(Loss(.unsupported, at: place, "context")) }
    }

    private mutating func media(
        _ media: Media, _ place: Place, _ elements: inout JSONElements, _ out: inout ByteBuffer
    ) -> Bool {
        switch media.source {
        case .text(let text):
            losses.append(Loss(.converted, at: place))
            guard !text.isEmpty else { return true }
            elements.next(&out)
            GeminiPart.text(text, &out)
            return true
        case .blocks(let blocks):
            losses.append(Loss(.converted, at: place))
            for block in blocks {
                if case .text(let text) = block.kind, !text.isEmpty {
                    elements.next(&out)
                    GeminiPart.text(text, &out)
                } else if case .media(let inner) = block.kind {
                    _ = self.media(inner, block.place, &elements, &out)
                }
            }
            return true
        case .file(let file) where conversation.dialect == .gemini:
            elements.next(&out)
            var members = JSONMembers()
            out.writeStaticString("{\"fileData\":{")
            GeminiPart.file(file, media.kind, &members, &out)
            out.writeStaticString("}}")
            return true
        case .base64, .url, .file: break
        }
        var one = ByteBuffer()
        guard GeminiPart.media(media, &one) else {
            losses.append(Loss(.unsupported, at: place, "source"))
            return false
        }
        elements.next(&out)
        out.writeBuffer(&one)
        return true
    }

    // MARK: Results

    private mutating func result(
        _ result: ToolResult, _ place: Place, _ parts: inout GeminiTurnParts, _ out: inout ByteBuffer
    ) {
        var text = RawText()
        var media: [(medium: Media, place: Place)] = []
        for block in result.content {
            cacheControl(block.cacheControl, block.place)
            switch block.kind {
            case .text(let more), .refusal(let more): text.append(more)
            case .media(let medium):
                if case .text(let more) = medium.source {
                    losses.append(Loss(.converted, at: block.place))
                    text.append(more)
                } else {
                    details(of: medium, block.place)
                    media.append((medium, block.place))
                }
            default: losses.append(Loss(.unsupported, at: block.place))
            }
        }
        parts.elements.next(&out)
        out.writeStaticString("{\"functionResponse\":{")
        var members = JSONMembers()
        if !GeminiWords.isMade(result.callID) { members.text("id", result.callID, &out) }
        let name = conversation.toolName(of: result.callID) ?? result.name
        if name == nil { losses.append(Loss(.malformed, at: place, "tool_call_id")) }
        members.text("name", name ?? RawText("unknown"), &out)
        members.name("response", &out)
        response(text, isError: result.isError, &out)
        if options.takesMediaInResults, !media.isEmpty {
            members.name("parts", &out)
            out.writeInteger(UInt8.bracket)
            var inner = JSONElements()
            for one in media { _ = self.media(one.medium, one.place, &inner, &out) }
            out.writeInteger(UInt8.bracketEnd)
        } else {
            for one in media { losses.append(Loss(.moved, at: one.place)) }
            parts.moved += media
        }
        out.writeStaticString("}}")
    }

    /// Gemini takes an object: a text that is one as it stands, any other under Google's own words for it.
    private func response(_ text: RawText, isError: Bool, _ out: inout ByteBuffer) {
        let looksLikeObject = text.bytes.firstMark == .brace
        if !isError, looksLikeObject, let object = Arguments.encoded(text).object {
            out.writeImmutableBuffer(object.bytes)
            return
        }
        out.writeStaticString(isError ? "{\"error\":" : "{\"output\":")
        out.writeJSONString(text)
        out.writeInteger(UInt8.braceEnd)
    }
}

/// The parts of one content in the making.
struct GeminiTurnParts {
    var elements = JSONElements()
    /// Of a thinking block without words: it belongs to what follows.
    var waiting: RawText?
    /// Of the first call, where thoughts in front hold it.
    var firstCall: RawText?
    /// The block that held nothing but that.
    var skipped: Int?
    var hasCalls = false
    /// Media of results, for behind them.
    var moved: [(medium: Media, place: Place)] = []

    mutating func text(_ text: RawText, _ out: inout ByteBuffer) {
        guard !text.isEmpty else { return }
        elements.next(&out)
        GeminiPart.text(text, &out)
    }

    mutating func flush(_ out: inout ByteBuffer) {
        guard let waiting else { return }
        self.waiting = nil
        elements.next(&out)
        GeminiPart.text(RawText(), signature: waiting, &out)
    }
}
