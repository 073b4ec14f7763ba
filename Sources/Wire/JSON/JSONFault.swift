public import Vocabulary

/// Why a text is not JSON as RFC 8259 has it. It holds no byte of the text.
public struct JSONFault: Error, Equatable {
    /// `malformedJSON`, `invalidUTF8` or `tooDeep`.
    public var code: ErrorCode
    /// The byte at which it was noticed, from the start of the text.
    public var offset: Int

    public init(_ code: ErrorCode, at offset: Int) {
        self.code = code
        self.offset = offset
    }
}

/// What a JSON value is, known from its first byte.
public enum JSONKind: UInt8, Sendable {
    case object
    case array
    case string
    case number
    case `true`
    case `false`
    case null
}

/// Where a value stands: offsets of its first byte and past its last, quotes and brackets included.
public struct JSONValue: Sendable {
    public var kind: JSONKind
    public var start: Int
    public var end: Int
    /// Whether a string holds escapes; `false` for the other kinds.
    public var isEscaped: Bool

    public var range: Range<Int> { start..<end }

    /// A string without its quotes.
    public var text: JSONText { JSONText(start: start + 1, end: end - 1, isEscaped: isEscaped) }
}
