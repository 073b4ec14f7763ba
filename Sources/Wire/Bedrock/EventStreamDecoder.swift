import NIOCore
import Vocabulary

/// One message of AWS's binary event stream, as far as Bedrock's streams need it.
struct EventStreamMessage {
    /// `:event-type` or `:exception-type`.
    var type: [UInt8] = []
    /// An exception, or an error without a type.
    var isException = false
    var payload = ByteBuffer()
}

/// Takes AWS's `application/vnd.amazon.eventstream` apart at any split of its bytes: a prelude of two lengths and their
/// CRC-32, headers, payload, and a CRC-32 over all (smithy.io, Amazon Event Stream Specification).
struct EventStreamDecoder: Sendable {
    private static let prelude = 12
    private let limit: Int
    private var waiting = ByteBuffer()

    /// - Parameter limit: the longest message in bytes.
    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { waiting.readableBytes == 0 }

    mutating func feed(_ bytes: ByteBuffer) {
        if waiting.readableBytes == 0 { waiting = bytes } else { waiting.writeImmutableBuffer(bytes) }
    }

    /// The next whole message; `nil` when more bytes are needed.
    mutating func next() throws(StreamFault) -> EventStreamMessage? {
        let held = waiting
        let bytes = held.readableBytesUInt8Span
        guard bytes.count >= Self.prelude else { return nil }
        let total = Int(Self.word(bytes, 0))
        let headers = Int(Self.word(bytes, 4))
        guard Self.crc(bytes, 0..<8) == Self.word(bytes, 8), total >= Self.prelude + 4,
            headers <= total - Self.prelude - 4
        else { throw .malformedFrame }
        guard total <= limit else { throw .eventTooLarge }
        guard bytes.count >= total else { return nil }
        guard Self.crc(bytes, 0..<total - 4) == Self.word(bytes, total - 4) else { throw .malformedFrame }
        var message = EventStreamMessage()
        try Self.headers(bytes, Self.prelude..<Self.prelude + headers, into: &message)
        let start = Self.prelude + headers
        guard
            let payload = held.getSlice(at: held.readerIndex + start, length: total - 4 - start)
        else { throw .malformedFrame }
        message.payload = payload
        waiting.moveReaderIndex(forwardBy: total)
        if waiting.readableBytes == 0 { waiting = ByteBuffer() }
        return message
    }

    private static func headers(
        _ b: Span<UInt8>, _ range: Range<Int>, into message: inout EventStreamMessage
    ) throws(StreamFault) {
        var at = range.lowerBound
        func need(_ count: Int) throws(StreamFault) {
            guard at + count <= range.upperBound else { throw .malformedFrame }
        }
        while at < range.upperBound {
            let length = Int(b[at])
            at += 1
            try need(length + 1)
            let name = at..<at + length
            at += length
            let kind = b[at]
            at += 1
            var count = 0
            switch kind {
            case 0, 1: count = 0
            case 2: count = 1
            case 3: count = 2
            case 4: count = 4
            case 5, 8: count = 8
            case 9: count = 16
            case 6, 7:
                try need(2)
                count = Int(b[at]) << 8 | Int(b[at + 1])
                at += 2
            default: throw .malformedFrame
            }
            try need(count)
            if kind == 7 { take(b, name, at..<at + count, into: &message) }
            at += count
        }
    }

    private static func take(
        _ b: Span<UInt8>, _ name: Range<Int>, _ value: Range<Int>, into message: inout EventStreamMessage
    ) {
        func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
            JSONText(start: range.lowerBound, end: range.upperBound, isEscaped: false).equals(text, in: b)
        }
        if equals(name, ":message-type") {
            message.isException = !equals(value, "event")
        } else if equals(name, ":event-type") || equals(name, ":exception-type") || equals(name, ":error-code") {
            message.type = value.map { b[$0] }
        }
    }

    private static func word(_ b: Span<UInt8>, _ at: Int) -> UInt32 {
        UInt32(b[at]) << 24 | UInt32(b[at + 1]) << 16 | UInt32(b[at + 2]) << 8 | UInt32(b[at + 3])
    }

    private static func crc(_ b: Span<UInt8>, _ range: Range<Int>) -> UInt32 {
        var crc = CRC32.start
        for index in range { crc = CRC32.next(crc, b[index]) }
        return CRC32.end(crc)
    }
}
