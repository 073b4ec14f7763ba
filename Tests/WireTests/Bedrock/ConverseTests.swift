import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

@Suite struct ConverseTests {
    private func sent(_ body: String) throws -> (json: [String: Any], losses: [String]) {
        let conversation = try ChatConversationReader.read(ByteBuffer(string: body))
        var out = ByteBuffer()
        let losses = ConverseRequestWriter.write(conversation, into: &out)
        let json = try JSONSerialization.jsonObject(with: Data(out.readableBytesView)) as? [String: Any]
        return (try #require(json), losses.map { String(decoding: $0.path, as: UTF8.self) })
    }

    private func same(_ a: Any?, _ json: String) throws -> Bool {
        let b = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
        return NSDictionary(dictionary: ["v": a ?? NSNull()]) == NSDictionary(dictionary: ["v": b])
    }

    @Test func aConversationIsCarried() throws {
        let (json, losses) = try sent(
            #"""
            {"model":"m","max_tokens":9,"temperature":0.5,"top_p":1,"stop":["a","b"],"stream":true,"messages":[
            {"role":"system","content":"be short"},{"role":"user","content":[{"type":"text","text":"what?"},
            {"type":"image_url","image_url":{"url":"data:image/jpg;base64,AAAA"}}]},
            {"role":"assistant","content":"let me see","tool_calls":[{"id":"call:1","type":"function","function":{"name":"f","arguments":"{\"x\": 1}"}}]},
            {"role":"tool","tool_call_id":"call:1","content":"out"},{"role":"user","content":"and?"}],
            "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{}}}}],
            "tool_choice":"required",
            "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}}}
            """#)
        #expect(losses.isEmpty, "\(losses)")
        #expect(Set(json.keys) == ["messages", "system", "inferenceConfig", "toolConfig", "outputConfig"])
        #expect(try same(json["system"], #"[{"text":"be short"}]"#))
        #expect(
            try same(json["inferenceConfig"], #"{"maxTokens":9,"temperature":0.5,"topP":1,"stopSequences":["a","b"]}"#))
        #expect(
            try same(
                json["messages"],
                #"""
                [{"role":"user","content":[{"text":"what?"},{"image":{"format":"jpeg","source":{"bytes":"AAAA"}}}]},
                {"role":"assistant","content":[{"text":"let me see"},{"toolUse":{"toolUseId":"call_1","name":"f","input":{"x":1}}}]},
                {"role":"user","content":[{"toolResult":{"toolUseId":"call_1","content":[{"text":"out"}]}},{"text":"and?"}]}]
                """#))
        #expect(
            try same(
                json["toolConfig"],
                #"{"tools":[{"toolSpec":{"name":"f","description":"d","inputSchema":{"json":{"type":"object","properties":{}}}}}],"toolChoice":{"any":{}}}"#
            ))
        #expect(
            try same(
                json["outputConfig"],
                #"{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\":\"object\"}","name":"n"}}}}"#
            ))
    }

    @Test func whatHasNoPlaceIsTold() throws {
        let (json, losses) = try sent(
            #"{"model":"m","seed":3,"user":"u","n":1,"reasoning_effort":"low","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example/i.png"}},{"type":"text","text":"q"}]}]}"#
        )
        #expect(Set(losses) == ["seed", "user", "reasoning_effort", "messages[0].content[0]"])
        #expect(try same(json["messages"], #"[{"role":"user","content":[{"text":"q"}]}]"#))
        #expect(json["inferenceConfig"] == nil && json["toolConfig"] == nil)
    }

    private static let frames: [(String, String)] = [
        ("messageStart", #"{"p":"ab","role":"assistant"}"#),
        ("contentBlockDelta", #"{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}}"#),
        ("contentBlockDelta", #"{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"sig"}}}"#),
        ("contentBlockStop", #"{"contentBlockIndex":0}"#),
        ("contentBlockDelta", #"{"contentBlockIndex":1,"delta":{"text":"hällo \"you\""}}"#),
        ("contentBlockStop", #"{"contentBlockIndex":1}"#),
        ("contentBlockStart", #"{"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"t1","name":"f"}}}"#),
        ("contentBlockDelta", #"{"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\"x\""}}}"#),
        ("contentBlockDelta", #"{"contentBlockIndex":2,"delta":{"toolUse":{"input":":1}"}}}"#),
        ("contentBlockStop", #"{"contentBlockIndex":2}"#), ("messageStop", #"{"stopReason":"tool_use"}"#),
        (
            "metadata",
            #"{"metrics":{"latencyMs":7},"usage":{"inputTokens":5,"outputTokens":4,"totalTokens":12,"cacheReadInputTokens":3}}"#
        ),
    ]

    private func events(_ pieces: [ArraySlice<UInt8>]) throws -> String {
        var reader = BedrockEvents(converseID: RawText("msg_1"), model: RawText("nova"))
        var out = ByteBuffer()
        for piece in pieces { try reader.read(ByteBuffer(bytes: piece), into: &out) }
        reader.finish(into: &out)
        return String(buffer: out)
    }

    private static func bytes(_ frames: some Sequence<(String, String)>) -> [UInt8] {
        frames.flatMap { type, payload in
            BedrockEventsTests.frame([(":event-type", type), (":message-type", "event")], Array(payload.utf8))
        }
    }

    @Test func aStreamBecomesMessagesEvents() throws {
        let bytes = Self.bytes(Self.frames)
        let text = try events([bytes[...]])
        var meter = StreamMeter(.anthropic)
        var unused = ByteBuffer()
        try meter.read(ByteBuffer(string: text), into: &unused)
        let usage = meter.report.usage
        #expect(meter.report.isDone && usage?[.input] == 5 && usage?[.cacheRead] == 3 && usage?[.output] == 4)
        var reader = MessagesStreamReader()
        var answer: [AnswerEvent] = []
        try reader.read(ByteBuffer(string: text), into: &answer)
        var grammar = AnswerGrammar()
        for event in answer { try grammar.take(event) }
        try grammar.finish()
        let whole = AnswerCollection(answer)
        #expect(
            whole.parts.map { String(decoding: $0.text.unescaped, as: UTF8.self) } == [
                "hm", "hällo \"you\"", #"{"x":1}"#,
            ])
        #expect(whole.parts[0].signature?.equals("sig") == true && whole.stop == .toolUse)
        #expect(whole.model.equals("nova"))
        // Neither how the bytes were cut nor in how many reads they came is seen.
        #expect(try events(bytes.indices.map { bytes[$0..<$0 + 1] }) == text)
        for cut in stride(from: 1, to: bytes.count, by: 7) {
            #expect(try events([bytes[..<cut], bytes[cut...]]) == text, "cut at \(cut)")
        }
    }

    @Test func aStreamWithoutMetadataEndsWhereItStopped() throws {
        #expect(try events([Self.bytes(Self.frames.dropLast())[...]]).hasSuffix("{\"type\":\"message_stop\"}\n\n"))
        #expect(!(try events([Self.bytes(Self.frames.prefix(5))[...]]).contains("message_stop")))
    }

    @Test func aPlainAnswerIsRead() throws {
        let body =
            #"{"metrics":{"latencyMs":1},"output":{"message":{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"hm","signature":"s"}}},{"text":"hi"},{"toolUse":{"toolUseId":"t","name":"f","input":{"x":[1, 2]}}}]}},"stopReason":"max_tokens","usage":{"inputTokens":7,"outputTokens":2,"totalTokens":9}}"#
        let events = try #require(
            ConverseAnswerReader.read(ByteBuffer(string: body), id: RawText("i"), model: RawText("m")))
        var grammar = AnswerGrammar()
        for event in events { try grammar.take(event) }
        try grammar.finish()
        let answer = AnswerCollection(events)
        #expect(
            answer.parts.map { String(decoding: $0.text.unescaped, as: UTF8.self) } == ["hm", "hi", #"{"x":[1, 2]}"#])
        #expect(answer.stop == .maximumOutput && answer.usage?[.input] == 7 && answer.usage?[.output] == 2)
        for bad in ["", "[]", "{}", #"{"output":{"message":{"content":7}}}"#, #"{"message":"no"}"#] {
            #expect(ConverseAnswerReader.read(ByteBuffer(string: bad), id: RawText("i"), model: RawText("m")) == nil)
        }
    }
}
