import NIOCore

/// Finds request heads in a stream of bytes. It consumes exactly one head a call, so a pipelined request stays where it
/// is. Between two calls bytes may only be added at the end of the buffer, and none before its reader index.
struct RequestHeadParser {
    private let limits: HTTP1Limits
    private var emptyLines = 0
    private var position = 0
    private var line: RequestLine?
    private var scanner = FieldScanner(at: 0)
    private var fields: FieldCollector

    init(limits: HTTP1Limits = HTTP1Limits()) {
        precondition(limits.head <= Int(UInt16.max))
        self.limits = limits
        fields = FieldCollector(limit: limits.fields)
    }

    /// Whether a part of a head was seen, but not its end.
    var isInsideHead: Bool { position > 0 }

    /// The next head, or `nil` while it is not whole. After a refusal the connection is to be closed.
    mutating func next(_ buffer: inout ByteBuffer) throws(HTTP1Refusal) -> RequestHead? {
        if position == 0 { try skipEmptyLines(&buffer) }
        // Nothing past the limit is looked at, so that a refusal does not depend on how the bytes arrived.
        let window = min(buffer.readableBytes, limits.head)
        guard let end = try advance(buffer.readableBytesUInt8Span, to: window), let line else {
            guard window < limits.head else { throw .headTooLarge }
            return nil
        }
        try check(line, buffer.readableBytesUInt8Span)
        guard let bytes = buffer.readSlice(length: end) else { return nil }
        let framing: BodyFraming = fields.isChunked ? .chunked : fields.length.map { .length($0) } ?? .none
        let head = RequestHead(
            bytes: bytes, method: line.method, target: line.path, query: line.query,
            keepAlive: fields.keepsAlive(isHTTP10: line.isHTTP10), framing: framing,
            expectsContinue: fields.table[.expect] != nil && !line.isHTTP10 && framing != .none
                && framing != .length(0),
            isHTTP10: line.isHTTP10, table: fields.table)
        self = RequestHeadParser(limits: limits)
        return head
    }

    private mutating func skipEmptyLines(_ buffer: inout ByteBuffer) throws(HTTP1Refusal) {
        while let first: UInt8 = buffer.getInteger(at: buffer.readerIndex), first == Byte.cr || first == Byte.lf {
            guard first == Byte.cr else { throw .bareLF }
            guard let second: UInt8 = buffer.getInteger(at: buffer.readerIndex + 1) else { return }
            guard second == Byte.lf else { throw .bareCR }
            emptyLines += 1
            guard emptyLines <= limits.emptyLines else { throw .tooManyEmptyLines }
            buffer.moveReaderIndex(forwardBy: 2)
        }
    }

    /// The end of the head, once it is in the window.
    private mutating func advance(_ bytes: Span<UInt8>, to end: Int) throws(HTTP1Refusal) -> Int? {
        if line == nil {
            guard let lineEnd = try endOfLine(bytes, to: end) else { return nil }
            line = try RequestLine(bytes, lineEnd - 2)
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

    /// Where the request line ends, its CRLF included.
    private mutating func endOfLine(_ bytes: Span<UInt8>, to end: Int) throws(HTTP1Refusal) -> Int? {
        let control = bytes.firstControl(from: position, to: end)
        position = control
        guard control < end else { return nil }
        guard bytes[control] == Byte.cr else { throw bytes[control] == Byte.lf ? .bareLF : .malformedRequestLine }
        guard control > 0 else { return nil }
        guard control + 1 < end else { return nil }
        guard bytes[control + 1] == Byte.lf else { throw .bareCR }
        return control + 2
    }

    private func check(_ line: RequestLine, _ bytes: Span<UInt8>) throws(HTTP1Refusal) {
        try fields.checkFraming(isHTTP10: line.isHTTP10)
        if let expect = fields.table[.expect], !line.isHTTP10 {
            guard bytes.matchesFolded(expect, "100-continue") else { throw .unsupportedExpectation }
        }
        guard let host = fields.table[.host] else {
            guard line.isHTTP10 else { throw .missingHost }
            return
        }
        guard bytes.isHost(host) else { throw .invalidHost }
        if let authority = line.authority {
            guard bytes.equalFolded(authority, host) else { throw .hostMismatch }
        }
    }
}
