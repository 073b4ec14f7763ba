public import NIOCore
public import Vocabulary

/// What Tacet needs to know of a Gemini request, and where it stands in the body. Model and action come from the path.
///
/// One strict pass. Members that are not read here pass unseen; of those that are, a second one is refused, in either
/// spelling: readers differ in which of two they believe.
public struct GeminiRequest: Sendable, MemberReading {
    public let path: GeminiPath
    public var isStreamed: Bool { path.action == .streamGenerateContent }
    /// The client's own limit of generated tokens. A limit of 0 bounds nothing: `nil`.
    public var maximumOutput: Int64? { limit.flatMap { $0 > 0 ? $0 : nil } }
    /// `candidateCount`, 1 to 128.
    public private(set) var samples: Int64 = 1
    /// What the provider is asked to serve at.
    public private(set) var level = ServiceLevel.standard
    /// Of the body.
    public private(set) var byteCount = 0

    private var limit: Int64?
    private var limitValue: JSONValue?
    private var firstMember = 0
    private var isEmptyObject = false
    private var config: JSONValue?
    private var configIsEmpty = false
    /// The body may repeat the model's name (`models/…`), in a batch each request does.
    private(set) var modelValues: [Range<Int>] = []
    private var cursor: JSONCursor
    var rejection: RequestRejection?
    var seen: UInt64 = 0

    /// Reads a body. A fault in its JSON is told before anything that the members say.
    public static func read(_ body: ByteBuffer, path: GeminiPath) throws(RequestRejection) -> GeminiRequest {
        let bytes = body.readableBytesUInt8Span
        var request = GeminiRequest(path, bytes)
        do throws(JSONFault) { try request.scan(bytes) } catch { throw RequestRejection(error) }
        if request.path.model.isEmpty { request.reject(.outOfRange, .model, 0) }
        if let rejection = request.rejection { throw rejection }
        return request
    }

    private init(_ path: GeminiPath, _ bytes: Span<UInt8>) {
        self.path = path
        cursor = JSONCursor(bytes)
        byteCount = bytes.count
    }

    /// The bytes to send upstream: the original but for the edits asked for; all else are slices of `body`.
    ///
    /// - Parameters:
    ///   - model: the name to put where the body repeats it, `nil` to leave it.
    ///   - maximumOutput: a limit of generated tokens, put in only where the client sent none (`RULES.md` 29).
    public func forwarded(_ body: ByteBuffer, model: [UInt8]?, maximumOutput: Int64?) -> [ByteBuffer] {
        let willLimit = maximumOutput != nil && self.maximumOutput == nil && path.action.isGeneration
        guard willLimit || model != nil && !modelValues.isEmpty else { return [body] }
        var edits = Edits(textBytes: modelValues.count * ((model?.count ?? 0) + 16) + 96)
        if let model {
            for value in modelValues {
                edits.replace(value) { $0.writeJSONString(Array("models/".utf8) + model) }
            }
        }
        if willLimit, let maximumOutput { limit(to: maximumOutput, &edits) }
        return edits.applied(to: body)
    }

    private func limit(to maximum: Int64, _ edits: inout Edits) {
        if let limitValue { return edits.replace(limitValue.range) { $0.writeDecimal(maximum) } }
        if let config, config.kind == .object {
            let inside = config.start + 1
            return edits.replace(inside..<inside) {
                $0.writeStaticString("\"maxOutputTokens\":")
                $0.writeDecimal(maximum)
                if !configIsEmpty { $0.writeInteger(UInt8.comma) }
            }
        }
        if let config {
            return edits.replace(config.range) {
                $0.writeStaticString("{\"maxOutputTokens\":")
                $0.writeDecimal(maximum)
                $0.writeInteger(UInt8.braceEnd)
            }
        }
        edits.replace(firstMember..<firstMember) {
            $0.writeStaticString("\"generationConfig\":{\"maxOutputTokens\":")
            $0.writeDecimal(maximum)
            $0.writeStaticString(isEmptyObject ? "}" : "},")
        }
    }

    // MARK: The pass

    private mutating func scan(_ b: Span<UInt8>) throws(JSONFault) {
        guard try cursor.peek(b) == .object else {
            reject(.wrongType, .body, cursor.at)
            _ = try cursor.value(b)
            return try cursor.finish(b)
        }
        firstMember = cursor.at + 1
        try members(b, isOuter: true)
        try cursor.finish(b)
        let needed: RequestMember =
            switch path.action {
            case .generateContent, .streamGenerateContent, .countTokens: .contents
            case .embedContent: .content
            case .batchEmbedContents: .requests
            }
        if !wasSeen(needed) { reject(.missingMember, needed, b.count) }
    }

