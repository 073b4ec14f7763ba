public import NIOCore
import Vocabulary

/// Reads a plain `GenerateContentResponse` into answer events.
public enum GeminiAnswerReader {
    /// `nil` when the body is not a JSON object with candidates, a verdict on the prompt, or an error.
    public static func read(_ body: ByteBuffer) -> [AnswerEvent]? {
        var tape = JSONTape()
        guard tape.readRepaired(body) else { return nil }
        let root = JSONTape.root
        var reader = GeminiChunkReader()
        var events: [AnswerEvent] = []
        // A stream's array may come where a plain answer was asked for.
        for entry in tape.entries(root) where tape.kind(entry) == .object {
            reader.take(tape, entry, into: &events)
        }
        guard !events.isEmpty else { return nil }
        reader.finish(into: &events)
        return events
    }
}
