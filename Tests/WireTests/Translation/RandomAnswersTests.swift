import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// For random answers, written in a dialect and read again: content out is content in, per block (`PAINS.md` 1).
@Suite struct RandomAnswersTests {
    private struct Part: Equatable {
        var kind = ""
        var text = ""
        var signature = ""
    }

    /// What a collection says, block by block; text blocks in a row are one where a dialect has only one string.
    private static func parts(_ events: [AnswerEvent], merging: Bool) -> [Part] {
        var parts: [Part] = []
        for part in AnswerCollection(events).parts {
            var one = Part(
                text: String(decoding: part.text.unescaped, as: UTF8.self),
                signature: part.signature.map { String(decoding: $0.unescaped, as: UTF8.self) } ?? "")
            switch part.kind {
            case .text: one.kind = "text"
            case .thinking: one.kind = "thinking"
            case .redactedThinking(let data): one.kind = "redacted " + String(decoding: data.unescaped, as: UTF8.self)
            case .toolCall(let id, let name, _):
                one.kind =
                    "call \(String(decoding: id.unescaped, as: UTF8.self)) \(String(decoding: name.unescaped, as: UTF8.self))"
                if one.text.isEmpty { one.text = "{}" }
            default: one.kind = "other"
            }
            if merging, one.kind == "text", parts.last?.kind == "text" {
                parts[parts.count - 1].text += one.text
            } else {
                parts.append(one)
            }
        }
        return parts
    }

    private static func text<R: RandomNumberGenerator>(_ random: inout R) -> RawText {
        let letters = ["a", "é", "😀", "\"", "\\", "\n", "{", "}", "\u{1}", "\u{7f}", " ", "0", "\u{2028}"]
        let count = Int.random(in: 1...6, using: &random)
        return RawText(escaping: (0..<count).flatMap { _ in Array(letters.randomElement(using: &random)!.utf8) })
    }

