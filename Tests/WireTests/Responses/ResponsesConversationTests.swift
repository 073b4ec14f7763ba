import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// Requests between the dialects, field by field.
@Suite struct ResponsesConversationTests {
    private static func object(_ text: String) throws -> NSDictionary {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary, "\(text)")
    }

    private static func losses(_ losses: [Loss]) -> [String] {
        losses.map { String(decoding: $0.path, as: UTF8.self) + " \($0.reason)" }
    }

    /// A chat or messages request as a Responses one: only what is expected is asked for, besides `model` and `store`.
    @Test(
        arguments: [
            (
                "chat", #""messages":[{"role":"user","content":"hi"}]"#,
                #""input":[{"type":"message","role":"user","content":"hi"}]"#, []
            ),
            (
                "chat", #""messages":[{"role":"system","content":"s"},{"role":"developer","content":"d"}]"#,
                #""instructions":"s","input":[{"type":"message","role":"developer","content":"d"}]"#, []
            ),
            (
                "chat",
                #""messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},{"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA","filename":"f.pdf"}}]}]"#,
                #""input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"low"},{"type":"input_file","filename":"f.pdf","file_data":"data:application/pdf;base64,AAAA"}]}]"#,
                []
            ),
            (
                "chat",
                #""messages":[{"role":"assistant","content":"t","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"c2","type":"custom","custom":{"name":"g","input":"free"}}]},{"role":"tool","tool_call_id":"c1","content":"1"},{"role":"tool","tool_call_id":"c2","content":"2"}]"#,
                #""input":[{"type":"message","role":"assistant","content":"t"},{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"},{"type":"custom_tool_call","call_id":"c2","name":"g","input":"free"},{"type":"function_call_output","call_id":"c1","output":"1"},{"type":"custom_tool_call_output","call_id":"c2","output":"2"}]"#,
                []
            ),
            (
                "chat",
                #""messages":[],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false"#,
                #""input":[],"tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":false}],"tool_choice":{"type":"function","name":"f"},"parallel_tool_calls":false"#,
                []
            ),
            (
                "chat",
                #""messages":[],"tools":[{"type":"custom","custom":{"name":"g","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"x"}}}}],"tool_choice":{"type":"custom","custom":{"name":"g"}}"#,
                #""input":[],"tools":[{"type":"custom","name":"g","format":{"type":"grammar","syntax":"lark","definition":"x"}}],"tool_choice":{"type":"custom","name":"g"}"#,
                []
            ),
            (
                "chat",
                #""messages":[],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},"strict":true}},"verbosity":"low""#,
                #""input":[],"text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true},"verbosity":"low"}"#,
                []
            ),
            (
                "chat",
                #""messages":[],"reasoning_effort":"high","max_completion_tokens":5,"logprobs":true,"top_logprobs":2"#,
                #""input":[],"reasoning":{"effort":"high"},"max_output_tokens":16,"include":["reasoning.encrypted_content","message.output_text.logprobs"],"top_logprobs":2"#,
                ["max_completion_tokens clamped"]
            ),
            (
                "chat",
                #""messages":[],"stop":["x"],"seed":1,"n":2,"temperature":0.10,"prompt_cache_key":"k","store":true,"stream":true"#,
                #""input":[],"temperature":0.10,"prompt_cache_key":"k","store":true,"stream":true"#,
                ["stop unsupported", "seed unsupported", "n unsupported"]
            ),
            (
                "messages",
                #""max_tokens":99,"system":"s","messages":[{"role":"user","content":"hi"}],"metadata":{"user_id":"u"},"top_k":3"#,
                #""instructions":"s","input":[{"type":"message","role":"user","content":"hi"}],"max_output_tokens":99,"user":"u""#,
                ["top_k unsupported"]
            ),
            (
                "messages",
                #""messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"EqQ"},{"type":"thinking","thinking":"o","signature":"gAAAAB"},{"type":"tool_use","id":"c1","name":"f","input":{"a":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"r"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},{"type":"document","source":{"type":"url","url":"https://x/y.pdf"}}]},{"type":"text","text":"go","cache_control":{"type":"ephemeral"}}]}]"#,
                #""input":[{"type":"reasoning","summary":[{"type":"summary_text","text":"o"}],"encrypted_content":"gAAAAB"},{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"},{"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"r"},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"auto"},{"type":"input_file","file_url":"https://x/y.pdf"}]},{"type":"message","role":"user","content":"go"}],"include":["reasoning.encrypted_content"]"#,
                ["messages[0].content[0] unsigned", "messages[1].content[1].cache_control unsupported"]
            ),
            (
                "messages",
                #""messages":[],"thinking":{"type":"enabled","budget_tokens":4096},"tools":[{"name":"f","input_schema":{"type":"object"}},{"type":"web_search_20250305","name":"web_search"}],"tool_choice":{"type":"any","disable_parallel_tool_use":true}"#,
                #""input":[],"reasoning":{"effort":"medium","summary":"auto"},"include":["reasoning.encrypted_content"],"tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":false}],"tool_choice":"required","parallel_tool_calls":false"#,
                ["tools[1] serverTool", "thinking.budget_tokens converted"]
            ),
        ] as [(String, String, String, [String])])
    func writes(from dialect: String, members: String, expected: String, losses: [String]) throws {
        let body = ByteBuffer(string: "{\"model\":\"m\",\(members)}")
        let conversation =
            dialect == "chat" ? try ChatConversationReader.read(body) : try MessagesRequestReader.read(body)
        var out = ByteBuffer()
        let told = ResponsesConversationWriter.write(conversation, into: &out)
        let store = expected.contains("\"store\"") ? "" : "\"store\":false,"
        #expect(try Self.object(String(buffer: out)) == Self.object("{\"model\":\"m\",\(store)\(expected)}"))
        #expect(Set(Self.losses(conversation.losses + told)) == Set(losses))
    }

    /// A Responses request as a chat one.
    @Test(
        arguments: [
            (
                #""input":"hi","instructions":"s""#,
                #""messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}]"#, []
            ),
            (
                #""input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"https://x/y.png","detail":"high"}]}]"#,
                #""messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://x/y.png","detail":"high"}}]}]"#,
                []
            ),
            (
                #""input":[{"type":"reasoning","id":"rs_1","summary":[]},{"type":"message","role":"assistant","id":"msg_1","status":"completed","content":[{"type":"output_text","text":"t","annotations":[]}]},{"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{}"},{"type":"function_call","call_id":"c2","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c1","output":"1"},{"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"2"}]},{"role":"user","content":"go"}]"#,
                #""messages":[{"role":"assistant","content":"t","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"1"},{"role":"tool","tool_call_id":"c2","content":"2"},{"role":"user","content":"go"}]"#,
                ["input[0] unsupported"]
            ),
            (
                #""input":[{"type":"item_reference","id":"x"},{"role":"developer","content":"d"},{"type":"web_search_call","id":"ws"}],"previous_response_id":"resp_1","background":true"#,
                #""messages":[{"role":"developer","content":"d"},{"role":"assistant","content":[]}]"#,
                [
                    "input[0] unsupported", "input[2] serverTool", "previous_response_id unsupported",
                    "background unsupported",
                ]
            ),
            (
                #""input":"x","tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":true},{"type":"web_search"}],"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]}"#,
                #""messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"},"strict":true}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}}"#,
                ["tools[1] serverTool"]
            ),
            (
                #""input":"x","text":{"format":{"type":"json_schema","name":"n","schema":{"a":1},"strict":true},"verbosity":"high"},"max_output_tokens":7,"include":["reasoning.encrypted_content","message.output_text.logprobs"],"top_logprobs":3,"truncation":"disabled","reasoning":{"effort":"low"},"service_tier":"flex","metadata":{"a":"b"},"safety_identifier":"i""#,
                #""messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"a":1},"strict":true}},"verbosity":"high","max_completion_tokens":7,"logprobs":true,"top_logprobs":3,"reasoning_effort":"low","service_tier":"flex","metadata":{"a":"b"},"safety_identifier":"i""#,
                []
            ),
            (
                #""input":"x","truncation":"auto","include":["web_search_call.action.sources"],"conversation":"conv_1","max_tool_calls":3,"prompt":{"id":"p"},"surprise":1,"reasoning":{"summary":"auto","effort":"low"}"#,
                #""messages":[{"role":"user","content":"x"}],"reasoning_effort":"low""#,
                [
                    "truncation unsupported", "include unsupported", "conversation unsupported",
                    "max_tool_calls unsupported", "prompt unsupported", "surprise unknownMember",
                    "reasoning unsupported",
                ]
            ),
        ] as [(String, String, [String])])
    func readsForChat(members: String, expected: String, losses: [String]) throws {
        let conversation = try ResponsesConversationReader.read(ByteBuffer(string: "{\"model\":\"m\",\(members)}"))
        var out = ByteBuffer()
        let told = ChatConversationWriter.write(conversation, into: &out)
        #expect(try Self.object(String(buffer: out)) == Self.object("{\"model\":\"m\",\(expected)}"))
        #expect(Set(Self.losses(conversation.losses + told)) == Set(losses))
    }

    /// Codex's free-text tools are functions elsewhere, in the tools and in the history alike.
    @Test func turnsCustomToolsIntoFunctions() throws {
        let body =
            #"{"model":"m","input":[{"type":"custom_tool_call","call_id":"c1","name":"apply_patch","input":"*** \"x\""},{"type":"custom_tool_call_output","call_id":"c1","output":"ok"}],"tools":[{"type":"custom","name":"apply_patch","description":"d","format":{"type":"grammar","syntax":"lark","definition":"start: x"}}]}"#
        let conversation = try ResponsesConversationReader.read(ByteBuffer(string: body))
        #expect(conversation.customTools.map(\.unescaped) == [Array("apply_patch".utf8)])
        #expect(Self.losses(conversation.losses) == ["tools[0].format converted"])
        var out = ByteBuffer()
        _ = ChatConversationWriter.write(conversation, into: &out)
        let chat = try Self.object(String(buffer: out))
        let calls = (chat["messages"] as? [[String: Any]])?.first?["tool_calls"] as? [[String: Any]]
        let function = calls?.first?["function"] as? [String: Any]
        #expect(Digest.arguments(function?["arguments"]) == #"{"input":"*** \"x\""}"#)
        let tool = (chat["tools"] as? [[String: Any]])?.first?["function"] as? [String: Any]
        #expect((tool?["description"] as? String)?.contains("start: x") == true)
    }

    @Test(arguments: [
        ("[]", ErrorCode.wrongType), ("{\"input\":1}", .wrongType), ("{\"input\":[1]}", .wrongType),
        ("{\"input\":[{\"role\":\"x\"}]}", .outOfRange), ("{\"input\":\"", .malformedJSON),
    ])
    func refuses(body: String, code: ErrorCode) {
        let rejection = #expect(throws: RequestRejection.self) {
            try ResponsesConversationReader.read(ByteBuffer(string: body))
        }
        #expect(rejection?.code == code)
    }

    /// Every recorded request can be read, and what it says is what is written again: each item in its place.
    @Test(.enabled(if: sharedFolder != nil, "TACET_SHARED is not set"))
    func carriesEveryRecordedRequest() throws {
        var count = 0
        var unknown: [String: Int] = [:]
        for row in try RecordedResponsesTests.responses(try #require(sharedFolder)) {
            guard let request = row.request else { continue }
            count += 1
            let body = ByteBuffer(bytes: try JSONSerialization.data(withJSONObject: request))
            let conversation = try ResponsesConversationReader.read(body)
            for loss in conversation.losses where loss.reason == .unknownMember {
                unknown[String(decoding: loss.path, as: UTF8.self), default: 0] += 1
            }
            var out = ByteBuffer()
            _ = ResponsesConversationWriter.write(conversation, into: &out)
            let written = try Self.object(String(buffer: out))
            #expect(Self.words(written) == Self.words(request as NSDictionary), "\(row.id)")
            for write in [Self.chat, Self.messages] {
                var other = ByteBuffer()
                write(conversation, &other)
                _ = try Self.object(String(buffer: other))
            }
        }
        #expect(count == 1075)
        #expect(unknown.values.reduce(0, +) < 80, "\(unknown)")
    }

    private static func chat(_ conversation: Conversation, _ out: inout ByteBuffer) {
        _ = ChatConversationWriter.write(conversation, into: &out)
    }

    private static func messages(_ conversation: Conversation, _ out: inout ByteBuffer) {
        _ = MessagesRequestWriter.write(conversation, into: &out)
    }

    /// All words of a request's input, in order: texts, names, arguments, outputs, encrypted reasoning.
    private static func words(_ request: NSDictionary) -> [String] {
        var words: [String] = []
        func text(_ value: Any?) {
            if let text = value as? String, !text.isEmpty { words.append(text) }
            for part in value as? [[String: Any]] ?? [] {
                for name in ["text", "refusal", "file_id", "file_url"] { text(part[name]) }
            }
        }
        text(request["instructions"])
        text(request["input"] as? String)
        for item in request["input"] as? [[String: Any]] ?? [] {
            switch item["type"] as? String {
            case "function_call":
                words.append("\(item["name"] ?? "") \(item["call_id"] ?? "") \(item["arguments"] ?? "")")
            case "function_call_output":
                words.append("\(item["call_id"] ?? "")")
                text(item["output"])
            case "reasoning": text(item["encrypted_content"])
            case "message", nil: text(item["content"])
            default: break
            }
        }
        return words
    }
}