    private mutating func members(_ b: Span<UInt8>, isOuter: Bool) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        if isOuter { isEmptyObject = !more }
        while more {
            let name = try cursor.name(b)
            try member(name, b)
            more = try cursor.nextMember(b)
        }
    }

    private mutating func member(_ name: JSONText, _ b: Span<UInt8>) throws(JSONFault) {
        func isNamed(_ camel: StaticString, _ snake: StaticString) -> Bool {
            name.equals(camel, in: b) || name.equals(snake, in: b)
        }
        let kind = try cursor.peek(b)
        if name.equals("model", in: b) {
            let value = try cursor.value(b)
            if kind == .string { modelValues.append(value.range) }
        } else if name.equals("contents", in: b) {
            note(.contents, name.start)
            // One content without its brackets is taken as well.
            let value = try cursor.value(b)
            if kind != .array, kind != .object, kind != .string { reject(.wrongType, .contents, value.start) }
        } else if path.action == .embedContent, name.equals("content", in: b) {
            note(.content, name.start)
            let value = try cursor.value(b)
            if kind != .object { reject(.wrongType, .content, value.start) }
        } else if path.action == .batchEmbedContents, name.equals("requests", in: b) {
            note(.requests, name.start)
            try requests(kind, b)
        } else if path.action == .countTokens, kind == .object,
            isNamed("generateContentRequest", "generate_content_request")
        {
            try members(b, isOuter: false)
        } else if path.action.isGeneration, isNamed("generationConfig", "generation_config") {
            note(.generationConfig, name.start)
            try generationConfig(kind, b)
        } else if isNamed("serviceTier", "service_tier") {
            note(.serviceTier, name.start)
            let value = try cursor.value(b)
            if kind == .string { level = value.text.serviceLevel(in: b) }
        } else {
            _ = try cursor.value(b)
        }
    }

    private mutating func generationConfig(_ kind: JSONKind, _ b: Span<UInt8>) throws(JSONFault) {
        let start = cursor.at
        guard kind == .object else {
            config = try cursor.value(b)
            if kind != .null { reject(.wrongType, .generationConfig, start) }
            return
        }
        var more = try cursor.beginObject(b)
        configIsEmpty = !more
        while more {
            let name = try cursor.name(b)
            let value = try cursor.value(b)
            if name.equals("maxOutputTokens", in: b) || name.equals("max_output_tokens", in: b) {
                note(.generationMaxOutputTokens, name.start)
                limitValue = value
                limit = count(value, .generationMaxOutputTokens, 0...TokenUsage.ceiling, b)
            } else if name.equals("candidateCount", in: b) || name.equals("candidate_count", in: b) {
                note(.candidateCount, name.start)
                samples = max(1, count(value, .candidateCount, 0...128, b) ?? 1)
            }
            more = try cursor.nextMember(b)
        }
        config = JSONValue(kind: .object, start: start, end: cursor.at, isEscaped: false)
    }

    /// Each request of a batch repeats the model.
    private mutating func requests(_ kind: JSONKind, _ b: Span<UInt8>) throws(JSONFault) {
        guard kind == .array else {
            let value = try cursor.value(b)
            return reject(.wrongType, .requests, value.start)
        }
        var more = try cursor.beginArray(b)
        while more {
            if try cursor.peek(b) == .object {
                var inner = try cursor.beginObject(b)
                while inner {
                    let name = try cursor.name(b)
                    let value = try cursor.value(b)
                    if value.kind == .string, name.equals("model", in: b) { modelValues.append(value.range) }
                    inner = try cursor.nextMember(b)
                }
            } else {
                let value = try cursor.value(b)
                reject(.wrongType, .requests, value.start)
            }
            more = try cursor.nextElement(b)
        }
    }

    /// A whole number, in a string too: protocol buffers take both. `nil` for null.
    private mutating func count(
        _ value: JSONValue, _ member: RequestMember, _ range: ClosedRange<Int64>, _ b: Span<UInt8>
    ) -> Int64? {
        if value.kind == .null { return nil }
        let isText = value.kind == .string && !value.isEscaped
        guard value.kind == .number || isText,
            let number = JSONNumber(b, isText ? value.text.range : value.range), number.isWhole
        else {
            reject(.wrongType, member, value.start)
            return nil
        }
        let count = Int64(clamping: number.magnitude)
        guard !number.isNegative || count == 0, range.contains(count) else {
            reject(.outOfRange, member, value.start)
            return nil
        }
        return count
    }
}
