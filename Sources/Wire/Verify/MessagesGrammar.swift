import NIOCore
import Vocabulary

/// A messages stream: one `message_start` and one `message_stop`, blocks that are dense, ordered, closed and not empty,
/// deltas that fit their block, one stop reason.
struct MessagesGrammar: StreamGrammar {
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
        case serverCall
        case whole
    }

    private let isOurs: Bool
    private var state = State.new
    private var next: Int64 = 0
    private var form: Form?
    private var hasContent = false
    private var ids = OwnIDs()

    init(_ origin: StreamValidator.Origin) { isOurs = origin == .written }

    func finish() throws(StreamViolation) { if state != .ended { throw state == .new ? .noStart : .noEnd } }

    mutating func check(_ tape: JSONTape, named name: ByteBuffer?) throws(StreamViolation) {
        let root = JSONTape.root
        guard let type = tape.text(root, "type") else { throw .unknownEvent }
        // Clients dispatch on the event's name and read its data by the type.
        if let name { if name != type.bytes { throw .wrongName } } else if isOurs { throw .wrongName }
        if type.equals("ping") { return }
        if state == .ended { throw .afterEnd }
        if type.equals("error") {
            guard let error = tape.present(root, "error"), tape.text(error, "type") != nil else { throw .unknownEvent }
            state = .ended
        } else if type.equals("message_start") {
            guard state == .new else { throw .secondStart }
            guard let message = tape.present(root, "message"), tape.text(message, "id") != nil,
                tape.present(message, "usage") != nil
            else { throw .unknownEvent }
            state = .open
        } else if state == .new {
            throw .beforeStart
        } else if type.equals("content_block_start") {
            try start(tape)
        } else if type.equals("content_block_delta") {
            try delta(tape)
        } else if type.equals("content_block_stop") {
            guard let open = form else { throw .notOpen }
            guard index(tape) == next else { throw .notDense }
            if !hasContent, open == .text || open == .thinking { throw .emptyBlock }
            form = nil
            next += 1
        } else if type.equals("message_delta") {
            guard form == nil else { throw .notOrdered }
            guard state == .open else { throw .secondStop }
            guard let delta = tape.present(root, "delta"), tape.text(delta, "stop_reason") != nil,
                tape.present(root, "usage") != nil
            else { throw .noStop }
            state = .stopped
        } else if type.equals("message_stop") {
            guard state == .stopped else { throw .noStop }
            state = .ended
        } else if isOurs {
            throw .unknownEvent
        }
    }

    private func index(_ tape: JSONTape) -> Int64? { tape.present(JSONTape.root, "index").flatMap { tape.count($0) } }

    private mutating func start(_ tape: JSONTape) throws(StreamViolation) {
        guard form == nil, state == .open else { throw .notOrdered }
        guard index(tape) == next else { throw .notDense }
        guard let block = tape.present(JSONTape.root, "content_block") else { throw .unknownEvent }
        hasContent = false
        if tape.member(block, "type", is: "text") {
            form = .text
            hasContent = !(tape.text(block, "text")?.isEmpty ?? true)
        } else if tape.member(block, "type", is: "thinking") {
            form = .thinking
            hasContent = !(tape.text(block, "thinking")?.isEmpty ?? true)
        } else if tape.member(block, "type", is: "tool_use") {
            guard let name = tape.text(block, "name"), !name.isEmpty else { throw .emptyBlock }
            guard ids.takes(tape.text(block, "id")) else { throw .noOwnID }
            form = .call
        } else {
            form = isOurs ? .whole : .serverCall
        }
    }

    private mutating func delta(_ tape: JSONTape) throws(StreamViolation) {
        guard let form else { throw .notOpen }
        guard index(tape) == next else { throw .notDense }
        guard let delta = tape.present(JSONTape.root, "delta") else { throw .unknownEvent }
        let fits: Bool
        switch form {
        case .text:
            fits = tape.member(delta, "type", is: "text_delta") || tape.member(delta, "type", is: "citations_delta")
        case .thinking:
            fits = tape.member(delta, "type", is: "thinking_delta") || tape.member(delta, "type", is: "signature_delta")
        case .call: fits = tape.member(delta, "type", is: "input_json_delta")
        case .serverCall: fits = true
        case .whole: fits = false
        }
        guard fits else { throw .wrongPiece }
        hasContent = true
    }
}
