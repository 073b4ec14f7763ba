import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// Streams of both dialects with what providers do to them, in both dialects out: the same at every byte split and one byte
/// at a time, and what the grammar allows.
@Suite struct StreamSplitTests {
    typealias Form = RecordedAnswersTests.Form

    struct Fixture: Sendable, CustomTestStringConvertible {
        var name: String
        var form: Form
        var text: String
        /// What the other side reads.
        var said: String
        var calls: [[String]] = []
        var stop: String? = "stop"
        var usage: [Int64]?
        var isError = false

        var testDescription: String { name }
    }

    private static func data(_ events: [String], _ end: String = "\n") -> String {
        events.map { "data: \($0)\(end)\(end)" }.joined()
    }

    private static func chunk(_ delta: String, finish: String = "null") -> String {
        #"{"id":"c1","model":"m","choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}]}"#
    }

    private static func call(_ index: Int, _ rest: String) -> String {
        chunk(#"{"tool_calls":[{"index":\#(index),\#(rest)}]}"#)
    }

    private static func piece(_ index: Int, _ text: String) -> String {
        call(index, #""function":{"arguments":"\#(text)"}"#)
    }

    private static func begin(_ index: Int, _ name: String) -> String {
        call(index, #""id":"id\#(index)","type":"function","function":{"name":"\#(name)","arguments":""}"#)
    }

    static let fixtures: [Fixture] = [
        Fixture(
            name: "chat text, usage late", form: .chat,
            text: data([
                chunk(#"{"role":"assistant","content":""}"#), chunk(#"{"content":"Gr\u00fc\u00dfe 😀\ud83d\ude00"}"#),
                chunk(#"{"content":" \"q\"\n"}"#), chunk("{}", finish: #""stop""#),
                #"{"id":"c1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":3}}}"#,
                "[DONE]",
            ]), said: "Grüße 😀😀 \"q\"", usage: [9, 4]),
        Fixture(
            name: "interleaved calls", form: .chat,
            text: data([
                begin(0, "a"), begin(1, "b"), piece(0, #"{\"x\":"#), piece(1, #"{\"y\":[1,"#), piece(0, #"\"}{\"}"#),
                piece(1, "2]}"), begin(2, "c"), chunk("{}", finish: #""tool_calls""#), "[DONE]",
            ]), said: "", calls: [["a", #"{"x":"}{"}"#], ["b", #"{"y":[1,2]}"#], ["c", "{}"]], stop: "tool"),
        Fixture(
            name: "all calls numbered 0, no [DONE], CRLF", form: .chat,
            text: data(
                [
                    chunk(
                        #"{"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{}"}},{"index":0,"id":"y","function":{"name":"g","arguments":{"n":1}}}]}"#
                    ), chunk("{}", finish: #""stop""#),
                ], "\r\n"), said: "", calls: [["f", "{}"], ["g", #"{"n":1}"#]], stop: "tool"),
        Fixture(
            name: "no index at all, name late", form: .chat,
            text: data([
                chunk(#"{"tool_calls":[{"id":"x","function":{"arguments":"{\"a\""}}]}"#),
                chunk(#"{"tool_calls":[{"function":{"name":"f","arguments":":1}"}}]}"#), "[DONE]",
            ]), said: "", calls: [["f", #"{"a":1}"#]], stop: "tool"),
        Fixture(
            name: "thoughts, text, call, text", form: .chat,
            text: "\u{feff}: hello\n\n"
                + data([
                    chunk(#"{"reasoning":"hm","reasoning_content":"hm"}"#),
                    chunk(#"{"reasoning_details":[{"type":"reasoning.text","signature":"S/\u0061"}]}"#),
                    chunk(#"{"content":"a"}"#), begin(0, "f"), chunk(#"{"content":"b"}"#), piece(0, "{}"),
                    chunk("{}", finish: #""tool_calls""#), "[DONE]",
                ]), said: "ab", calls: [["f", "{}"]], stop: "tool"),
        Fixture(
            name: "usage cumulative and twice, data without space, other choices, unknown events", form: .chat,
            text:
                "event: x\ndata:{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"a\"}},{\"index\":1,\"delta\":{\"content\":\"NO\"}}],\ndata:\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\n"
                + data([
                    "ping", #"{"foo":1}"#,
                    #"{"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"length"}]}"#,
                    #"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#,
                    #"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#, "[DONE]",
                ]), said: "ab", stop: "length", usage: [3, 2]),
        Fixture(
            name: "error inside", form: .chat,
            text: data([
                chunk(#"{"content":"a"}"#), #"{"error":{"message":"over","type":"server_error","code":529}}"#, "[DONE]",
            ]), said: "a", stop: nil, isError: true),
        Fixture(
            name: "cut", form: .chat, text: data([chunk(#"{"content":"a"}"#)]), said: "a", stop: nil, isError: true),
        Fixture(
            name: "broken event", form: .chat, text: data([chunk(#"{"content":"a"}"#), #"{"choices":["#]), said: "a",
            stop: nil, isError: true),
        Fixture(
            name: "halves of a pair in two events", form: .chat,
            text: data([
                chunk(#"{"content":"a\ud83d"}"#), chunk(#"{"content":"\ude00b"}"#), chunk("{}", finish: #""stop""#),
            ]), said: "a\u{fffd}\u{fffd}b"),
        Fixture(
            name: "messages with everything", form: .messages,
            text: [
                (
                    "message_start",
                    #"{"type":"message_start","message":{"id":"msg_1","model":"claude","usage":{"input_tokens":5,"cache_read_input_tokens":7,"cache_creation_input_tokens":2,"cache_creation":{"ephemeral_1h_input_tokens":2},"output_tokens":1}}}"#
                ),
                (
                    "content_block_start",
                    #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#
                ),
                (
                    "content_block_delta",
                    #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#
                ),
                (
                    "content_block_delta",
                    #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"Si\/g=="}}"#
                ),
                ("content_block_stop", #"{"type":"content_block_stop","index":0}"#),
                ("ping", #"{"type":"ping"}"#),
                (
                    "content_block_start",
                    #"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#
                ),
                ("content_block_stop", #"{"type":"content_block_stop","index":1}"#),
                (
                    "content_block_start",
                    #"{"type":"content_block_start","index":2,"content_block":{"type":"server_tool_use","id":"srv","name":"web_search","input":{}}}"#
                ),
                (
                    "content_block_delta",
                    #"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#
                ),
                ("content_block_stop", #"{"type":"content_block_stop","index":2}"#),
                (
                    "content_block_start",
                    #"{"type":"content_block_start","index":3,"content_block":{"type":"text","text":"a"}}"#
                ),
                (
                    "content_block_delta",
                    #"{"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":"\u00e9\n"}}"#
                ),
                ("content_block_stop", #"{"type":"content_block_stop","index":3}"#),
                (
                    "content_block_start",
                    #"{"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"t1","name":"f","input":{}}}"#
                ),
                (
                    "content_block_delta",
                    #"{"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":""}}"#
                ),
                (
                    "content_block_delta",
                    #"{"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{\"a\": 1"}}"#
                ),
                (
                    "content_block_delta",
                    #"{"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"}"}}"#
                ),
                ("content_block_stop", #"{"type":"content_block_stop","index":4}"#),
                (
                    "content_block_start",
                    #"{"type":"content_block_start","index":5,"content_block":{"type":"tool_use","id":"t2","name":"g","input":{}}}"#
                ),
                ("content_block_stop", #"{"type":"content_block_stop","index":5}"#),
                ("novelty", #"{"type":"novelty","x":1}"#),
                (
                    "message_delta",
                    #"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":11}}"#
                ),
                ("message_stop", #"{"type":"message_stop"}"#),
            ].map { "event: \($0.0)\ndata: \($0.1)\n\n" }.joined(), said: "aé",
            calls: [["f", #"{"a":1}"#], ["g", "{}"]], stop: "tool", usage: [14, 11]),
        Fixture(
            name: "messages error", form: .messages,
            text: data([
                #"{"type":"message_start","message":{"id":"m","model":"c","usage":{"input_tokens":1}}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#,
                #"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#,
            ]), said: "a", stop: nil, isError: true),
        Fixture(
            name: "messages without message_stop", form: .messages,
            text: data([
                #"{"type":"content_block_start","content_block":{"type":"text","text":"a"}}"#,
                #"{"type":"content_block_delta","delta":{"type":"text_delta","text":"b"}}"#,
                #"{"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"input_tokens":2,"output_tokens":3}}"#,
            ]), said: "ab", stop: "length", usage: [2, 3]),
    ]

    @Test(arguments: fixtures, Form.allCases)
    func isTheSameAtEverySplit(fixture: Fixture, client: Form) {
        let whole = Translated.stream(fixture.text, from: fixture.form, to: client)
        #expect(whole.fault == nil)
        let digest = RecordedAnswersTests.digest(client, streamed: true, whole.text)
        #expect(digest.text == fixture.said)
        #expect(digest.tools == fixture.calls)
        #expect(digest.hasError == fixture.isError)
        if !fixture.isError { #expect(digest.stop == fixture.stop) }
        if let usage = fixture.usage { #expect(digest.usage == usage) }
        let count = fixture.text.utf8.count
        for cut in 0...count {
            let cutOnce = Translated.stream(fixture.text, from: fixture.form, to: client, cuts: [cut])
            if cutOnce.text != whole.text { Issue.record("cut at \(cut)") }
        }
        let bytewise = Translated.stream(fixture.text, from: fixture.form, to: client, cuts: Array(1..<count))
        #expect(bytewise.text == whole.text)
        #expect(bytewise.losses == whole.losses)
    }

    @Test func serverToolsNeverSurfaceAsCalls() throws {
        let fixture = try #require(Self.fixtures.first { $0.name == "messages with everything" })
        let chat = Translated.stream(fixture.text, from: .messages, to: .chat)
        #expect(!chat.text.contains("web_search"))
        #expect(chat.losses.contains { $0.reason == .serverTool })
        // In its own dialect the block stays what it is.
        #expect(Translated.stream(fixture.text, from: .messages, to: .messages).text.contains("server_tool_use"))
    }

    @Test func signaturesAreKeptByteForByte() throws {
        let fixture = try #require(Self.fixtures.first { $0.name == "messages with everything" })
        for form in Form.allCases {
            #expect(Translated.stream(fixture.text, from: .messages, to: form).text.contains(#""signature":"Si\/g==""#))
        }
        let chat = try #require(Self.fixtures.first { $0.name == "thoughts, text, call, text" })
        for form in Form.allCases {
            #expect(Translated.stream(chat.text, from: .chat, to: form).text.contains(#""signature":"S/\u0061""#))
        }
    }

    @Test func oneEventIsBounded() {
        var reader = ChatStreamReader(eventLimit: 100)
        var events: [AnswerEvent] = []
        #expect(throws: StreamFault.eventTooLarge) {
            try reader.read(ByteBuffer(string: "data: " + String(repeating: "x", count: 200)), into: &events)
        }
        var messages = MessagesStreamReader(eventLimit: 100)
        #expect(throws: StreamFault.eventTooLarge) {
            for _ in 0..<200 { try messages.read(ByteBuffer(string: "x"), into: &events) }
        }
    }
}
