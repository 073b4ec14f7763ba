import NIOCore

/// Cuts a stream of server-sent events into the data of whole events, over any split of the bytes. What is whole in one
/// chunk is a slice of it; only an unfinished event is kept.
struct EventBodies: Sendable {
    private let limit: Int
    private let keepsNames: Bool
    /// The `event` field of the event told last, where it has one and names are kept.
    private(set) var name: ByteBuffer?
    private var scanner = EventScanner()
    /// What was not told yet, and how much of it the scanner has seen.
    private var buffer = ByteBuffer()
    private var scanned = 0

    /// - Parameters:
    ///   - limit: the longest event in bytes.
    ///   - keepsNames: the reader wants the events' names too.
    init(limit: Int, keepsNames: Bool = false) {
        self.limit = limit
        self.keepsNames = keepsNames
    }

    /// Bytes that are kept until their event ends.
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

    /// The data of the next whole event; events without data are passed over. `nil`: more bytes are needed.
    mutating func next() throws(StreamFault) -> ByteBuffer? {
        while true {
            let seen = buffer
            guard let end = scanner.nextEnd(in: seen.readableBytesUInt8Span, from: scanned) else { break }
            guard end <= limit else { throw .eventTooLarge }
            let data = data(0..<end)
            buffer.moveReaderIndex(forwardBy: end)
            scanned = 0
            if let data { return data }
        }
        scanned = buffer.readableBytes
        guard scanned <= limit else { throw .eventTooLarge }
        return nil
    }

    /// The stream ended: the data of an event that was not closed by a blank line.
    mutating func rest() -> ByteBuffer? {
        guard buffer.readableBytes > 0 else { return nil }
        let data = data(0..<buffer.readableBytes)
        buffer.clear()
        scanned = 0
        return data
    }

    private mutating func data(_ event: Range<Int>) -> ByteBuffer? {
        let kept = buffer
        let bytes = kept.readableBytesUInt8Span
        if keepsNames {
            name = EventData.name(bytes, event).flatMap {
                kept.getSlice(at: kept.readerIndex + $0.lowerBound, length: $0.count)
            }
        }
        let data = EventData(bytes, event)
        guard data.isPresent else { return nil }
        if data.isSplit { return ByteBuffer(bytes: EventData.joined(bytes, event)) }
        return buffer.getSlice(at: buffer.readerIndex + data.range.lowerBound, length: data.range.count)
    }
}

extension ByteBuffer {
    /// The first byte that is not white space.
    var firstMark: UInt8? {
        let bytes = readableBytesUInt8Span
        for index in bytes.indices where bytes[index] > 0x20 { return bytes[index] }
        return nil
    }
}
