import Vocabulary

/// One strict pass over a JSON text (RFC 8259), pulled by whoever reads it: what it skips it validates, what it enters is
/// read on the way, nothing twice. No recursion, no allocation; at most `depthLimit` containers deep.
///
/// Refused beyond the grammar: invalid UTF-8, escapes that name half a surrogate pair, a byte order mark. Numbers of any
/// size and NUL written as an escape pass.
public struct JSONCursor: Sendable {
    public static let depthLimit = 64

    /// The offset of the next byte to read.
    public internal(set) var at: Int
    let end: Int
    /// Containers entered by the caller.
    private var entered = 0

    public init(_ bytes: Span<UInt8>) {
        at = 0
        end = bytes.count
    }

    init(at start: Int, end: Int) {
        at = start
        self.end = end
    }

    /// Validates a whole text.
    public static func validate(_ bytes: Span<UInt8>) throws(JSONFault) -> JSONKind {
        var cursor = JSONCursor(bytes)
        let value = try cursor.value(bytes)
        try cursor.finish(bytes)
        return value.kind
    }

    /// The kind of the value ahead.
    public mutating func peek(_ b: Span<UInt8>) throws(JSONFault) -> JSONKind {
        skipSpace(b)
        guard at < end else { throw malformed }
        switch b[at] {
        case .brace: return .object
        case .bracket: return .array
        case .quote: return .string
        case .minus, .zero ... .nine: return .number
        case UInt8(ascii: "t"): return .true
        case UInt8(ascii: "f"): return .false
        case UInt8(ascii: "n"): return .null
        default: throw malformed
        }
    }

    /// Enters the object ahead. `true`: a member follows; `false`: it was empty and is left again.
    public mutating func beginObject(_ b: Span<UInt8>) throws(JSONFault) -> Bool { try begin(b, end: .braceEnd) }

    /// Enters the array ahead. `true`: an element follows; `false`: it was empty and is left again.
    public mutating func beginArray(_ b: Span<UInt8>) throws(JSONFault) -> Bool { try begin(b, end: .bracketEnd) }

    /// Reads a member's name and its colon.
    public mutating func name(_ b: Span<UInt8>) throws(JSONFault) -> JSONText {
        let name = try memberName(b)
        skipSpace(b)
        return name
    }

    /// After a member's value: whether another follows. At the end the object is left.
    public mutating func nextMember(_ b: Span<UInt8>) throws(JSONFault) -> Bool { try next(b, end: .braceEnd) }

    /// After an element: whether another follows. At the end the array is left.
    public mutating func nextElement(_ b: Span<UInt8>) throws(JSONFault) -> Bool { try next(b, end: .bracketEnd) }

    /// Nothing but white space may be left.
    public mutating func finish(_ b: Span<UInt8>) throws(JSONFault) {
        skipSpace(b)
        if at < end { throw malformed }
    }

    /// Reads one whole value and says where it stands.
    public mutating func value(_ b: Span<UInt8>) throws(JSONFault) -> JSONValue {
        let kind = try peek(b)
        let start = at
        var isEscaped = false
        switch kind {
        case .string:
            at += 1
            isEscaped = try string(b)
        case .object, .array: try container(b)
        default: try scalar(b)
        }
        return JSONValue(kind: kind, start: start, end: at, isEscaped: isEscaped)
    }

    var malformed: JSONFault { JSONFault(.malformedJSON, at: at) }

    private mutating func begin(_ b: Span<UInt8>, end close: UInt8) throws(JSONFault) -> Bool {
        guard entered < Self.depthLimit else { throw JSONFault(.tooDeep, at: at) }
        at += 1
        skipSpace(b)
        guard at < end else { throw malformed }
        if b[at] == close {
            at += 1
            return false
        }
        entered += 1
        return true
    }

    private mutating func next(_ b: Span<UInt8>, end close: UInt8) throws(JSONFault) -> Bool {
        skipSpace(b)
        guard at < end else { throw malformed }
        let byte = b[at]
        if byte == .comma {
            at += 1
            skipSpace(b)
            return true
        }
        guard byte == close else { throw malformed }
        at += 1
        entered -= 1
        return false
    }

    private mutating func memberName(_ b: Span<UInt8>) throws(JSONFault) -> JSONText {
        guard at < end, b[at] == .quote else { throw malformed }
        at += 1
        let start = at
        let isEscaped = try string(b)
        let name = JSONText(start: start, end: at - 1, isEscaped: isEscaped)
        skipSpace(b)
        guard at < end, b[at] == .colon else { throw malformed }
        at += 1
        return name
    }

    /// Skips an object or array with all that is in it. `stack` has a bit for each open container, 1 for an object: the
    /// depth limit is its width.
    private mutating func container(_ b: Span<UInt8>) throws(JSONFault) {
        var stack: UInt64 = 0
        var depth = 0
        repeat {
            // At the first byte of a value.
            skipSpace(b)
            guard at < end else { throw malformed }
            let byte = b[at]
            if byte == .quote {
                at += 1
                _ = try string(b)
            } else if byte == .brace || byte == .bracket {
                guard entered + depth < Self.depthLimit else { throw JSONFault(.tooDeep, at: at) }
                at += 1
                skipSpace(b)
                guard at < end else { throw malformed }
                if b[at] != byte + 2 {
                    depth += 1
                    stack = stack << 1 | (byte == .brace ? 1 : 0)
                    if byte == .brace { _ = try memberName(b) }
                    continue
                }
                at += 1
            } else {
                try scalar(b)
            }
            // Behind a value.
            while depth > 0 {
                skipSpace(b)
                guard at < end else { throw malformed }
                let byte = b[at]
                let isObject = stack & 1 == 1
                if byte == .comma {
                    at += 1
                    if isObject {
                        skipSpace(b)
                        _ = try memberName(b)
                    }
                    break
                }
                guard byte == (isObject ? .braceEnd : .bracketEnd) else { throw malformed }
                at += 1
                depth -= 1
                stack >>= 1
            }
        } while depth > 0
    }

    @inline(__always)
    mutating func skipSpace(_ b: Span<UInt8>) {
        while at < end, b[at] <= 0x20 {
            guard b[at] == 0x20 || b[at] == 0x0a || b[at] == 0x0d || b[at] == 0x09 else { return }
            at += 1
        }
    }
}

extension UInt8 {
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let comma = UInt8(ascii: ",")
    static let colon = UInt8(ascii: ":")
    static let minus = UInt8(ascii: "-")
    static let plus = UInt8(ascii: "+")
    static let point = UInt8(ascii: ".")
    static let zero = UInt8(ascii: "0")
    static let nine = UInt8(ascii: "9")
    // The closing brackets are two above the opening ones in ASCII.
    static let brace = UInt8(ascii: "{")
    static let braceEnd = UInt8(ascii: "}")
    static let bracket = UInt8(ascii: "[")
    static let bracketEnd = UInt8(ascii: "]")
}
