import NIOCore
import Vocabulary

// MARK: Blocks

extension ResponsesStreamWriter {
    mutating func begin(_ index: Int, _ kind: BlockKind, _ out: inout ByteBuffer) {
        switch kind {
        case .text, .refusal: break
        default: closeMessage(&out)
        }
        self.kind = kind
        if !isMessageOpen { itemID = newItemID() }
        block = index
        text = RawText()
        signature = nil
        switch kind {
        case .text, .refusal: beginPart(kind, &out)
        case .thinking, .reasoningItem, .redactedThinking:
            var item = ByteBuffer()
            ResponsesItem.reasoning(id: itemID, summary: RawText(), encrypted: nil, &item)
            self.item("response.output_item.added", item, &out)
        case .toolCall:
            var item = ByteBuffer()
            call(.inProgress, RawText(), &item)
            self.item("response.output_item.added", item, &out)
        case .media(let media):
            var item = ByteBuffer()
            guard ResponsesItem.image(id: itemID, media, &item) else {
                return losses.append(Loss(.unsupported, at: Place(.content, index)))
            }
            self.item("response.output_item.added", item, &out)
            finish(item, &out)
        case .foreign(let foreign):
            guard foreign.dialect == .openAIResponses else {
                return losses.append(
                    Loss(foreign.isServerTool ? .serverTool : .unsupported, at: Place(.content, index)))
            }
            item("response.output_item.added", foreign.json.bytes, &out)
            finish(foreign.json.bytes, &out)
        }
    }

    mutating func close(_ out: inout ByteBuffer) {
        switch kind {
        case .text, .refusal: closePart(&out)
        case .thinking: closeReasoning(signature.map(ResponsesWords.encryptedContent(signature:)), &out)
        case .reasoningItem: closeReasoning(signature, &out)
        case .redactedThinking(let data): closeReasoning(ResponsesWords.encryptedContent(redacted: data), &out)
        case .toolCall: closeCall(&out)
        case nil, .media, .foreign: break
        }
        kind = nil
    }

    private mutating func beginPart(_ kind: BlockKind, _ out: inout ByteBuffer) {
        if !isMessageOpen {
            isMessageOpen = true
            var item = ByteBuffer()
            ResponsesItem.message(id: itemID, .inProgress, content: ByteBuffer(), &item)
            self.item("response.output_item.added", item, &out)
        }
        annotations.clear()
        annotationCount = 0
        logprobs.clear()
        var part = ByteBuffer()
        writePart(&part)
        self.part("response.content_part.added", part, &out)
    }

    private func writePart(_ out: inout ByteBuffer) {
        if case .refusal = kind { return ResponsesItem.refusalPart(text, &out) }
        ResponsesItem.textPart(text, annotations: annotations, logprobs: logprobs, &out)
    }

    /// `response.content_part.added` or `.done`.
    private mutating func part(_ type: StaticString, _ part: ByteBuffer, _ out: inout ByteBuffer) {
        let (place, count) = (place, Int64(partCount))
        event(type, &out) { members, out in
            place.write(&members, &out)
            members.number("content_index", count, &out)
            members.name("part", &out)
            out.writeImmutableBuffer(part)
        }
    }

    mutating func part(_ delta: RawText, _ name: StaticString, _ out: inout ByteBuffer) {
        guard !delta.isEmpty else { return }
        text.append(delta)
        let isText = if case .text = kind { true } else { false }
        let (place, count) = (place, Int64(partCount))
        event(isText ? "response.output_text.delta" : "response.refusal.delta", &out) { members, out in
            place.write(&members, &out)
            members.number("content_index", count, &out)
            members.text("delta", delta, &out)
            if isText { members.literal("logprobs", "[]", &out) }
        }
    }

    private mutating func closePart(_ out: inout ByteBuffer) {
        let isText = if case .text = kind { true } else { false }
        let (place, count, text, logprobs) = (place, Int64(partCount), text, logprobs)
        event(isText ? "response.output_text.done" : "response.refusal.done", &out) { members, out in
            place.write(&members, &out)
            members.number("content_index", count, &out)
            members.text(isText ? "text" : "refusal", text, &out)
            guard isText else { return }
            members.name("logprobs", &out)
            out.writeInteger(UInt8.bracket)
            out.writeImmutableBuffer(logprobs)
            out.writeInteger(UInt8.bracketEnd)
        }
        var part = ByteBuffer()
        writePart(&part)
        self.part("response.content_part.done", part, &out)
        ResponsesItem.append(part, to: &parts)
        partCount += 1
    }

