import NIOCore

/// What a body decoder found.
enum BodyPart: Equatable {
    /// A slice of what was received, never empty.
    case bytes(ByteBuffer)
    case needMore
    case end
}

/// Takes a body out of a stream of bytes. It consumes what belongs to the body and nothing after it.
struct BodyDecoder {
    /// Bytes of the body given out so far, chunk lines and trailers not counted.
    private(set) var count = 0
    private let bound: Int
    private let limits: HTTP1Limits
    private var state: State

    private enum State {
        case fixed(left: Int)
        case untilClose
        case sizeLine(scanned: Int)
        case chunk(left: Int)
        case chunkEnd
        case trailers(FieldScanner, fields: Int)
        case ended
    }

    /// - Parameter limit: the most bytes the body may have; `nil`: as many as come.
    init(_ framing: BodyFraming, limit: Int?, limits: HTTP1Limits = HTTP1Limits()) {
        bound = limit ?? .max
        self.limits = limits
        state =
            switch framing {
            case .none: .ended
            case .length(let length): length == 0 ? .ended : .fixed(left: length)
            case .chunked: .sizeLine(scanned: 0)
            case .untilClose: .untilClose
            }
    }

    /// Whether the whole body was given out. A body until close never says so: its end is the connection's.
    var isEnded: Bool {
        if case .ended = state { true } else { false }
    }

    /// The next part. After a refusal the connection is to be closed.
    mutating func next(_ buffer: inout ByteBuffer) throws(HTTP1Refusal) -> BodyPart {
        while true {
            switch state {
            case .ended: return .end
            case .fixed(let left):
                // Refused before any of it is read.
                guard count + left <= bound else { throw .bodyTooLarge }
                guard let slice = read(&buffer, left) else { return .needMore }
                state = slice.readableBytes == left ? .ended : .fixed(left: left - slice.readableBytes)
                return .bytes(slice)
            case .untilClose:
                guard let slice = read(&buffer, .max) else { return .needMore }
                guard count <= bound else { throw .bodyTooLarge }
                return .bytes(slice)
            case .sizeLine(let scanned):
                guard let size = try sizeLine(&buffer, scanned) else { return .needMore }
                guard size <= bound - count else { throw .bodyTooLarge }
                state = size == 0 ? .trailers(FieldScanner(at: 0), fields: 0) : .chunk(left: size)
            case .chunk(let left):
                guard let slice = read(&buffer, left) else { return .needMore }
                state = slice.readableBytes == left ? .chunkEnd : .chunk(left: left - slice.readableBytes)
                return .bytes(slice)
            case .chunkEnd:
                guard try chunkEnd(&buffer) else { return .needMore }
                state = .sizeLine(scanned: 0)
            case .trailers(let scanner, let fields):
                guard try trailers(&buffer, scanner, fields) else { return .needMore }
                state = .ended
            }
        }
    }

    private mutating func read(_ buffer: inout ByteBuffer, _ atMost: Int) -> ByteBuffer? {
        let length = min(atMost, buffer.readableBytes)
        guard length > 0, let slice = buffer.readSlice(length: length) else { return nil }
        count += length
        return slice
    }

    private mutating func sizeLine(_ buffer: inout ByteBuffer, _ scanned: Int) throws(HTTP1Refusal) -> Int? {
        guard let (size, length) = try sizeLine(buffer.readableBytesUInt8Span, scanned) else { return nil }
        buffer.moveReaderIndex(forwardBy: length)
        return size
    }

    private mutating func sizeLine(
        _ bytes: Span<UInt8>, _ scanned: Int
    ) throws(HTTP1Refusal) -> (size: Int, length: Int)? {
        let window = min(bytes.count, limits.chunkLine)
        var end = scanned
        while end < window, bytes[end] != Byte.lf { end += 1 }
        guard end < window else {
            guard window < limits.chunkLine else { throw .chunkLineTooLong }
            state = .sizeLine(scanned: end)
            return nil
        }
        guard end > 0, bytes[end - 1] == Byte.cr else { throw .bareLF }
        return (try ChunkLine.size(bytes, end - 1), end + 1)
    }

    private func chunkEnd(_ buffer: inout ByteBuffer) throws(HTTP1Refusal) -> Bool {
        guard let first: UInt8 = buffer.getInteger(at: buffer.readerIndex) else { return false }
        guard first == Byte.cr else { throw .badChunk }
        guard let second: UInt8 = buffer.getInteger(at: buffer.readerIndex + 1) else { return false }
        guard second == Byte.lf else { throw .badChunk }
        buffer.moveReaderIndex(forwardBy: 2)
        return true
    }

    private mutating func trailers(
        _ buffer: inout ByteBuffer, _ scanner: FieldScanner, _ fields: Int
    ) throws(HTTP1Refusal) -> Bool {
        guard let length = try trailers(buffer.readableBytesUInt8Span, scanner, fields) else { return false }
        buffer.moveReaderIndex(forwardBy: length)
        return true
    }

    /// Trailers are checked like fields and dropped; framing in them is refused.
    private mutating func trailers(
        _ bytes: Span<UInt8>, _ start: FieldScanner, _ seen: Int
    ) throws(HTTP1Refusal) -> Int? {
        let window = min(bytes.count, limits.trailers)
        var (scanner, fields) = (start, seen)
        while true {
            switch try scanner.next(bytes, to: window) {
            case .needMore:
                guard window < limits.trailers else { throw .trailersTooLarge }
                state = .trailers(scanner, fields: fields)
                return nil
            case .field(let name, _):
                fields += 1
                guard fields <= limits.fields else { throw .tooManyFields }
                switch KnownField(bytes, name) {
                case .contentLength, .transferEncoding, .host, .connection, .expect: throw .framingInTrailer
                default: break
                }
            case .end(let end): return end
            }
        }
    }
}
