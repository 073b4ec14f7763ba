import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// A request of one dialect as a provider of the other gets it.
struct TranslatedRequest {
    var json: [String: Any] = [:]
    var text = ""
    var losses: [String] = []

    static func messages(_ chat: String, _ options: MessagesRequestOptions = MessagesRequestOptions()) throws -> Self {
        let conversation = try ChatConversationReader.read(ByteBuffer(string: chat))
        var out = ByteBuffer()
        let losses = MessagesRequestWriter.write(conversation, options: options, into: &out)
        return try Self(out, conversation.losses + losses)
    }

    static func chat(_ messages: String, _ options: ChatRequestOptions = ChatRequestOptions()) throws -> Self {
        let conversation = try MessagesRequestReader.read(ByteBuffer(string: messages))
        var out = ByteBuffer()
        let losses = ChatConversationWriter.write(conversation, options: options, into: &out)
        return try Self(out, conversation.losses + losses)
    }

    init(_ out: ByteBuffer, _ losses: [Loss]) throws {
        text = String(buffer: out)
        json = try #require(Digest.object(text), "\(text)")
        self.losses = losses.map { "\(String(decoding: $0.path, as: UTF8.self)) \($0.reason.name)" }
    }

    /// A member, in one spelling.
    func member(_ name: String) -> String? { json[name].map(Self.spelled) }

    static func spelled(_ value: Any) -> String {
        let data = try? JSONSerialization.data(
            withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed, .withoutEscapingSlashes])
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    static func spelled(_ json: String) -> String? {
        (try? JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)).map(spelled)
    }
}

@Suite struct RequestTests {
    struct Case: Sendable, CustomTestStringConvertible {
        /// Members beside `model` and `messages`, or the messages themselves.
        var source: String
        var member: String
        /// `nil`: the member is not sent.
        var target: String?
        var losses: [String] = []
        var testDescription: String { source }
    }

    private static let tool =
        #""tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"x":{"type":"number","maximum":1.50}}}}}]"#