    mutating func closeMessage(_ out: inout ByteBuffer) {
        guard isMessageOpen else { return }
        isMessageOpen = false
        kind = nil
        var item = ByteBuffer()
        let status: ResponsesItem.Status = ResponsesWords.incomplete(stop) == nil ? .completed : .incomplete
        ResponsesItem.message(id: itemID, status, content: parts, &item)
        finish(item, &out)
        parts.clear()
        partCount = 0
    }

    mutating func thought(_ delta: RawText, _ out: inout ByteBuffer) {
        guard !delta.isEmpty else { return }
        let place = place
        if text.isEmpty {
            event("response.reasoning_summary_part.added", &out) { members, out in
                place.write(&members, &out)
                members.literal("summary_index", "0", &out)
                members.literal("part", "{\"type\":\"summary_text\",\"text\":\"\"}", &out)
            }
        }
        text.append(delta)
        event("response.reasoning_summary_text.delta", &out) { members, out in
            place.write(&members, &out)
            members.literal("summary_index", "0", &out)
            members.text("delta", delta, &out)
        }
    }

    private mutating func closeReasoning(_ encrypted: RawText?, _ out: inout ByteBuffer) {
        let (place, text) = (place, text)
        if !text.isEmpty {
            event("response.reasoning_summary_text.done", &out) { members, out in
                place.write(&members, &out)
                members.literal("summary_index", "0", &out)
                members.text("text", text, &out)
            }
            event("response.reasoning_summary_part.done", &out) { members, out in
                place.write(&members, &out)
                members.literal("summary_index", "0", &out)
                members.name("part", &out)
                ResponsesItem.summaryPart(text, &out)
            }
        }
        var item = ByteBuffer()
        ResponsesItem.reasoning(id: itemID, summary: text, encrypted: encrypted, &item)
        finish(item, &out)
    }

    private func call(_ status: ResponsesItem.Status, _ arguments: RawText, _ out: inout ByteBuffer) {
        guard case .toolCall(let id, let name, let isCustom) = kind else { return }
        ResponsesItem.call(
            id: itemID, callID: id.isEmpty ? itemID : id, name: name, isCustom: isCustom || isCustomTool(name),
            arguments: arguments, status, &out)
    }

    /// Arguments stream on, but those of a custom tool must be whole before their text can be taken out.
    mutating func arguments(_ delta: RawText, _ out: inout ByteBuffer) {
        guard case .toolCall(_, let name, let isCustom) = kind, !delta.isEmpty else { return }
        text.append(delta)
        if isCustom || !isCustomTool(name) { argumentsDelta(delta, isCustom: isCustom, &out) }
    }

    private mutating func argumentsDelta(_ delta: RawText, isCustom: Bool, _ out: inout ByteBuffer) {
        let place = place
        let type: StaticString =
            isCustom ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta"
        event(type, &out) { members, out in
            place.write(&members, &out)
            members.text("delta", delta, &out)
        }
    }

    private mutating func closeCall(_ out: inout ByteBuffer) {
        guard case .toolCall(_, let name, var isCustom) = kind else { return }
        if signature != nil { losses.append(Loss(.unsupported, at: Place(.content, block), "signature")) }
        if !isCustom, isCustomTool(name) {
            isCustom = true
            text = ResponsesItem.customInput(text)
            if !text.isEmpty { argumentsDelta(text, isCustom: true, &out) }
        } else if !isCustom, text.isEmpty {
            text = RawText("{}")
            argumentsDelta(text, isCustom: false, &out)
        }
        let (place, text) = (place, text)
        let type: StaticString =
            isCustom ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done"
        event(type, &out) { members, out in
            place.write(&members, &out)
            members.text(isCustom ? "input" : "arguments", text, &out)
        }
        var item = ByteBuffer()
        call(.completed, text, &item)
        finish(item, &out)
    }

    mutating func citation(_ citation: Citation, _ out: inout ByteBuffer) {
        var one = ByteBuffer()
        guard case .text = kind, ResponsesWords.write(citation, &one) else {
            return losses.append(Loss(.unsupported, at: Place(.content, block), "citations"))
        }
        ResponsesItem.append(one, to: &annotations)
        let (place, count, part) = (place, Int64(annotationCount), Int64(partCount))
        annotationCount += 1
        event("response.output_text.annotation.added", &out) { members, out in
            place.write(&members, &out)
            members.number("content_index", part, &out)
            members.number("annotation_index", count, &out)
            members.name("annotation", &out)
            out.writeImmutableBuffer(one)
        }
    }

    mutating func logprobs(_ json: RawJSON) {
        guard case .text = kind else { return losses.append(Loss(.unsupported, at: .body, "logprobs")) }
        if RawJSON(validated: json.inside).bytes.firstMark != nil {
            ResponsesItem.append(json.inside, to: &logprobs)
        }
    }
}
