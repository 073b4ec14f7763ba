public import NIOCore
import Wire

/// What two whole answers of one dialect say.
public enum AnswerText {
    /// Whether both say the same as far as words tell; what cannot be read does not.
    public static func agree(_ one: ByteBuffer, _ other: ByteBuffer) -> Bool {
        guard let a = words(one), let b = words(other) else { return false }
        return SimilarText.agree(a, b)
    }

    /// Every text that a model wrote, in the order they stand.
    private static func words(_ answer: ByteBuffer) -> [UInt8]? {
        guard let tape = JSONTape.container(answer) else { return nil }
        var words: [UInt8] = []
        for node in tape.nodes.indices.dropFirst() where tape.nodes[node].kind == .string {
            guard tape.nodes[node].nameStart >= 0, tape.isNamed(node, "content") || tape.isNamed(node, "text") else {
                continue
            }
            words += Array(buffer: tape.unescaped(node)) + [0x20]
        }
        return words
    }
}
