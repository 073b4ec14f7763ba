public import NIOCore
public import Vocabulary

/// What Tacet reads of a plain `message`.
public struct MessagesAnswer: Sendable {
    /// As the provider reported it; `nil` when it did not.
    public private(set) var usage: TokenUsage?
    /// The model that answered, as the provider names it.
    public private(set) var model: [UInt8]?
    /// Bytes of generated text, for an estimate when there is no usage.
    public private(set) var visibleOutputBytes: Int64 = 0
    /// Something was generated, also what has no text.
    public private(set) var hasContent = false

    private init() {}

    /// `nil` when the body is not one JSON object.
    public static func read(_ body: ByteBuffer) -> MessagesAnswer? {
        var tape = JSONTape()
        do throws(JSONFault) { try tape.read(body) } catch { return nil }
        guard tape.kind(JSONTape.root) == .object else { return nil }
        var answer = MessagesAnswer()
        var usage = MessagesUsage()
        if let report = tape.present(JSONTape.root, "usage") { usage.take(tape, report) }
        answer.usage = usage.usage
        answer.model = tape.text(JSONTape.root, "model").flatMap { $0.isEmpty ? nil : $0.unescaped }
        guard let content = tape.present(JSONTape.root, "content"), tape.kind(content) == .array else { return answer }
        var entry = tape.first(content)
        while let block = entry {
            answer.hasContent = true
            answer.visibleOutputBytes += MessagesOutput.bytes(tape, ofBlock: block)
            entry = tape.next(block, in: content)
        }
        return answer
    }
}

/// Sizes of what a model generated.
enum MessagesOutput {
    /// Bytes of a block's text, thoughts, or a call's name and input.
    static func bytes(_ tape: JSONTape, ofBlock block: JSONTape.Index) -> Int64 {
        var bytes = 0
        for name: StaticString in ["text", "thinking", "name"] {
            if let text = tape.member(block, name) { bytes += tape.byteCount(text) }
        }
        if let input = tape.present(block, "input"), !tape.isEmpty(input) { bytes += tape.byteCount(input) }
        return Int64(bytes)
    }

    /// Bytes of a delta's text, thoughts or piece of input.
    static func bytes(_ tape: JSONTape, ofDelta delta: JSONTape.Index) -> Int64 {
        var bytes = 0
        for name: StaticString in ["text", "thinking", "partial_json"] {
            if let text = tape.member(delta, name) { bytes += tape.byteCount(text) }
        }
        return Int64(bytes)
    }
}

extension JSONTape {
    /// A string's bytes with escapes resolved; of anything else, the bytes it is spelled with.
    func byteCount(_ index: Index) -> Int {
        let node = nodes[index.at]
        guard node.kind == .string else { return node.kind == .null ? 0 : Int(node.end - node.start) }
        return JSONText(start: Int(node.start) + 1, end: Int(node.end) - 1, isEscaped: node.isEscaped)
            .byteCount(in: source.readableBytesUInt8Span)
    }
}
