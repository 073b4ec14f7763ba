import NIOCore
import Vocabulary

/// A stream of Gemini's: every chunk an answer with candidates, parts in each and none empty but the last, one finish
/// reason, and it in the last chunk, calls with a name and an object, one error at most, and it at the end.
struct GeminiGrammar: StreamGrammar {
    private enum State: UInt8 {
        case new
        case open
        case stopped
        case ended
    }

    private let isOurs: Bool
    private var state = State.new
    private var id: RunningText?

    init(_ origin: StreamValidator.Origin) { isOurs = origin == .written }

    func finish() throws(StreamViolation) {
        if state != .ended && state != .stopped { throw state == .new ? .noStart : .noEnd }
    }

    mutating func check(_ tape: JSONTape, named: ByteBuffer?) throws(StreamViolation) {
        if state == .ended || state == .stopped && isOurs { throw .afterEnd }
        let root = JSONTape.root
        if let error = tape.present(root, "error") {
            guard tape.present(error, "code").flatMap({ tape.count($0) }) != nil, tape.text(error, "message") != nil,
                tape.text(error, "status") != nil
            else { throw .unknownEvent }
            state = .ended
            return
        }
        try checkID(tape.text(root, "responseId"))
        guard let list = tape.present(root, "candidates") else {
            // A prompt that was blocked has no answer, and a report may come alone.
            guard !isOurs, tape.present(root, "promptFeedback") ?? tape.present(root, "usageMetadata") != nil else {
                throw .unknownEvent
            }
            state = state == .stopped || tape.present(root, "promptFeedback") != nil ? .stopped : .open
            return
        }
        let entries = tape.entries(list)
        if isOurs, entries.count != 1 || tape.text(root, "modelVersion") == nil { throw .unknownEvent }
        let wasStopped = state == .stopped
        if state == .new { state = .open }
        for candidate in entries { try check(candidate, tape, wasStopped) }
        if isOurs, state != .stopped, tape.present(root, "usageMetadata") != nil { throw .notOrdered }
    }

    private mutating func checkID(_ text: RawText?) throws(StreamViolation) {
        guard let text else {
            if isOurs { throw .unknownEvent }
            return
        }
        if let id, id != RunningText(text) { throw .unstableID }
        id = RunningText(text)
    }

    private mutating func check(
        _ candidate: JSONTape.Index, _ tape: JSONTape, _ wasStopped: Bool
    ) throws(StreamViolation) {
        let isLast = tape.present(candidate, "finishReason") != nil
        if isLast { state = .stopped }
        guard let content = tape.present(candidate, "content"), let parts = tape.present(content, "parts"),
            !tape.isEmpty(parts)
        else {
            if isOurs { throw .emptyBlock }
            return
        }
        if isOurs, !tape.member(content, "role", is: "model") { throw .beforeStart }
        for part in tape.entries(parts) {
            if wasStopped, tape.text(part, "text")?.isEmpty != true { throw .afterEnd }
            try check(part, tape, isLast: isLast)
        }
    }

    private func check(_ part: JSONTape.Index, _ tape: JSONTape, isLast: Bool) throws(StreamViolation) {
        if let text = tape.text(part, "text") {
            guard isOurs, text.isEmpty, !isLast else { return }
            if tape.text(part, "thoughtSignature")?.isEmpty ?? true { throw .emptyBlock }
        } else if let call = tape.present(part, "functionCall") {
            guard let name = tape.text(call, "name"), !name.isEmpty else { throw .emptyBlock }
            let arguments = tape.present(call, "args").map { tape.kind($0) == .object }
            guard arguments ?? !isOurs else { throw .wrongPiece }
        } else if tape.isEmpty(part) {
            throw .emptyBlock
        }
    }
}
