import NIOCore
import Vocabulary

/// Cuts a growing JSON array into its objects and holds it to be one: a bracket in front, one comma between two, a bracket
/// at the end, white space elsewhere.
struct ArrayElements: Sendable {
    private enum Place: UInt8 {
        case begin
        case first
        case behindElement
        case behindComma
        case closed
    }

    private let limit: Int
    private var scanner = ObjectScanner()
    private var buffer = ByteBuffer()
    private var scanned = 0
    private var place = Place.begin

    init(limit: Int) { self.limit = limit }

    /// The last bracket was seen.
    var isClosed: Bool { place == .closed }
    var hasBegun: Bool { place != .begin || buffer.readableBytes > 0 }

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
    mutating func next() throws(StreamViolation) -> ByteBuffer? {
        if scanned == 0 { try passGap() }
        let bytes = buffer
        guard let end = scanner.nextEnd(in: bytes.readableBytesUInt8Span, from: scanned) else {
            scanned = buffer.readableBytes
            if scanned > limit { throw .eventTooLarge }
            return nil
        }
        scanned = 0
        place = .behindElement
        return buffer.readSlice(length: end)
    }

    /// Takes what stands in front of the next object.
    private mutating func passGap() throws(StreamViolation) {
        let bytes = buffer
        let span = bytes.readableBytesUInt8Span
        var at = 0
        while at < span.count {
            switch (place, span[at]) {
            case (_, 0x20), (_, 0x0a), (_, 0x0d), (_, 0x09): break
            case (.begin, .bracket): place = .first
            case (.behindElement, .comma): place = .behindComma
            case (.first, .bracketEnd), (.behindElement, .bracketEnd): place = .closed
            case (.first, .brace), (.behindComma, .brace):
                buffer.moveReaderIndex(forwardBy: at)
                return
            default: throw .notJSON
            }
            at += 1
        }
        buffer.clear()
    }
}
