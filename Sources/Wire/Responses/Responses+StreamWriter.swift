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
    public private(set) var sequence = 0
    /// Items that are complete, with the commas between them, and how many.
    var output = ByteBuffer()
    var items = 0
    /// The id of the item that is open.
    var itemID = RawText()
    var kind: BlockKind?
    var block = 0
    /// The block's text so far: words, thoughts, arguments.
    var text = RawText()
    var signature: RawText?
    /// Of the text part that is open, with the commas between them.
    var annotations = ByteBuffer()
    var annotationCount = 0
    var logprobs = ByteBuffer()
    /// Parts of the message that is open, with the commas between them, and how many.
    var parts = ByteBuffer()
    var partCount = 0
    var isMessageOpen = false
    var usage: TokenUsage?
    var stop: StopReason?
    public internal(set) var losses: [Loss] = []

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
    mutating func start(_ id: RawText, _ model: RawText, _ out: inout ByteBuffer) {
        let envelope = ResponsesEnvelope(id: id, model: model, created: created)
        self.envelope = envelope
        for type: StaticString in ["response.created", "response.in_progress"] {
            event(type, &out) { _, out in
                out.writeStaticString(",\"response\":")
                envelope.write(status: "in_progress", output: ByteBuffer(), usage: nil, &out)
            }
        }
    }

    mutating func end(_ out: inout ByteBuffer) {
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
    mutating func fail(_ error: ProviderError, _ out: inout ByteBuffer) {
        event("error", &out) { members, out in ResponsesErrorWriter.writeMembers(error, &members, &out) }
        guard let envelope else { return }
        let (output, usage) = (output, usage)
        event("response.failed", &out) { _, out in
            out.writeStaticString(",\"response\":")
            envelope.write(status: "failed", error: error, output: output, usage: usage, &out)
        }
    }

    mutating func event(
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
    mutating func item(_ type: StaticString, _ item: ByteBuffer, _ out: inout ByteBuffer) {
        let index = Int64(items)
        event(type, &out) { members, out in
            members.number("output_index", index, &out)
            members.name("item", &out)
            out.writeImmutableBuffer(item)
        }
    }

    mutating func finish(_ item: ByteBuffer, _ out: inout ByteBuffer) {
        self.item("response.output_item.done", item, &out)
        ResponsesItem.append(item, to: &output)
        items += 1
    }

    /// What an event about the open item says of its place.
    struct ItemPlace {
        var id: RawText
        var index: Int

        func write(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
            members.text("item_id", id, &out)
            members.number("output_index", Int64(index), &out)
        }
    }

    var place: ItemPlace { ItemPlace(id: itemID, index: items) }

    func newItemID() -> RawText {
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

    func isCustomTool(_ name: RawText) -> Bool { customTools.contains { $0.isSpelled(like: name) } }
}
