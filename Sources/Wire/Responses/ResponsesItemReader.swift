import NIOCore
import Vocabulary

/// Reads output items, whole or in pieces, into a `BlockSequence`.
///
/// What came in deltas is not told again by the `done` events and by the whole response behind them; what did not come in
/// deltas (providers leave out any of them) is told from there.
struct ResponsesItemReader: Sendable {
    enum Form: UInt8 {
        case message
        case reasoning
        case call
        case customCall
        /// Told whole when it is done.
        case whole
    }

    struct Item: Sendable {
        var index: Int64?
        var id: RawText
        var form: Form
        var kind: BlockKind
        /// Parts that have told text: a bit for each of the first 64, refusals and summaries included.
        var told: UInt64 = 0
        var citations = 0
        /// The part told last, to put a line between thoughts.
        var lastPart = -1
        var isDone = false
    }

    var sequence = BlockSequence()
    var items: [Item] = []
    private(set) var hasCalls = false

    var losses: [Loss] { sequence.droppedPieces > 0 ? [Loss(.malformed, at: Place(.output))] : [] }

    /// `response.output_item.added`.
    mutating func added(_ tape: JSONTape, _ event: JSONTape.Index, into events: inout [AnswerEvent]) {
        guard let item = tape.present(event, "item"), tape.kind(item) == .object else { return }
        if place(tape, event) == nil { begin(tape, item, index: index(tape, event), &events) }
    }

    /// `response.output_item.done`.
    mutating func done(_ tape: JSONTape, _ event: JSONTape.Index, into events: inout [AnswerEvent]) {
        guard let item = tape.present(event, "item"), tape.kind(item) == .object else { return }
        let index = index(tape, event)
        whole(tape, item, place(index: index, id: tape.text(item, "id")), index: index, &events)
    }

    /// All items of a whole response: those that were told already are passed over.
    mutating func output(_ tape: JSONTape, _ response: JSONTape.Index, into events: inout [AnswerEvent]) {
        guard let list = tape.present(response, "output") else { return }
        var entry = tape.first(list)
        var position: Int64 = 0
        while let item = entry {
            if tape.kind(item) == .object {
                // Ids first: a place in the list need not be the index of the events. Some gateways make new ids up.
                let id = tape.text(item, "id") ?? RawText()
                let known = id.isEmpty ? nil : items.lastIndex { $0.id.isSpelled(like: id) }
                whole(tape, item, known ?? place(index: position, id: nil), index: position, &events)
            }
            position += 1
            entry = tape.next(item, in: list)
        }
    }

    /// A delta or the end of a part. Other events change nothing.
    mutating func part(
        _ tape: JSONTape, _ event: JSONTape.Index, _ type: RawText, into events: inout [AnswerEvent]
    ) {
        if type.equals("response.output_text.delta") {
            text(tape, event, "delta", isDelta: true, &events)
            if let logprobs = tape.json(event, "logprobs"), logprobs.kind == .array, logprobs.bytes.readableBytes > 2 {
                events.append(.logprobs(logprobs))
            }
        } else if type.equals("response.output_text.done") {
            text(tape, event, "text", isDelta: false, &events)
        } else if type.equals("response.refusal.delta") {
            refusal(tape, event, "delta", isDelta: true, &events)
        } else if type.equals("response.refusal.done") {
            refusal(tape, event, "refusal", isDelta: false, &events)
        } else if type.equals("response.function_call_arguments.delta")
            || type.equals("response.custom_tool_call_input.delta")
        {
            arguments(tape, event, "delta", isDelta: true, &events)
        } else if type.equals("response.function_call_arguments.done") {
            arguments(tape, event, "arguments", isDelta: false, &events)
        } else if type.equals("response.custom_tool_call_input.done") {
            arguments(tape, event, "input", isDelta: false, &events)
        } else if type.equals("response.reasoning_summary_text.delta") {
            thought(tape, event, "delta", "summary_index", isDelta: true, &events)
        } else if type.equals("response.reasoning_summary_text.done") {
            thought(tape, event, "text", "summary_index", isDelta: false, &events)
        } else if type.equals("response.reasoning_text.delta") {
            thought(tape, event, "delta", "content_index", isDelta: true, &events)
        } else if type.equals("response.reasoning_text.done") {
            thought(tape, event, "text", "content_index", isDelta: false, &events)
        } else if type.equals("response.output_text.annotation.added"),
            let annotation = tape.present(event, "annotation"), let place = place(tape, event) ?? lastMessage
        {
            items[place].citations += 1
            add(.citation(ResponsesWords.citation(tape, annotation)), place, part: part(tape, event), &events)
        }
    }

    mutating func finish(into events: inout [AnswerEvent]) { sequence.closeAll(into: &events) }
}

// MARK: Items

extension ResponsesItemReader {
    func index(_ tape: JSONTape, _ event: JSONTape.Index) -> Int64? {
        tape.present(event, "output_index").flatMap { tape.count($0) }
    }

    func part(_ tape: JSONTape, _ event: JSONTape.Index, _ member: StaticString = "content_index") -> Int {
        Int(clamping: min(tape.present(event, member).flatMap { tape.count($0) } ?? 0, 1 << 15))
    }

    private var lastMessage: Int? { items.lastIndex { $0.form == .message } }

    /// The item an event is about: by its index, else by its id.
    func place(_ tape: JSONTape, _ event: JSONTape.Index) -> Int? {
        place(index: index(tape, event), id: tape.text(event, "item_id"))
    }

