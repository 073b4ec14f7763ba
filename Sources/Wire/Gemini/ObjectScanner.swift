import CBytes
import NIOCore

/// Frames the objects of a JSON array, or of objects in a row, over any split of the bytes, without keeping a byte. What
/// stands between objects is passed over: brackets, commas, white space.
struct ObjectScanner: Sendable {
    private enum Place: UInt8 {
        case plain
        case string
        case behindBackslash
    }

    private var place = Place.plain
    private var depth = 0

    /// Whether the bytes so far end between objects.
    var isBetween: Bool { depth == 0 }

    /// Scans from `start`, where the last call ended or a new chunk begins.
    ///
    /// - Returns: the offset behind the next object, or `nil` when none ends in these bytes.
    mutating func nextEnd(in bytes: Span<UInt8>, from start: Int) -> Int? {
        var at = start
        while at < bytes.count {
            switch place {
            case .behindBackslash:
                place = .string
                at += 1
            case .string:
                at += unsafe bytes.withUnsafeBufferPointer { memory in
                    guard let base = memory.baseAddress else { return 0 }
                    return unsafe tacet_string_stop(base + at, memory.count - at)
                }
                guard at < bytes.count else { return nil }
                if bytes[at] == .quote { place = .plain }
                if bytes[at] == .backslash { place = .behindBackslash }
                at += 1
            case .plain:
                let byte = bytes[at]
                at += 1
                if depth == 0, byte != .brace { continue }
                if byte == .quote {
                    place = .string
                } else if byte == .brace {
                    depth += 1
                } else if byte == .braceEnd {
                    depth -= 1
                    if depth == 0 { return at }
                }
            }
        }
        return nil
    }
}

/// Cuts a growing JSON array into its objects, over any split of the bytes. Only an unfinished object is kept.
struct ObjectBodies: Sendable {
    private let limit: Int
    private var scanner = ObjectScanner()
    private var buffer = ByteBuffer()
    private var scanned = 0

    /// - Parameter limit: the longest object in bytes, with what stands in front of it.
    init(limit: Int) { self.limit = limit }

    /// Bytes that are kept until their object ends.
    var waitingBytes: Int { buffer.readableBytes }

    mutating func feed(_ input: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = input
            scanned = 0
        } else {
            buffer.discardReadBytes()
            buffer.writeImmutableBuffer(input)
        }
    }

    /// The next whole object. `nil`: more bytes are needed.
    mutating func next() throws(StreamFault) -> ByteBuffer? {
        let bytes = buffer
        guard let end = scanner.nextEnd(in: bytes.readableBytesUInt8Span, from: scanned) else {
            scanned = buffer.readableBytes
            guard scanned <= limit else { throw .eventTooLarge }
            return nil
        }
        guard end <= limit else { throw .eventTooLarge }
        let start = bytes.objectStart
        let object = buffer.getSlice(at: buffer.readerIndex + start, length: end - start)
        buffer.moveReaderIndex(forwardBy: end)
        scanned = 0
        return object
    }

    /// Whether an object was begun and not ended.
    var isInside: Bool { !scanner.isBetween }
}

extension ByteBuffer {
    /// The offset of the first opening brace: what stands before an object has none.
    var objectStart: Int {
        let bytes = readableBytesUInt8Span
        for index in bytes.indices where bytes[index] == .brace { return index }
        return 0
    }

    /// How a stream of Gemini's is framed, from its first byte that is neither white space nor of a byte order mark.
    var geminiFraming: GeminiFraming? {
        let bytes = readableBytesUInt8Span
        for index in bytes.indices {
            switch bytes[index] {
            case 0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf: continue
            case .bracket, .brace: return .array
            default: return .events
            }
        }
        return nil
    }
}
