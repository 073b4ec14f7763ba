public import NIOCore
public import Vocabulary

/// Meters a stream of Gemini's while it passes, in either framing: the client gets whole events or whole objects of the
/// array, byte for byte.
///
/// A value without I/O. What it says and what it passes on do not depend on how the bytes were cut. Gemini reports usage
/// unasked, so nothing is taken out.
public struct GeminiStream: Sendable {
    private let eventLimit: Int
    private var framing: GeminiFraming?
    private var events = EventScanner()
    private var objects = ObjectScanner()
    /// The start of an unfinished event or object.
    private var waiting = ByteBuffer()
    private var searches: Int64 = 0
    private var reported: TokenUsage?

    /// The last report, when one came: each is the running total.
    public var usage: TokenUsage? {
        var usage = reported
        usage?[.searches] = searches
        return usage
    }
    /// The model that answers, as the provider names it.
    public private(set) var model: [UInt8]?
    /// Why generation ended was told. Usage may still follow.
    public private(set) var isDone = false
    /// Anything generated was seen: text, a call, thoughts, a medium.
    public private(set) var hasContent = false
    /// An event with an `error` was seen.
    public private(set) var errorSeen = false
    /// Bytes of generated text with escapes resolved, for estimates.
    public private(set) var visibleOutputBytes: Int64 = 0
    /// Events with data, or objects.
    public private(set) var eventCount: Int64 = 0

    /// - Parameter eventLimit: the longest event or object in bytes. Pictures come as one.
    public init(eventLimit: Int = 1 << 20) { self.eventLimit = eventLimit }

    /// Reads upstream bytes and appends what the client may have now, unchanged. An unfinished event or object waits.
    public mutating func read(_ input: ByteBuffer, into out: inout ByteBuffer) throws(StreamFault) {
        var input = input
        if framing == nil {
            // White space may come in front of what tells the framing.
            waiting.writeImmutableBuffer(input)
            framing = waiting.geminiFraming
            guard framing != nil else {
                if waiting.readableBytes > eventLimit { throw .eventTooLarge }
                return
            }
            input = waiting
            waiting = ByteBuffer()
        }
        let bytes = input.readableBytesUInt8Span
        var start = framing == .events ? events.takeLineFeed(in: bytes) : 0
        var passed = 0
        while let end = nextEnd(bytes, start) {
            guard waiting.readableBytes + end - start <= eventLimit else {
                Self.copy(input, passed..<start, into: &out)
                throw .eventTooLarge
            }
            if waiting.readableBytes > 0 {
                Self.copy(input, passed..<start, into: &out)
                Self.copy(input, start..<end, into: &waiting)
                passWaiting(into: &out)
                passed = end
            } else {
                meter(bytes, start..<end)
            }
            start = end
        }
        Self.copy(input, passed..<start, into: &out)
        guard waiting.readableBytes + bytes.count - start <= eventLimit else { throw .eventTooLarge }
        Self.copy(input, start..<bytes.count, into: &waiting)
    }

    /// The end of the upstream body: what waits is appended as it is, and metered.
    public mutating func finish(into out: inout ByteBuffer) {
        guard waiting.readableBytes > 0 else { return }
        // Behind the last object of an array nothing but its bracket is left.
        if framing == .array, objects.isBetween {
            out.writeBuffer(&waiting)
        } else {
            passWaiting(into: &out)
        }
    }

    private mutating func nextEnd(_ bytes: Span<UInt8>, _ start: Int) -> Int? {
        framing == .events ? events.nextEnd(in: bytes, from: start) : objects.nextEnd(in: bytes, from: start)
    }

    private static func copy(_ input: ByteBuffer, _ range: Range<Int>, into out: inout ByteBuffer) {
        guard !range.isEmpty,
            let slice = input.getSlice(at: input.readerIndex + range.lowerBound, length: range.count)
        else { return }
        out.writeImmutableBuffer(slice)
    }

    private static let keptCapacity = 16 << 10

    /// Ends the event that waited. Its memory is kept for the next one unless it grew large.
    private mutating func passWaiting(into out: inout ByteBuffer) {
        var event = ByteBuffer()
        swap(&event, &waiting)
        meter(event.readableBytesUInt8Span, 0..<event.readableBytes)
        out.writeImmutableBuffer(event)
        if event.capacity > Self.keptCapacity { return }
        event.clear()
        swap(&event, &waiting)
    }

    private mutating func meter(_ b: Span<UInt8>, _ range: Range<Int>) {
        if framing == .array {
            guard let start = range.first(where: { b[$0] == .brace }) else { return }
            return meter(data: b, start..<range.upperBound)
        }
        let data = EventData(b, range)
        if data.isSplit {
            let joined = EventData.joined(b, range)
            meter(data: joined.span, 0..<joined.count)
        } else if data.isPresent {
            meter(data: b, data.range)
        }
    }

    private mutating func meter(data b: Span<UInt8>, _ range: Range<Int>) {
        eventCount += 1
        var cursor = JSONCursor(at: range.lowerBound, end: range.upperBound)
        var event = GeminiEvent()
        // What is no JSON object passes as it is; what was read of a broken one counts.
        do throws(JSONFault) {
            guard try cursor.peek(b) == .object else { return }
            try event.read(&cursor, b, readsModel: model == nil)
        } catch {}
        if let name = event.model { model = name }
        if event.hasError { errorSeen = true }
        if event.hasContent { hasContent = true }
        if event.hasFinished { isDone = true }
        visibleOutputBytes += event.visibleBytes
        searches = max(searches, event.searches)
        if let report = event.usage { reported = report }
    }
}
