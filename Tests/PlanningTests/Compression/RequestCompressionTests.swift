import NIOCore
import Testing
import Vocabulary

@testable import Planning

struct RequestCompressionTests {
    private func compressed(_ body: String, _ dialect: Dialect, _ mode: CompressionMode = .lossless) -> String {
        guard var work = RequestCompression(ByteBuffer(string: body), dialect, mode) else { return body }
        while work.advance() {}
        return String(buffer: work.result)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var dialect: Dialect
        var body: String
        /// `nil`: nothing changes.
        var becomes: String?
    }

    static let cases: [Case] = [
        Case(
            testDescription: "a tool's message", dialect: .openAI,
            body:
                #"{ "messages":[{"role":"user","content":"[ 1 ]"}, {"role":"tool","content":"{ \"a\": [1, 2] }"}],"n":1.0}"#,
            becomes:
                #"{ "messages":[{"role":"user","content":"[ 1 ]"}, {"role":"tool","content":"{\"a\":[1,2]}"}],"n":1.0}"#
        ),
        Case(
            testDescription: "parts, the role behind", dialect: .openAI,
            body:
                #"{"messages":[{"content":[{"type":"text","text":"[ 1 ]"},{"type":"text","text":"[ 2 ]"}],"role":"tool"}]}"#,
            becomes:
                #"{"messages":[{"content":[{"type":"text","text":"[1]"},{"type":"text","text":"[2]"}],"role":"tool"}]}"#
        ),
        Case(
            testDescription: "other roles and tool definitions", dialect: .openAI,
            body:
                #"{"messages":[{"role":"system","content":"[ 1 ]"},{"role":"assistant","content":"[ 1 ]"}],"tools":[ { } ]}"#
        ),
        Case(
            testDescription: "tool results", dialect: .anthropic,
            body:
                #"{"system":"[ 1 ]","messages":[{"role":"user","content":[{"type":"text","text":"[ 1 ]"},{"type":"tool_result","content":"[ 1 ]"},{"type":"tool_result","content":[{"type":"text","text":"x  \n"},{"type":"image"}]}]}]}"#,
            becomes:
                #"{"system":"[ 1 ]","messages":[{"role":"user","content":[{"type":"text","text":"[ 1 ]"},{"type":"tool_result","content":"[1]"},{"type":"tool_result","content":[{"type":"text","text":"x\n"},{"type":"image"}]}]}]}"#
        ),
        Case(
            testDescription: "marked for the provider's cache", dialect: .anthropic,
            body:
                #"{"messages":[{"role":"user","content":[{"type":"tool_result","content":"[ 1 ]","cache_control":{"type":"ephemeral"}},{"type":"tool_result","content":[{"type":"text","text":"[ 1 ]","cache_control":{}}]}]}]}"#
        ),
        Case(
            testDescription: "call outputs", dialect: .openAIResponses,
            body: #"{"input":[{"type":"function_call_output","output":"[ 1 ]"},{"type":"message","content":"[ 1 ]"}]}"#,
            becomes: #"{"input":[{"type":"function_call_output","output":"[1]"},{"type":"message","content":"[ 1 ]"}]}"#
        ),
        Case(testDescription: "not an object", dialect: .openAI, body: "[ ]"),
        Case(testDescription: "not JSON", dialect: .openAI, body: #"{"messages":"#),
        Case(
            testDescription: "odd shapes", dialect: .openAI,
            body: #"{"messages":{"role":"tool"},"x":[{"role":"tool","content":"[ 1 ]"}]}"#),
        Case(
            testDescription: "no text", dialect: .openAI,
            body: #"{"messages":[{"role":"tool","content":null},{"role":"tool"},7]}"#),
    ]

    @Test(arguments: cases) func requests(of one: Case) {
        #expect(compressed(one.body, one.dialect) == one.becomes ?? one.body)
        #expect(compressed(one.body, one.dialect, .off) == one.body)
    }

    /// A session as agents send it: each turn is all before and one more. What goes upstream must grow at its end alone, or
    /// a provider's prompt cache would miss because of us.
    @Test(arguments: [CompressionMode.lossless, .balanced, .strong])
    func aSessionsPrefixNeverMoves(mode: CompressionMode) {
        var dice = Dice(state: 77)
        var messages: [String] = []
        var last = ""
        for _ in 0..<40 {
            let rows = (0..<Int(dice.next() % 400)).map { #"{\"identifier\": \#($0), \"state\": \"open\"}"# }
            let log = (0..<Int(dice.next() % 300)).map { "line \($0 / 7)  " }.joined(separator: #"\n"#)
            let content = dice.next() % 2 == 0 ? "[ \(rows.joined(separator: ", ")) ]" : log
            messages.append(#"{"role":"assistant","content":"next"}"#)
            messages.append(#"{"role":"tool","content":"\#(content)"}"#)
            let sent = compressed(#"{"messages":["# + messages.joined(separator: ",") + "]}", .openAI, mode)
            let prefix = sent.dropLast(2)
            #expect(prefix.hasPrefix(last))
            last = String(prefix)
        }
    }

    @Test func aLongRequestIsDoneInTurns() throws {
        let block =
            #"{"role":"tool","content":"[ "# + Array(repeating: "1", count: 20_000).joined(separator: " , ") + #" ]"}"#
        let body = #"{"messages":["# + Array(repeating: block, count: 12).joined(separator: ",") + "]}"
        var work = try #require(RequestCompression(ByteBuffer(string: body), .openAI, .lossless))
        var turns = 1
        while work.advance(budget: 100_000) { turns += 1 }
        #expect(turns > 5)
        #expect(work.result.readableBytes < body.utf8.count * 6 / 10)
        #expect(work.after > 0 && work.after < work.before)
    }
}
