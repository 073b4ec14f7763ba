public import NIOCore
import Vocabulary

/// Reads a plain `chat.completion` into answer events.
public enum ChatAnswerReader {
    /// `nil` when the body is not a JSON object with choices or an error.
    public static func read(_ body: ByteBuffer) -> [AnswerEvent]? {
        var tape = JSONTape()
        guard tape.readRepaired(body), tape.kind(JSONTape.root) == .object else { return nil }
        let root = JSONTape.root
        var events: [AnswerEvent] = []
        let choices = tape.present(root, "choices")
        let choice = choices.flatMap { tape.first($0) }
        if choice == nil, let error = tape.present(root, "error") {
            return [.failure(ChatErrorReader.error(tape, error, status: nil))]
        }
        guard choices != nil else { return nil }
        let id = tape.text(root, "id") ?? RawText()
        events.append(.start(id: id, model: tape.text(root, "model") ?? RawText()))
        var reader = ChatMessageReader()
        reader.sequence.answerID = id
        var stop: StopReason?
        if let choice {
            if let message = tape.present(choice, "message") { reader.read(tape, message, into: &events) }
            stop = ChatWords.stopReason(tape, choice)
        }
        reader.finish(into: &events)
        if let choice, let logprobs = tape.present(choice, "logprobs"), let content = tape.json(logprobs, "content"),
            content.kind == .array
        {
            events.append(.logprobs(content))
        }
        let isCall = reader.hasCalls && (stop ?? .endTurn) == .endTurn
        events.append(.stop(isCall ? .toolUse : stop ?? .endTurn))
        let usage = tape.present(root, "usage").flatMap { tape.chatUsage($0) }
        if let usage = tape.levelled(usage, by: root) { events.append(.usage(usage)) }
        events.append(.end)
        return events
    }
}
