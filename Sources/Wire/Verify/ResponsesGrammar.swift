import NIOCore
import Vocabulary

/// A Responses stream: sequence numbers without gaps, `response.created` first and one last event, items that are dense, in
/// order and closed, parts inside messages, deltas that fit their item, and ends that repeat what the deltas said.
struct ResponsesGrammar: StreamGrammar {
    private enum State: UInt8 {
        case new
        case open
        case failed
        case ended
    }

    private let isOurs: Bool
    private var state = State.new
    private var isNumbered = true
    private var sequence: Int64 = 0
    private var id = RunningText()
    private var items: Int64 = 0
    private var item: ResponsesItemGrammar?
    private var callIDs = OwnIDs()

    init(_ origin: StreamValidator.Origin) { isOurs = origin == .written }

    func finish() throws(StreamViolation) {
        if state != .ended && state != .failed { throw state == .new ? .noStart : .noEnd }
    }

    mutating func check(_ tape: JSONTape, named name: ByteBuffer?) throws(StreamViolation) {
        let root = JSONTape.root
        guard let type = tape.text(root, "type") else { throw .unknownEvent }
        if let name { if name != type.bytes { throw .wrongName } } else if isOurs { throw .wrongName }
        if state == .ended { throw .afterEnd }
        let number = tape.number("sequence_number")
        // OpenAI's first Responses had no numbers.
        if !isOurs, state == .new, number == nil { isNumbered = false }
        if isNumbered, number != sequence { throw .notDense }
        sequence += 1
        if type.equals("error") {
            guard state != .failed else { throw .afterEnd }
            guard tape.text(root, "message") != nil || !isOurs && tape.present(root, "error") != nil else {
                throw .unknownEvent
            }
            state = .failed
        } else if type.equals("response.failed") {
            guard state != .new else { throw .beforeStart }
            guard let response = tape.present(root, "response"), tape.present(response, "error") != nil else {
                throw .unknownEvent
            }
            state = .ended
        } else if state == .failed {
            throw .afterEnd
        } else if type.equals("response.created") {
            guard state == .new else { throw .secondStart }
            guard let response = tape.present(root, "response"), let text = tape.text(response, "id") else {
                throw .unknownEvent
            }
            id = RunningText(text)
            state = .open
        } else if state == .new {
            throw .beforeStart
        } else if type.equals("response.completed") || type.equals("response.incomplete") {
            try end(tape, isComplete: type.equals("response.completed"))
        } else if type.equals("response.output_item.added") {
            try begin(tape)
        } else if type.equals("response.output_item.done") {
            guard let open = item else { throw .notOpen }
            guard tape.number("output_index") == items else { throw .notDense }
            try open.close(tape)
            item = nil
            items += 1
        } else if !type.equals("response.in_progress"), isOurs || tape.number("output_index") != nil {
            guard item != nil else { throw .notOpen }
            guard tape.number("output_index") == items else { throw .notDense }
            try item!.take(type, tape)
        }
    }

    private mutating func begin(_ tape: JSONTape) throws(StreamViolation) {
        guard item == nil else { throw .notOrdered }
        guard tape.number("output_index") == items else { throw .notDense }
        guard let entry = tape.present(JSONTape.root, "item") else { throw .unknownEvent }
        let new = try ResponsesItemGrammar(entry, tape, isOurs: isOurs)
        if new.isCall, !callIDs.takes(tape.text(entry, "call_id")) { throw .noOwnID }
        item = new
    }

    private mutating func end(_ tape: JSONTape, isComplete: Bool) throws(StreamViolation) {
        guard item == nil else { throw .notOrdered }
        guard let response = tape.present(JSONTape.root, "response"), let list = tape.present(response, "output"),
            tape.member(response, "status", is: isComplete ? "completed" : "incomplete")
        else { throw .noStop }
        guard let text = tape.text(response, "id"), RunningText(text) == id else { throw .unstableID }
        guard tape.entries(list).count == items else { throw .differs }
        state = .ended
    }
}

/// One output item: its parts, its deltas, and the end that repeats them.
struct ResponsesItemGrammar: Sendable {
    private enum Form: UInt8 {
        case message
        case reasoning
        case call
        case customCall
        case whole
    }

    private let isOurs: Bool
    private let form: Form
    private let id: RunningText
    private var parts: Int64 = 0
    private var isPartOpen = false
    /// What the deltas of the open part or call said.
    private var text = RunningText()
    private var hasDone = false

