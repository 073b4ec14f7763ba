public import NIOCore
import Vocabulary

/// Reads a messages stream into answer events, over any split of its bytes.
public struct MessagesStreamReader: AnswerStreamReader {
    private var bodies: EventBodies
    private var tape = JSONTape()
    private var content = MessagesContentReader()
    private var isStarted = false
    private var isEnded = false
    private var usage = MessagesUsage()
    private var stop: StopReason?

    public var waitingBytes: Int { bodies.waitingBytes }
    public var losses: [Loss] { content.losses }

    /// - Parameter eventLimit: the longest event in bytes.
    public init(eventLimit: Int = StreamMeter.longestEvent) { bodies = EventBodies(limit: eventLimit) }

    public mutating func read(_ input: ByteBuffer, into events: inout [AnswerEvent]) throws(StreamFault) {
        bodies.feed(input)
        while let data = try bodies.next() { take(data, &events) }
    }

    public mutating func finish(into events: inout [AnswerEvent]) {
        if let data = bodies.rest() { take(data, &events) }
        guard !isEnded else { return }
        // A stop reason is the last thing generated: only message_stop is missing.
        if stop == nil { fail(.cut, &events) } else { end(&events) }
    }

    private mutating func take(_ data: ByteBuffer, _ events: inout [AnswerEvent]) {
        guard !isEnded, data.firstMark == .brace else { return }
        guard tape.readRepaired(data) else { return fail(.malformed, &events) }
        let root = JSONTape.root
        guard let type = tape.text(root, "type") else {
            if let error = tape.present(root, "error") {
                fail(MessagesErrorReader.error(tape, error, status: nil), &events)
            }
            return
        }
        if type.equals("content_block_delta") {
            start(nil, &events)
            content.delta(tape, root, into: &events)
        } else if type.equals("content_block_start") {
            start(nil, &events)
            content.start(tape, root, into: &events)
        } else if type.equals("content_block_stop") {
            content.stop(tape, root, into: &events)
        } else if type.equals("message_start") {
            let message = tape.present(root, "message")
            start(message, &events)
            if let message { report(message, &events) }
        } else if type.equals("message_delta") {
            start(nil, &events)
            if let delta = tape.present(root, "delta") { stop = MessagesWords.stopReason(tape, delta) ?? stop }
            report(root, &events)
        } else if type.equals("message_stop") {
            end(&events)
        } else if type.equals("error") {
            fail(MessagesErrorReader.error(tape, tape.present(root, "error") ?? root, status: nil), &events)
        } else if type.equals("message"), !isStarted {
            whole(&events)
        }
        // Anything else is a ping or newer than this reader: it carries no content of a block (Anthropic's versioning).
    }

    /// A provider that does not stream sent the whole message as one event.
    private mutating func whole(_ events: inout [AnswerEvent]) {
        start(JSONTape.root, &events)
        report(JSONTape.root, &events)
        if let list = tape.present(JSONTape.root, "content") {
            var entry = tape.first(list)
            while let block = entry {
                content.block(tape, block, into: &events)
                entry = tape.next(block, in: list)
            }
        }
        stop = MessagesWords.stopReason(tape, JSONTape.root)
        end(&events)
    }

    private mutating func start(_ message: JSONTape.Index?, _ events: inout [AnswerEvent]) {
        guard !isStarted else { return }
        isStarted = true
        let id = message.flatMap { tape.text($0, "id") }
        let model = message.flatMap { tape.text($0, "model") }
        content.sequence.answerID = id ?? RawText()
        events.append(.start(id: id ?? RawText(), model: model ?? RawText()))
    }

    private mutating func report(_ object: JSONTape.Index, _ events: inout [AnswerEvent]) {
        guard let report = tape.present(object, "usage") else { return }
        usage.take(tape, report)
        if let usage = usage.usage { events.append(.usage(usage)) }
    }

    private mutating func end(_ events: inout [AnswerEvent]) {
        start(nil, &events)
        content.finish(into: &events)
        events.append(.stop(stop ?? (content.hasCalls ? .toolUse : .endTurn)))
        events.append(.end)
        isEnded = true
    }

    private mutating func fail(_ error: ProviderError, _ events: inout [AnswerEvent]) {
        isEnded = true
        content.finish(into: &events)
        events.append(.failure(error))
    }
}
