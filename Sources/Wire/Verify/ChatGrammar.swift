import NIOCore
import Vocabulary

/// A chat stream: per choice a role first, calls whose indexes are dense and which begin with an id and a name, and one
/// finish reason; usage behind them alone; `[DONE]` last.
struct ChatGrammar: StreamGrammar {
    private enum State: UInt8 {
        case new
        case open
        case failed
        case ended
    }

    private struct Choice: Sendable {
        var index: Int64
        var hasRole = false
        var isFinished = false
        var calls: Int64 = 0
    }

    private let isOurs: Bool
    private var state = State.new
    private var choices: [Choice] = []
    private var id: RunningText?
    private var ids = OwnIDs()
    private var hasUsage = false

    init(_ origin: StreamValidator.Origin) { isOurs = origin == .written }

    mutating func done() throws(StreamViolation) {
        if state == .ended || state == .failed && isOurs { throw .afterEnd }
        if state == .new { throw .noStart }
        if state != .failed, !choices.allSatisfy(\.isFinished) { throw .noStop }
        state = .ended
    }

    func finish() throws(StreamViolation) {
        if state != .ended && state != .failed { throw state == .new ? .noStart : .noEnd }
    }

    mutating func check(_ tape: JSONTape, named: ByteBuffer?) throws(StreamViolation) {
        if state == .ended || state == .failed { throw .afterEnd }
        let root = JSONTape.root
        if tape.present(root, "error") != nil {
            state = .failed
            return
        }
        guard let list = tape.present(root, "choices"), tape.kind(list) == .array else { throw .unknownEvent }
        if isOurs {
            guard tape.member(root, "object", is: "chat.completion.chunk"), let text = tape.text(root, "id") else {
                throw .unknownEvent
            }
            if let id, id != RunningText(text) { throw .unstableID }
            id = RunningText(text)
        }
        let wasNew = state == .new
        state = .open
        let hasReport = tape.present(root, "usage") != nil
        if isOurs {
            if tape.isEmpty(list) {
                guard hasReport else { throw .emptyBlock }
                guard !wasNew else { throw .beforeStart }
                guard !hasUsage, choices.allSatisfy(\.isFinished) else { throw .secondStop }
                hasUsage = true
            } else if hasReport {
                throw .notOrdered
            } else if hasUsage {
                throw .afterEnd
            }
        }
        for entry in tape.entries(list) { try choice(entry, tape) }
    }

    private mutating func choice(_ entry: JSONTape.Index, _ tape: JSONTape) throws(StreamViolation) {
        guard let delta = tape.member(entry, "delta") else { throw .unknownEvent }
        let index = tape.present(entry, "index").flatMap { tape.count($0) }
        if isOurs, index != 0 { throw .notDense }
        let place = choices.firstIndex { $0.index == index ?? 0 } ?? choices.count
        if place == choices.count { choices.append(Choice(index: index ?? 0)) }
        if choices[place].isFinished, isOurs || Self.hasContent(delta, tape) { throw .secondStop }
        let hasRole = tape.text(delta, "role") != nil
        if isOurs, hasRole == choices[place].hasRole { throw hasRole ? .secondStart : .beforeStart }
        if hasRole { choices[place].hasRole = true }
        if let calls = tape.present(delta, "tool_calls") {
            for call in tape.entries(calls) { try self.call(call, tape, of: place) }
        }
        if let reason = tape.text(entry, "finish_reason"), !reason.isEmpty {
            if choices[place].isFinished, isOurs { throw .secondStop }
            choices[place].isFinished = true
        }
    }

    private mutating func call(_ call: JSONTape.Index, _ tape: JSONTape, of choice: Int) throws(StreamViolation) {
        let calls = choices[choice].calls
        guard let index = tape.present(call, "index").flatMap({ tape.count($0) }) else { throw .notDense }
        guard let function = tape.present(call, "function") ?? tape.present(call, "custom") else { throw .wrongPiece }
        guard index <= calls else { throw .notDense }
        if index == calls {
            guard let name = tape.text(function, "name"), !name.isEmpty else { throw .emptyBlock }
            guard ids.takes(tape.text(call, "id")) else { throw .noOwnID }
            choices[choice].calls += 1
        } else if isOurs {
            if index != calls - 1 { throw .notOrdered }
            if tape.present(call, "id") != nil { throw .secondStart }
        }
    }

    private static func hasContent(_ delta: JSONTape.Index, _ tape: JSONTape) -> Bool {
        if let text = tape.text(delta, "content"), !text.isEmpty { return true }
        return tape.present(delta, "tool_calls").map { !tape.isEmpty($0) } ?? false
    }
}
