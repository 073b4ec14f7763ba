public import NIOCore
public import Vocabulary

/// Meters a Responses stream while it passes. The client gets whole events, byte for byte: the dialect reports usage
/// unasked.
///
/// A value without I/O. What it says and what it passes on do not depend on how the bytes were cut.
public struct ResponsesStream: Sendable {
    private let eventLimit: Int
    private var scanner = EventScanner()
    /// The start of an unfinished event.
    private var waiting = ByteBuffer()

    /// The last report, when one came.
    public private(set) var usage: TokenUsage?
    /// The model that answers, as the provider names it.
    public private(set) var model: [UInt8]?
    /// The response's id, as the provider names it.
    public private(set) var id: [UInt8]?
    /// `response.completed`, `.incomplete` or `.failed` was seen.
    public private(set) var isDone = false
    /// Anything generated was seen: text, a call, reasoning.
    public private(set) var hasContent = false
    /// An `error` event or `response.failed` was seen.
    public private(set) var errorSeen = false
    /// Bytes of generated text with escapes resolved, for estimates.
    public private(set) var visibleOutputBytes: Int64 = 0
    /// Events with data.
    public private(set) var eventCount: Int64 = 0

    /// - Parameter eventLimit: the longest event in bytes, its line ends included. The last one repeats the whole answer.
    public init(eventLimit: Int = 16 << 20) { self.eventLimit = eventLimit }

    /// Reads upstream bytes and appends what the client may have now: whole events, unchanged. An unfinished event waits.
    public mutating func read(_ input: ByteBuffer, into out: inout ByteBuffer) throws(StreamFault) {
        let bytes = input.readableBytesUInt8Span
        var start = scanner.takeLineFeed(in: bytes)
        // Whole events in a row are copied in one piece: from `run` to `start` is still to be copied.
        var run = 0
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
            } else {
                meter(bytes, start..<end)
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
        meter(event.readableBytesUInt8Span, 0..<event.readableBytes)
        out.writeImmutableBuffer(event)
        if event.capacity > 16 << 10 { return }
        event.clear()
        swap(&event, &waiting)
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
        eventCount += 1
        var cursor = JSONCursor(at: range.lowerBound, end: range.upperBound)
        var event = ResponsesEvent()
        // What is no JSON object passes as it is; what was read of a broken one counts.
        do throws(JSONFault) {
            guard try cursor.peek(b) == .object else { return }
            try event.read(&cursor, b)
        } catch {}
        take(event)
    }

    private mutating func take(_ event: ResponsesEvent) {
        if event.response.model != nil { model = event.response.model }
        if event.response.id != nil { id = event.response.id }
        if let report = event.response.usage { usage = report }
        switch event.kind {
        case .delta:
            visibleOutputBytes += event.deltaBytes
            if event.deltaBytes > 0 { hasContent = true }
        case .itemAdded:
            visibleOutputBytes += event.itemNameBytes
            if event.isCallItem { hasContent = true }
        case .done, .failed:
            isDone = true
            if event.kind == .failed { errorSeen = true }
            // A provider that sends no deltas says all of it here.
            visibleOutputBytes = max(visibleOutputBytes, event.response.output.visibleBytes)
            if event.response.output.hasContent { hasContent = true }
        case .error: errorSeen = true
        case .other: break
        }
    }
}

/// The members of an event that Tacet reads.
struct ResponsesEvent {
    enum Kind {
        case delta
        case itemAdded
        case done
        case failed
        case error
        case other
    }

    var kind = Kind.other
    /// Of a string `delta`, escapes resolved.
    var deltaBytes: Int64 = 0
    /// Of the name of the tool that an item calls.
    var itemNameBytes: Int64 = 0
    var isCallItem = false
    var response = ResponsesObject()

    /// Reads the object ahead, through its end.
    mutating func read(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var hasError = false
        var hasType = false
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let valueKind = try cursor.peek(b)
            if valueKind == .object, name.equals("response", in: b) {
                try response.read(&cursor, b)
            } else if valueKind == .object, name.equals("item", in: b) {
                try item(&cursor, b)
            } else {
                let value = try cursor.value(b)
                if value.kind == .string, name.equals("type", in: b) {
                    hasType = true
                    kind = Self.kind(value.text, b)
                } else if value.kind == .string, name.equals("delta", in: b) {
                    deltaBytes = Int64(value.text.byteCount(in: b))
                } else if value.kind != .null, name.equals("error", in: b) {
                    hasError = true
                }
            }
            more = try cursor.nextMember(b)
        }
        if hasError, !hasType { kind = .error }
    }

    private static func kind(_ type: JSONText, _ b: Span<UInt8>) -> Kind {
        for name: StaticString in [
            "response.output_text.delta", "response.function_call_arguments.delta", "response.refusal.delta",
            "response.reasoning_summary_text.delta", "response.reasoning_text.delta",
            "response.custom_tool_call_input.delta", "response.code_interpreter_call_code.delta",
            "response.mcp_call_arguments.delta",
        ] where type.equals(name, in: b) {
            return .delta
        }
        if type.equals("response.output_item.added", in: b) { return .itemAdded }
        if type.equals("response.completed", in: b) || type.equals("response.incomplete", in: b) { return .done }
        if type.equals("response.failed", in: b) { return .failed }
        return type.equals("error", in: b) ? .error : .other
    }

    private mutating func item(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let value = try cursor.value(b)
            if value.kind == .string {
                if name.equals("name", in: b) { itemNameBytes = Int64(value.text.byteCount(in: b)) }
                if name.equals("call_id", in: b) { isCallItem = true }
            }
            more = try cursor.nextMember(b)
        }
    }
}
