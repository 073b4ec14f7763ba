import NIOCore
import Vocabulary

/// Deltas and ends of parts.
extension ResponsesItemReader {
    func isTold(_ place: Int, _ part: Int) -> Bool {
        part < 64 ? items[place].told & (1 << UInt64(part)) != 0 : items[place].lastPart >= part
    }

    mutating func add(
        _ piece: AnswerEvent, _ place: Int, part: Int, kind: BlockKind = .text, _ events: inout [AnswerEvent]
    ) {
        if part < 64 { items[place].told |= 1 << UInt64(part) }
        items[place].lastPart = max(items[place].lastPart, part)
        sequence.add(piece, to: place << 16 | part, kind, into: &events)
    }

    /// The item of a piece; one that was never begun is begun by its first delta.
    mutating func place(_ tape: JSONTape, _ event: JSONTape.Index, orBegin form: Form) -> Int {
        if let place = place(tape, event) { return place }
        let id = tape.text(event, "item_id") ?? RawText()
        var kind = BlockKind.text
        if form == .reasoning { kind = .reasoningItem(id: id) }
        items.append(Item(index: index(tape, event), id: id, form: form, kind: kind))
        return items.count - 1
    }

    mutating func text(
        _ tape: JSONTape, _ event: JSONTape.Index, _ member: StaticString, isDelta: Bool,
        _ events: inout [AnswerEvent]
    ) {
        guard let text = tape.text(event, member), !text.isEmpty else { return }
        let place = place(tape, event, orBegin: .message)
        let part = part(tape, event)
        if isDelta || !isTold(place, part) { add(.text(text), place, part: part, &events) }
    }

    mutating func refusal(
        _ tape: JSONTape, _ event: JSONTape.Index, _ member: StaticString, isDelta: Bool,
        _ events: inout [AnswerEvent]
    ) {
        guard let text = tape.text(event, member), !text.isEmpty else { return }
        let place = place(tape, event, orBegin: .message)
        let part = part(tape, event)
        if isDelta || !isTold(place, part) { add(.refusal(text), place, part: part, kind: .refusal, &events) }
    }

    /// Arguments of a call that was never begun have no name: there is nothing to call.
    mutating func arguments(
        _ tape: JSONTape, _ event: JSONTape.Index, _ member: StaticString, isDelta: Bool,
        _ events: inout [AnswerEvent]
    ) {
        guard let place = place(tape, event), items[place].form == .call || items[place].form == .customCall else {
            return
        }
        if isDelta, let text = tape.text(event, member), !text.isEmpty {
            items[place].told = 1
            sequence.add(.arguments(text), to: place << 16, items[place].kind, into: &events)
        } else if !isDelta {
            arguments(tape.text(event, member), place, &events)
        }
    }

    /// All arguments, unless deltas brought them.
    mutating func arguments(_ text: RawText?, _ place: Int, _ events: inout [AnswerEvent]) {
        guard items[place].told == 0, let text, !text.isEmpty else { return }
        items[place].told = 1
        sequence.add(.arguments(text), to: place << 16, items[place].kind, into: &events)
    }

    mutating func thought(
        _ tape: JSONTape, _ event: JSONTape.Index, _ member: StaticString, _ number: StaticString, isDelta: Bool,
        _ events: inout [AnswerEvent]
    ) {
        guard let text = tape.text(event, member), !text.isEmpty else { return }
        let place = place(tape, event, orBegin: .reasoning)
        let part = part(tape, event, number)
        if isDelta || !isTold(place, part) { thought(text, place, part: part, &events) }
    }

    /// Parts of a summary are paragraphs.
    mutating func thought(_ text: RawText, _ place: Int, part: Int, _ events: inout [AnswerEvent]) {
        guard !text.isEmpty else { return }
        if items[place].told != 0, items[place].lastPart != part {
            sequence.add(.thinking(RawText("\\n\\n")), to: place << 16, items[place].kind, into: &events)
        }
        if part < 64 { items[place].told |= 1 << UInt64(part) }
        items[place].lastPart = part
        sequence.add(.thinking(text), to: place << 16, items[place].kind, into: &events)
    }
}