    static let chatMembers: [Case] = [
        Case(source: "", member: "max_tokens", target: "8192"),
        Case(source: #""max_tokens":7"#, member: "max_tokens", target: "7"),
        Case(source: #""max_completion_tokens":9,"max_tokens":7"#, member: "max_tokens", target: "9"),
        Case(source: #""temperature":0.30"#, member: "temperature", target: "0.3"),
        Case(source: #""temperature":1.5"#, member: "temperature", target: "1", losses: ["temperature clamped"]),
        Case(source: #""top_p":0.5"#, member: "top_p", target: "0.5"),
        Case(source: #""stop":"END""#, member: "stop_sequences", target: #"["END"]"#),
        Case(source: #""stop":["a","\n"]"#, member: "stop_sequences", target: #"["a"]"#, losses: ["stop unsupported"]),
        Case(source: #""stream":true,"stream_options":{"include_usage":true}"#, member: "stream", target: "true"),
        Case(source: #""user":"u""#, member: "metadata", target: #"{"user_id":"u"}"#),
        Case(source: #""safety_identifier":"s""#, member: "metadata", target: #"{"user_id":"s"}"#),
        Case(source: #""seed":1"#, member: "seed", target: nil, losses: ["seed unsupported"]),
        Case(
            source: #""n":1,"store":false,"logprobs":false,"modalities":["text"],"service_tier":"auto""#, member: "n",
            target: nil),
        Case(source: #""n":2"#, member: "n", target: nil, losses: ["n unsupported"]),
        Case(source: #""logit_bias":{"1":2}"#, member: "logit_bias", target: nil, losses: ["logit_bias unsupported"]),
        Case(
            source: #""prompt_cache_key":"k""#, member: "prompt_cache_key", target: nil,
            losses: ["prompt_cache_key unsupported"]),
        Case(source: #""service_tier":"default""#, member: "service_tier", target: #""standard_only""#),
        Case(source: #""novelty":{"a":1}"#, member: "novelty", target: nil, losses: ["novelty unknown"]),
        Case(source: #""bad name":1"#, member: "x", target: nil, losses: ["? unknown"]),
        Case(
            source: #""response_format":{"type":"json_object"}"#, member: "output_config", target: nil,
            losses: ["response_format unsupported"]),
        Case(
            source: #""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}}"#,
            member: "output_config", target: #"{"format":{"schema":{"type":"object"},"type":"json_schema"}}"#),
        Case(
            source: #""reasoning_effort":"medium""#, member: "thinking",
            target: #"{"budget_tokens":8191,"type":"enabled"}"#),
        Case(source: #""reasoning_effort":"none""#, member: "thinking", target: #"{"type":"disabled"}"#),
        Case(
            source: #""reasoning_effort":"low","max_completion_tokens":500"#, member: "thinking", target: nil,
            losses: ["reasoning_effort unsupported"]),
        Case(
            source: #""reasoning":{"max_tokens":2000}"#, member: "thinking",
            target: #"{"budget_tokens":2000,"type":"enabled"}"#),
        Case(
            source: #""reasoning_effort":"low","temperature":0.2"#, member: "temperature", target: nil,
            losses: ["temperature unsupported"]),
        Case(
            source: tool, member: "tools",
            target:
                #"[{"description":"d","input_schema":{"properties":{"x":{"maximum":1.5,"type":"number"}},"type":"object"},"name":"f"}]"#
        ),
        Case(source: tool + #","tool_choice":"required""#, member: "tool_choice", target: #"{"type":"any"}"#),
        Case(
            source: tool + #","tool_choice":"none","parallel_tool_calls":false"#, member: "tool_choice",
            target: #"{"type":"none"}"#),
        Case(
            source: tool + #","parallel_tool_calls":false"#, member: "tool_choice",
            target: #"{"disable_parallel_tool_use":true,"type":"auto"}"#),
        Case(
            source: tool + #","tool_choice":{"type":"function","function":{"name":"f"}},"reasoning_effort":"high""#,
            member: "tool_choice", target: #"{"name":"f","type":"tool"}"#, losses: ["reasoning_effort unsupported"]),
        Case(
            source: #""tools":[{"type":"web_search"},{"type":"function","function":{"name":"g","parameters":{}}}]"#,
            member: "tools",
            target: #"[{"input_schema":{"properties":{},"type":"object"},"name":"g"}]"#,
            losses: ["tools[0] server_tool"]),
        Case(
            source:
                #""functions":[{"name":"a"},{"name":"b"}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"b"}}]}}"#,
            member: "tools", target: #"[{"input_schema":{"properties":{},"type":"object"},"name":"b"}]"#),
    ]

    @Test(arguments: chatMembers) func chatMember(row: Case) throws {
        let rest = row.source.isEmpty ? "" : "," + row.source
        let request = try TranslatedRequest.messages(
            #"{"model":"m\u0061","messages":[{"role":"user","content":"hi"}]\#(rest)}"#)
        #expect(request.member(row.member) == row.target)
        #expect(request.losses == row.losses)
        #expect(request.text.hasPrefix(#"{"model":"m\u0061","#))
        #expect(request.member("messages") == #"[{"content":"hi","role":"user"}]"#)
    }

    static let chatTurns: [Case] = [
        Case(
            source: #"{"role":"system","content":"s"},{"role":"user","content":"a\u0062\n"}"#, member: "messages",
            target: #"[{"role":"user","content":"ab\n"}]"#),
        Case(
            source: #"{"role":"user","content":"a"},{"role":"developer","content":"d"},{"role":"user","content":"b"}"#,
            member: "messages",
            target: #"[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]"#,
            losses: ["messages[1] moved"]),
        Case(
            source:
                #"{"role":"user","content":[{"type":"text","text":"t","cache_control":{"type":"ephemeral"}},{"type":"image_url","image_url":{"url":"data:image\/jpg;base64,QUJD","detail":"low"}},{"type":"image_url","image_url":{"url":"https://x/y.png"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,QQ=="}},{"type":"input_audio","input_audio":{"data":"QQ==","format":"wav"}}]}"#,
            member: "messages",
            target:
                #"[{"role":"user","content":[{"type":"text","text":"t","cache_control":{"type":"ephemeral"}},{"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"QUJD"}},{"type":"image","source":{"type":"url","url":"https://x/y.png"}},{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"QQ=="},"title":"a.pdf"}]}]"#,
            losses: ["messages[0].content[1].image_url.detail unsupported", "messages[0].content[4] unsupported"]),
        Case(
            source:
                #"{"role":"user","content":"q"},{"role":"assistant","content":"","tool_calls":[{"id":"call.1","type":"function","function":{"name":"f","arguments":"{\"a\": 1.0}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":""}}]},{"role":"tool","tool_call_id":"call.1","content":"r1"},{"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"r2"},{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ=="}}]},{"role":"user","content":"go"}"#,
            member: "messages",
            target:
                #"[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"f","input":{"a":1.0}},{"type":"tool_use","id":"c2","name":"g","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"r1"},{"type":"tool_result","tool_use_id":"c2","content":[{"type":"text","text":"r2"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"QQ=="}}]},{"type":"text","text":"go"}]}]"#,
            losses: ["tools converted"]),
        Case(
            source:
                #"{"role":"assistant","content":"x","reasoning_details":[{"type":"reasoning.text","text":"h","index":0},{"type":"reasoning.text","text":"m","index":0},{"type":"reasoning.text","signature":"S\/=","index":0},{"type":"reasoning.encrypted","data":"R","index":1}]},{"role":"assistant","content":"y","reasoning_content":"unsigned"}"#,
            member: "messages",
            target:
                #"[{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"S/="},{"type":"redacted_thinking","data":"R"},{"type":"text","text":"x"},{"type":"text","text":"y"}]}]"#,
            losses: ["messages[1] unsigned"]),
        Case(
            source:
                #"{"role":"assistant","content":null,"refusal":"no","audio":{"id":"a"},"extra":1,"function_call":{"name":"f","arguments":"not json"}},{"role":"function","name":"f","content":"r"}"#,
            member: "messages",
            target:
                #"[{"role":"assistant","content":[{"type":"text","text":"no"},{"type":"tool_use","id":"f","name":"f","input":{"input":"not json"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"f","content":"r"}]}]"#,
            losses: [
                "messages[0].audio unsupported", "messages[0].extra unknown",
                "messages[0].function_call.arguments malformed", "tools converted",
            ]),
        Case(
            source:
                #"{"role":"user","name":"bob","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,@@"}},{"type":"hologram"}]}"#,
            member: "messages",
            target:
                #"[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"@@"}}]}]"#,
            losses: [
                "messages[0].content[0] malformed", "messages[0].name unsupported",
                "messages[0].content[1] unsupported",
            ]),
    ]

    @Test(arguments: chatTurns) func chatMessages(row: Case) throws {
        let request = try TranslatedRequest.messages(#"{"model":"m","messages":[\#(row.source)]}"#)
        #expect(request.member(row.member) == TranslatedRequest.spelled(row.target ?? ""))
        #expect(request.losses == row.losses)
    }

    @Test func systemTexts() throws {
        let one = try TranslatedRequest.messages(
            #"{"model":"m","messages":[{"role":"system","content":"a"},{"role":"user","content":"q"}]}"#)
        #expect(one.member("system") == #""a""#)
        let two = try TranslatedRequest.messages(
            #"{"model":"m","messages":[{"role":"system","content":"a"},{"role":"developer","content":[{"type":"text","text":"b","cache_control":{"type":"ephemeral","ttl":"1h"}}]},{"role":"user","content":"q"}]}"#
        )
        #expect(
            two.member("system")
                == #"[{"text":"a","type":"text"},{"cache_control":{"ttl":"1h","type":"ephemeral"},"text":"b","type":"text"}]"#
        )
        #expect(two.losses.isEmpty)
    }

    /// Spelling survives: escapes, numbers, schema members and their order.
    @Test func passesSpellingUnchanged() throws {
        let schema = #"{"type":"object", "properties":{"b":{"maximum":1.50e0},"a":{"pattern":"\\d\/\u0041"}}}"#
        let request = try TranslatedRequest.messages(
            #"{"model":"m","messages":[{"role":"user","content":"\u00fc\/\ud83d\ude00"}],"temperature":0.70,"tools":[{"type":"function","function":{"name":"f","parameters":\#(schema)}}]}"#
        )
        #expect(request.text.contains(#""input_schema":\#(schema)"#))
        #expect(request.text.contains(#""temperature":0.70"#))
        #expect(request.text.contains(#""content":"\u00fc\/\ud83d\ude00""#))
    }

    static let messagesMembers: [Case] = [
        Case(source: "", member: "max_completion_tokens", target: "5"),
        Case(
            source: #""system":"s""#, member: "messages",
            target: #"[{"content":"s","role":"system"},{"content":"hi","role":"user"}]"#),
        Case(
            source:
                #""system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"text","text":"b"}]"#,
            member: "messages",
            target:
                #"[{"content":[{"text":"a","type":"text"},{"text":"b","type":"text"}],"role":"system"},{"content":"hi","role":"user"}]"#,
            losses: ["system[0].cache_control unsupported"]),
        Case(
            source: #""stop_sequences":["a","b","c","d","e"]"#, member: "stop", target: #"["a","b","c","d"]"#,
            losses: ["stop_sequences clamped"]),
        Case(source: #""stream":true"#, member: "stream_options", target: #"{"include_usage":true}"#),
        Case(source: #""top_k":3"#, member: "top_k", target: nil, losses: ["top_k unsupported"]),
        Case(source: #""metadata":{"user_id":"u"}"#, member: "user", target: #""u""#),
        Case(
            source: #""thinking":{"type":"enabled","budget_tokens":4096}"#, member: "reasoning_effort",
            target: #""medium""#, losses: ["thinking.budget_tokens converted"]),
        Case(
            source: #""thinking":{"type":"disabled"}"#, member: "reasoning_effort", target: nil,
            losses: ["thinking unsupported"]),
        Case(
            source: #""thinking":{"type":"adaptive"},"output_config":{"effort":"max"}"#, member: "reasoning_effort",
            target: #""xhigh""#, losses: ["output_config.effort clamped"]),
        Case(
            source: #""output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}"#,
            member: "response_format",
            target: #"{"json_schema":{"name":"answer","schema":{"type":"object"},"strict":true},"type":"json_schema"}"#),
        Case(
            source:
                #""tools":[{"name":"f","input_schema":{"type":"object"}},{"type":"web_search_20250305","name":"web_search"},{"type":"bash_20250124","name":"bash"}],"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true}"#,
            member: "tool_choice", target: #"{"function":{"name":"f"},"type":"function"}"#,
            losses: ["tools[1] server_tool", "tools[2] unsupported"]),
        Case(
            source: #""tools":[{"name":"f"}],"tool_choice":{"type":"any"}"#, member: "tool_choice",
            target: #""required""#),
        Case(
            source: #""tools":[{"name":"f"}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true}"#,
            member: "parallel_tool_calls", target: "false"),
        Case(source: #""service_tier":"standard_only""#, member: "service_tier", target: #""default""#),
        Case(
            source: #""container":"c","mcp_servers":[]"#, member: "container", target: nil,
            losses: ["container unsupported", "mcp_servers unsupported"]),
        Case(source: #""novelty":1"#, member: "novelty", target: nil, losses: ["novelty unknown"]),
    ]

    @Test(arguments: messagesMembers) func messagesMember(row: Case) throws {
        let rest = row.source.isEmpty ? "" : "," + row.source
        let request = try TranslatedRequest.chat(
            #"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"hi"}]\#(rest)}"#)
        #expect(request.member(row.member) == row.target)
        #expect(request.losses == row.losses)
    }

    static let messagesTurns: [Case] = [
        Case(
            source:
                #"{"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"QQ=="}},{"type":"image","source":{"type":"url","url":"https://x"}},{"type":"document","title":"t.pdf","source":{"type":"base64","media_type":"application/pdf","data":"QQ=="}},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"plain"}},{"type":"document","source":{"type":"url","url":"https://d"}}]}"#,
            member: "messages",
            target:
                #"[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ=="}},{"type":"image_url","image_url":{"url":"https://x"}},{"type":"file","file":{"filename":"t.pdf","file_data":"data:application/pdf;base64,QQ=="}},{"type":"text","text":"plain"}]}]"#,
            losses: ["messages[0].content[4] converted", "messages[0].content[5].source unsupported"]),
        Case(
            source:
                #"{"role":"assistant","content":[{"type":"thinking","thinking":"h","signature":"S"},{"type":"text","text":"x"},{"type":"server_tool_use","id":"s","name":"web_search","input":{}},{"type":"tool_use","id":"t1","name":"f","input":{"a": 1.0}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":[{"type":"text","text":"r"},{"type":"image","source":{"type":"url","url":"https://x"}}]},{"type":"text","text":"go"}]}"#,
            member: "messages",
            target:
                #"[{"role":"assistant","content":[{"type":"text","text":"x"}],"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\": 1.0}"}}]},{"role":"tool","tool_call_id":"t1","content":"r"},{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x"}},{"type":"text","text":"go"}]}]"#,
            losses: [
                "messages[0].content[0] unsupported", "messages[0].content[2] server_tool",
                "messages[1].content[0].content[1] moved",
                "messages[1].content[0].is_error unsupported",
            ]),
        Case(
            source:
                #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"},{"type":"tool_result","tool_use_id":"b","content":"t"}]}"#,
            member: "messages",
            target:
                #"[{"role":"tool","tool_call_id":"a","content":""},{"role":"tool","tool_call_id":"b","content":"t"}]"#),
    ]

    @Test(arguments: messagesTurns) func messagesMessages(row: Case) throws {
        let request = try TranslatedRequest.chat(#"{"model":"m","max_tokens":5,"messages":[\#(row.source)]}"#)
        #expect(request.member(row.member) == TranslatedRequest.spelled(row.target ?? ""))
        #expect(request.losses == row.losses)
    }

    @Test func providersDiffer() throws {
        var options = ChatRequestOptions()
        options.outputMember = .maxTokens
        options.takesExtendedSampling = true
        options.takesCacheControl = true
        options.takesEffort = false
        options.thoughts = .reasoningDetails
        let request = try TranslatedRequest.chat(
            #"{"model":"m","max_tokens":5,"top_k":3,"thinking":{"type":"enabled","budget_tokens":4096},"messages":[{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]},{"role":"assistant","content":[{"type":"thinking","thinking":"h","signature":"S"},{"type":"redacted_thinking","data":"R"}]}]}"#,
            options)
        #expect(request.member("max_tokens") == "5")
        #expect(request.member("top_k") == "3")
        #expect(request.losses == ["thinking unsupported"])
        #expect(
            request.member("messages")
                == TranslatedRequest.spelled(
                    #"[{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]},{"role":"assistant","content":"","reasoning_details":[{"type":"reasoning.text","text":"h","signature":"S","index":0},{"type":"reasoning.encrypted","data":"R","index":1}]}]"#
                ))
        var efforts = MessagesRequestOptions()
        efforts.thinking = .effort
        let back = try TranslatedRequest.messages(
            #"{"model":"m","messages":[{"role":"user","content":"a"}],"reasoning_effort":"high"}"#, efforts)
        #expect(back.member("thinking") == #"{"type":"adaptive"}"#)
        #expect(back.member("output_config") == #"{"effort":"high"}"#)
    }

    /// Thinking is not asked for within a round of calls whose thoughts are not signed: Anthropic refuses that.
    @Test func thinksOnlyWhereItMay() throws {
        func request(_ details: String) throws -> TranslatedRequest {
            try TranslatedRequest.messages(
                #"{"model":"m","reasoning_effort":"low","messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,\#(details)"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"r"}],"tools":[{"type":"function","function":{"name":"f"}}]}"#
            )
        }
        #expect(try request("").losses == ["reasoning_effort unsupported"])
        let signed = try request(
            #""reasoning_details":[{"type":"reasoning.text","text":"h","signature":"S","index":0}],"#)
        #expect(signed.losses.isEmpty)
        #expect(signed.member("thinking") == #"{"budget_tokens":2048,"type":"enabled"}"#)
    }

    @Test(arguments: [
        (#"{"model":"m"}"#, ErrorCode.missingMember), ("[]", .wrongType), ("{", .malformedJSON),
        (#"{"messages":[1]}"#, .wrongType),
        (#"{"messages":[{"role":"pope"}]}"#, .outOfRange), (#"{"messages":{}}"#, .missingMember),
    ])
    func refusesWhatIsNoRequest(body: String, code: ErrorCode) {
        #expect { try ChatConversationReader.read(ByteBuffer(string: body)) } throws: {
            ($0 as? RequestRejection)?.code == code
        }
        #expect { try MessagesRequestReader.read(ByteBuffer(string: body)) } throws: {
            ($0 as? RequestRejection)?.code == code
        }
    }

    @Test func saysNothingOfItself() throws {
        let conversation = try ChatConversationReader.read(
            ByteBuffer(string: #"{"model":"m","SECRET":1,"messages":[{"role":"user","content":"SECRET"}]}"#))
        var text = ""
        dump(conversation, to: &text)
        #expect(!text.contains("SECRET"))
        #expect(!"\(conversation)".contains("SECRET"))
    }
}
