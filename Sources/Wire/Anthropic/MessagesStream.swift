public import NIOCore
public import Vocabulary

/// Meters a messages stream while it passes: the client gets whole events, byte for byte.
///
/// A value without I/O. What it says and what it passes on do not depend on how the bytes were cut.
public struct MessagesStream: Sendable {
    private let eventLimit: Int
    private var scanner = EventScanner()
    /// The start of an unfinished event.
    private var waiting = ByteBuffer()
    private var tape = JSONTape()
    private var reported = MessagesUsage()

    /// The last report, when one came: input from `message_start`, output from `message_delta`.
    public var usage: TokenUsage? { reported.usage }
    /// The model that answers, as the provider names it.
    public private(set) var model: [UInt8]?
    /// `message_stop` was seen.
    public private(set) var isDone = false
    /// Anything generated was seen: text, a call, thoughts.
    public private(set) var hasContent = false
    /// An `error` event was seen.
    public private(set) var errorSeen = false
    /// Bytes of generated text with escapes resolved, for estimates.
    public private(set) var visibleOutputBytes: Int64 = 0
    /// Events with data.
    public private(set) var eventCount: Int64 = 0

    /// - Parameter eventLimit: the longest event in bytes, its line ends included.
    public init(eventLimit: Int = 1 << 20) { self.eventLimit = eventLimit }

    /// Reads upstream bytes and appends what the client may have now: whole events, unchanged. An unfinished event waits.
    public mutating func read(_ input: ByteBuffer, into out: inout ByteBuffer) throws(StreamFault) {
        let bytes = input.readableBytesUInt8Span
        var start = scanner.takeLineFeed(in: bytes)
        var passed = 0
        while let end = scanner.nextEnd(in: bytes, from: start) {
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
                meter(input, start..<end)
            }
            start = end
        }
        Self.copy(input, passed..<start, into: &out)
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

    private mutating func passWaiting(into out: inout ByteBuffer) {
        var event = ByteBuffer()
        swap(&event, &waiting)
        meter(event, 0..<event.readableBytes)
        out.writeImmutableBuffer(event)
    }

    private mutating func meter(_ input: ByteBuffer, _ event: Range<Int>) {
        let bytes = input.readableBytesUInt8Span
        let data = EventData(bytes, event)
        guard data.isPresent else { return }
        eventCount += 1
        let text =
            data.isSplit
            ? ByteBuffer(bytes: EventData.joined(bytes, event))
            : input.getSlice(at: input.readerIndex + data.range.lowerBound, length: data.range.count)
        // What is no JSON object passes as it is.
        guard let text, text.firstMark == .brace else { return }
        do throws(JSONFault) { try tape.read(text) } catch { return }
        read()
    }

    private mutating func read() {
        let root = JSONTape.root
        if tape.member(root, "type", is: "content_block_delta") {
            guard let delta = tape.present(root, "delta") else { return }
            hasContent = true
            visibleOutputBytes += MessagesOutput.bytes(tape, ofDelta: delta)
        } else if tape.member(root, "type", is: "content_block_start") {
            guard let block = tape.present(root, "content_block") else { return }
            let bytes = MessagesOutput.bytes(tape, ofBlock: block)
            visibleOutputBytes += bytes
            let isText = tape.member(block, "type", is: "text") || tape.member(block, "type", is: "thinking")
            if bytes > 0 || !isText { hasContent = true }
        } else if tape.member(root, "type", is: "message_start") {
            guard let message = tape.present(root, "message") else { return }
            if let name = tape.text(message, "model"), !name.isEmpty { model = name.unescaped }
            if let report = tape.present(message, "usage") { reported.take(tape, report) }
        } else if tape.member(root, "type", is: "message_delta") {
            if let report = tape.present(root, "usage") { reported.take(tape, report) }
        } else if tape.member(root, "type", is: "message_stop") {
            isDone = true
        } else if tape.member(root, "type", is: "error") {
            errorSeen = true
        }
    }
}
