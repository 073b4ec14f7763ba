public import NIOCore
public import Vocabulary

/// Checks the bytes of a dialect's stream as its client gets them: one start and one end, dense indexes, ordered blocks and
/// none empty, ids that stay, and whole objects that say what their pieces said (`PAINS.md` 1–4).
///
/// It is run over everything the tests write, and live where the operator asks for it. A value without I/O; memory is
/// bounded by the longest event. What it says does not depend on how the bytes were cut. After the first violation a
/// stream is not looked at any more: what follows would only repeat it.
public struct StreamValidator: Sendable {
    /// Who made the events.
    public enum Origin: UInt8, Sendable {
        /// They were written here: every rule holds.
        case written
        /// A provider's own, passed on: the rules that recorded providers keep.
        case passed
    }

    /// A client that takes longer events than this is not known.
    private static let eventLimit = 64 << 20

    private enum Framing: Sendable {
        case events(EventBodies)
        case array(ArrayElements)
    }

    private var framing: Framing
    private var tape = JSONTape()
    private var grammar: any StreamGrammar
    private var isBroken = false

    /// - Parameter array: the stream is one JSON array, as Gemini's is without `alt=sse`.
    public init(_ dialect: Dialect, _ origin: Origin, array: Bool = false) {
        framing =
            array
            ? .array(ArrayElements(limit: Self.eventLimit))
            : .events(EventBodies(limit: Self.eventLimit, keepsNames: true))
        switch dialect {
        case .openAI: grammar = ChatGrammar(origin)
        case .openAIResponses: grammar = ResponsesGrammar(origin)
        case .anthropic: grammar = MessagesGrammar(origin)
        case .gemini: grammar = GeminiGrammar(origin)
        }
    }

    /// Takes the next bytes, cut anywhere.
    public mutating func take(_ bytes: ByteBuffer) throws(StreamViolation) {
        if isBroken { return }
        do throws(StreamViolation) { try check(bytes) } catch {
            isBroken = true
            throw error
        }
    }

    /// After the last byte.
    public mutating func finish() throws(StreamViolation) {
        if isBroken { return }
        switch framing {
        case .events(var bodies): if bodies.rest() != nil { throw .noEnd }
        case .array(let elements): if !elements.isClosed, elements.hasBegun { throw .noEnd }
        }
        try grammar.finish()
    }

    private mutating func check(_ bytes: ByteBuffer) throws(StreamViolation) {
        switch framing {
        case .events(var bodies):
            framing = .events(EventBodies(limit: 0))
            bodies.feed(bytes)
            while let data = try Self.next(&bodies) {
                if data.readableBytes == 6, data.firstMark == .bracket {
                    try grammar.done()
                } else {
                    try read(data)
                    try grammar.check(tape, named: bodies.name)
                }
            }
            framing = .events(bodies)
        case .array(var elements):
            framing = .events(EventBodies(limit: 0))
            elements.feed(bytes)
            while let element = try elements.next() {
                try read(element)
                try grammar.check(tape, named: nil)
            }
            framing = .array(elements)
        }
    }

    private static func next(_ bodies: inout EventBodies) throws(StreamViolation) -> ByteBuffer? {
        do throws(StreamFault) { return try bodies.next() } catch { throw .eventTooLarge }
    }

    private mutating func read(_ data: ByteBuffer) throws(StreamViolation) {
        do throws(JSONFault) { try tape.read(data) } catch { throw .notJSON }
    }
}

/// What follows what in a dialect's stream.
protocol StreamGrammar: Sendable {
    /// Takes the next event.
    /// - Parameter name: the `event` field of a server-sent event.
    mutating func check(_ event: JSONTape, named name: ByteBuffer?) throws(StreamViolation)

    /// Takes `[DONE]`.
    mutating func done() throws(StreamViolation)

    /// After the last event.
    func finish() throws(StreamViolation)
}

extension StreamGrammar {
    mutating func done() throws(StreamViolation) { throw .notJSON }
}

/// A text that grows by pieces, kept as its length and hash: two are the same when both are.
struct RunningText: Sendable, Equatable {
    private var count = 0
    private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

    init(_ text: RawText = RawText()) { append(text) }

    var isEmpty: Bool { count == 0 }

    /// FNV-1a over the spelling.
    mutating func append(_ text: RawText) {
        let bytes = text.bytes.readableBytesUInt8Span
        for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        count += bytes.count
    }
}

/// Ids that must differ from each other.
struct OwnIDs: Sendable {
    private var seen: Set<[UInt8]> = []

    /// Whether the id is there and new.
    mutating func takes(_ id: RawText?) -> Bool {
        guard let id, !id.isEmpty else { return false }
        return seen.insert(id.unescaped).inserted
    }
}
