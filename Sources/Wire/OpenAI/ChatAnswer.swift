public import NIOCore
public import Vocabulary

/// What Tacet reads of a plain `chat.completion`.
public struct ChatAnswer: Sendable {
    /// As the provider reported it; `nil` when it did not.
    public var usage: TokenUsage?
    /// The model that answered, as the provider names it.
    public var model: [UInt8]?
    /// Bytes of generated text, for an estimate when there is no usage.
    public var visibleOutputBytes: Int64 = 0
    /// Something was generated, also what has no text.
    public var hasContent = false

    /// `nil` when the body is not one JSON object.
    public static func read(_ body: ByteBuffer) -> ChatAnswer? {
        let bytes = body.readableBytesUInt8Span
        var cursor = JSONCursor(bytes)
        var event = ChatEvent()
        do throws(JSONFault) {
            guard try cursor.peek(bytes) == .object else { return nil }
            try event.read(&cursor, bytes, readsModel: true)
            try cursor.finish(bytes)
        } catch { return nil }
        var answer = ChatAnswer()
        answer.usage = event.usage
        answer.model = event.model
        answer.visibleOutputBytes = event.output.visibleBytes
        answer.hasContent = event.output.hasContent
        return answer
    }
}

/// The members of an answer object that Tacet reads, in a `chat.completion` and in each `chat.completion.chunk`.
struct ChatEvent {
    var usage: TokenUsage?
    /// A `usage` object was there, readable or not.
    var hasUsageObject = false
    var model: [UInt8]?
    var hasChoices = false
    var hasError = false
    /// What the provider served at, where it says so.
    var level: ServiceLevel?
    var output = ChatOutput()

    /// Reads the object ahead, through its end.
    mutating func read(_ cursor: inout JSONCursor, _ b: Span<UInt8>, readsModel: Bool) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            if name.equals("choices", in: b) {
                hasChoices = try cursor.peek(b) == .array
                try output.choices(&cursor, b)
            } else if name.equals("usage", in: b) {
                hasUsageObject = try cursor.peek(b) == .object
                usage = try ChatUsage.read(&cursor, b) ?? usage
            } else if name.equals("x_groq", in: b), try cursor.peek(b) == .object {
                try groq(&cursor, b)
            } else {
                let value = try cursor.value(b)
                if name.equals("error", in: b) {
                    hasError = value.kind != .null
                } else if readsModel, value.kind == .string, name.equals("model", in: b) {
                    let text = value.text.unescaped(in: b)
                    if !text.isEmpty { model = text }
                } else if value.kind == .string, name.equals("service_tier", in: b) {
                    level = value.text.serviceLevel(in: b)
                }
            }
            more = try cursor.nextMember(b)
        }
        if let level { usage?.level = level }
    }

    /// Groq's older streams report usage in `x_groq.usage` alone.
    private mutating func groq(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            if name.equals("usage", in: b) {
                let nested = try ChatUsage.read(&cursor, b)
                usage = usage ?? nested
            } else {
                _ = try cursor.value(b)
            }
            more = try cursor.nextMember(b)
        }
    }
}