    private static func answer<R: RandomNumberGenerator>(_ random: inout R, thinkingFirst: Bool) -> [AnswerEvent] {
        var events: [AnswerEvent] = [.start(id: RawText("id"), model: RawText("m"))]
        var last = ""
        for index in 0..<Int.random(in: 0...5, using: &random) {
            var kinds = ["text", "thinking", "redacted", "call"]
            // Chat has one place for thoughts in a plain answer, in front.
            if thinkingFirst, last == "text" || last == "call" { kinds = ["text", "call"] }
            if thinkingFirst, last == "call" { kinds = ["call"] }
            let kind = kinds.randomElement(using: &random)!
            last = kind
            switch kind {
            case "text":
                events.append(.blockStart(index, .text))
                for _ in 0...Int.random(in: 0...3, using: &random) { events.append(.text(text(&random))) }
            case "thinking":
                events.append(.blockStart(index, .thinking))
                for _ in 0...Int.random(in: 0...3, using: &random) { events.append(.thinking(text(&random))) }
                events.append(.signature(text(&random)))
            case "redacted": events.append(.blockStart(index, .redactedThinking(text(&random))))
            default:
                events.append(
                    .blockStart(
                        index,
                        .toolCall(id: RawText(escaping: Array("c\(index)".utf8)), name: RawText("f"), isCustom: false)))
                var value = ByteBuffer(string: #"{"k":"#)
                value.writeJSONString(text(&random).unescaped)
                value.writeString(",\"n\":[1,{}]}")
                let bytes = Array(buffer: value)
                if Bool.random(using: &random) {
                    // Cut where no character is cut.
                    var cut = Int.random(in: 0..<bytes.count, using: &random)
                    while bytes[cut] & 0xc0 == 0x80 { cut -= 1 }
                    events.append(.arguments(RawText(escaping: Array(bytes[..<cut]))))
                    events.append(.arguments(RawText(escaping: Array(bytes[cut...]))))
                }
            }
            events.append(.blockStop(index))
        }
        events.append(.stop(AnswerCollection(events).hasCalls ? .toolUse : .endTurn))
        var usage = TokenUsage()
        usage[.input] = Int64.random(in: 0...99, using: &random)
        usage[.cacheRead] = Int64.random(in: 0...99, using: &random)
        usage[.cacheWrite5m] = Int64.random(in: 0...99, using: &random)
        usage[.output] = Int64.random(in: 5...99, using: &random)
        usage[.reasoning] = 4
        events.append(.usage(usage))
        events.append(.end)
        return events
    }

    @Test(arguments: RecordedAnswersTests.Form.allCases)
    func streamsComeBack(form: RecordedAnswersTests.Form) {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<400 {
            let events = Self.answer(&random, thinkingFirst: false)
            var out = ByteBuffer()
            var back: [AnswerEvent]
            if form == .chat {
                var writer = ChatStreamWriter(includesUsage: true, created: 1)
                for event in events { writer.write(event, into: &out) }
                back = Translated.events(String(buffer: out), ChatStreamReader(), cuts: [])
            } else {
                var writer = MessagesStreamWriter()
                for event in events { writer.write(event, into: &out) }
                back = Translated.events(String(buffer: out), MessagesStreamReader(), cuts: [])
            }
            check(events, back, merging: form == .chat)
        }
    }

    @Test(arguments: RecordedAnswersTests.Form.allCases)
    func plainAnswersComeBack(form: RecordedAnswersTests.Form) {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<400 {
            let events = Self.answer(&random, thinkingFirst: form == .chat)
            var out = ByteBuffer()
            let losses =
                form == .chat
                ? ChatAnswerWriter.write(events, created: 1, into: &out)
                : MessagesAnswerWriter.write(events, into: &out)
            #expect(losses.isEmpty)
            let back = form == .chat ? ChatAnswerReader.read(out) : MessagesAnswerReader.read(out)
            check(events, back ?? [], merging: form == .chat)
        }
    }

    private func check(_ events: [AnswerEvent], _ back: [AnswerEvent], merging: Bool) {
        var grammar = AnswerGrammar()
        do throws(StreamViolation) {
            for event in back { try grammar.take(event) }
            try grammar.finish()
        } catch { Issue.record("\(error)") }
        #expect(Self.parts(back, merging: merging) == Self.parts(events, merging: merging))
        #expect(AnswerCollection(back).usage == AnswerCollection(events).usage)
        #expect(AnswerCollection(back).stop == AnswerCollection(events).stop)
    }

    /// Parallel calls, their pieces dealt in any order: closed, ordered, whole.
    @Test func interleavedCallsComeOutInOrder() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let count = Int.random(in: 1...6, using: &random)
            let arguments = (0..<count).map { #"{"n":\#($0),"s":"}{\"[","a":[[],{}]}"# }
            var open = arguments.map { Array($0.utf8)[...] }
            var deltas: [(Int, String)] = []
            for index in 0..<count { deltas.append((index, "")) }
            while let index = open.indices.filter({ !open[$0].isEmpty }).randomElement(using: &random) {
                let size = Int.random(in: 1...min(9, open[index].count), using: &random)
                deltas.append((index, String(decoding: open[index].prefix(size), as: UTF8.self)))
                open[index] = open[index].dropFirst(size)
            }
            var sequence = BlockSequence()
            var events: [AnswerEvent] = [.start(id: RawText(), model: RawText())]
            for (index, text) in deltas {
                sequence.add(
                    .arguments(RawText(escaping: Array(text.utf8))), to: index,
                    .toolCall(id: RawText(), name: RawText("f"), isCustom: false), into: &events)
            }
            sequence.closeAll(into: &events)
            events.append(.end)
            check(events, events, merging: false)
            #expect(sequence.droppedPieces == 0)
            #expect(
                AnswerCollection(events).parts.map { String(decoding: $0.text.unescaped, as: UTF8.self) } == arguments)
        }
    }

    /// Any bytes at all: no crash, the grammar holds, and no cut changes what is said.
    @Test func anyBytesAreSurvived() {
        var random = SystemRandomNumberGenerator()
        let words = [
            "data: ", "\n", "\r", "\n\n", "{", "}", "[", "]", ",", ":", "\"choices\"", "\"delta\"", "\"tool_calls\"",
            "\"index\"",
            "\"type\"", "\"content_block_start\"", "\"content_block\"", "\"text\"", "\"a\"", "0", "-1", "1e99", "null",
            "\"function\"", "\"name\"", "\"arguments\"", "[DONE]", "\u{feff}", "\\", "é",
        ]
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 0...30, using: &random)).map { _ in words.randomElement(using: &random)! }
                .joined()
            let cut = Int.random(in: 0...text.utf8.count, using: &random)
            for source in RecordedAnswersTests.Form.allCases {
                for client in RecordedAnswersTests.Form.allCases {
                    let whole = Translated.stream(text, from: source, to: client)
                    #expect(whole.text == Translated.stream(text, from: source, to: client, cuts: [cut]).text)
                    #expect(
                        whole.fault == nil || whole.text.contains("error"), "\(text) \(String(describing: whole.fault))"
                    )
                }
            }
            _ = ChatAnswerReader.read(ByteBuffer(string: text))
            _ = MessagesAnswerReader.read(ByteBuffer(string: text))
            _ = ChatErrorReader.read(ByteBuffer(string: text), status: 500)
            _ = MessagesErrorReader.read(ByteBuffer(string: text), status: 500)
        }
    }
}
