public import NIOCore
import Vocabulary

/// Writes a plain `response`.
public struct ResponsesAnswerWriter {
    private let answer: AnswerCollection
    private let customTools: [RawText]
    private var output = ByteBuffer()
    private var items = 0
    /// Parts of the message that is open, with the commas between them.
    private var parts = ByteBuffer()
    private var logprobs = ByteBuffer()
    private var losses: [Loss] = []

    /// - Parameters:
    ///   - events: a whole answer without a failure.
    ///   - created: seconds since 1970.
    ///   - customTools: `Conversation.customTools` of the request: their calls take free text.
    public static func write(
        _ events: [AnswerEvent], created: Int64, customTools: [RawText] = [], into out: inout ByteBuffer
    ) -> [Loss] {
        var writer = ResponsesAnswerWriter(AnswerCollection(events), customTools)
        writer.write(created, &out)
        return writer.losses
    }

    private init(_ answer: AnswerCollection, _ customTools: [RawText]) {
        self.answer = answer
        self.customTools = customTools
    }

    private mutating func write(_ created: Int64, _ out: inout ByteBuffer) {
        for json in answer.logprobs where json.inside.firstMark != nil {
            ResponsesItem.append(json.inside, to: &logprobs)
        }
        for (index, part) in answer.parts.enumerated() { self.part(part, index) }
        closeMessage()
        // Without a text there is nothing they are about.
        if logprobs.readableBytes > 0 { losses.append(Loss(.unsupported, at: .body, "logprobs")) }
        let reason = ResponsesWords.incomplete(answer.stop)
        ResponsesEnvelope(id: answer.id, model: answer.model, created: created).write(
            status: reason == nil ? "completed" : "incomplete", reason: reason, output: output, usage: answer.usage,
            &out)
    }

    private mutating func part(_ part: AnswerCollection.Part, _ index: Int) {
        var one = ByteBuffer()
        switch part.kind {
        case .text:
            ResponsesItem.textPart(
                part.text, annotations: annotations(part, index), logprobs: logprobs, &one)
            logprobs.clear()
            return ResponsesItem.append(one, to: &parts)
        case .refusal:
            ResponsesItem.refusalPart(part.text, &one)
            return ResponsesItem.append(one, to: &parts)
        default: closeMessage()
        }
        switch part.kind {
        case .text, .refusal: break
        case .thinking:
            reasoning(nil, part.text, part.signature.map(ResponsesWords.encryptedContent(signature:)), &one)
        case .reasoningItem(let id): reasoning(id.isEmpty ? nil : id, part.text, part.signature, &one)
        case .redactedThinking(let data):
            reasoning(nil, RawText(), ResponsesWords.encryptedContent(redacted: data), &one)
        case .toolCall(let id, let name, let isCustom):
            call(id, name, isCustom, part.text, &one)
            if part.signature != nil { losses.append(Loss(.unsupported, at: Place(.content, index), "signature")) }
        case .media(let media):
            guard ResponsesItem.image(id: id("ig_"), media, &one) else {
                return losses.append(Loss(.unsupported, at: Place(.content, index)))
            }
        case .foreign(let foreign):
            guard foreign.dialect == .openAIResponses else {
                return losses.append(
                    Loss(foreign.isServerTool ? .serverTool : .unsupported, at: Place(.content, index)))
            }
            one.writeImmutableBuffer(foreign.json.bytes)
        }
        add(one)
    }

    private mutating func call(
        _ callID: RawText, _ name: RawText, _ isCustom: Bool, _ text: RawText, _ out: inout ByteBuffer
    ) {
        let isUnwrapped = !isCustom && customTools.contains { $0.isSpelled(like: name) }
        var arguments = isUnwrapped ? ResponsesItem.customInput(text) : text
        if arguments.isEmpty, !isCustom, !isUnwrapped { arguments = RawText("{}") }
        let id = id(isCustom || isUnwrapped ? "ctc_" : "fc_")
        ResponsesItem.call(
            id: id, callID: callID.isEmpty ? id : callID, name: name, isCustom: isCustom || isUnwrapped,
            arguments: arguments, .completed, &out)
    }

    private func reasoning(_ id: RawText?, _ summary: RawText, _ encrypted: RawText?, _ out: inout ByteBuffer) {
        ResponsesItem.reasoning(id: id ?? self.id("rs_"), summary: summary, encrypted: encrypted, &out)
    }

    private mutating func annotations(_ part: AnswerCollection.Part, _ index: Int) -> ByteBuffer {
        var list = ByteBuffer()
        for citation in part.citations {
            var one = ByteBuffer()
            if ResponsesWords.write(citation, &one) {
                ResponsesItem.append(one, to: &list)
            } else {
                losses.append(Loss(.unsupported, at: Place(.content, index), "citations"))
            }
        }
        return list
    }

    private mutating func closeMessage() {
        guard parts.readableBytes > 0 else { return }
        var item = ByteBuffer()
        let status: ResponsesItem.Status = ResponsesWords.incomplete(answer.stop) == nil ? .completed : .incomplete
        ResponsesItem.message(id: id("msg_"), status, content: parts, &item)
        add(item)
        parts.clear()
    }

    private func id(_ prefix: StaticString) -> RawText { ResponsesItem.id(prefix, answer.id, items) }

    private mutating func add(_ item: ByteBuffer) {
        ResponsesItem.append(item, to: &output)
        items += 1
    }
}
