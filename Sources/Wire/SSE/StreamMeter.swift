public import NIOCore
public import Vocabulary

/// Why a stream cannot go on.
public enum StreamFault: Error, Equatable {
    /// One event is longer than the limit.
    case eventTooLarge
    /// A binary frame whose lengths, checksums or content are wrong.
    case malformedFrame
}

/// What was seen of a provider's stream so far.
public struct StreamReport: Sendable, Equatable {
    /// The last report, when one came. Reports are running totals.
    public internal(set) var usage: TokenUsage?
    /// The model that answers, as the provider names it.
    public internal(set) var model: [UInt8]?
    /// The dialect's last event was seen: nothing of worth follows.
    public internal(set) var isDone = false
    /// Anything generated was seen: text, a call, thoughts, a medium.
    public internal(set) var hasContent = false
    /// An error was seen inside the stream.
    public internal(set) var errorSeen = false
    /// Bytes of generated text with escapes resolved, for estimates.
    public internal(set) var visibleOutputBytes: Int64 = 0
    /// Events with data.
    public internal(set) var eventCount: Int64 = 0

    public init() {}

    /// Takes what a stream's reader told: what is translated is not read a second time to be metered.
    public mutating func take(_ event: AnswerEvent) {
        switch event {
        case .text(let text), .thinking(let text), .arguments(let text), .refusal(let text):
            hasContent = true
            visibleOutputBytes += Int64(text.unescapedCount)
        case .blockStart(_, .toolCall(_, let name, _)):
            hasContent = true
            visibleOutputBytes += Int64(name.unescapedCount)
        case .blockStart(_, .redactedThinking), .blockStart(_, .media), .blockStart(_, .foreign): hasContent = true
        case .start(_, let model): if !model.isEmpty { self.model = model.unescaped }
        case .usage(let usage): self.usage = usage
        case .failure:
            errorSeen = true
            isDone = true
        case .end: isDone = true
        case .blockStart, .signature, .citation, .blockStop, .logprobs, .stop: break
        }
    }
}

/// Reads what the events of one dialect tell.
protocol StreamTally: Sendable {
    /// Takes the data of one event: `range` of the readable bytes. What is no JSON object is none of its matters.
    ///
    /// - Returns: whether the client gets the event.
    mutating func take(_ data: ByteBuffer, _ range: Range<Int>, into report: inout StreamReport) -> Bool
}

/// Meters a stream of any dialect while it passes: the client gets whole events, byte for byte, but for the usage event
/// that Tacet asked a chat provider for and the client did not.
///
/// A value without I/O. What it says and what it passes on do not depend on how the bytes were cut.
public struct StreamMeter: Sendable {
    private let eventLimit: Int
    private var tally: any StreamTally
    /// Gemini's streams tell theirs by their first byte.
    private var framing: GeminiFraming?
    private var events = EventScanner()
    private var objects = ObjectScanner()
    /// The start of an unfinished event.
    private var waiting = ByteBuffer()
    /// The event told last was not passed on.
    private var droppedLast = false
    public private(set) var report = StreamReport()

    /// The longest event of a stream in bytes, its line ends included: pictures come as one, and the last event of a Responses
    /// stream repeats the whole answer.
    public static let longestEvent = 16 << 20

    /// Bytes of an event that are kept until it ends.
    public var waitingBytes: Int { waiting.readableBytes }

    /// - Parameter stripsUsage: chat only: the client did not ask for usage, Tacet did.
    public init(_ dialect: Dialect, stripsUsage: Bool = false, eventLimit: Int = longestEvent) {
        self.eventLimit = eventLimit
        framing = dialect == .gemini ? nil : .events
        tally =
            switch dialect {
            case .openAI: ChatTally(stripsUsage: stripsUsage)
            case .anthropic: MessagesTally()
            case .openAIResponses: ResponsesTally()
            case .gemini: GeminiTally()
            }
    }

    /// Reads upstream bytes and appends what the client may have now: whole events, unchanged. An unfinished event waits.
    public mutating func read(_ input: ByteBuffer, into out: inout ByteBuffer) throws(StreamFault) {
        guard framing != nil else { return try readFirst(input, into: &out) }
        let bytes = input.readableBytesUInt8Span
        var start = framing == .events ? events.takeLineFeed(in: bytes) : 0
        // Kept events in a row are copied in one piece: from `run` to `start` is still to be copied.
        var run = droppedLast ? start : 0
        while let end = nextEnd(bytes, start) {
            guard waiting.readableBytes + end - start <= eventLimit else {
                Self.copy(input, run..<start, into: &out)
                throw .eventTooLarge
            }
            if waiting.readableBytes > 0 {
                Self.copy(input, run..<start, into: &out)
                Self.copy(input, start..<end, into: &waiting)
                passWaiting(into: &out)
                run = end
            } else if !meter(input, start..<end) {
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
        guard waiting.readableBytes > 0 else { return }
        // Behind the last object of an array nothing but its bracket is left.
        if framing == .array, objects.isBetween {
            out.writeBuffer(&waiting)
        } else {
            passWaiting(into: &out)
        }
    }

    /// White space may come in front of what tells the framing.
    private mutating func readFirst(_ input: ByteBuffer, into out: inout ByteBuffer) throws(StreamFault) {
        waiting.writeImmutableBuffer(input)
        framing = waiting.geminiFraming
        guard framing != nil else {
            if waiting.readableBytes > eventLimit { throw .eventTooLarge }
            return
        }
        let all = waiting
        waiting = ByteBuffer()
        try read(all, into: &out)
    }

    private mutating func nextEnd(_ bytes: Span<UInt8>, _ start: Int) -> Int? {
        framing == .array ? objects.nextEnd(in: bytes, from: start) : events.nextEnd(in: bytes, from: start)
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
        if meter(event, 0..<event.readableBytes) { out.writeImmutableBuffer(event) }
        if event.capacity > Self.keptCapacity { return }
        event.clear()
        swap(&event, &waiting)
    }

    private static let keptCapacity = 16 << 10

    /// Meters one whole event; whether it is passed on.
    private mutating func meter(_ input: ByteBuffer, _ piece: Range<Int>) -> Bool {
        let bytes = input.readableBytesUInt8Span
        var isPassed = true
        if framing == .array {
            if let start = piece.first(where: { bytes[$0] == .brace }) {
                isPassed = take(input, start..<piece.upperBound)
            }
        } else {
            let data = EventData(bytes, piece)
            if data.isSplit {
                let joined = ByteBuffer(bytes: EventData.joined(bytes, piece))
                isPassed = take(joined, 0..<joined.readableBytes)
            } else if data.isPresent {
                isPassed = take(input, data.range)
            }
        }
        droppedLast = !isPassed
        return isPassed
    }

    private mutating func take(_ data: ByteBuffer, _ range: Range<Int>) -> Bool {
        report.eventCount += 1
        return tally.take(data, range, into: &report)
    }
}
