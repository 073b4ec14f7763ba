public import NIOCore
import Vocabulary

/// Reads a plain `response` into answer events.
public enum ResponsesAnswerReader {
    /// `nil` when the body is not a JSON object with output or an error.
    public static func read(_ body: ByteBuffer) -> [AnswerEvent]? {
        var tape = JSONTape()
        guard tape.readRepaired(body), tape.kind(JSONTape.root) == .object else { return nil }
        let root = JSONTape.root
        if let error = tape.present(root, "error") { return [.failure(ResponsesErrorReader.error(tape, error))] }
        guard tape.present(root, "output") != nil else { return nil }
        let id = tape.text(root, "id") ?? RawText()
        var events: [AnswerEvent] = [.start(id: id, model: tape.text(root, "model") ?? RawText())]
        var items = ResponsesItemReader()
        items.sequence.answerID = id
        items.output(tape, root, into: &events)
        items.finish(into: &events)
        events.append(.stop(ResponsesWords.stopReason(tape, root, hasCalls: items.hasCalls)))
        let usage = tape.present(root, "usage").flatMap { tape.responsesUsage($0) }
        if let usage = tape.levelled(usage, by: root) { events.append(.usage(usage)) }
        events.append(.end)
        return events
    }
}
