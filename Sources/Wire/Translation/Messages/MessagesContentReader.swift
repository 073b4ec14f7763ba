import NIOCore
import Vocabulary

/// Reads content blocks of an answer, whole or in pieces, into a `BlockSequence`.
struct MessagesContentReader: Sendable {
    private enum Form: UInt8 {
        case text
        case thinking
        case call
        /// Comes whole: a server tool's trace, encrypted thoughts, what is not known here.
        case whole
    }

    private struct Open: Sendable {
        var index: Int
        var key: Int
        var form: Form
        var kind: BlockKind
        /// A call's `input` that stood in its start, until a delta brings it instead.
        var input: RawText?
    }

    var sequence = BlockSequence()
    private var open: [Open] = []
    private var nextKey = 0
    private(set) var hasCalls = false

    var losses: [Loss] { sequence.droppedPieces > 0 ? [Loss(.malformed, at: Place(.content))] : [] }

    /// A whole block of a plain answer.
    mutating func block(_ tape: JSONTape, _ block: JSONTape.Index, into events: inout [AnswerEvent]) {
        begin(tape, block, index: nextKey, &events)
        close(open.count - 1, &events)
    }

    /// `content_block_start`.
    mutating func start(_ tape: JSONTape, _ event: JSONTape.Index, into events: inout [AnswerEvent]) {
        guard let block = tape.present(event, "content_block") else { return }
        let index = number(tape, event) ?? nextKey
        if let place = open.firstIndex(where: { $0.index == index }) { close(place, &events) }
        begin(tape, block, index: index, &events)
    }

    /// `content_block_delta`. A delta for a block that was never begun begins it.
    mutating func delta(_ tape: JSONTape, _ event: JSONTape.Index, into events: inout [AnswerEvent]) {
        guard let delta = tape.present(event, "delta") else { return }
        let index = number(tape, event) ?? open.last?.index ?? nextKey
        let place: Int
        if let known = open.firstIndex(where: { $0.index == index }) {
            place = known
        } else {
            guard let begun = begin(delta: tape, delta, index: index) else { return }
            place = begun
        }
        if let piece = piece(tape, delta, open[place].form) {
            if case .arguments(let text) = piece, !text.isEmpty { open[place].input = nil }
            add(piece, place, &events)
        }
    }

    /// `content_block_stop`.
    mutating func stop(_ tape: JSONTape, _ event: JSONTape.Index, into events: inout [AnswerEvent]) {
        let index = number(tape, event) ?? open.last?.index
        if let place = open.firstIndex(where: { $0.index == index }) { close(place, &events) }
    }

    mutating func finish(into events: inout [AnswerEvent]) {
        while !open.isEmpty { close(0, &events) }
        sequence.closeAll(into: &events)
    }

    private func number(_ tape: JSONTape, _ event: JSONTape.Index) -> Int? {
        tape.present(event, "index").flatMap { tape.count($0) }.map { Int($0) }
    }

    private mutating func begin(_ tape: JSONTape, _ block: JSONTape.Index, index: Int, _ events: inout [AnswerEvent]) {
        var form = Form.whole
        let kind: BlockKind
        if tape.member(block, "type", is: "text") {
            form = .text
            kind = .text
        } else if tape.member(block, "type", is: "thinking") {
            form = .thinking
            kind = .thinking
        } else if tape.member(block, "type", is: "tool_use") {
            form = .call
            hasCalls = true
            kind = .toolCall(
                id: tape.text(block, "id") ?? RawText(), name: tape.text(block, "name") ?? RawText(), isCustom: false)
        } else if tape.member(block, "type", is: "redacted_thinking") {
            kind = .redactedThinking(tape.text(block, "data") ?? RawText())
        } else {
            kind = .foreign(
                Foreign(.anthropic, tape.json(block), isServerTool: MessagesWords.isServerBlock(tape, block)))
        }
        open.append(Open(index: index, key: nextKey, form: form, kind: kind))
        nextKey += 1
        let place = open.count - 1
        switch form {
        case .text:
            if let text = tape.text(block, "text"), !text.isEmpty { add(.text(text), place, &events) }
            if let list = tape.present(block, "citations") { citations(tape, list, place, &events) }
        case .thinking:
            if let text = tape.text(block, "thinking"), !text.isEmpty { add(.thinking(text), place, &events) }
            if let text = tape.text(block, "signature"), !text.isEmpty { add(.signature(text), place, &events) }
        case .call:
            if let input = tape.present(block, "input") {
                open[place].input = Arguments.value(tape.json(input)).encoded
            }
            add(nil, place, &events)
        case .whole: add(nil, place, &events)
        }
    }

    private mutating func begin(delta tape: JSONTape, _ delta: JSONTape.Index, index: Int) -> Int? {
        let form: Form
        let kind: BlockKind
        if tape.member(delta, "type", is: "text_delta") {
            form = .text
            kind = .text
        } else if tape.member(delta, "type", is: "thinking_delta") {
            form = .thinking
            kind = .thinking
        } else {
            return nil
        }
        open.append(Open(index: index, key: nextKey, form: form, kind: kind))
        nextKey += 1
        return open.count - 1
    }

    private func piece(_ tape: JSONTape, _ delta: JSONTape.Index, _ form: Form) -> AnswerEvent? {
        switch form {
        case .text:
            if let text = tape.text(delta, "text") { return .text(text) }
            if let citation = tape.present(delta, "citation") {
                return .citation(MessagesWords.citation(tape, citation))
            }
        case .thinking:
            if let text = tape.text(delta, "thinking") { return .thinking(text) }
            if let text = tape.text(delta, "signature") { return .signature(text) }
        case .call: if let text = tape.text(delta, "partial_json") { return .arguments(text) }
        case .whole: break
        }
        return nil
    }

    private mutating func citations(
        _ tape: JSONTape, _ list: JSONTape.Index, _ place: Int, _ events: inout [AnswerEvent]
    ) {
        var entry = tape.first(list)
        while let citation = entry {
            add(.citation(MessagesWords.citation(tape, citation)), place, &events)
            entry = tape.next(citation, in: list)
        }
    }

    private mutating func add(_ piece: AnswerEvent?, _ place: Int, _ events: inout [AnswerEvent]) {
        sequence.add(piece, to: open[place].key, open[place].kind, into: &events)
    }

    private mutating func close(_ place: Int, _ events: inout [AnswerEvent]) {
        if let input = open[place].input { add(.arguments(input), place, &events) }
        sequence.close(open[place].key, into: &events)
        open.remove(at: place)
    }
}
