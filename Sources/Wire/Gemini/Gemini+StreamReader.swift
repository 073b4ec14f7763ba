public import NIOCore
import Vocabulary

/// Reads a stream of Gemini's into answer events, over any split of its bytes: server-sent events or one growing array,
/// whichever comes.
public struct GeminiStreamReader: AnswerStreamReader {
    private var events: EventBodies
    private var objects: ObjectBodies
    private var framing: GeminiFraming?
    /// White space in front of the first byte that tells the framing.
    private var head = ByteBuffer()
    private let limit: Int
    private var tape = JSONTape()
    private var reader = GeminiChunkReader()

    public var waitingBytes: Int { head.readableBytes + events.waitingBytes + objects.waitingBytes }
    public var losses: [Loss] { reader.losses }

    /// - Parameter eventLimit: the longest event or object in bytes.
    public init(eventLimit: Int = StreamMeter.longestEvent) {
        limit = eventLimit
        events = EventBodies(limit: eventLimit)
        objects = ObjectBodies(limit: eventLimit)
    }

    public mutating func read(_ input: ByteBuffer, into out: inout [AnswerEvent]) throws(StreamFault) {
        switch framing {
        case .events: events.feed(input)
        case .array: objects.feed(input)
        case nil:
            head.writeImmutableBuffer(input)
            framing = head.geminiFraming
            guard framing != nil else {
                if head.readableBytes > limit { throw .eventTooLarge }
                return
            }
            let all = head
            head = ByteBuffer()
            return try read(all, into: &out)
        }
        while let data = framing == .events ? try events.next() : try objects.next() { take(data, &out) }
    }

    public mutating func finish(into out: inout [AnswerEvent]) {
        if framing == .events, let data = events.rest() { take(data, &out) }
        reader.finish(into: &out)
    }

    private mutating func take(_ data: ByteBuffer, _ out: inout [AnswerEvent]) {
        guard !reader.isEnded, let mark = data.firstMark, mark == .brace || mark == .bracket else { return }
        guard tape.readRepaired(data) else { return reader.fail(.malformed, into: &out) }
        for entry in tape.entries(JSONTape.root) where tape.kind(entry) == .object {
            reader.take(tape, entry, into: &out)
        }
    }
}
