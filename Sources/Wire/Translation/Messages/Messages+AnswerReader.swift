public import NIOCore
import Vocabulary

/// Reads a plain `message` into answer events.
public enum MessagesAnswerReader {
    /// `nil` when the body is not a JSON object with content or an error.
    public static func read(_ body: ByteBuffer) -> [AnswerEvent]? {
        var tape = JSONTape()
        guard tape.readRepaired(body), tape.kind(JSONTape.root) == .object else { return nil }
        let root = JSONTape.root
        guard let list = tape.present(root, "content"), tape.kind(list) == .array else {
            guard let error = tape.present(root, "error") else { return nil }
            return [.failure(MessagesErrorReader.error(tape, error, status: nil))]
        }
        let id = tape.text(root, "id") ?? RawText()
        var events: [AnswerEvent] = [.start(id: id, model: tape.text(root, "model") ?? RawText())]
        var content = MessagesContentReader()
        content.sequence.answerID = id
        var entry = tape.first(list)
        while let block = entry {
            content.block(tape, block, into: &events)
            entry = tape.next(block, in: list)
        }
        content.finish(into: &events)
        events.append(.stop(MessagesWords.stopReason(tape, root) ?? (content.hasCalls ? .toolUse : .endTurn)))
        var usage = MessagesUsage()
        if let report = tape.present(root, "usage") { usage.take(tape, report) }
        if let usage = usage.usage { events.append(.usage(usage)) }
        events.append(.end)
        return events
    }
}
