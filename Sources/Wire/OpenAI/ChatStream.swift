public import NIOCore
public import Vocabulary

/// Why a stream cannot go on.
public enum StreamFault: Error, Equatable {
    /// One event is longer than the limit.
    case eventTooLarge
    /// A binary frame whose lengths, checksums or content are wrong.
    case malformedFrame
}

/// Meters an OpenAI chat stream while it passes: the client gets whole events, byte for byte, but for the usage event that
/// Tacet asked for and the client did not.
///
/// A value without I/O. What it says and what it passes on do not depend on how the bytes were cut.
public struct ChatStream: Sendable {
    private let stripsUsage: Bool
    private let eventLimit: Int
    private var scanner = EventScanner()
    /// The start of an unfinished event.
    private var waiting = ByteBuffer()
    /// The event told last was not passed on.
    private var droppedLast = false
    /// The provider reports usage beside choices by habit: then its events all pass.
    private var volunteersUsage = false

    /// The last report, when one came. Reports are running totals: a later one with any larger count takes its place.
    public private(set) var usage: TokenUsage?
    /// The model that answers, as the provider names it.
    public private(set) var model: [UInt8]?
    /// `[DONE]` was seen.
    public private(set) var isDone = false
    /// Anything generated was seen: text, a call, reasoning.
    public private(set) var hasContent = false
    /// An event with an `error` instead of choices was seen.
    public private(set) var errorSeen = false
    /// Bytes of generated text with escapes resolved, for estimates.
    public private(set) var visibleOutputBytes: Int64 = 0
    /// Events with data, `[DONE]` included.
    public private(set) var eventCount: Int64 = 0

    /// - Parameters:
    ///   - stripsUsage: the client did not ask for usage, Tacet did.
    ///   - eventLimit: the longest event in bytes, its line ends included.
    public init(stripsUsage: Bool, eventLimit: Int = 1 << 20) {
        self.stripsUsage = stripsUsage
        self.eventLimit = eventLimit
    }

    /// Reads upstream bytes and appends what the client may have now: whole events, unchanged. An unfinished event waits.
    public mutating func read(_ input: ByteBuffer, into out: inout ByteBuffer) throws(StreamFault) {
        let bytes = input.readableBytesUInt8Span
        var start = scanner.takeLineFeed(in: bytes)
        // Kept events in a row are copied in one piece: from `run` to `start` is still to be copied.
        var run = droppedLast ? start : 0
        while let end = scanner.nextEnd(in: bytes, from: start) {
            guard waiting.readableBytes + end - start <= eventLimit else {
                Self.copy(input, run..<start, into: &out)
                throw .eventTooLarge
            }
            if waiting.readableBytes > 0 {
                Self.copy(input, run..<start, into: &out)
                Self.copy(input, start..<end, into: &waiting)
                passWaiting(into: &out)
                run = end
            } else if !meter(bytes, start..<end) {
                Self.copy(input, run..<start, into: &out)
                run = end
            }
            start = end
        }
        Self.copy(input, run..<start, into: &out)
        guard waiting.readableBytes + bytes.count - start <= eventLimit else { throw .eventTooLarge }
        Self.copy(input, start..<bytes.count, into: &waiting)
    }

    /// The end of the upstream body: what waits is appended as it is, and metered.
    public mutating func finish(into out: inout ByteBuffer) {
        if waiting.readableBytes > 0 { passWaiting(into: &out) }
    }

    private static func copy(_ input: ByteBuffer, _ range: Range<Int>, into out: inout ByteBuffer) {
        guard !range.isEmpty,
            let slice = input.getSlice(at: input.readerIndex + range.lowerBound, length: range.count)
        else { return }
        out.writeImmutableBuffer(slice)
    }

    /// Ends the event that waited. Its memory is kept for the next one unless it grew large.
    private mutating func passWaiting(into out: inout ByteBuffer) {
        var event = ByteBuffer()
        swap(&event, &waiting)
        if meter(event.readableBytesUInt8Span, 0..<event.readableBytes) { out.writeImmutableBuffer(event) }
        if event.capacity > Self.keptCapacity { return }
        event.clear()
        swap(&event, &waiting)
    }

    private static let keptCapacity = 16 << 10

    /// Meters one whole event; whether it is passed on.
    private mutating func meter(_ b: Span<UInt8>, _ event: Range<Int>) -> Bool {
        let data = EventData(b, event)
        var isPassed = true
        if data.isSplit {
            let joined = EventData.joined(b, event)
            isPassed = meter(data: joined.span, 0..<joined.count)
        } else if data.isPresent {
            isPassed = meter(data: b, data.range)
        }
        droppedLast = !isPassed
        return isPassed
    }

    private mutating func meter(data b: Span<UInt8>, _ range: Range<Int>) -> Bool {
        eventCount += 1
        var cursor = JSONCursor(at: range.lowerBound, end: range.upperBound)
        var event = ChatEvent()
        // What is no JSON object passes as it is; what was read of a broken one counts.
        do throws(JSONFault) {
            guard try cursor.peek(b) == .object else {
                if Self.isDone(b, range) { isDone = true }
                return true
            }
            try event.read(&cursor, b, readsModel: model == nil)
        } catch {}
        if let name = event.model { model = name }
        if event.hasError, !event.hasChoices { errorSeen = true }
        if event.output.hasContent { hasContent = true }
        visibleOutputBytes += event.output.visibleBytes
        if let report = event.usage { take(report) }
        guard event.hasUsageObject, event.hasChoices else { return true }
        guard event.output.isEmpty else {
            volunteersUsage = true
            return true
        }
        return !stripsUsage || volunteersUsage
    }

    private mutating func take(_ report: TokenUsage) {
        guard let last = usage else {
            usage = report
            return
        }
        for kind in UsageClass.allCases where report[kind] > last[kind] {
            usage = report
            return
        }
    }

    private static func isDone(_ b: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let text: StaticString = "[DONE]"
        var end = range.upperBound
        while end > range.lowerBound, b[end - 1] == 0x20 { end -= 1 }
        return JSONText(start: range.lowerBound, end: end, isEscaped: false).equals(text, in: b)
    }
}
