/// How the body after a head is delimited.
enum BodyFraming: Equatable, Sendable {
    case none
    case length(Int)
    case chunked
    /// Of a response only: the body ends with the connection, which therefore cannot be told from a cut.
    case untilClose
}

/// Takes the fields of a head as the scanner finds them, and holds what framing and persistence need.
struct FieldCollector {
    private(set) var table = FieldTable()
    private(set) var length: Int?
    private(set) var isChunked = false
    private var closes = false
    private var keeps = false
    private var count = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    @inline(__always) mutating func take(
        _ bytes: Span<UInt8>, name: Range<Int>, value: Range<Int>
    ) throws(HTTP1Refusal) {
        count += 1
        guard count <= limit else { throw .tooManyFields }
        guard let field = KnownField(bytes, name) else { return }
        try take(field, bytes, value)
    }

    private mutating func take(_ field: KnownField, _ bytes: Span<UInt8>, _ value: Range<Int>) throws(HTTP1Refusal) {
        // Bytes from 0x80 are tolerated only in values nobody reads.
        guard bytes.isASCII(value) else { throw .invalidFieldValue }
        guard table.set(field, value) || field.mayRepeat else { throw .duplicateField }
        switch field {
        case .contentLength: length = try Self.length(bytes, value)
        case .transferEncoding:
            guard bytes.matchesFolded(value, "chunked"), !Self.hasTabAfter(bytes, value) else {
                throw .unsupportedTransferCoding
            }
            isChunked = true
        case .connection: readConnection(bytes, value)
        default: break
        }
    }

    /// Plain decimal digits without leading zeros, at most 18: a zero in front is legal, but no honest sender writes
    /// it and some readers take it for octal.
    private static func length(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(HTTP1Refusal) -> Int {
        guard !value.isEmpty, value.count <= 18, !hasTabAfter(bytes, value) else { throw .badLength }
        guard value.count == 1 || bytes[value.lowerBound] != UInt8(ascii: "0") else { throw .badLength }
        var total = 0
        for index in value {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { throw .badLength }
            total = total * 10 + Int(digit)
        }
        return total
    }

    /// A tab behind a framing value is legal white space, but readers differ on it (llhttp refuses): so do we.
    private static func hasTabAfter(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Bool {
        var index = value.upperBound
        while bytes[index] == Byte.space { index += 1 }
        return bytes[index] == Byte.tab
    }

    private mutating func readConnection(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        var start = value.lowerBound
        while start <= value.upperBound {
            var end = start
            while end < value.upperBound, bytes[end] != UInt8(ascii: ",") { end += 1 }
            let option = bytes.trimmed(start..<end)
            if bytes.matchesFolded(option, "close") { closes = true }
            if bytes.matchesFolded(option, "keep-alive") { keeps = true }
            start = end + 1
        }
    }

    /// A length beside a transfer coding is how requests are smuggled: refused, never resolved.
    func checkFraming(isHTTP10: Bool) throws(HTTP1Refusal) {
        guard isChunked else { return }
        guard length == nil else { throw .lengthWithTransferCoding }
        guard !isHTTP10 else { throw .transferCodingInHTTP10 }
    }

    func keepsAlive(isHTTP10: Bool) -> Bool { !closes && (keeps || !isHTTP10) }
}
