public import NIOCore
public import Vocabulary

/// What Tacet needs to know of an OpenAI chat request, and where it stands in the body.
///
/// One strict pass over the whole body. Members that are not read here pass unseen, whatever they are, duplicates of them
/// included; of those that are read, a second one is refused: providers differ in which of two they believe.
public struct ChatRequest: Sendable {
    /// The name, escapes resolved; never empty.
    public internal(set) var model: [UInt8] = []
    public internal(set) var isStreamed = false
    /// `stream_options.include_usage` is `true`.
    public internal(set) var asksForUsage = false
    /// The client's own limit of generated tokens: `max_completion_tokens`, else `max_tokens`. A limit of 0 is passed on,
    /// for the provider to refuse, but it bounds nothing: `nil`.
    public var maximumOutput: Int64? { (maximumCompletion ?? maximumTotal).flatMap { $0 > 0 ? $0 : nil } }
    /// Answers to make: `n`, 1 to 128; of a completion the greater of `n` and `best_of`, for every prompt.
    public internal(set) var samples: Int64 = 1
    /// What the provider is asked to serve at.
    public internal(set) var level = ServiceLevel.standard
    /// A request of `/v1/completions`: a `prompt`, and no messages.
    public internal(set) var isCompletion = false
    /// There is a member `temperature`, whatever it says.
    public internal(set) var namesTemperature = false
    /// Of the body.
    public internal(set) var byteCount = 0

    var maximumCompletion: Int64?
    var maximumTotal: Int64?
    /// Behind the body's opening brace.
    var firstMember = 0
    var modelValue = 0..<0
    var streamOptions: JSONValue?
    var streamOptionsIsEmpty = false
    var includeUsage: JSONValue?
    /// `max_completion_tokens` and `max_tokens`, null or not.
    var maximumCompletionValue: JSONValue?
    var maximumTotalValue: JSONValue?

    /// What a provider generates at most where a completion names no limit (OpenAI's API reference); `nil` for chats,
    /// whose bound is the model's own.
    public var standardOutput: Int64? { isCompletion ? 16 : nil }

    /// Reads a body. A fault in its JSON is told before anything that the members say.
    public static func read(_ body: ByteBuffer, isCompletion: Bool = false) throws(RequestRejection) -> ChatRequest {
        let bytes = body.readableBytesUInt8Span
        var reader = ChatRequestReader(bytes)
        reader.request.isCompletion = isCompletion
        do throws(JSONFault) { try reader.scan(bytes) } catch { throw RequestRejection(error) }
        if let rejection = reader.rejection { throw rejection }
        return reader.request
    }
}

/// The pass of `ChatRequest.read`. The first rejection is kept and the scan goes on.
private struct ChatRequestReader: MemberReading {
    var request = ChatRequest()
    var rejection: RequestRejection?
    private var cursor: JSONCursor
    var seen: UInt64 = 0
    private var prompts: Int64 = 1
    private var best: Int64 = 1

    init(_ bytes: Span<UInt8>) {
        cursor = JSONCursor(bytes)
        request.byteCount = bytes.count
    }

    mutating func scan(_ b: Span<UInt8>) throws(JSONFault) {
        guard try cursor.peek(b) == .object else {
            reject(.wrongType, .body, cursor.at)
            _ = try cursor.value(b)
            return try cursor.finish(b)
        }
        request.firstMember = cursor.at + 1
        let end = b.count
        var more = try cursor.beginObject(b)
        while more {
            try member(b)
            more = try cursor.nextMember(b)
        }
        try cursor.finish(b)
        if !wasSeen(.model) { reject(.missingMember, .model, end) }
        if request.isCompletion {
            request.samples = max(request.samples, best) * prompts
        } else if !wasSeen(.messages) {
            reject(.missingMember, .messages, end)
        }
    }

    private mutating func member(_ b: Span<UInt8>) throws(JSONFault) {
        let name = try cursor.name(b)
        guard let member = Self.member(name, b) ?? (request.isCompletion ? Self.completionMember(name, b) : nil) else {
            if name.equals("temperature", in: b) { request.namesTemperature = true }
            _ = try cursor.value(b)
            return
        }
        note(member, name.start)
        if member == .prompt, try cursor.peek(b) == .array {
            prompts = try cursor.textCount(b)
            return
        }
        if member == .streamOptions { return try streamOptions(b) }
        let value = try cursor.value(b)
        switch member {
        case .model:
            guard require(.string, value, member) else { return }
            request.modelValue = value.range
            request.model = value.text.unescaped(in: b)
            if request.model.isEmpty { reject(.outOfRange, member, value.start) }
        case .messages:
            guard require(.array, value, member) else { return }
        case .stream: request.isStreamed = flag(value, member) ?? false
        case .maxCompletionTokens:
            request.maximumCompletionValue = value
            request.maximumCompletion = count(value, member, 0...TokenUsage.ceiling, b)
        case .maxTokens:
            request.maximumTotalValue = value
            request.maximumTotal = count(value, member, 0...TokenUsage.ceiling, b)
        case .n: request.samples = count(value, member, 1...128, b) ?? 1
        case .bestOf: best = count(value, member, 1...128, b) ?? 1
        case .serviceTier:
            if value.kind == .string { request.level = value.text.serviceLevel(in: b) }
        default: break
        }
    }

    private static func completionMember(_ name: JSONText, _ b: Span<UInt8>) -> RequestMember? {
        if name.equals("prompt", in: b) { return .prompt }
        if name.equals("best_of", in: b) { return .bestOf }
        return nil
    }

    private mutating func streamOptions(_ b: Span<UInt8>) throws(JSONFault) {
        let kind = try cursor.peek(b)
        let start = cursor.at
        guard kind == .object else {
            let value = try cursor.value(b)
            request.streamOptions = value
            if kind != .null { reject(.wrongType, .streamOptions, start) }
            return
        }
        var more = try cursor.beginObject(b)
        request.streamOptionsIsEmpty = !more
        while more {
            let name = try cursor.name(b)
            let isUsage = name.equals("include_usage", in: b)
            if isUsage { note(.includeUsage, name.start) }
            let value = try cursor.value(b)
            if isUsage {
                request.includeUsage = value
                request.asksForUsage = flag(value, .includeUsage) ?? false
            }
            more = try cursor.nextMember(b)
        }
        request.streamOptions = JSONValue(kind: .object, start: start, end: cursor.at, isEscaped: false)
    }

    private static func member(_ name: JSONText, _ b: Span<UInt8>) -> RequestMember? {
        if name.equals("model", in: b) { return .model }
        if name.equals("messages", in: b) { return .messages }
        if name.equals("stream", in: b) { return .stream }
        if name.equals("stream_options", in: b) { return .streamOptions }
        if name.equals("max_completion_tokens", in: b) { return .maxCompletionTokens }
        if name.equals("max_tokens", in: b) { return .maxTokens }
        if name.equals("n", in: b) { return .n }
        if name.equals("service_tier", in: b) { return .serviceTier }
        return nil
    }
}
