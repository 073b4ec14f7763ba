public import NIOCore
public import Vocabulary

/// What Tacet needs to know of a messages request, and where it stands in the body. One strict pass; members that are not
/// read here pass unseen, and of those that are a second one is refused: readers differ in which of two they believe.
public struct MessagesRequest: Sendable, MemberReading {
    /// What the request asks for: `count_tokens` takes the same body without a limit.
    public enum Purpose: Sendable {
        case generate
        case countTokens
    }

    /// The name, escapes resolved; never empty.
    public private(set) var model: [UInt8] = []
    public private(set) var isStreamed = false
    /// `max_tokens`; `nil` only for `countTokens`.
    public private(set) var maximumOutput: Int64?
    /// What the provider is asked to serve at.
    public private(set) var level = ServiceLevel.standard
    /// Of the body.
    public private(set) var byteCount = 0

    private var modelValue = 0..<0
    var rejection: RequestRejection?
    var seen: UInt64 = 0

    private init() {}

    /// Reads a body. A fault in its JSON is told before anything that the members say.
    public static func read(
        _ body: ByteBuffer, for purpose: Purpose = .generate
    ) throws(RequestRejection) -> MessagesRequest {
        let bytes = body.readableBytesUInt8Span
        var request = MessagesRequest()
        request.byteCount = bytes.count
        do throws(JSONFault) { try request.scan(bytes, purpose) } catch { throw RequestRejection(error) }
        if let rejection = request.rejection { throw rejection }
        return request
    }

    /// The bytes to send upstream: the original, with another model name when one is given. All else are slices of `body`,
    /// so that cache marks keep hitting (`PAINS.md` 11).
    public func forwarded(_ body: ByteBuffer, model: [UInt8]?) -> [ByteBuffer] {
        guard let model else { return [body] }
        var edits = Edits(textBytes: model.count + 16)
        edits.replace(modelValue) { $0.writeJSONString(model) }
        return edits.applied(to: body)
    }

    private mutating func scan(_ b: Span<UInt8>, _ purpose: Purpose) throws(JSONFault) {
        var cursor = JSONCursor(b)
        guard try cursor.peek(b) == .object else {
            reject(.wrongType, .body, cursor.at)
            _ = try cursor.value(b)
            return try cursor.finish(b)
        }
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let value = try cursor.value(b)
            if let member = Self.member(name, b) { take(member, value, name.start, b) }
            more = try cursor.nextMember(b)
        }
        try cursor.finish(b)
        for member in [RequestMember.model, .messages, .maxTokens] where !wasSeen(member) {
            if member != .maxTokens || purpose == .generate { reject(.missingMember, member, b.count) }
        }
    }

    private mutating func take(_ member: RequestMember, _ value: JSONValue, _ offset: Int, _ b: Span<UInt8>) {
        note(member, offset)
        switch member {
        case .model:
            guard value.kind == .string else { return reject(.wrongType, member, value.start) }
            modelValue = value.range
            model = value.text.unescaped(in: b)
            if model.isEmpty { reject(.outOfRange, member, value.start) }
        case .messages:
            // An empty list is left to the provider to refuse.
            if value.kind != .array { reject(.wrongType, member, value.start) }
        case .stream:
            isStreamed = value.kind == .true
            if value.kind != .true, value.kind != .false, value.kind != .null {
                reject(.wrongType, member, value.start)
            }
        case .speed:
            if value.kind == .string, value.text.equals("fast", in: b) { level = .fast }
        default:
            guard value.kind == .number, let number = JSONNumber(b, value.range), number.isWhole else {
                return reject(.wrongType, member, value.start)
            }
            guard !number.isNegative, number.magnitude <= UInt64(TokenUsage.ceiling) else {
                return reject(.outOfRange, member, value.start)
            }
            maximumOutput = Int64(number.magnitude)
        }
    }

    private static func member(_ name: JSONText, _ b: Span<UInt8>) -> RequestMember? {
        if name.equals("model", in: b) { return .model }
        if name.equals("messages", in: b) { return .messages }
        if name.equals("stream", in: b) { return .stream }
        if name.equals("max_tokens", in: b) { return .maxTokens }
        if name.equals("speed", in: b) { return .speed }
        return nil
    }
}
