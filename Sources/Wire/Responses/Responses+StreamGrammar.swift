public import NIOCore

/// Checks the bytes of a Responses stream as it leaves: sequence numbers without gaps, `response.created` first and one last
/// event, items that are dense, in order and closed, parts inside messages, deltas that fit their item, and ends that
/// repeat what the deltas said.
public struct ResponsesStreamGrammar: Sendable {
    private enum State: UInt8 {
        case new
        case open
        case failed
        case ended
    }

    private enum Form: UInt8 {
        case message
        case reasoning
        case call
        case customCall
        case whole
    }

    private var bodies = EventBodies(limit: 256 << 20)
    private var tape = JSONTape()
    private var state = State.new
    private var sequence: Int64 = 0
    private var nextItem: Int64 = 0
    private var form: Form?
    private var itemID = RawText()
    private var nextPart: Int64 = 0
    private var isPartOpen = false
    /// What the deltas of the open part or call said.
    private var text = RawText()
    private var hasDone = false

    public init() {}

    /// Takes the next bytes, cut anywhere.
    public mutating func take(_ bytes: ByteBuffer) throws(GrammarFault) {
        bodies.feed(bytes)
        while true {
            var data: ByteBuffer?
            do throws(StreamFault) { data = try bodies.next() } catch { throw .notJSON }
            guard let data else { return }
            try check(data)
        }
    }

    /// After the last byte.
    public mutating func finish() throws(GrammarFault) {
        if bodies.rest() != nil { throw .noEnd }
        if state != .ended && state != .failed { throw state == .new ? .noStart : .noEnd }
    }

    private mutating func check(_ data: ByteBuffer) throws(GrammarFault) {
        do throws(JSONFault) { try tape.read(data) } catch { throw .notJSON }
        let root = JSONTape.root
        guard let type = tape.text(root, "type") else { throw .unknownEvent }
        if state == .ended { throw .afterEnd }
        guard number("sequence_number") == sequence else { throw .notDense }
        sequence += 1
        if type.equals("error") {
            guard state != .failed, tape.text(root, "message") != nil else { throw .afterEnd }
            state = .failed
        } else if type.equals("response.failed") {
            guard state != .new, let response = tape.present(root, "response"), tape.present(response, "error") != nil
            else { throw .beforeStart }
            state = .ended
        } else if state == .failed {
            throw .afterEnd
        } else if type.equals("response.created") {
            guard state == .new else { throw .secondStart }
            guard let response = tape.present(root, "response"), tape.text(response, "id") != nil else {
                throw .unknownEvent
            }
            state = .open
        } else if state == .new {
            throw .beforeStart
        } else if type.equals("response.completed") || type.equals("response.incomplete") {
            try end(isComplete: type.equals("response.completed"))
        } else if type.equals("response.output_item.added") {
            try begin()
        } else if type.equals("response.output_item.done") {
            try close()
        } else if !type.equals("response.in_progress") {
            try piece(type)
        }
    }

    private func number(_ member: StaticString) -> Int64? {
        tape.present(JSONTape.root, member).flatMap { tape.count($0) }
    }

    private mutating func end(isComplete: Bool) throws(GrammarFault) {
        guard form == nil else { throw .notOrdered }
        guard let response = tape.present(JSONTape.root, "response"), let list = tape.present(response, "output"),
            tape.member(response, "status", is: isComplete ? "completed" : "incomplete")
        else { throw .noStop }
        var count: Int64 = 0
        var entry = tape.first(list)
        while let item = entry {
            count += 1
            entry = tape.next(item, in: list)
        }
        guard count == nextItem else { throw .differs }
        state = .ended
    }

