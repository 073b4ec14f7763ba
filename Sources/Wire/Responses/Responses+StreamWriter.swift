public import NIOCore
import Vocabulary

/// Writes an answer as a Responses stream. Texts in a row are parts of one message; all else is an item of its own.
///
/// The last event repeats the whole answer, so it is kept until then.
public struct ResponsesStreamWriter: AnswerStreamWriter {
    private let created: Int64
    private let customTools: [RawText]
    private var envelope: ResponsesEnvelope?
    /// The number of the next event.
    private var sequence = 0
    /// Items that are complete, with the commas between them, and how many.
    private var output = ByteBuffer()
    private var items = 0
    /// The id of the item that is open.
    private var itemID = RawText()
    private var kind: BlockKind?
    private var block = 0
    /// The block's text so far: words, thoughts, arguments.
    private var text = RawText()
    private var signature: RawText?
    /// Of the text part that is open, with the commas between them.
    private var annotations = ByteBuffer()
    private var annotationCount = 0
    private var logprobs = ByteBuffer()
    /// Parts of the message that is open, with the commas between them, and how many.
    private var parts = ByteBuffer()
    private var partCount = 0
    private var isMessageOpen = false
    private var usage: TokenUsage?
    private var stop: StopReason?
    public private(set) var losses: [Loss] = []

    /// - Parameters:
    ///   - created: seconds since 1970.
    ///   - customTools: `Conversation.customTools` of the request: their calls take free text.
    public init(created: Int64, customTools: [RawText] = []) {
        self.created = created
        self.customTools = customTools
    }

    public mutating func write(_ event: AnswerEvent, into out: inout ByteBuffer) {
        switch event {
        case .start(let id, let model): start(id, model, &out)
        case .blockStart(let index, let kind): begin(index, kind, &out)
        case .blockStop: close(&out)
        case .text(let delta): part(delta, "output_text", &out)
        case .refusal(let delta): part(delta, "refusal", &out)
        case .thinking(let delta): thought(delta, &out)
        case .arguments(let delta): arguments(delta, &out)
        case .signature(let signature): self.signature = signature
        case .citation(let citation): self.citation(citation, &out)
        case .usage(let report): usage = report
        case .logprobs(let json): logprobs(json)
        case .stop(let reason): stop = reason
        case .failure(let error): fail(error, &out)
        case .end: end(&out)
        }
    }
}

// MARK: The response

extension ResponsesStreamWriter {
    private mutating func start(_ id: RawText, _ model: RawText, _ out: inout ByteBuffer) {
        let envelope = ResponsesEnvelope(id: id, model: model, created: created)
        self.envelope = envelope
        for type: StaticString in ["response.created", "response.in_progress"] {
            event(type, &out) { _, out in
                out.writeStaticString(",\"response\":")
                envelope.write(status: "in_progress", output: ByteBuffer(), usage: nil, &out)
            }
        }
    }

    private mutating func end(_ out: inout ByteBuffer) {
        closeMessage(&out)
        let reason = ResponsesWords.incomplete(stop)
        let (envelope, output, usage) = (envelope, output, usage)
        event(reason == nil ? "response.completed" : "response.incomplete", &out) { _, out in
            out.writeStaticString(",\"response\":")
            envelope?.write(
                status: reason == nil ? "completed" : "incomplete", reason: reason, output: output, usage: usage, &out)
        }
    }

    /// An `error` event, and behind it the failed response where one was begun.
    private mutating func fail(_ error: ProviderError, _ out: inout ByteBuffer) {
        event("error", &out) { members, out in ResponsesErrorWriter.writeMembers(error, &members, &out) }
        guard let envelope else { return }
        let (output, usage) = (output, usage)
        event("response.failed", &out) { _, out in
            out.writeStaticString(",\"response\":")
            envelope.write(status: "failed", error: error, output: output, usage: usage, &out)
        }
    }

    private mutating func event(
        _ type: StaticString, _ out: inout ByteBuffer, _ body: (inout JSONMembers, inout ByteBuffer) -> Void
    ) {
        out.writeStaticString("event: ")
        out.writeStaticString(type)
        out.writeStaticString("\ndata: {")
        var members = JSONMembers()
        members.text("type", type, &out)
        members.number("sequence_number", Int64(sequence), &out)
        body(&members, &out)
        out.writeStaticString("}\n\n")
        sequence += 1
    }

    /// `response.output_item.added` or `.done`.
    private mutating func item(_ type: StaticString, _ item: ByteBuffer, _ out: inout ByteBuffer) {
        let index = Int64(items)
        event(type, &out) { members, out in
            members.number("output_index", index, &out)
            members.name("item", &out)
            out.writeImmutableBuffer(item)
        }
    }

    private mutating func finish(_ item: ByteBuffer, _ out: inout ByteBuffer) {
        self.item("response.output_item.done", item, &out)
        ResponsesItem.append(item, to: &output)
        items += 1
    }

    /// What an event about the open item says of its place.
    private struct ItemPlace {
        var id: RawText
        var index: Int

        func write(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
            members.text("item_id", id, &out)
            members.number("output_index", Int64(index), &out)
        }
    }

    private var place: ItemPlace { ItemPlace(id: itemID, index: items) }

    private func newItemID() -> RawText {
        let answerID = envelope?.id ?? RawText()
        switch kind {
        case .reasoningItem(let id) where !id.isEmpty: return id
        case .thinking, .reasoningItem, .redactedThinking: return ResponsesItem.id("rs_", answerID, items)
        case .toolCall(_, let name, let isCustom):
            return ResponsesItem.id(isCustom || isCustomTool(name) ? "ctc_" : "fc_", answerID, items)
        case .media: return ResponsesItem.id("ig_", answerID, items)
        case nil, .text, .refusal, .foreign: return ResponsesItem.id("msg_", answerID, items)
        }
    }

    private func isCustomTool(_ name: RawText) -> Bool { customTools.contains { $0.isSpelled(like: name) } }
}

// MARK: Blocks

extension ResponsesStreamWriter {
    private mutating func begin(_ index: Int, _ kind: BlockKind, _ out: inout ByteBuffer) {
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

    private mutating func close(_ out: inout ByteBuffer) {
        switch kind {
        case .text, .refusal: closePart(&out)
        case .thinking, .reasoningItem: closeReasoning(signature, &out)
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

    private mutating func part(_ delta: RawText, _ name: StaticString, _ out: inout ByteBuffer) {
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

    private mutating func closeMessage(_ out: inout ByteBuffer) {
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

    private mutating func thought(_ delta: RawText, _ out: inout ByteBuffer) {
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
    private mutating func arguments(_ delta: RawText, _ out: inout ByteBuffer) {
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

    private mutating func citation(_ citation: Citation, _ out: inout ByteBuffer) {
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

    private mutating func logprobs(_ json: RawJSON) {
        guard case .text = kind else { return losses.append(Loss(.unsupported, at: .body, "logprobs")) }
        if RawJSON(validated: json.inside).bytes.firstMark != nil {
            ResponsesItem.append(json.inside, to: &logprobs)
        }
    }
}
