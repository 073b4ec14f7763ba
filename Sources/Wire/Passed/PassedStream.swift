public import NIOCore
import Vocabulary

/// Meters a stream that is passed as it is: bytes without events, or events of which whole ones are read for their usage.
public struct PassedStream: Sendable {
    private let isEvents: Bool
    private let eventLimit: Int
    private var scanner = EventScanner()
    /// The event that has not ended, for its usage only: its bytes are with the client.
    private var waiting = ByteBuffer()

    public private(set) var usage = PassedUsage()
    public private(set) var isDone = false
    public private(set) var errorSeen = false
    /// Bytes passed on.
    public private(set) var byteCount: Int64 = 0

    /// - Parameters:
    ///   - isEvents: the stream is server-sent events.
    ///   - eventLimit: the longest event in bytes: a whole image in base64 fits.
    public init(isEvents: Bool, eventLimit: Int = 32 << 20) {
        self.isEvents = isEvents
        self.eventLimit = eventLimit
    }

    /// What there is to tell of it as of any stream.
    public var report: StreamReport {
        var report = StreamReport()
        report.usage = usage.reported
        report.isDone = isDone
        report.hasContent = byteCount > 0
        report.errorSeen = errorSeen
        return report
    }

    /// Bytes that are kept until their event ends.
    public var waitingBytes: Int { waiting.readableBytes }

    /// Reads a provider's bytes and appends them for the client.
    public mutating func read(_ input: ByteBuffer, into out: inout ByteBuffer) throws(StreamFault) {
        out.writeImmutableBuffer(input)
        byteCount += Int64(input.readableBytes)
        guard isEvents else { return }
        let bytes = input.readableBytesUInt8Span
        var start = scanner.takeLineFeed(in: bytes)
        while let end = scanner.nextEnd(in: bytes, from: start) {
            guard waiting.readableBytes + end - start <= eventLimit else { throw .eventTooLarge }
            if waiting.readableBytes > 0 {
                keep(input, start..<end)
                meterWaiting()
            } else {
                meter(bytes, start..<end)
            }
            start = end
        }
        guard waiting.readableBytes + bytes.count - start <= eventLimit else { throw .eventTooLarge }
        keep(input, start..<bytes.count)
    }

    /// The end of the provider's body.
    public mutating func finish() { if waiting.readableBytes > 0 { meterWaiting() } }

    private mutating func keep(_ input: ByteBuffer, _ range: Range<Int>) {
        guard let slice = input.getSlice(at: input.readerIndex + range.lowerBound, length: range.count) else { return }
        waiting.writeImmutableBuffer(slice)
    }

    private mutating func meterWaiting() {
        let event = waiting
        waiting = ByteBuffer()
        meter(event.readableBytesUInt8Span, 0..<event.readableBytes)
    }

    private mutating func meter(_ b: Span<UInt8>, _ event: Range<Int>) {
        let data = EventData(b, event)
        if data.isSplit {
            let joined = EventData.joined(b, event)
            meter(data: joined.span, 0..<joined.count)
        } else if data.isPresent {
            meter(data: b, data.range)
        }
    }

    private mutating func meter(data b: Span<UInt8>, _ range: Range<Int>) {
        var cursor = JSONCursor(at: range.lowerBound, end: range.upperBound)
        var event = PassedUsage()
        // What is no JSON object passes as it is; what was read of a broken one counts.
        do throws(JSONFault) {
            guard try cursor.peek(b) == .object else {
                if JSONText(start: range.lowerBound, end: range.upperBound, isEscaped: false).equals("[DONE]", in: b) {
                    isDone = true
                }
                return
            }
            try event.object(&cursor, b)
        } catch {}
        usage.add(event)
        if event.hasError { errorSeen = true }
    }
}

extension PassedUsage {
    /// Adds an event's counts. A later report takes the place of an earlier one. Text that comes whole after its parts is
    /// counted once: the last event of a transcript repeats it.
    mutating func add(_ event: PassedUsage) {
        reported = event.reported ?? reported
        milliseconds = event.milliseconds ?? milliseconds
        images = max(images, event.images)
        if event.visibleOutputBytes < visibleOutputBytes || visibleOutputBytes == 0 {
            visibleOutputBytes += event.visibleOutputBytes
        }
    }
}