    init(_ item: JSONTape.Index, _ tape: JSONTape, isOurs: Bool) throws(StreamViolation) {
        self.isOurs = isOurs
        guard let type = tape.text(item, "type") else { throw .unknownEvent }
        guard let id = tape.text(item, "id"), !id.isEmpty else { throw .noOwnID }
        self.id = RunningText(id)
        if type.equals("message") {
            form = .message
        } else if type.equals("reasoning") {
            form = .reasoning
        } else if type.equals("function_call") || type.equals("custom_tool_call") {
            guard let name = tape.text(item, "name"), !name.isEmpty else { throw .emptyBlock }
            form = type.equals("function_call") ? .call : .customCall
        } else {
            form = .whole
        }
    }

    /// Whether the client is to run it.
    var isCall: Bool { form == .call || form == .customCall }

    /// Takes an event inside the item.
    mutating func take(_ type: RawText, _ tape: JSONTape) throws(StreamViolation) {
        guard tape.text(JSONTape.root, "item_id").map({ RunningText($0) }) == id else { throw .unstableID }
        switch form {
        case .message: try messagePiece(type, tape)
        case .reasoning:
            let isPart = !isOurs && type.hasPrefix("response.content_part.")
            guard isPart || type.hasPrefix("response.reasoning_") else { throw .wrongPiece }
        case .call:
            try callPiece(
                type.equals("response.function_call_arguments.delta"),
                type.equals("response.function_call_arguments.done"), "arguments", tape)
        case .customCall:
            try callPiece(
                type.equals("response.custom_tool_call_input.delta"),
                type.equals("response.custom_tool_call_input.done"), "input", tape)
        case .whole: if isOurs { throw .wrongPiece }
        }
    }

    /// The item's end.
    func close(_ tape: JSONTape) throws(StreamViolation) {
        guard let item = tape.present(JSONTape.root, "item"), tape.text(item, "id").map({ RunningText($0) }) == id
        else {
            throw .unstableID
        }
        guard !isPartOpen else { throw .notOrdered }
        switch form {
        case .message: if parts == 0 { throw .emptyBlock }
        case .call, .customCall:
            guard hasDone, let whole = tape.text(item, form == .call ? "arguments" : "input"),
                RunningText(whole) == text
            else { throw .differs }
        case .reasoning, .whole: break
        }
    }

    private mutating func callPiece(
        _ isDelta: Bool, _ isDone: Bool, _ member: StaticString, _ tape: JSONTape
    ) throws(StreamViolation) {
        let root = JSONTape.root
        guard !hasDone else { throw .afterEnd }
        if isDelta, let delta = tape.text(root, "delta"), !delta.isEmpty { return text.append(delta) }
        guard isDone, let whole = tape.text(root, member) else { throw .wrongPiece }
        guard RunningText(whole) == text else { throw .differs }
        hasDone = true
    }

    private mutating func messagePiece(_ type: RawText, _ tape: JSONTape) throws(StreamViolation) {
        let root = JSONTape.root
        guard tape.number("content_index") == parts else { throw .notDense }
        if type.equals("response.content_part.added") {
            guard !isPartOpen else { throw .notOrdered }
            isPartOpen = true
            hasDone = false
            text = RunningText()
            return
        }
        guard isPartOpen else { throw .notOpen }
        if type.equals("response.output_text.delta") || type.equals("response.refusal.delta") {
            guard !hasDone, let delta = tape.text(root, "delta"), !delta.isEmpty else { throw .emptyBlock }
            text.append(delta)
        } else if type.equals("response.output_text.done") || type.equals("response.refusal.done") {
            guard !hasDone, let whole = tape.text(root, "text") ?? tape.text(root, "refusal"),
                RunningText(whole) == text
            else { throw .differs }
            hasDone = true
        } else if type.equals("response.content_part.done") {
            guard hasDone, let part = tape.present(root, "part"),
                let whole = tape.text(part, "text") ?? tape.text(part, "refusal"), RunningText(whole) == text
            else { throw .differs }
            isPartOpen = false
            parts += 1
        } else if !type.equals("response.output_text.annotation.added") {
            throw .wrongPiece
        }
    }
}

extension JSONTape {
    /// A count among the event's members.
    fileprivate func number(_ member: StaticString) -> Int64? { present(Self.root, member).flatMap { count($0) } }
}
