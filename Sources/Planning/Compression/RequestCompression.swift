import Metering
public import NIOCore
public import Vocabulary
import Wire

/// Compresses what tools answered inside of a request, and nothing else: not what people or models wrote, not system
/// prompts, tool definitions or schemas, no block that is marked for a provider's cache. All other bytes go on as they came.
///
/// Every block is taken by itself, in whatever turn it stands, so a client that resends its originals sends the same bytes
/// upstream each time.
public struct RequestCompression: Sendable {
    private let mode: CompressionMode
    private let body: ByteBuffer
    private var tape: JSONTape
    /// The strings to compress, in the order they stand.
    private var blocks: [Int] = []
    private var next = 0
    private var pieces: [ByteBuffer] = []
    private var copied = 0

    /// Estimated tokens of the blocks that were changed, before and after.
    public private(set) var before: Int64 = 0
    public private(set) var after: Int64 = 0

    /// Larger requests go on as they are: finding the blocks takes memory of several times the body.
    public static let largestBody = 4 << 20

    /// `nil` when the request has nothing to compress, or is no JSON object: whoever reads it will say so.
    public init?(_ body: ByteBuffer, _ dialect: Dialect, _ mode: CompressionMode) {
        guard mode != .off, body.readableBytes <= Self.largestBody, let tape = JSONTape.container(body),
            tape.nodes[0].kind == .object
        else { return nil }
        self.mode = mode
        self.body = body
        self.tape = tape
        switch dialect {
        case .openAI: findChatBlocks()
        case .openAIResponses: findResponsesBlocks()
        case .anthropic: findMessagesBlocks()
        // A function's response is a JSON value there, not text: there is nothing to take out but white space.
        case .gemini: break
        }
        guard !blocks.isEmpty else { return nil }
    }

    /// Compresses blocks until about `budget` bytes were read; `true`: there are more (`RULES.md` 2).
    public mutating func advance(budget: Int = 256 * 1024) -> Bool {
        var left = budget
        while next < blocks.count, left > 0 {
            let node = blocks[next]
            next += 1
            let text = tape.unescaped(node)
            left -= max(1, text.readableBytes)
            guard let compressed = Compression.compress(text, mode) else { continue }
            before += TokenEstimate.tokens(inText: text.readableBytesUInt8Span)
            after += TokenEstimate.tokens(inText: compressed.readableBytesUInt8Span)
            let place = tape.textRange(node)
            pieces.append(tape.slice(copied..<place.lowerBound))
            pieces.append(RawText(escaping: Array(buffer: compressed)).bytes)
            copied = place.upperBound
        }
        return next < blocks.count
    }

    /// The request to send; the original when no block was changed.
    public var result: ByteBuffer {
        guard !pieces.isEmpty else { return body }
        let rest = tape.slice(copied..<body.readableBytes)
        var out = ByteBuffer()
        out.reserveCapacity(pieces.reduce(rest.readableBytes) { $0 + $1.readableBytes })
        for piece in pieces { out.writeImmutableBuffer(piece) }
        out.writeImmutableBuffer(rest)
        return out
    }

    // MARK: Where tools' answers stand

    private mutating func findChatBlocks() {
        for message in tape.elements(tape.member(0, "messages")) {
            guard tape.equals(tape.member(message, "role"), "tool"), !isMarked(message) else { continue }
            addTexts(tape.member(message, "content"))
        }
    }

    private mutating func findResponsesBlocks() {
        for item in tape.elements(tape.member(0, "input")) {
            let type = tape.member(item, "type")
            guard tape.equals(type, "function_call_output") || tape.equals(type, "custom_tool_call_output") else {
                continue
            }
            addTexts(tape.member(item, "output"))
        }
    }

    private mutating func findMessagesBlocks() {
        for message in tape.elements(tape.member(0, "messages")) {
            for block in tape.elements(tape.member(message, "content")) {
                guard tape.equals(tape.member(block, "type"), "tool_result"), !isMarked(block) else { continue }
                addTexts(tape.member(block, "content"))
            }
        }
    }

    /// A string, or a list of parts of which some are text.
    private mutating func addTexts(_ content: Int?) {
        guard let content else { return }
        if tape.nodes[content].kind == .string { return blocks.append(content) }
        for part in tape.elements(content) where !isMarked(part) {
            let type = tape.member(part, "type")
            guard tape.equals(type, "text") || tape.equals(type, "input_text") || tape.equals(type, "output_text"),
                let text = tape.member(part, "text"), tape.nodes[text].kind == .string
            else { continue }
            blocks.append(text)
        }
    }

    private func isMarked(_ object: Int) -> Bool { tape.member(object, "cache_control") != nil }
}
