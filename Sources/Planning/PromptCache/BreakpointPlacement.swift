public import NIOCore
import Wire

/// Puts `cache_control` into a request of Anthropic's dialect that has none, where it pays most. Everything else goes on
/// byte by byte; a request that says it anywhere itself is left alone.
///
/// Which blocks are marked moves from turn to turn, and what a provider keeps does not look at the marks: no prefix changes.
public struct BreakpointPlacement: Sendable {
    /// The least that any model's provider keeps; what is below a model's own is not kept, and costs nothing.
    public static let leastTokens: Int64 = 1024

    private let tape: JSONTape
    private var blocks: [(block: PromptBlock, node: Int)] = []

    /// The request with marks; `nil` when none is to be placed.
    public static func placed(_ body: ByteBuffer) -> ByteBuffer? {
        guard body.readableBytes <= RequestCompression.largestBody,
            Int64(body.readableBytes) > leastTokens, let tape = JSONTape.container(body),
            tape.nodes[0].kind == .object
        else { return nil }
        var placement = BreakpointPlacement(tape)
        return placement.read() ? placement.write() : nil
    }

    private init(_ tape: JSONTape) { self.tape = tape }

    /// `false` when the request has marks of its own.
    private mutating func read() -> Bool {
        if tape.nodes.indices.dropFirst().contains(where: {
            tape.nodes[$0].nameStart >= 0 && tape.isNamed($0, "cache_control")
        }) {
            return false
        }
        add(tape.member(0, "tools"), .tools)
        add(tape.member(0, "system"), .system)
        for message in tape.elements(tape.member(0, "messages")) { add(tape.member(message, "content"), .message) }
        return !blocks.isEmpty
    }

    private mutating func add(_ content: Int?, _ part: PromptBlock.Part) {
        guard let content else { return }
        for node in tape.nodes[content].kind == .array ? tape.elements(content) : [content] {
            blocks.append((PromptBlock(part, tokens: Int64(tape.range(node).count / 4)), node))
        }
    }

    private func write() -> ByteBuffer? {
        var marked: [Int] = []
        for place in CacheBreakpoints.best(blocks.map(\.block), minimum: Self.leastTokens) {
            // Not every block takes a mark; the one before it in its part does as well.
            var at = place
            while at > 0, !takesMark(blocks[at].node), blocks[at - 1].block.part == blocks[place].block.part { at -= 1 }
            if takesMark(blocks[at].node), marked.last != at { marked.append(at) }
        }
        guard !marked.isEmpty else { return nil }
        var out = ByteBuffer()
        var copied = 0
        // A body has its parts in any order; a provider has one.
        for node in marked.map({ blocks[$0].node }).sorted(by: { tape.range($0).lowerBound < tape.range($1).lowerBound }
        ) {
            let range = tape.range(node)
            if tape.nodes[node].kind == .string {
                out.writeImmutableBuffer(tape.slice(copied..<range.lowerBound))
                out.writeStaticString("[{\"type\":\"text\",\"text\":")
                out.writeImmutableBuffer(tape.slice(range))
                out.writeStaticString(",\"cache_control\":{\"type\":\"ephemeral\"}}]")
                copied = range.upperBound
            } else {
                out.writeImmutableBuffer(tape.slice(copied..<range.upperBound - 1))
                out.writeStaticString(",\"cache_control\":{\"type\":\"ephemeral\"}")
                copied = range.upperBound - 1
            }
        }
        let end = tape.source.readableBytes
        out.writeImmutableBuffer(tape.slice(copied..<end))
        return out
    }

    /// Text that is not empty, and objects that are neither thoughts nor empty.
    private func takesMark(_ node: Int) -> Bool {
        switch tape.nodes[node].kind {
        case .string: return !tape.textRange(node).isEmpty
        case .object:
            let type = tape.member(node, "type")
            if tape.equals(type, "thinking") || tape.equals(type, "redacted_thinking") { return false }
            if tape.equals(type, "text") {
                return tape.member(node, "text").map { !tape.textRange($0).isEmpty } ?? false
            }
            return !tape.children(node).isEmpty
        default: return false
        }
    }
}
