import NIOCore
import Vocabulary

@testable import Wire

/// Answers that no provider would think of, from a seed.
struct RandomAnswer {
    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed) }

    static let kinds = ["text", "cited", "thinking", "unsigned", "redacted", "item", "call", "custom", "refusal"]

    mutating func events() -> [AnswerEvent] {
        var events: [AnswerEvent] = [.start(id: RawText("id-9"), model: RawText("m"))]
        for index in 0..<Int.random(in: 0...6, using: &random) {
            let kind = Self.kinds.randomElement(using: &random) ?? ""
            events += block(index, kind)
            if kind == "text", Bool.random(using: &random) { events.append(.usage(usage(2))) }
        }
        let stop: StopReason =
            AnswerCollection(events).hasCalls
            ? .toolUse : [.endTurn, .maximumOutput].randomElement(using: &random) ?? .endTurn
        events += [.stop(stop), .usage(usage(5)), .end]
        return events
    }

    private mutating func usage(_ least: Int64) -> TokenUsage {
        var usage = TokenUsage()
        usage[.input] = 7
        usage[.cacheRead] = 3
        usage[.output] = Int64.random(in: least...99, using: &random)
        usage[.reasoning] = 2
        return usage
    }

    private mutating func pieces(_ make: (RawText) -> AnswerEvent) -> [AnswerEvent] {
        (0...Int.random(in: 0...3, using: &random)).map { _ in make(text()) }
    }

    mutating func text() -> RawText {
        let letters = [
            "a", "é", "😀", "\"", "\\", "\n", "\r", "{", "}", "[", "]", "\u{1}", "\u{7f}", " ", "0", "\u{2028}", "/",
            "data: x\n\n",
        ]
        let count = Int.random(in: 1...6, using: &random)
        return RawText(escaping: (0..<count).flatMap { _ in Array((letters.randomElement(using: &random) ?? "").utf8) })
    }

    /// A JSON object's text, in pieces that cut no character.
    mutating func arguments() -> [RawText] {
        var value = ByteBuffer(string: #"{"k":"#)
        value.writeJSONString(text().unescaped)
        value.writeString(#","n":[1,{"}":"{"}]}"#)
        var rest = Array(buffer: value)[...]
        var out: [RawText] = []
        while !rest.isEmpty {
            var count = min(rest.count, Int.random(in: 1...12, using: &random))
            while count < rest.count, rest[rest.startIndex + count] & 0xc0 == 0x80 { count += 1 }
            out.append(RawText(escaping: Array(rest.prefix(count))))
            rest = rest.dropFirst(count)
        }
        return out
    }

    private mutating func block(_ index: Int, _ kind: String) -> [AnswerEvent] {
        var events: [AnswerEvent]
        let id = RawText(escaping: Array("c\(index)".utf8))
        switch kind {
        case "text": events = [.blockStart(index, .text)] + pieces(AnswerEvent.text)
        case "cited":
            let json = RawJSON(
                #"{"type":"url_citation","url_citation":{"url":"https://a/b","title":"t","start_index":0,"end_index":1}}"#
            )
            events = [.blockStart(index, .text)] + pieces(AnswerEvent.text)
            var citation = Citation(.openAI, json, url: RawText("https://a/b"), title: RawText("t"))
            citation.start = RawJSON("0")
            citation.end = RawJSON("1")
            events.append(.citation(citation))
        case "thinking":
            events = [.blockStart(index, .thinking)] + pieces(AnswerEvent.thinking) + [.signature(RawText("Si\\/g+=="))]
        case "unsigned": events = [.blockStart(index, .thinking)] + pieces(AnswerEvent.thinking)
        case "redacted": events = [.blockStart(index, .redactedThinking(RawText("EmwK/+=")))]
        case "item":
            events =
                [.blockStart(index, .reasoningItem(id: RawText(escaping: Array("rs_\(index)".utf8))))]
                + pieces(AnswerEvent.thinking) + [.signature(RawText("gAAA/+="))]
        case "call":
            events = [.blockStart(index, .toolCall(id: id, name: RawText("f"), isCustom: false))]
            if Int.random(in: 0..<4, using: &random) > 0 { events += arguments().map(AnswerEvent.arguments) }
        case "custom":
            events = [.blockStart(index, .toolCall(id: id, name: RawText("g"), isCustom: true))]
            events += pieces(AnswerEvent.arguments)
        default: events = [.blockStart(index, .refusal)] + pieces(AnswerEvent.refusal)
        }
        return events + [.blockStop(index)]
    }
}
