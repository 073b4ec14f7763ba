import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

private func event(_ json: String) -> String { "event: x\ndata: \(json)\n\n" }

/// An event whose name is its type, as our own have it.
private func named(_ json: String) -> String {
    "event: \(json.contains("created") ? "response.created" : "response.in_progress")\ndata: \(json)\n\n"
}

private let created = event(
    #"{"type":"response.created","response":{"id":"resp_1","model":"gpt-x","status":"in_progress","output":[]}}"#)

private func completed(_ more: String = "", output: String = "") -> String {
    event(
        #"{"type":"response.completed","response":{"id":"resp_1","model":"gpt-x","status":"completed","output":[\#(output)],"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":17}\#(more)}}"#
    )
}

private func added(_ index: Int, _ item: String) -> String {
    event(#"{"type":"response.output_item.added","output_index":\#(index),"item":\#(item)}"#)
}

private func done(_ index: Int, _ item: String) -> String {
    event(#"{"type":"response.output_item.done","output_index":\#(index),"item":\#(item)}"#)
}

private func delta(_ type: String, _ index: Int, _ text: String, _ more: String = #","content_index":0"#) -> String {
    event(#"{"type":"response.\#(type)","output_index":\#(index),"item_id":"i\#(index)","delta":"\#(text)"\#(more)}"#)
}

/// What a stream's events tell, in a form that a test can write down.
func told(_ events: [AnswerEvent]) -> [String] {
    func text(_ text: RawText) -> String { String(buffer: text.bytes) }
    return events.map { event in
        switch event {
        case .start(let id, let model): "start \(text(id)) \(text(model))"
        case .blockStart(let index, let kind):
            switch kind {
            case .text: "\(index) text"
            case .thinking: "\(index) thinking"
            case .redactedThinking(let data): "\(index) redacted \(text(data))"
            case .reasoningItem(let id): "\(index) reasoning \(text(id))"
            case .toolCall(let id, let name, let isCustom):
                "\(index) \(isCustom ? "custom" : "call") \(text(id)) \(text(name))"
            case .refusal: "\(index) refusal"
            case .media(let media): "\(index) media \(media.kind)"
            case .foreign(let foreign): "\(index) foreign \(foreign.isServerTool)"
            }
        case .text(let piece): "+\(text(piece))"
        case .thinking(let piece): "~\(text(piece))"
        case .arguments(let piece): "(\(text(piece))"
        case .signature(let piece): "signed \(text(piece))"
        case .refusal(let piece): "!\(text(piece))"
        case .citation(let citation): "cites \(citation.url.map(text) ?? "")"
        case .blockStop(let index): "\(index) end"
        case .usage(let usage):
            "usage \(usage.totalInput) \(usage[.cacheRead]) \(usage.totalOutput) \(usage[.reasoning])"
        case .logprobs(let json): "logprobs \(String(buffer: json.bytes))"
        case .stop(let reason): "stop \(reason)"
        case .failure(let error): "failure \(error.kind) \(error.status) \(text(error.message))"
        case .end: "end"
        }
    }
}

private struct Fixture: CustomTestStringConvertible {
    var name: String
    var stream: String
    var told: [String]
    var testDescription: String { name }
}

private let ending = ["usage 10 4 7 3", "end"]

private let fixtures = [
    Fixture(
        name: "reasoning, text with a citation, server tool, calls",
        stream: created + added(0, #"{"id":"i0","type":"reasoning","summary":[]}"#)
            + delta("reasoning_summary_text.delta", 0, "One", #","summary_index":0"#)
            + delta("reasoning_summary_text.delta", 0, "Tw\\u00f6", #","summary_index":1"#)
            + done(0, #"{"id":"i0","type":"reasoning","summary":[{"text":"?"}],"encrypted_content":"gAAAA=="}"#)
            + added(1, #"{"id":"i1","type":"web_search_call","status":"in_progress"}"#)
            + event(#"{"type":"response.web_search_call.searching","output_index":1,"item_id":"i1"}"#)
            + done(1, #"{"id":"i1","type":"web_search_call","status":"completed"}"#)
            + added(2, #"{"id":"i2","type":"message","content":[]}"#) + delta("output_text.delta", 2, "Hé\\n")
            + delta("output_text.delta", 2, "llo", #","content_index":0,"logprobs":[{"token":"llo"}]"#)
            + event(
                #"{"type":"response.output_text.annotation.added","output_index":2,"content_index":0,"annotation":{"type":"url_citation","url":"u","title":"t"}}"#
            )
            + event(#"{"type":"response.output_text.done","output_index":2,"content_index":0,"text":"Hé\nllo"}"#)
            + done(
                2,
                #"{"id":"i2","type":"message","content":[{"type":"output_text","text":"Hé\nllo","annotations":[{"url":"u"}]}]}"#
            )
            + added(3, #"{"id":"i3","type":"function_call","call_id":"c1","name":"f","arguments":""}"#)
            + delta("function_call_arguments.delta", 3, #"{\"a\":"#, "")
            + delta("function_call_arguments.delta", 3, "1}", "")
            + done(3, #"{"id":"i3","type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"}"#)
            + added(4, #"{"id":"i4","type":"custom_tool_call","call_id":"c2","name":"g","input":""}"#)
            + delta("custom_tool_call_input.delta", 4, "free", "")
            + done(4, #"{"id":"i4","type":"custom_tool_call","call_id":"c2","name":"g","input":"free"}"#)
            + completed(),
        told: [
            "start resp_1 gpt-x", "0 reasoning i0", "~One", "~\\n\\n", "~Tw\\u00f6", "signed gAAAA==", "0 end",
            "1 foreign true", "1 end", "2 text", "+Hé\\n", "+llo", #"logprobs [{"token":"llo"}]"#, "cites u", "2 end",
            "3 call c1 f", #"({\"a\":"#, "(1}", "3 end", "4 custom c2 g", "(free", "4 end", "stop toolUse",
        ] + ending),
    Fixture(
        name: "no deltas, only whole items",
        stream: created
            + done(
                0,
                #"{"id":"i0","type":"message","content":[{"type":"output_text","text":"A"},{"type":"refusal","refusal":"B"}]}"#
            )
            + done(1, #"{"id":"i1","type":"function_call","call_id":"c1","name":"f","arguments":"{}"}"#)
            + completed(
                output:
                    #"{"id":"i0","type":"message","content":[{"type":"output_text","text":"A"}]},{"id":"i1","type":"function_call","call_id":"c1","name":"f","arguments":"{}"}"#
            ),
        told: [
            "start resp_1 gpt-x", "0 text", "+A", "0 end", "1 refusal", "!B", "1 end", "2 call c1 f", "({}", "2 end",
            "stop toolUse",
        ] + ending),
    Fixture(
        name: "only the last event, ids made up anew, and [DONE]",
        stream: added(0, #"{"id":"other","type":"message","content":[]}"#) + delta("output_text.delta", 0, "A")
            + completed(output: #"{"id":"new","type":"message","content":[{"type":"output_text","text":"A"}]}"#)
            + "data: [DONE]\n\n",
        told: ["start  ", "0 text", "+A", "0 end", "stop endTurn"] + ending),
    Fixture(
        name: "interleaved calls",
        stream: created + added(0, #"{"id":"i0","type":"function_call","call_id":"c1","name":"f","arguments":""}"#)
            + added(1, #"{"id":"i1","type":"function_call","call_id":"c2","name":"g","arguments":""}"#)
            + delta("function_call_arguments.delta", 1, #"{\"b\":"#, "")
            + delta("function_call_arguments.delta", 0, #"{\"a\":1"#, "")
            + delta("function_call_arguments.delta", 1, "2}", "")
            + delta("function_call_arguments.delta", 0, "}", "") + completed(),
        told: [
            "start resp_1 gpt-x", "0 call c1 f", #"({\"a\":1"#, "(}", "0 end", "1 call c2 g", #"({\"b\":"#, "(2}",
            "1 end", "stop toolUse",
        ] + ending),
    Fixture(
        name: "incomplete",
        stream: created + delta("output_text.delta", 0, "A")
            + event(
                #"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}}"#
            ), told: ["start resp_1 gpt-x", "0 text", "+A", "0 end", "stop maximumOutput", "end"]),
    Fixture(
        name: "failed",
        stream: created + delta("output_text.delta", 0, "A")
            + event(
                #"{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"}}}"#
            ), told: ["start resp_1 gpt-x", "0 text", "+A", "0 end", "failure rateLimit 429 slow"]),
    Fixture(
        name: "error event",
        stream: created + event(#"{"type":"error","code":"context_length_exceeded","message":"long","param":null}"#)
            + completed(), told: ["start resp_1 gpt-x", "failure invalidRequest 400 long"]),
    Fixture(
        name: "nested error", stream: event(#"{"type":"error","error":{"type":"server_error","message":"m"}}"#),
        told: ["failure server 500 m"]),
    Fixture(
        name: "cut", stream: created + delta("output_text.delta", 0, "A"),
        told: [
            "start resp_1 gpt-x", "0 text", "+A", "0 end",
            "failure server 502 The provider closed the connection before its answer was whole.",
        ]),
]

@Suite struct ResponsesStreamTests {
    static let streams = fixtures.map { ($0.name, $0.stream) }

    @Test(arguments: fixtures)
    fileprivate func tellsWhatHappened(_ fixture: Fixture) {
        let events = AnswerForm.responses.events(stream: fixture.stream)
        #expect(told(events) == fixture.told)
        #expect(AnswerForm.fault(events) == nil)
        for client in AnswerForm.allCases where !fixture.stream.contains("error") {
            #expect(client.fault(stream: client.stream(events)) == nil, "\(client)")
        }
    }

    /// `PAINS.md` 6.
    @Test(arguments: fixtures)
    fileprivate func cutsChangeNothing(_ fixture: Fixture) {
        for text in [fixture.stream, fixture.stream.replacing("\n", with: "\r\n")] {
            let count = text.utf8.count
            #expect(told(AnswerForm.responses.events(stream: text, cuts: Array(1..<count))) == fixture.told)
            for cut in 1..<count {
                let events = AnswerForm.responses.events(stream: text, cuts: [cut])
                if told(events) != fixture.told {
                    Issue.record("cut at \(cut)")
                    break
                }
            }
        }
    }

    /// Content out is content in, per block, whatever the events are.
    @Test func carriesRandomAnswers() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<400 {
            var events: [AnswerEvent] = [.start(id: RawText("resp_9"), model: RawText("m"))]
            for index in 0..<Int.random(in: 0...6, using: &random) {
                events += Self.block(index, &random)
            }
            events += [.stop([.endTurn, .maximumOutput, .filtered].randomElement() ?? .endTurn), .end]
            let text = AnswerForm.responses.stream(events)
            #expect(AnswerForm.responses.fault(stream: text) == nil)
            let back = AnswerForm.responses.events(stream: text)
            #expect(AnswerForm.fault(back) == nil)
            let plain = AnswerForm.responses.events(plain: AnswerForm.responses.plain(events).text) ?? []
            #expect(Self.parts(back) == Self.parts(events))
            #expect(Self.parts(plain) == Self.parts(events))
        }
    }

    private static func parts(_ events: [AnswerEvent]) -> [String] {
        AnswerCollection(events).parts.map { part in
            let text = String(buffer: part.text.bytes)
            let signature = part.signature.map { String(buffer: $0.bytes) } ?? ""
            return switch part.kind {
            case .toolCall(let id, let name, let isCustom): "\(id.unescaped) \(name.unescaped) \(isCustom) \(text)"
            case .reasoningItem(let id): "\(id.unescaped) \(text) \(signature)"
            case .refusal: "refusal \(text)"
            default: "text \(text)"
            }
        }
    }

    private static func block(_ index: Int, _ random: inout SystemRandomNumberGenerator) -> [AnswerEvent] {
        let pieces = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            RawText(escaping: Array(["a\"\n", "é", "\\", "{}", "\u{1}🙂"].randomElement()?.utf8 ?? "".utf8))
        }
        switch Int.random(in: 0...4, using: &random) {
        case 0: return [.blockStart(index, .text)] + pieces.map(AnswerEvent.text) + [.blockStop(index)]
        case 1: return [.blockStart(index, .refusal)] + pieces.map(AnswerEvent.refusal) + [.blockStop(index)]
        case 2:
            return [.blockStart(index, .reasoningItem(id: RawText(escaping: Array("rs_\(index)".utf8))))]
                + pieces.map(AnswerEvent.thinking) + [.signature(RawText("gAAAA/+=")), .blockStop(index)]
        case 3:
            let kind = BlockKind.toolCall(
                id: RawText(escaping: Array("c\(index)".utf8)), name: RawText("f"), isCustom: true)
            return [.blockStart(index, kind)] + pieces.map(AnswerEvent.arguments) + [.blockStop(index)]
        default:
            let kind = BlockKind.toolCall(
                id: RawText(escaping: Array("c\(index)".utf8)), name: RawText("f"), isCustom: false)
            return [
                .blockStart(index, kind), .arguments(RawText(#"{\"x\":"#)), .arguments(RawText("1}")),
                .blockStop(index),
            ]
        }
    }

    /// Thoughts signed by others come back as they were, in an item whose id the client may leave out.
    @Test func carriesSignaturesOfOthers() throws {
        let events: [AnswerEvent] = [
            .start(id: RawText("msg_1"), model: RawText("m")), .blockStart(0, .thinking), .thinking(RawText("t\\n")),
            .signature(RawText("EqQB/+==")), .blockStop(0), .blockStart(1, .redactedThinking(RawText("EmwK"))),
            .blockStop(1), .stop(.endTurn), .end,
        ]
        let text = AnswerForm.responses.plain(events).text
        let output = try #require(Digest.object(text)?["output"] as? [[String: Any]])
        for drop in [true, false] {
            let input = output.map { item in item.filter { !drop || $0.key != "id" } }
            let body = try JSONSerialization.data(withJSONObject: ["model": "m", "input": input])
            let conversation = try ResponsesConversationReader.read(ByteBuffer(bytes: body))
            let thoughts = conversation.turns.flatMap(\.blocks).compactMap { block -> Thinking? in
                if case .thinking(let thinking) = block.kind { thinking } else { nil }
            }
            #expect(thoughts.count == 2)
            #expect(thoughts.first?.signature.map { $0.unescaped } == Array("EqQB/+==".utf8))
            #expect(thoughts.first?.text.unescaped == Array("t\n".utf8))
            #expect(thoughts.first?.id == nil)
            #expect(thoughts.last?.redacted?.unescaped == Array("EmwK".utf8))
            var out = ByteBuffer()
            let losses = ResponsesConversationWriter.write(conversation, into: &out)
            #expect(losses.filter { $0.reason == .unsigned }.count == 2, "not for a Responses provider")
        }
    }

    /// A custom tool's call comes as an object from providers that have no such tools, and leaves as free text.
    @Test func givesCustomToolsTheirText() throws {
        let events: [AnswerEvent] = [
            .start(id: RawText("msg_1"), model: RawText("m")),
            .blockStart(0, .toolCall(id: RawText("c1"), name: RawText("patch"), isCustom: false)),
            .arguments(RawText(#"{\"inp"#)), .arguments(RawText(#"ut\":\"a\\nb\"}"#)), .blockStop(0), .stop(.toolUse),
            .end,
        ]
        var writer = ResponsesStreamWriter(created: 1, customTools: [RawText("patch")])
        var out = ByteBuffer()
        for event in events { writer.write(event, into: &out) }
        #expect(AnswerForm.responses.fault(stream: String(buffer: out)) == nil)
        var plain = ByteBuffer()
        _ = ResponsesAnswerWriter.write(events, created: 1, customTools: [RawText("patch")], into: &plain)
        let last = try #require(Digest.events(String(buffer: out)).last.flatMap(Digest.object))
        for response in [last["response"] as? [String: Any], Digest.object(String(buffer: plain))] {
            let item = try #require((response?["output"] as? [[String: Any]])?.first)
            #expect(item["type"] as? String == "custom_tool_call")
            #expect(item["input"] as? String == "a\nb")
        }
    }

    @Test func writesFailures() {
        var error = ProviderError(.overloaded, status: 529, message: RawText("busy"))
        error.code = RawText("slow_down")
        let events: [AnswerEvent] = [
            .start(id: RawText("r"), model: RawText("m")), .blockStart(0, .text), .text(RawText("a")), .blockStop(0),
            .failure(error),
        ]
        let text = AnswerForm.responses.stream(events)
        #expect(AnswerForm.responses.fault(stream: text) == nil)
        let types = Digest.events(text).suffix(2).compactMap { Digest.object($0)?["type"] as? String }
        #expect(types == ["error", "response.failed"])
        #expect(text.contains(#""error":{"code":"slow_down","message":"busy"}"#))
        #expect(told(AnswerForm.responses.events(stream: text)).last == "failure overloaded 529 busy")
        let early = AnswerForm.responses.stream([.failure(error)])
        #expect(AnswerForm.responses.fault(stream: early) == nil)
    }

    @Test(arguments: [
        ("", StreamViolation.noStart), (named(#"{"type":"response.in_progress","sequence_number":0}"#), .beforeStart),
        (named(#"{"type":"response.created","sequence_number":1,"response":{"id":"r"}}"#), .notDense),
        (named(#"{"type":"response.created","sequence_number":0,"response":{"id":"r"}}"#), .noEnd),
        (named("{"), .notJSON),
    ])
    func grammarFinds(text: String, fault: StreamViolation) {
        #expect(AnswerForm.responses.fault(stream: text) == fault)
    }

    /// Any event left out of a good stream, or sent twice, is found.
    @Test func grammarFindsGapsAndRepeats() {
        let text = AnswerForm.responses.stream(AnswerForm.responses.events(stream: fixtures[0].stream))
        let events = text.components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { $0 + "\n\n" }
        for index in events.indices {
            var without = events
            without.remove(at: index)
            #expect(AnswerForm.responses.fault(stream: without.joined()) != nil)
            var twice = events
            twice.insert(events[index], at: index)
            #expect(AnswerForm.responses.fault(stream: twice.joined()) != nil)
        }
    }
}
