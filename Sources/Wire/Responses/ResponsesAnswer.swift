public import NIOCore
public import Vocabulary

/// What Tacet reads of a plain `response`.
public struct ResponsesAnswer: Sendable {
    /// As the provider reported it; `nil` when it did not.
    public var usage: TokenUsage?
    /// The model that answered, as the provider names it.
    public var model: [UInt8]?
    /// The response's id, as the provider names it.
    public var id: [UInt8]?
    /// Bytes of generated text, for an estimate when there is no usage.
    public var visibleOutputBytes: Int64 = 0
    /// Something was generated, also what has no text.
    public var hasContent = false
    /// `queued` or `in_progress`: the answer is made in the background and is not here yet.
    public var isPending = false
    /// The response failed: it holds an error instead of an answer.
    public var hasFailed = false

    /// `nil` when the body is not one JSON object.
    public static func read(_ body: ByteBuffer) -> ResponsesAnswer? {
        let bytes = body.readableBytesUInt8Span
        var cursor = JSONCursor(bytes)
        var object = ResponsesObject()
        do throws(JSONFault) {
            guard try cursor.peek(bytes) == .object else { return nil }
            try object.read(&cursor, bytes)
            try cursor.finish(bytes)
        } catch { return nil }
        var answer = ResponsesAnswer()
        answer.usage = object.usage
        answer.model = object.model
        answer.id = object.id
        answer.visibleOutputBytes = object.output.visibleBytes
        answer.hasContent = object.output.hasContent
        answer.isPending = object.isPending
        answer.hasFailed = object.hasError
        return answer
    }
}

/// The members of a `response` object that Tacet reads, plain and in the events of a stream.
struct ResponsesObject {
    var usage: TokenUsage?
    var model: [UInt8]?
    var id: [UInt8]?
    var hasError = false
    var isPending = false
    private var level: ServiceLevel?
    var output = ResponsesOutput()

    /// Reads the object ahead, through its end.
    mutating func read(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            if name.equals("usage", in: b) {
                usage = try ResponsesUsage.read(&cursor, b)
            } else if name.equals("output", in: b) {
                try output.items(&cursor, b)
            } else {
                let value = try cursor.value(b)
                if name.equals("error", in: b) {
                    hasError = value.kind != .null
                } else if value.kind == .string {
                    if name.equals("model", in: b) { model = value.text.unescaped(in: b) }
                    if name.equals("id", in: b) { id = value.text.unescaped(in: b) }
                    if name.equals("status", in: b) {
                        isPending = value.text.equals("queued", in: b) || value.text.equals("in_progress", in: b)
                    }
                    if name.equals("service_tier", in: b) { level = value.text.serviceLevel(in: b) }
                }
            }
            more = try cursor.nextMember(b)
        }
        if let level { usage?.level = level }
    }
}

/// Sizes of what a model generated, from the items of a response.
struct ResponsesOutput {
    /// Bytes of text, escapes resolved: text, refusals, reasoning, names and arguments of calls, code.
    var visibleBytes: Int64 = 0
    /// Something was generated, also what has no text.
    var hasContent = false

    /// Reads the `output` ahead, through its end.
    mutating func items(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        guard try cursor.peek(b) == .array else {
            _ = try cursor.value(b)
            return
        }
        var more = try cursor.beginArray(b)
        while more {
            hasContent = true
            try members(&cursor, b, texts: ["arguments", "input", "name", "code"], lists: ["content", "summary"])
            more = try cursor.nextElement(b)
        }
    }

    private mutating func members(
        _ cursor: inout JSONCursor, _ b: Span<UInt8>, texts: [StaticString], lists: [StaticString]
    ) throws(JSONFault) {
        guard try cursor.peek(b) == .object else {
            _ = try cursor.value(b)
            return
        }
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            if lists.contains(where: { name.equals($0, in: b) }), try cursor.peek(b) == .array {
                var inner = try cursor.beginArray(b)
                while inner {
                    try members(&cursor, b, texts: ["text", "refusal"], lists: [])
                    inner = try cursor.nextElement(b)
                }
            } else {
                let value = try cursor.value(b)
                if value.kind == .string, texts.contains(where: { name.equals($0, in: b) }) {
                    visibleBytes += Int64(value.text.byteCount(in: b))
                }
            }
            more = try cursor.nextMember(b)
        }
    }
}
