public import NIOCore

/// The characters of a JSON string as they stood in their source: without the quotes, escapes not resolved.
///
/// All dialects are JSON, so text goes from one to the other without being decoded: bytes in are bytes out. The bytes were
/// validated where they were read. Its description is its byte count (DESIGN §2, rule 4).
public struct RawText: Sendable, CustomReflectable {
    /// The escaped characters.
    public private(set) var bytes: ByteBuffer

    public init() { bytes = ByteBuffer() }

    /// - Parameter bytes: validated characters of a JSON string.
    init(validated bytes: ByteBuffer) { self.bytes = bytes }

    /// Plain UTF-8 text, escaped here.
    public init(escaping text: [UInt8]) {
        var bytes = ByteBuffer()
        bytes.writeJSONText(text.span)
        self.bytes = bytes
    }

    /// Text of ours that needs no escapes.
    public init(_ text: StaticString) { bytes = ByteBuffer(staticString: text) }

    public var isEmpty: Bool { bytes.readableBytes == 0 }

    /// The text with escapes resolved.
    public var unescaped: [UInt8] { text.unescaped(in: bytes.readableBytesUInt8Span) }

    /// How many bytes the text has with escapes resolved.
    var unescapedCount: Int { text.byteCount(in: bytes.readableBytesUInt8Span) }

    /// Whether the text, unescaped, is `name`, which must be ASCII.
    public func equals(_ name: StaticString) -> Bool { text.equals(name, in: bytes.readableBytesUInt8Span) }

    /// Whether both are spelled with the same bytes.
    public func isSpelled(like other: RawText) -> Bool { bytes == other.bytes }

    /// Appends text that follows this one. Two texts escaped apart are one escaped text.
    public mutating func append(_ other: RawText) {
        if isEmpty { bytes = other.bytes } else { bytes.writeImmutableBuffer(other.bytes) }
    }

    /// A part of the characters, by offsets that do not cut an escape.
    func part(_ range: Range<Int>) -> RawText {
        RawText(
            validated: bytes.getSlice(at: bytes.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer())
    }

    /// What descriptions, interpolation and a debugger see.
    public var customMirror: Mirror { Mirror(self, children: ["bytes": bytes.readableBytes], displayStyle: .struct) }

    private var text: JSONText { JSONText(start: 0, end: bytes.readableBytes, isEscaped: mayBeEscaped) }

    private var mayBeEscaped: Bool {
        let span = bytes.readableBytesUInt8Span
        for index in span.indices where span[index] == .backslash { return true }
        return false
    }
}

/// One whole JSON value as it stood in its source: number spelling, member order and white space included.
///
/// Its description is its byte count (DESIGN §2, rule 4).
public struct RawJSON: Sendable, CustomReflectable {
    public private(set) var bytes: ByteBuffer

    /// - Parameter bytes: one validated JSON value.
    init(validated bytes: ByteBuffer) { self.bytes = bytes }

    /// A value of ours.
    public init(_ json: StaticString) { bytes = ByteBuffer(staticString: json) }

    /// A whole number.
    public init(_ number: Int64) {
        var bytes = ByteBuffer()
        bytes.writeDecimal(number)
        self.bytes = bytes
    }

    /// A string of these characters, quoted.
    public init(quoting text: RawText) {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(text.bytes.readableBytes + 2)
        bytes.writeInteger(UInt8.quote)
        bytes.writeImmutableBuffer(text.bytes)
        bytes.writeInteger(UInt8.quote)
        self.bytes = bytes
    }

    /// What the value is.
    public var kind: JSONKind {
        var cursor = JSONCursor(bytes.readableBytesUInt8Span)
        do throws(JSONFault) { return try cursor.peek(bytes.readableBytesUInt8Span) } catch { return .null }
    }

    /// The characters of a string; `nil` for any other value.
    public var text: RawText? {
        guard kind == .string, bytes.readableBytes >= 2 else { return nil }
        return bytes.getSlice(at: bytes.readerIndex + 1, length: bytes.readableBytes - 2).map(RawText.init(validated:))
    }

    /// A whole number that is not negative; `nil` for any other value.
    public var count: Int64? {
        let span = bytes.readableBytesUInt8Span
        guard kind == .number, let number = JSONNumber(span, 0..<span.count), number.isWhole, !number.isNegative else {
            return nil
        }
        return Int64(clamping: number.magnitude)
    }

    public var isTrue: Bool { kind == .true }

    /// What descriptions, interpolation and a debugger see.
    public var customMirror: Mirror { Mirror(self, children: ["bytes": bytes.readableBytes], displayStyle: .struct) }
}

/// The arguments of a tool call: JSON text, which chat and responses carry inside a string and messages and gemini as a
/// value. They are kept as they came until a dialect needs the other form.
public enum Arguments: Sendable {
    /// JSON text escaped inside a JSON string. It may be no JSON at all: models wrote it.
    case encoded(RawText)
    /// A JSON value.
    case value(RawJSON)

    /// As characters of a JSON string.
    public var encoded: RawText {
        switch self {
        case .encoded(let text): text
        case .value(let json): RawText(escaping: Array(buffer: json.bytes))
        }
    }

    /// As a JSON value; empty text is `{}`. `nil` when the text is not JSON (or is deeper than `JSONCursor` goes).
    public var value: RawJSON? {
        switch self {
        case .value(let json): return json
        case .encoded(let text):
            let plain = text.unescaped
            if plain.allSatisfy({ $0 == 0x20 || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }) { return RawJSON("{}") }
            do throws(JSONFault) { _ = try JSONCursor.validate(plain.span) } catch { return nil }
            return RawJSON(validated: ByteBuffer(bytes: plain))
        }
    }

    /// As a JSON object, which messages and gemini demand; `nil` when it is none.
    public var object: RawJSON? {
        guard let value, value.kind == .object else { return nil }
        return value
    }
}