    private mutating func begin() throws(GrammarFault) {
        guard form == nil else { throw .notOrdered }
        guard number("output_index") == nextItem else { throw .notDense }
        guard let item = tape.present(JSONTape.root, "item"), let type = tape.text(item, "type") else {
            throw .unknownEvent
        }
        itemID = tape.text(item, "id") ?? RawText()
        nextPart = 0
        isPartOpen = false
        hasDone = false
        text = RawText()
        if type.equals("message") {
            form = .message
        } else if type.equals("reasoning") {
            form = .reasoning
        } else if type.equals("function_call") || type.equals("custom_tool_call") {
            guard let name = tape.text(item, "name"), !name.isEmpty, let id = tape.text(item, "call_id"), !id.isEmpty
            else { throw .emptyBlock }
            form = type.equals("function_call") ? .call : .customCall
        } else {
            form = .whole
        }
    }

    private mutating func close() throws(GrammarFault) {
        guard let form else { throw .notOpen }
        guard number("output_index") == nextItem else { throw .notDense }
        guard let item = tape.present(JSONTape.root, "item"), let id = tape.text(item, "id"), id.isSpelled(like: itemID)
        else { throw .differs }
        guard !isPartOpen else { throw .notOrdered }
        switch form {
        case .message: if nextPart == 0 { throw .emptyBlock }
        case .call, .customCall:
            guard hasDone, let whole = tape.text(item, form == .call ? "arguments" : "input"),
                whole.isSpelled(like: text)
            else { throw .differs }
        case .reasoning, .whole: break
        }
        self.form = nil
        nextItem += 1
    }

    private mutating func piece(_ type: RawText) throws(GrammarFault) {
        guard let form else { throw .notOpen }
        guard number("output_index") == nextItem else { throw .notDense }
        guard let id = tape.text(JSONTape.root, "item_id"), id.isSpelled(like: itemID) else { throw .notOpen }
        switch form {
        case .message: try messagePiece(type)
        case .reasoning:
            guard type.hasPrefix("response.reasoning_") else { throw .wrongPiece }
        case .call:
            try callPiece(
                type.equals("response.function_call_arguments.delta"),
                type.equals("response.function_call_arguments.done"), "arguments")
        case .customCall:
            try callPiece(
                type.equals("response.custom_tool_call_input.delta"),
                type.equals("response.custom_tool_call_input.done"), "input")
        case .whole: throw .wrongPiece
        }
    }

    private mutating func callPiece(_ isDelta: Bool, _ isDone: Bool, _ member: StaticString) throws(GrammarFault) {
        let root = JSONTape.root
        guard !hasDone else { throw .afterEnd }
        if isDelta, let delta = tape.text(root, "delta"), !delta.isEmpty { return text.append(delta) }
        guard isDone, let whole = tape.text(root, member) else { throw .wrongPiece }
        guard whole.isSpelled(like: text) else { throw .differs }
        hasDone = true
    }

    private mutating func messagePiece(_ type: RawText) throws(GrammarFault) {
        let root = JSONTape.root
        guard number("content_index") == nextPart else { throw .notDense }
        if type.equals("response.content_part.added") {
            guard !isPartOpen else { throw .notOrdered }
            isPartOpen = true
            hasDone = false
            text = RawText()
            return
        }
        guard isPartOpen else { throw .notOpen }
        if type.equals("response.output_text.delta") || type.equals("response.refusal.delta") {
            guard !hasDone, let delta = tape.text(root, "delta"), !delta.isEmpty else { throw .emptyBlock }
            text.append(delta)
        } else if type.equals("response.output_text.done") || type.equals("response.refusal.done") {
            guard !hasDone, let whole = tape.text(root, "text") ?? tape.text(root, "refusal"),
                whole.isSpelled(like: text)
            else { throw .differs }
            hasDone = true
        } else if type.equals("response.content_part.done") {
            guard hasDone, let part = tape.present(root, "part"),
                let whole = tape.text(part, "text") ?? tape.text(part, "refusal"), whole.isSpelled(like: text)
            else { throw .differs }
            isPartOpen = false
            nextPart += 1
        } else if !type.equals("response.output_text.annotation.added") {
            throw .wrongPiece
        }
    }
}