    func place(index: Int64?, id: RawText?) -> Int? {
        if let index, let place = items.lastIndex(where: { $0.index == index }) { return place }
        guard let id, !id.isEmpty else { return nil }
        return items.lastIndex { $0.id.isSpelled(like: id) && (index == nil || $0.index == nil) }
    }

    @discardableResult
    private mutating func begin(
        _ tape: JSONTape, _ item: JSONTape.Index, index: Int64?, _ events: inout [AnswerEvent]
    ) -> Int {
        items.append(Item(index: index, id: tape.text(item, "id") ?? RawText(), form: .whole, kind: .text))
        declare(items.count - 1, tape, item, &events)
        return items.count - 1
    }

    /// Takes an item for what it says to be.
    private mutating func declare(
        _ place: Int, _ tape: JSONTape, _ item: JSONTape.Index, _ events: inout [AnswerEvent]
    ) {
        let id = items[place].id
        if tape.member(item, "type", is: "message") {
            items[place].form = .message
        } else if tape.member(item, "type", is: "reasoning") {
            items[place].form = .reasoning
            items[place].kind = .reasoningItem(id: id)
        } else if tape.member(item, "type", is: "function_call") || tape.member(item, "type", is: "custom_tool_call") {
            let isCustom = tape.member(item, "type", is: "custom_tool_call")
            items[place].form = isCustom ? .customCall : .call
            items[place].kind = .toolCall(
                id: tape.text(item, "call_id") ?? id, name: tape.text(item, "name") ?? RawText(), isCustom: isCustom)
            hasCalls = true
            sequence.add(nil, to: place << 16, items[place].kind, into: &events)
        }
    }

    /// An item as it is in the end: what no delta told is told now.
    private mutating func whole(
        _ tape: JSONTape, _ item: JSONTape.Index, _ known: Int?, index: Int64?, _ events: inout [AnswerEvent]
    ) {
        let place = known ?? begin(tape, item, index: index, &events)
        guard !items[place].isDone else { return }
        items[place].isDone = true
        // Some say only in the end what they are.
        if items[place].form == .whole { declare(place, tape, item, &events) }
        switch items[place].form {
        case .message: message(tape, item, place, &events)
        case .reasoning:
            if items[place].told == 0 { thoughts(tape, item, place, &events) }
            if let proof = tape.text(item, "encrypted_content"), !proof.isEmpty { self.proof(proof, place, &events) }
        case .call: arguments(tape.text(item, "arguments"), place, &events)
        case .customCall: arguments(tape.text(item, "input"), place, &events)
        case .whole: other(tape, item, place, &events)
        }
        sequence.close(place << 16, into: &events)
    }

    private mutating func message(
        _ tape: JSONTape, _ item: JSONTape.Index, _ place: Int, _ events: inout [AnswerEvent]
    ) {
        guard let list = tape.present(item, "content") else { return }
        var entry = tape.first(list)
        var number = 0
        var citations = 0
        while let part = entry {
            if !isTold(place, number) {
                if let text = tape.text(part, "text"), !text.isEmpty { add(.text(text), place, part: number, &events) }
                if let text = tape.text(part, "refusal"), !text.isEmpty {
                    add(.refusal(text), place, part: number, kind: .refusal, &events)
                }
                if let logprobs = tape.json(part, "logprobs"), logprobs.kind == .array,
                    logprobs.bytes.readableBytes > 2
                {
                    events.append(.logprobs(logprobs))
                }
            }
            if let annotations = tape.present(part, "annotations") {
                var annotation = tape.first(annotations)
                while let one = annotation {
                    if citations >= items[place].citations {
                        add(.citation(ResponsesWords.citation(tape, one)), place, part: number, &events)
                    }
                    citations += 1
                    annotation = tape.next(one, in: annotations)
                }
            }
            number += 1
            entry = tape.next(part, in: list)
        }
    }

    private mutating func thoughts(
        _ tape: JSONTape, _ item: JSONTape.Index, _ place: Int, _ events: inout [AnswerEvent]
    ) {
        var number = 0
        for name: StaticString in ["summary", "content"] {
            guard let list = tape.present(item, name) else { continue }
            var entry = tape.first(list)
            while let part = entry {
                if let text = tape.text(part, "text") { thought(text, place, part: number, &events) }
                number += 1
                entry = tape.next(part, in: list)
            }
        }
    }

    /// `encrypted_content`, byte-identical (`PAINS.md` 5).
    private mutating func proof(_ proof: RawText, _ place: Int, _ events: inout [AnswerEvent]) {
        sequence.add(.signature(proof), to: place << 16, items[place].kind, into: &events)
    }

    private mutating func other(
        _ tape: JSONTape, _ item: JSONTape.Index, _ place: Int, _ events: inout [AnswerEvent]
    ) {
        var kind = BlockKind.foreign(
            Foreign(.openAIResponses, tape.json(item), isServerTool: ResponsesWords.isServerItem(tape, item)))
        // A picture that the provider's tool made is content.
        if tape.member(item, "type", is: "image_generation_call"), let data = tape.text(item, "result"), data.isBase64 {
            var type = RawText("image/png")
            if tape.member(item, "output_format", is: "jpeg") { type = RawText("image/jpeg") }
            if tape.member(item, "output_format", is: "webp") { type = RawText("image/webp") }
            kind = .media(Media(.image, .base64(mediaType: type, data: data)))
        }
        sequence.add(nil, to: place << 16, kind, into: &events)
    }
}
