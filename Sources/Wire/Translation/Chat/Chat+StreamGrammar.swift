public import NIOCore

/// Checks the bytes of a chat stream as it leaves: a role first, calls whose indexes are dense and which begin with id and
/// name, one finish reason, usage behind it alone, `[DONE]` last.
public struct ChatStreamGrammar: Sendable {
    private enum State: UInt8 {
        case new
        case open
        case finished
        case ended
    }

    private var bodies = EventBodies(limit: 64 << 20)
    private var tape = JSONTape()
    private var state = State.new
    private var calls: Int64 = 0
    private var hasUsage = false

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
        if state == .ended { throw .afterEnd }
        if data.readableBytesUInt8Span.count == 6, data.firstMark == .bracket {
            guard state == .finished else { throw .noStop }
            state = .ended
            return
        }
        do throws(JSONFault) { try tape.read(data) } catch { throw .notJSON }
        let root = JSONTape.root
        if tape.present(root, "error") != nil {
            state = .ended
            return
        }
        guard tape.member(root, "object", is: "chat.completion.chunk"), tape.text(root, "id") != nil,
            let choices = tape.present(root, "choices"), tape.kind(choices) == .array
        else { throw .unknownEvent }
        guard let choice = tape.first(choices) else {
            guard tape.present(root, "usage") != nil else { throw .emptyBlock }
            guard state == .finished, !hasUsage else { throw .secondStop }
            hasUsage = true
            return
        }
        guard let delta = tape.present(choice, "delta"), tape.kind(delta) == .object else { throw .unknownEvent }
        if state == .finished { throw .secondStop }
        if state == .new {
            guard tape.member(delta, "role", is: "assistant") else { throw .beforeStart }
            state = .open
        } else if tape.member(delta, "role") != nil {
            throw .secondStart
        }
        try self.delta(delta)
        if tape.present(choice, "finish_reason") != nil { state = .finished }
    }

    private mutating func delta(_ delta: JSONTape.Index) throws(GrammarFault) {
        var entry = tape.present(delta, "tool_calls").flatMap { tape.first($0) }
        guard let list = tape.present(delta, "tool_calls") else { return }
        while let call = entry {
            guard let index = tape.present(call, "index").flatMap({ tape.count($0) }) else { throw .notDense }
            let function = tape.present(call, "function") ?? tape.present(call, "custom")
            guard let function else { throw .wrongPiece }
            if tape.present(call, "id") != nil {
                guard index == calls else { throw .notDense }
                guard let name = tape.text(function, "name"), !name.isEmpty else { throw .emptyBlock }
                calls += 1
            } else if index != calls - 1 {
                throw .notOrdered
            }
            entry = tape.next(call, in: list)
        }
    }
}
