import NIOCore

/// The head of a final response: one slice of what was received, and offsets into it.
struct ResponseHead: Sendable {
    /// The head from the status line to the empty line.
    let bytes: ByteBuffer
    /// 200 to 599, or 101 where that was asked for.
    let status: UInt16
    let framing: BodyFraming
    /// Whether the connection may carry another request once the body has ended.
    let keepAlive: Bool
    let table: FieldTable

    var contentType: Range<Int>? { table[.contentType] }
    var contentEncoding: Range<Int>? { table[.contentEncoding] }
    var retryAfter: Range<Int>? { table[.retryAfter] }
    var webSocketAccept: Range<Int>? { table[.secWebSocketAccept] }

    func matches(_ range: Range<Int>, _ text: StaticString) -> Bool {
        bytes.readableBytesUInt8Span.matches(range, text)
    }

    /// The bytes of a range, for as long as `body` runs.
    func withSpan<Result>(_ range: Range<Int>, _ body: (Span<UInt8>) -> Result) -> Result {
        body(bytes.readableBytesUInt8Span.extracting(range))
    }
}

/// Finds response heads in a stream of bytes, as strict as the request side. Interim responses are consumed and
/// forgotten. Between two calls bytes may only be added at the end of the buffer, and none before its reader index.
struct ResponseHeadParser {
    private let limits: HTTP1Limits
    private var interim = 0
    private var position = 0
    private var line: StatusLine?
    private var scanner = FieldScanner(at: 0)
    private var fields: FieldCollector

    init(limits: HTTP1Limits = HTTP1Limits()) {
        precondition(limits.head <= Int(UInt16.max))
        self.limits = limits
        fields = FieldCollector(limit: limits.fields)
    }

    /// The next final head, or `nil` while it is not whole. After a refusal the connection is to be closed.
    ///
    /// - Parameters:
    ///   - answersHEAD: whether the request was a HEAD, whose answer has no body whatever its fields say.
    ///   - upgrades: the request asked for another protocol; the answer may be 101, behind which HTTP is over.
    mutating func next(
        _ buffer: inout ByteBuffer, answersHEAD: Bool, upgrades: Bool = false
    ) throws(HTTP1Refusal) -> ResponseHead? {
        while true {
            let window = min(buffer.readableBytes, limits.head)
            guard let end = try advance(buffer.readableBytesUInt8Span, to: window), let line else {
                guard window < limits.head else { throw .headTooLarge }
                return nil
            }
            try fields.checkFraming(isHTTP10: line.isHTTP10)
            guard let bytes = buffer.readSlice(length: end) else { return nil }
            let seen = fields
            let passed = interim
            self = ResponseHeadParser(limits: limits)
            if line.status >= 200 || line.status == 101 && upgrades { return Self.head(line, seen, bytes, answersHEAD) }
            guard line.status != 101 else { throw .unexpectedUpgrade }
            guard !seen.isChunked, seen.length == nil else { throw .badLength }
            interim = passed + 1
            guard interim <= limits.interim else { throw .tooManyInterimResponses }
        }
    }

    private static func head(
        _ line: StatusLine, _ fields: FieldCollector, _ bytes: ByteBuffer, _ answersHEAD: Bool
    ) -> ResponseHead {
        var keepAlive = fields.keepsAlive(isHTTP10: line.isHTTP10)
        let framing: BodyFraming
        if line.status == 204 || line.status == 101 {
            framing = .none
            // A body that must not be may follow all the same: nothing after it could be trusted.
            keepAlive = keepAlive && !fields.isChunked && (fields.length ?? 0) == 0
        } else if line.status == 304 || answersHEAD {
            framing = .none
        } else if fields.isChunked {
            framing = .chunked
        } else if let length = fields.length {
            framing = .length(length)
        } else {
            framing = .untilClose
            keepAlive = false
        }
        return ResponseHead(
            bytes: bytes, status: line.status, framing: framing, keepAlive: keepAlive, table: fields.table)
    }

    private mutating func advance(_ bytes: Span<UInt8>, to end: Int) throws(HTTP1Refusal) -> Int? {
        if line == nil {
            guard let lineEnd = try endOfLine(bytes, to: end) else { return nil }
            line = try StatusLine(bytes, lineEnd - 2)
            scanner = FieldScanner(at: lineEnd)
        }
        while true {
            switch try scanner.next(bytes, to: end) {
            case .needMore: return nil
            case .field(let name, let value): try fields.take(bytes, name: name, value: value)
            case .end(let end): return end
            }
        }
    }

    /// Where the status line ends, its CRLF included. A reason phrase may hold tabs.
    private mutating func endOfLine(_ bytes: Span<UInt8>, to end: Int) throws(HTTP1Refusal) -> Int? {
        while true {
            position = bytes.firstControl(from: position, to: end)
            guard position < end else { return nil }
            switch bytes[position] {
            case Byte.tab: position += 1
            case Byte.cr:
                guard position + 1 < end else { return nil }
                guard bytes[position + 1] == Byte.lf else { throw .bareCR }
                return position + 2
            case Byte.lf: throw .bareLF
            default: throw .malformedStatusLine
            }
        }
    }
}

/// `HTTP/1.1 200 reason`; the reason is dropped.
private struct StatusLine {
    let status: UInt16
    let isHTTP10: Bool

    /// - Parameter end: where the CR stands.
    init(_ bytes: Span<UInt8>, _ end: Int) throws(HTTP1Refusal) {
        guard end >= 12, bytes.matches(0..<5, "HTTP/"), bytes[8] == Byte.space else { throw .malformedStatusLine }
        isHTTP10 = bytes.matches(5..<8, "1.0")
        guard isHTTP10 || bytes.matches(5..<8, "1.1") else { throw .unsupportedVersion }
        guard end == 12 || bytes[12] == Byte.space else { throw .malformedStatusLine }
        var status: UInt16 = 0
        for index in 9..<12 {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { throw .malformedStatusLine }
            status = status * 10 + UInt16(digit)
        }
        guard (100...599).contains(status) else { throw .malformedStatusLine }
        self.status = status
    }
}
