public import NIOCore

/// Checks the bytes of a messages stream as it leaves: one `message_start` and one `message_stop`, blocks that are dense,
/// ordered, closed and not empty, deltas that fit their block, one stop reason (`PAINS.md` 2–4).
public struct MessagesStreamGrammar: Sendable {
    private enum State: UInt8 {
        case new
        case open
        case stopped
        case ended
    }

    private enum Form: UInt8 {
        case text
        case thinking
        case call
        case whole
    }

    private var bodies = EventBodies(limit: 64 << 20)
    private var tape = JSONTape()
    private var state = State.new
    private var next: Int64 = 0
    private var form: Form?
    private var hasContent = false

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
        if state != .ended { throw state == .new ? .noStart : .noEnd }
    }

    private mutating func check(_ data: ByteBuffer) throws(GrammarFault) {
        do throws(JSONFault) { try tape.read(data) } catch { throw .notJSON }
        let root = JSONTape.root
        if tape.member(root, "type", is: "ping") { return }
        if state == .ended { throw .afterEnd }
        if tape.member(root, "type", is: "error") {
            guard let error = tape.present(root, "error"), tape.text(error, "type") != nil else { throw .unknownEvent }
            state = .ended
            return
        }
        if tape.member(root, "type", is: "message_start") {
            guard state == .new else { throw .secondStart }
            guard let message = tape.present(root, "message"), tape.text(message, "id") != nil,
                tape.present(message, "usage") != nil
            else { throw .unknownEvent }
            state = .open
            return
        }
        if state == .new { throw .beforeStart }
        if tape.member(root, "type", is: "content_block_start") {
            try start(root)
        } else if tape.member(root, "type", is: "content_block_delta") {
            try delta(root)
        } else if tape.member(root, "type", is: "content_block_stop") {
            guard let open = form else { throw .notOpen }
            guard index(root) == next else { throw .notDense }
            if !hasContent, open == .text || open == .thinking { throw .emptyBlock }
            form = nil
            next += 1
        } else if tape.member(root, "type", is: "message_delta") {
            guard form == nil else { throw .notOrdered }
            guard state == .open else { throw .secondStop }
            guard let delta = tape.present(root, "delta"), tape.text(delta, "stop_reason") != nil,
                tape.present(root, "usage") != nil
            else { throw .noStop }
            state = .stopped
        } else if tape.member(root, "type", is: "message_stop") {
            guard state == .stopped else { throw .noStop }
            state = .ended
        } else {
            throw .unknownEvent
        }
    }

    private func index(_ event: JSONTape.Index) -> Int64? { tape.present(event, "index").flatMap { tape.count($0) } }

    private mutating func start(_ event: JSONTape.Index) throws(GrammarFault) {
        guard form == nil, state == .open else { throw .notOrdered }
        guard index(event) == next else { throw .notDense }
        guard let block = tape.present(event, "content_block") else { throw .unknownEvent }
        hasContent = false
        if tape.member(block, "type", is: "text") {
            form = .text
        } else if tape.member(block, "type", is: "thinking") {
            form = .thinking
        } else if tape.member(block, "type", is: "tool_use") {
            guard let name = tape.text(block, "name"), !name.isEmpty, tape.text(block, "id") != nil else {
                throw .emptyBlock
            }
            form = .call
        } else {
            form = .whole
        }
    }

    private mutating func delta(_ event: JSONTape.Index) throws(GrammarFault) {
        guard let form else { throw .notOpen }
        guard index(event) == next else { throw .notDense }
        guard let delta = tape.present(event, "delta") else { throw .unknownEvent }
        let fits: Bool
        switch form {
        case .text:
            fits = tape.member(delta, "type", is: "text_delta") || tape.member(delta, "type", is: "citations_delta")
        case .thinking:
            fits = tape.member(delta, "type", is: "thinking_delta") || tape.member(delta, "type", is: "signature_delta")
        case .call: fits = tape.member(delta, "type", is: "input_json_delta")
        case .whole: fits = false
        }
        guard fits else { throw .wrongPiece }
        hasContent = true
    }
}
