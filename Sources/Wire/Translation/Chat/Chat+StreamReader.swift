public import NIOCore
import Vocabulary

/// Reads a chat stream into answer events, over any split of its bytes. Only the first choice is read: a translated
/// request never asks for more.
public struct ChatStreamReader: AnswerStreamReader {
    private var bodies: EventBodies
    private var tape = JSONTape()
    private var message = ChatMessageReader()
    private var id = RawText()
    private var model = RawText()
    private var isStarted = false
    private var isEnded = false
    private var usage = TokenUsage()
    private var stop: StopReason?

    public var waitingBytes: Int { bodies.waitingBytes }
    public var losses: [Loss] { message.losses }

    /// - Parameter eventLimit: the longest event in bytes.
    public init(eventLimit: Int = StreamMeter.longestEvent) { bodies = EventBodies(limit: eventLimit) }

    public mutating func read(_ input: ByteBuffer, into events: inout [AnswerEvent]) throws(StreamFault) {
        bodies.feed(input)
        while let data = try bodies.next() { take(data, &events) }
    }

    public mutating func finish(into events: inout [AnswerEvent]) {
        if let data = bodies.rest() { take(data, &events) }
        guard !isEnded else { return }
        // Without a reason to stop and without [DONE] the answer was cut (`PAINS.md` 8).
        if stop == nil { fail(.cut, &events) } else { end(&events) }
    }

    private mutating func take(_ data: ByteBuffer, _ events: inout [AnswerEvent]) {
        guard !isEnded else { return }
        guard data.firstMark == .brace else {
            if Self.isDone(data) { end(&events) }
            // Anything else that is no object is a provider's way to keep the connection open.
            return
        }
        guard tape.readRepaired(data) else { return fail(.malformed, &events) }
        let root = JSONTape.root
        let choices = tape.present(root, "choices")
        if let error = tape.present(root, "error"), choices.map({ tape.isEmpty($0) }) ?? true {
            return fail(ChatErrorReader.error(tape, error, status: nil), &events)
        }
        if let text = tape.text(root, "id"), !text.isEmpty { id = text }
        if let text = tape.text(root, "model"), !text.isEmpty { model = text }
        let report = (tape.present(root, "usage") ?? tape.present(root, "x_groq").flatMap { tape.present($0, "usage") })
            .flatMap { tape.chatUsage($0) }
        if let choices { self.choices(choices, &events) }
        if let report = tape.levelled(report, by: root) {
            usage.take(report)
            start(&events)
            events.append(.usage(usage))
        }
    }

    private mutating func choices(_ choices: JSONTape.Index, _ events: inout [AnswerEvent]) {
        var entry = tape.first(choices)
        while let choice = entry {
            entry = tape.next(choice, in: choices)
            guard tape.kind(choice) == .object, tape.present(choice, "index").flatMap({ tape.count($0) }) ?? 0 == 0
            else {
                continue
            }
            start(&events)
            if let delta = tape.present(choice, "delta") ?? tape.present(choice, "message") {
                message.read(tape, delta, into: &events)
            }
            if let logprobs = tape.present(choice, "logprobs"), let content = tape.json(logprobs, "content"),
                content.kind == .array
            {
                events.append(.logprobs(content))
            }
            if let reason = ChatWords.stopReason(tape, choice) { stop = reason }
            // OpenRouter: the error stands on the choice.
            if let error = tape.present(choice, "error"), tape.kind(error) == .object {
                return fail(ChatErrorReader.error(tape, error, status: nil), &events)
            }
        }
    }

    private mutating func start(_ events: inout [AnswerEvent]) {
        guard !isStarted else { return }
        isStarted = true
        message.sequence.answerID = id
        events.append(.start(id: id, model: model))
    }

    private mutating func end(_ events: inout [AnswerEvent]) {
        start(&events)
        message.finish(into: &events)
        events.append(.stop(message.hasCalls && (stop ?? .endTurn) == .endTurn ? .toolUse : stop ?? .endTurn))
        events.append(.end)
        isEnded = true
    }

    private mutating func fail(_ error: ProviderError, _ events: inout [AnswerEvent]) {
        guard !isEnded else { return }
        isEnded = true
        message.finish(into: &events)
        events.append(.failure(error))
    }

    private static func isDone(_ data: ByteBuffer) -> Bool {
        let bytes = data.readableBytesUInt8Span
        var start = 0
        var end = bytes.count
        while start < end, bytes[start] <= 0x20 { start += 1 }
        while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
        return JSONText(start: start, end: end, isEscaped: false).equals("[DONE]", in: bytes)
    }
}

extension ProviderError {
    /// The provider closed before its answer was whole.
    static let cut = ProviderError(
        .server, status: 502, message: RawText("The provider closed the connection before its answer was whole."))

    /// The provider sent an event that is not JSON.
    static let malformed = ProviderError(
        .server, status: 502, message: RawText("The provider sent an event that could not be read."))
}
