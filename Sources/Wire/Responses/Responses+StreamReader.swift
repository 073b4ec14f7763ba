public import NIOCore
import Vocabulary

/// Reads a Responses stream into answer events, over any split of its bytes.
public struct ResponsesStreamReader: AnswerStreamReader {
    private var bodies: EventBodies
    private var tape = JSONTape()
    private var items = ResponsesItemReader()
    private var isStarted = false
    private var isEnded = false

    public var waitingBytes: Int { bodies.waitingBytes }
    public var losses: [Loss] { items.losses }

    /// - Parameter eventLimit: the longest event in bytes.
    public init(eventLimit: Int = StreamMeter.longestEvent) { bodies = EventBodies(limit: eventLimit) }

    public mutating func read(_ input: ByteBuffer, into events: inout [AnswerEvent]) throws(StreamFault) {
        bodies.feed(input)
        while let data = try bodies.next() { take(data, &events) }
    }

    public mutating func finish(into events: inout [AnswerEvent]) {
        if let data = bodies.rest() { take(data, &events) }
        // Without its last event the answer was cut (`PAINS.md` 8).
        if !isEnded { fail(.cut, &events) }
    }

    private mutating func take(_ data: ByteBuffer, _ events: inout [AnswerEvent]) {
        // What is no object is `[DONE]`, which some providers add, or keeps the connection open.
        guard !isEnded, data.firstMark == .brace else { return }
        guard tape.readRepaired(data) else { return fail(.malformed, &events) }
        let root = JSONTape.root
        guard let type = tape.text(root, "type") else {
            if let error = tape.present(root, "error") { fail(ResponsesErrorReader.error(tape, error), &events) }
            return
        }
        if type.equals("error") {
            let error = tape.present(root, "error").flatMap { tape.kind($0) == .object ? $0 : nil }
            return fail(ResponsesErrorReader.error(tape, error ?? root), &events)
        }
        guard let response = tape.present(root, "response"), tape.kind(response) == .object else {
            start(nil, &events)
            if type.equals("response.output_item.added") {
                items.added(tape, root, into: &events)
            } else if type.equals("response.output_item.done") {
                items.done(tape, root, into: &events)
            } else {
                // Events that are not known carry nothing that the item's end does not repeat.
                items.part(tape, root, type, into: &events)
            }
            return
        }
        start(response, &events)
        if type.equals("response.completed") || type.equals("response.incomplete") || type.equals("response.done") {
            end(response, &events)
        } else if type.equals("response.failed") {
            report(response, &events)
            let error = tape.present(response, "error")
            fail(error.map { ResponsesErrorReader.error(tape, $0) } ?? .cut, &events)
        }
    }

    private mutating func start(_ response: JSONTape.Index?, _ events: inout [AnswerEvent]) {
        guard !isStarted else { return }
        isStarted = true
        let id = response.flatMap { tape.text($0, "id") }
        let model = response.flatMap { tape.text($0, "model") }
        items.sequence.answerID = id ?? RawText()
        events.append(.start(id: id ?? RawText(), model: model ?? RawText()))
    }

    private mutating func report(_ response: JSONTape.Index, _ events: inout [AnswerEvent]) {
        let reported = tape.present(response, "usage").flatMap { tape.responsesUsage($0) }
        guard let usage = tape.levelled(reported, by: response) else { return }
        events.append(.usage(usage))
    }

    private mutating func end(_ response: JSONTape.Index, _ events: inout [AnswerEvent]) {
        isEnded = true
        items.output(tape, response, into: &events)
        items.finish(into: &events)
        events.append(.stop(ResponsesWords.stopReason(tape, response, hasCalls: items.hasCalls)))
        report(response, &events)
        events.append(.end)
    }

    private mutating func fail(_ error: ProviderError, _ events: inout [AnswerEvent]) {
        isEnded = true
        items.finish(into: &events)
        events.append(.failure(error))
    }
}
