import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// Streams of Gemini's with what providers do to them: what is read, passed on and metered is the same at every byte split
/// and one byte at a time, and what is written keeps the grammar.
@Suite struct GeminiStreamTests {
    struct Fixture: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var said: String
        var thinking = ""
        var calls: [[String]] = []
        var stop: String? = "stop"
        var usage: [Int64]?
        var isError = false

        var testDescription: String { name }
    }

    private static func chunk(_ parts: String, _ rest: String = "") -> String {
        #"{"candidates":[{"content":{"parts":[\#(parts)],"role":"model"},"index":0\#(rest)}],"modelVersion":"gemini-3-flash","responseId":"r-1"}"#
    }

    private static let usage =
        #"{"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":9,"cachedContentTokenCount":4,"toolUsePromptTokenCount":2,"candidatesTokenCount":5,"thoughtsTokenCount":7,"totalTokenCount":23},"modelVersion":"gemini-3-flash","responseId":"r-1"}"#

    private static func events(_ chunks: [String], _ end: String = "\r\n") -> String {
        chunks.map { "data: \($0)\(end)\(end)" }.joined()
    }

    private static func array(_ chunks: [String]) -> String { "[" + chunks.joined(separator: "\n,\r\n") + "\n]\n" }

    private static let talk = [
        chunk(#"{"text":"Let me \"see\" {","thought":true}"#), chunk(#"{"text":"Gr\u00fc"}"#),
        chunk(#"{"text":"ße 😀 }]"},{"text":"","thoughtSignature":"c2ln+/=="}"#),
        chunk(
            #"{"functionCall":{"name":"a","args":{"x":"}{\\"}},"thoughtSignature":"QUJD"},{"functionCall":{"name":"b","args":{}}}"#
        ), usage,
    ]

    private static func said(_ name: String, _ text: String) -> Fixture {
        Fixture(
            name: name, text: text, said: "Grüße 😀 }]", thinking: #"Let me "see" {"#,
            calls: [["a", #"{"x":"}{\\"}"#], ["b", "{}"]], stop: "tool", usage: [11, 12])
    }

    static let fixtures: [Fixture] = [
        said("events", events(talk)), said("events with LF", events(talk, "\n")),
        said("events with CR", events(talk, "\r")), said("array", array(talk)),
        said("array behind a mark", "\u{feff} " + array(talk)),
        said("objects line by line", talk.joined(separator: "\n")),
        said("events, no last blank line", String(events(talk).dropLast(2))),
        said(
            "data without space, comments, two lines",
            ": hi\n\n"
                + talk.map { "event: x\ndata:\($0.replacing(#""index":0"#, with: "\"index\":\ndata:0"))\n\n" }
                .joined()),
        Fixture(
            name: "snake case, numbers for words",
            text: events([
                #"{"candidates":[{"content":{"parts":[{"function_call":{"name":"f","args":{"n":1.0}}}]},"finish_reason":2}],"usage_metadata":{"prompt_token_count":"3","candidates_token_count":1},"response_id":"r","model_version":"m"}"#
            ]), said: "", calls: [["f", #"{"n":1}"#]], stop: "length", usage: [3, 1]),
        Fixture(
            name: "server tools",
            text: events([
                chunk(#"{"executableCode":{"language":"PYTHON","code":"print(1)"}}"#),
                chunk(#"{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1\n"}},{"text":"One."}"#),
                chunk(#"{"toolCall":{"id":"t","toolType":"GOOGLE_SEARCH"}},{"toolResponse":{"id":"t"}}"#), usage,
            ]), said: "One.", usage: [11, 12]),
        Fixture(
            name: "blocked prompt",
            text: events([
                #"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3,"totalTokenCount":3},"responseId":"r"}"#
            ]), said: "", stop: "filter", usage: [3, 0]),
        Fixture(name: "cut", text: events([chunk(#"{"text":"half"}"#)]), said: "half", stop: nil, isError: true),
        Fixture(
            name: "cut inside an object", text: "[" + chunk(#"{"text":"half"}"#) + ",{\"candidates\":[{", said: "half",
            stop: nil, isError: true),
        Fixture(
            name: "error behind text",
            text: array([
                chunk(#"{"text":"half"}"#), #"{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}"#,
            ]),
            said: "half", stop: nil, isError: true),
        Fixture(
            name: "error at once",
            text: #"[{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}]"#, said: "", stop: nil,
            isError: true),
        Fixture(
            name: "surrogates cut in two",
            text: events([chunk(#"{"text":"a\ud83d"}"#), chunk(#"{"text":"b"}"#), usage]), said: "a\u{fffd}b",
            usage: [11, 12]),
        Fixture(
            name: "second candidate",
            text: events([
                #"{"candidates":[{"index":1,"content":{"parts":[{"text":"no"}]}},{"index":0,"content":{"parts":[{"text":"yes"}]},"finishReason":"STOP"}],"responseId":"r"}"#
            ]), said: "yes"),
    ]

    @Test(arguments: fixtures, GeminiClient.allCases)
    func readsAtEverySplit(_ fixture: Fixture, client: GeminiClient) {
        let bytes = Array(fixture.text.utf8)
        let whole = Self.output(bytes, [], client)
        let digest = client.digest(whole, streamed: true)
        // A failed response tells its text in deltas alone, which the digest does not read.
        if client != .responses || !fixture.isError { #expect(digest.text == fixture.said) }
        #expect(digest.tools == fixture.calls)
        #expect(digest.thinking == fixture.thinking)
        #expect(digest.hasError == fixture.isError)
        if !fixture.isError { #expect(digest.stop == fixture.stop) }
        if let usage = fixture.usage { #expect(digest.usage == usage) }
        // Every split for one client; what is read does not know who writes it.
        let step = client == .events ? 1 : 17
        for cut in stride(from: 1, to: bytes.count, by: step) where Self.output(bytes, [cut], client) != whole {
            Issue.record("differs when cut at \(cut)")
            break
        }
        #expect(Self.output(bytes, Array(1..<bytes.count), client) == whole)
    }

    /// What the client gets, a failed grammar among it.
    private static func output(_ bytes: [UInt8], _ cuts: [Int], _ client: GeminiClient) -> String {
        let events = geminiEvents(bytes, cuts: cuts)
        if let fault = grammarFault(events) { return "events \(fault)" }
        let output = client.stream(events)
        return output.fault.map { "written \($0)" } ?? output.text
    }

    @Test(arguments: fixtures) func metersAtEverySplit(_ fixture: Fixture) {
        let bytes = Array(fixture.text.utf8)
        let whole = MeteredGemini([bytes[...]])
        #expect(whole.output == bytes)
        #expect(whole.hasContent == !(fixture.said.isEmpty && fixture.calls.isEmpty))
        if let usage = fixture.usage { #expect(whole.usage.map { [$0.totalInput, $0.totalOutput] } == usage) }
        for cut in 1..<bytes.count where MeteredGemini([bytes[..<cut], bytes[cut...]]) != whole {
            Issue.record("differs when cut at \(cut)")
            break
        }
        #expect(MeteredGemini(bytes.chunks(of: 1)) == whole)
    }

    @Test func namesEveryTokenClass() throws {
        let body =
            #"{"candidates":[],"usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":30,"toolUsePromptTokenCount":7,"candidatesTokenCount":50,"thoughtsTokenCount":20,"promptTokensDetails":[{"modality":"TEXT","tokenCount":40},{"modality":"AUDIO","tokenCount":40},{"modality":2,"tokenCount":20}],"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":10}],"toolUsePromptTokensDetails":[{"modality":"IMAGE","tokenCount":2}],"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":30},{"modality":"AUDIO","tokenCount":5}]}}"#
        let usage = try #require(GeminiAnswer.read(ByteBuffer(string: body))?.usage)
        #expect(usage[.cacheRead] == 30)
        #expect(usage[.inputAudio] == 30)
        #expect(usage[.inputImage] == 22)
        #expect(usage[.input] == 25)
        #expect(usage.totalInput == 107)
        #expect(usage[.output] == 35)
        #expect(usage[.reasoning] == 20)
        #expect(usage[.outputImage] == 30)
        #expect(usage[.outputAudio] == 5)
        #expect(usage.totalOutput == 70)
        // Written and read again it is the same, but for what was told beside the prompt.
        var out = ByteBuffer(string: #"{"usageMetadata":"#)
        GeminiUsage.write(usage, &out)
        out.writeString("}")
        #expect(GeminiAnswer.read(out)?.usage == usage)
    }

    /// Absurd figures are clamped, what is no number is as good as absent, and the parts never exceed the whole.
    @Test(
        arguments: [
            (#"{"promptTokenCount":-5,"candidatesTokenCount":1e30}"#, 0, TokenUsage.ceiling),
            (#"{"promptTokenCount":3,"cachedContentTokenCount":9,"candidatesTokenCount":"2"}"#, 3, 2),
            (#"{"promptTokenCount":null,"thoughtsTokenCount":4,"candidatesTokenCount":{}}"#, 0, 4),
        ] as [(String, Int64, Int64)])
    func clampsUsage(text: String, input: Int64, output: Int64) throws {
        let body = ByteBuffer(string: "{\"usageMetadata\":\(text)}")
        let usage = try #require(GeminiAnswer.read(body)?.usage)
        #expect(usage.totalInput == input)
        #expect(usage.totalOutput == output)
    }

    @Test(arguments: ["[", "data: "]) func boundsAnEvent(start: String) {
        let long = start + "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"" + String(repeating: "x", count: 300)
        let meter = MeteredGemini(Array(long.utf8).chunks(of: 50), eventLimit: 200)
        #expect(meter.fault == .eventTooLarge)
        var reader = GeminiStreamReader(eventLimit: 200)
        var events: [AnswerEvent] = []
        #expect(throws: StreamFault.eventTooLarge) {
            for piece in Array(long.utf8).chunks(of: 50) { try reader.read(ByteBuffer(bytes: piece), into: &events) }
        }
    }

    @Test(arguments: [
        ("", StreamViolation.noStart, GeminiFraming.events),
        ("data: {\"a\":1}\n\n", .unknownEvent, .events),
        ("data: nope\n\n", .notJSON, .events),
        (events([chunk(#"{"text":"a"}"#)]), .noEnd, .events),
        (events([chunk(#"{"text":""}"#)]), .emptyBlock, .events),
        (events([chunk("")]), .emptyBlock, .events),
        (events([chunk(#"{"functionCall":{"name":"","args":{}}}"#)]), .emptyBlock, .events),
        (events([chunk(#"{"functionCall":{"name":"f","args":"{}"}}"#)]), .wrongPiece, .events),
        (events([usage, usage]), .afterEnd, .events),
        ("[" + usage, .noEnd, .array),
        ("[" + chunk(#"{"text":"a"}"#) + usage + "]", .notJSON, .array),
        (usage, .notJSON, .array),
    ])
    func grammarRefuses(text: String, fault: StreamViolation, framing: GeminiFraming) {
        #expect(throws: fault) {
            var grammar = StreamValidator(.gemini, .written, array: framing == .array)
            try grammar.take(ByteBuffer(string: text))
            try grammar.finish()
        }
    }
}
