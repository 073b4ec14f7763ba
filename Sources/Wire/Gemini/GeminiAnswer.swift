public import NIOCore
public import Vocabulary

/// What Tacet reads of a plain `GenerateContentResponse`.
public struct GeminiAnswer: Sendable {
    /// As the provider reported it; `nil` when it did not.
    public private(set) var usage: TokenUsage?
    /// The model that answered, as the provider names it.
    public private(set) var model: [UInt8]?
    /// Bytes of generated text, for an estimate when there is no usage.
    public private(set) var visibleOutputBytes: Int64 = 0
    /// Something was generated, also what has no text.
    public private(set) var hasContent = false

    /// `nil` when the body is not one JSON object.
    public static func read(_ body: ByteBuffer) -> GeminiAnswer? {
        let bytes = body.readableBytesUInt8Span
        var cursor = JSONCursor(bytes)
        var event = GeminiEvent()
        do throws(JSONFault) {
            guard try cursor.peek(bytes) == .object else { return nil }
            try event.read(&cursor, bytes, readsModel: true)
            try cursor.finish(bytes)
        } catch { return nil }
        var answer = GeminiAnswer()
        answer.usage = event.counted
        answer.model = event.model
        answer.visibleOutputBytes = event.visibleBytes
        answer.hasContent = event.hasContent
        return answer
    }
}

/// The members of an answer, or of a stream's chunk, that Tacet reads. No allocation but the model's name.
struct GeminiEvent {
    var usage: TokenUsage?
    var model: [UInt8]?
    /// Bytes of text, thoughts, names and arguments of calls, code of server tools.
    var visibleBytes: Int64 = 0
    var hasContent = false
    var hasError = false
    /// Queries that were sent to a search engine.
    var searches: Int64 = 0

    var counted: TokenUsage? {
        var usage = usage
        usage?[.searches] = searches
        return usage
    }

    /// Reads the object ahead, through its end.
    mutating func read(_ cursor: inout JSONCursor, _ b: Span<UInt8>, readsModel: Bool) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let kind = try cursor.peek(b)
            if name.equals("candidates", in: b), kind == .array {
                var inner = try cursor.beginArray(b)
                while inner {
                    try candidate(&cursor, b)
                    inner = try cursor.nextElement(b)
                }
            } else if name.equals("usageMetadata", in: b) || name.equals("usage_metadata", in: b) {
                usage = try GeminiUsage.read(&cursor, b) ?? usage
            } else {
                let value = try cursor.value(b)
                if name.equals("error", in: b) {
                    hasError = kind != .null
                } else if readsModel, kind == .string,
                    name.equals("modelVersion", in: b) || name.equals("model_version", in: b)
                {
                    let text = value.text.unescaped(in: b)
                    if !text.isEmpty { model = text }
                }
            }
            more = try cursor.nextMember(b)
        }
    }

    private mutating func candidate(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        guard try cursor.peek(b) == .object else {
            _ = try cursor.value(b)
            return
        }
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let kind = try cursor.peek(b)
            if kind == .object, name.equals("content", in: b) {
                try content(&cursor, b)
            } else if kind == .object,
                name.equals("groundingMetadata", in: b) || name.equals("grounding_metadata", in: b)
            {
                try grounding(&cursor, b)
            } else {
                _ = try cursor.value(b)
            }
            more = try cursor.nextMember(b)
        }
    }

    private mutating func grounding(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let isQueries = name.equals("webSearchQueries", in: b) || name.equals("web_search_queries", in: b)
            if isQueries, try cursor.peek(b) == .array {
                var count: Int64 = 0
                var inner = try cursor.beginArray(b)
                while inner {
                    _ = try cursor.value(b)
                    count += 1
                    inner = try cursor.nextElement(b)
                }
                searches = max(searches, count)
            } else {
                _ = try cursor.value(b)
            }
            more = try cursor.nextMember(b)
        }
    }

    private mutating func content(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            if name.equals("parts", in: b), try cursor.peek(b) == .array {
                var inner = try cursor.beginArray(b)
                while inner {
                    try part(&cursor, b)
                    inner = try cursor.nextElement(b)
                }
            } else {
                _ = try cursor.value(b)
            }
            more = try cursor.nextMember(b)
        }
    }

    private mutating func part(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        guard try cursor.peek(b) == .object else {
            _ = try cursor.value(b)
            return
        }
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let kind = try cursor.peek(b)
            if kind == .object {
                // Media have bytes, not words.
                let isMedia =
                    name.equals("inlineData", in: b) || name.equals("inline_data", in: b)
                    || name.equals("fileData", in: b) || name.equals("file_data", in: b)
                if isMedia { _ = try cursor.value(b) } else { try tool(&cursor, b) }
                hasContent = true
            } else {
                let value = try cursor.value(b)
                if kind == .string, value.end - value.start > 2, name.equals("text", in: b) { add(value, b) }
            }
            more = try cursor.nextMember(b)
        }
    }

    /// A call, or what a server tool wrote.
    private mutating func tool(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let value = try cursor.value(b)
            let isWords =
                name.equals("name", in: b) || name.equals("args", in: b) || name.equals("code", in: b)
                || name.equals("output", in: b)
            if isWords { add(value, b) }
            more = try cursor.nextMember(b)
        }
    }

    private mutating func add(_ value: JSONValue, _ b: Span<UInt8>) {
        hasContent = true
        visibleBytes +=
            value.kind == .string ? Int64(value.text.byteCount(in: b)) : Int64(value.end - value.start)
    }
}
