import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// Requests, field by field: Gemini's for the other dialects' providers, and theirs for Gemini.
@Suite struct GeminiRequestTests {
    private static let path = GeminiPath(model: Array("m".utf8), action: .generateContent)
    private static let hi = #""contents":[{"role":"user","parts":[{"text":"hi"}]}]"#

    private static func read(_ body: String) throws -> Conversation {
        try GeminiRequestReader.read(ByteBuffer(string: body), path: path)
    }

    private static func chat(_ gemini: String) throws -> TranslatedRequest {
        let conversation = try read(gemini)
        var out = ByteBuffer()
        let losses = ChatConversationWriter.write(conversation, into: &out)
        return try TranslatedRequest(out, conversation.losses + losses)
    }

    private static func messages(_ gemini: String) throws -> TranslatedRequest {
        let conversation = try read(gemini)
        var out = ByteBuffer()
        let losses = MessagesRequestWriter.write(conversation, into: &out)
        return try TranslatedRequest(out, conversation.losses + losses)
    }

    private static func gemini(_ conversation: Conversation) throws -> TranslatedRequest {
        var out = ByteBuffer()
        let losses = GeminiRequestWriter.write(conversation, into: &out)
        return try TranslatedRequest(out, conversation.losses + losses)
    }

    private static func gemini(chat: String) throws -> TranslatedRequest {
        try gemini(ChatConversationReader.read(ByteBuffer(string: chat)))
    }

    private static func gemini(messages: String) throws -> TranslatedRequest {
        try gemini(MessagesRequestReader.read(ByteBuffer(string: messages)))
    }

    @Test(arguments: [
        (#""generationConfig":{"temperature":0.30}"#, "temperature", "0.3"),
        (#""generationConfig":{"topP":0.5,"seed":7}"#, "seed", "7"),
        (#""generation_config":{"max_output_tokens":99}"#, "max_completion_tokens", "99"),
        (#""generationConfig":{"candidateCount":3}"#, "n", "3"),
        (#""generationConfig":{"stopSequences":["a","b\n"]}"#, "stop", #"["a","b\n"]"#),
        (#""generationConfig":{"responseLogprobs":true,"logprobs":2}"#, "top_logprobs", "2"),
        (#""generationConfig":{"responseMimeType":"application/json"}"#, "response_format", #"{"type":"json_object"}"#),
        (
            #""generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true},"type":{"type":"ARRAY","items":{"type":"INTEGER"},"minItems":"1"}}}}"#,
            "response_format",
            #"{"json_schema":{"name":"answer","schema":{"properties":{"a":{"type":["string","null"]},"type":{"items":{"type":"integer"},"minItems":1,"type":"array"}},"type":"object"}},"type":"json_schema"}"#
        ),
        (
            #""generationConfig":{"responseJsonSchema":{"type":"object","nullable":1}}"#, "response_format",
            #"{"json_schema":{"name":"answer","schema":{"nullable":1,"type":"object"}},"type":"json_schema"}"#
        ),
        (#""generationConfig":{"thinkingConfig":{"thinkingLevel":"HIGH"}}"#, "reasoning_effort", #""high""#),
        (
            #""tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":{"type":"OBJECT"}}]}]"#,
            "tools",
            #"[{"function":{"description":"d","name":"f","parameters":{"type":"object"}},"type":"function"}]"#
        ),
        (
            #""tools":[{"function_declarations":[{"name":"f"}]}],"tool_config":{"function_calling_config":{"mode":"ANY","allowed_function_names":["f"]}}"#,
            "tool_choice", #"{"function":{"name":"f"},"type":"function"}"#
        ),
        (
            #""tools":{"functionDeclarations":{"name":"f"}},"toolConfig":{"functionCallingConfig":{"mode":"ANY"}}"#,
            "tool_choice", #""required""#
        ),
        (
            #""tools":[{"functionDeclarations":[{"name":"f"}]}],"toolConfig":{"functionCallingConfig":{"mode":"NONE"}}"#,
            "tool_choice", #""none""#
        ),
    ])
    func toChat(field: String, member: String, value: String) throws {
        let request = try Self.chat("{\(Self.hi),\(field)}")
        #expect(request.member(member) == value)
    }

    @Test(arguments: [
        ("{\"contents\":[],\"odd\":1}", "odd unknown"),
        ("{\(hi),\"safetySettings\":[{}]}", "safetySettings unsupported"),
        ("{\(hi),\"cachedContent\":\"cachedContents/1\"}", "cachedContent unsupported"),
        ("{\(hi),\"tools\":[{\"googleSearch\":{}}]}", "tools[0] server_tool"),
        ("{\(hi),\"tools\":[{\"codeExecution\":{}}]}", "tools[0] server_tool"),
        (#"{"contents":[{"parts":[{"executableCode":{"code":"1"}}]}]}"#, "contents[0].parts[0] server_tool"),
        (#"{"contents":[{"parts":[{"text":"a","videoMetadata":{}}]}]}"#, "contents[0].parts[0].videoMetadata unknown"),
        (
            #"{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"%%"}}]}]}"#,
            "contents[0].parts[0].inlineData.data malformed"
        ),
        (
            #"{"contents":[{"parts":[{"fileData":{"fileUri":"gs://b/o","mimeType":"image/png"}}]}]}"#,
            "contents[0].parts[0].source unsupported"
        ),
    ])
    func namesLosses(body: String, loss: String) throws { #expect(try Self.chat(body).losses.contains(loss)) }

    @Test func carriesATalk() throws {
        let request = try Self.chat(
            #"""
            {"systemInstruction":{"parts":[{"text":"Be kind."}]},"contents":[
             {"role":"user","parts":[{"text":"look"},{"inlineData":{"mimeType":"image/png","data":"aA-_"}}]},
             {"role":"model","parts":[{"text":"hm","thought":true},{"text":"ok"},{"functionCall":{"name":"f","args":{"x":1.50}}},{"functionCall":{"name":"f","args":{}}},{"functionCall":{"id":"own","name":"g"}}]},
             {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"one"}}},{"functionResponse":{"name":"f","response":{"error":"two"}}},{"functionResponse":{"id":"own","name":"g","response":{"a":[1]}}}]}]}
            """#)
        #expect(
            request.member("messages")
                == #"[{"content":"Be kind.","role":"system"},"#
                + #"{"content":[{"text":"look","type":"text"},{"image_url":{"url":"data:image/png;base64,aA+/"},"type":"image_url"}],"role":"user"},"#
                + #"{"content":"ok","role":"assistant","tool_calls":[{"function":{"arguments":"{\"x\":1.50}","name":"f"},"id":"gcall_1_2","type":"function"},{"function":{"arguments":"{}","name":"f"},"id":"gcall_1_3","type":"function"},{"function":{"arguments":"{}","name":"g"},"id":"own","type":"function"}]},"#
                + #"{"content":"one","role":"tool","tool_call_id":"gcall_1_2"},{"content":"two","role":"tool","tool_call_id":"gcall_1_3"},{"content":"{\"a\":[1]}","role":"tool","tool_call_id":"own"}]"#
        )
        #expect(request.member("model") == #""m""#)
    }

    @Test func refusesWhatIsNone() {
        for (body, code) in [
            ("{}", ErrorCode.missingMember), ("[]", .wrongType), (#"{"contents":5}"#, .wrongType),
            (#"{"contents":[5]}"#, .wrongType), (#"{"contents":[{"role":"king"}]}"#, .outOfRange),
            ("{", .malformedJSON),
        ] {
            #expect { try Self.read(body) } throws: { ($0 as? RequestRejection)?.code == code }
        }
    }

    // MARK: Others', for Gemini

    @Test(arguments: [
        (#""temperature":0.30"#, "generationConfig", #"{"temperature":0.3}"#),
        (#""top_p":1,"top_k":5,"seed":-1"#, "generationConfig", #"{"seed":-1,"topK":5,"topP":1}"#),
        (#""max_tokens":5,"stop":"x""#, "generationConfig", #"{"maxOutputTokens":5,"stopSequences":["x"]}"#),
        (#""n":2,"presence_penalty":0.5"#, "generationConfig", #"{"candidateCount":2,"presencePenalty":0.5}"#),
        (#""logprobs":true,"top_logprobs":3"#, "generationConfig", #"{"logprobs":3,"responseLogprobs":true}"#),
        (#""modalities":["text","image"]"#, "generationConfig", #"{"responseModalities":["TEXT","IMAGE"]}"#),
        (
            #""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","$id":"u"}}}"#,
            "generationConfig",
            #"{"responseJsonSchema":{"$id":"u","type":"object"},"responseMimeType":"application/json"}"#
        ),
        (
            #""reasoning_effort":"medium""#, "generationConfig",
            #"{"thinkingConfig":{"includeThoughts":true,"thinkingBudget":8192}}"#
        ),
        (#""reasoning_effort":"none""#, "generationConfig", #"{"thinkingConfig":{"thinkingBudget":0}}"#),
        (
            #""tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","additionalProperties":false}}}],"tool_choice":"required""#,
            "tools",
            #"[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"additionalProperties":false,"type":"object"}}]}]"#
        ),
        (
            #""tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required""#, "toolConfig",
            #"{"functionCallingConfig":{"mode":"ANY"}}"#
        ),
        (
            #""tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function","function":{"name":"f"}}"#,
            "toolConfig", #"{"functionCallingConfig":{"allowedFunctionNames":["f"],"mode":"ANY"}}"#
        ),
        (
            #""tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}}"#,
            "toolConfig", #"{"functionCallingConfig":{"allowedFunctionNames":["f"],"mode":"VALIDATED"}}"#
        ),
    ])
    func fromChat(field: String, member: String, value: String) throws {
        let request = try Self.gemini(chat: #"{"model":"m","messages":[{"role":"user","content":"hi"}],\#(field)}"#)
        #expect(request.member(member) == value)
        #expect(request.losses == [])
    }

    @Test(arguments: [
        (
            #""parallel_tool_calls":false,"tools":[{"type":"function","function":{"name":"f"}}]"#,
            "parallel_tool_calls unsupported"
        ),
        (#""logit_bias":{"1":2}"#, "logit_bias unsupported"), (#""user":"u""#, "user unsupported"),
        (#""reasoning_effort":"xhigh""#, "reasoning_effort clamped"),
        (
            #""tools":[{"type":"function","function":{"name":"f","strict":true}}]"#,
            "tools[0].function.strict unsupported"
        ),
        (#""tools":[{"type":"web_search"}]"#, "tools[0] server_tool"),
    ])
    func namesChatLosses(field: String, loss: String) throws {
        let request = try Self.gemini(chat: #"{"model":"m","messages":[{"role":"user","content":"hi"}],\#(field)}"#)
        #expect(request.losses == [loss])
    }

    @Test func carriesMessages() throws {
        let request = try Self.gemini(
            messages: #"""
                {"model":"gemini-3-pro","max_tokens":9,"thinking":{"type":"enabled","budget_tokens":2000},"system":"S","messages":[
                 {"role":"user","content":[{"type":"text","text":"a"},{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"QQ=="}}]},
                 {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"AA"},{"type":"thinking","thinking":"","signature":"BB"},{"type":"tool_use","id":"c1","name":"f","input":{"k":1e2}},{"type":"tool_use","id":"c2","name":"g","input":{}}]},
                 {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","is_error":true,"content":"no"},{"type":"tool_result","tool_use_id":"c2","content":[{"type":"text","text":"{\"r\":1.0}"},{"type":"image","source":{"type":"url","url":"https://x/y.png"}}]},{"type":"text","text":"go"}]}]}
                """#)
        #expect(
            request.member("contents")
                == #"[{"parts":[{"text":"a"},{"inlineData":{"data":"QQ==","mimeType":"application/pdf"}}],"role":"user"},"#
                + #"{"parts":[{"text":"t","thought":true,"thoughtSignature":"AA"},{"functionCall":{"args":{"k":100},"id":"c1","name":"f"},"thoughtSignature":"BB"},{"functionCall":{"args":{},"id":"c2","name":"g"}}],"role":"model"},"#
                + #"{"parts":[{"functionResponse":{"id":"c1","name":"f","response":{"error":"no"}}},{"functionResponse":{"id":"c2","name":"g","parts":[{"fileData":{"fileUri":"https://x/y.png","mimeType":"image/png"}}],"response":{"r":1}}},{"text":"go"}],"role":"user"}]"#
        )
        #expect(request.text.contains(#""args":{"k":1e2}"#))
        #expect(request.member("systemInstruction") == #"{"parts":[{"text":"S"}]}"#)
        #expect(request.text.contains(#""thinkingConfig":{"thinkingBudget":2000,"includeThoughts":true}"#))
        #expect(request.losses == [])
    }

    /// Gemini 3 refuses a call without a signature: the first of a turn gets Google's word for a foreign one.
    @Test(arguments: [
        ("gemini-3-flash", true), ("models/gemini-10-pro", true), ("gemini-2.5-pro", false), ("gemma", false),
    ])
    func signsForeignCalls(model: String, isSigned: Bool) throws {
        let request = try Self.gemini(
            chat:
                #"{"model":"\#(model)","messages":[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":""}},{"id":"b","type":"function","function":{"name":"f","arguments":"[1]"}}]},{"role":"tool","tool_call_id":"a","content":"1"},{"role":"tool","tool_call_id":"b","content":"2"}]}"#
        )
        #expect(request.text.components(separatedBy: "skip_thought_signature_validator").count == (isSigned ? 2 : 1))
        #expect(request.losses == ["messages[1].tool_calls[1].arguments malformed"])
        #expect(
            request.text.contains(
                #"{"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"output":"1"}}},{"functionResponse":{"id":"b","name":"f","response":{"output":"2"}}}]}"#
            ))
    }

    // MARK: Turns

    /// What Gemini said goes through a client of another dialect, and comes back to Gemini as it was.
    @Test(arguments: [
        [
            #"{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"Zm9v+/=="}"#,
            #"{"functionCall":{"name":"g","args":{}}}"#,
        ],
        [#"{"text":"t","thought":true}"#, #"{"functionCall":{"name":"f","args":{}},"thoughtSignature":"Zm9v"}"#],
        [#"{"text":"hello"}"#, #"{"text":"","thoughtSignature":"Zm9v"}"#],
        [#"{"text":"hello"}"#, #"{"functionCall":{"id":"x","name":"f","args":{}},"thoughtSignature":"Zm9v"}"#],
    ])
    func comesBack(parts: [String]) throws {
        let content = #"{"role":"model","parts":[\#(parts.joined(separator: ","))]}"#
        let answer =
            #"{"candidates":[{"content":\#(content),"finishReason":"STOP"}],"responseId":"r","modelVersion":"gemini-3"}"#
        let events = try #require(GeminiAnswerReader.read(ByteBuffer(string: answer)))
        let isStreamed = geminiEvents(Array("data: \(answer)\n\n".utf8))
        for events in [events, isStreamed] {
            var out = ByteBuffer()
            _ = MessagesAnswerWriter.write(events, into: &out)
            let message = try #require(Digest.object(String(buffer: out)))
            let next: [String: Any] = [
                "model": "gemini-3", "max_tokens": 1,
                "messages": [
                    ["role": "user", "content": "hi"], ["role": "assistant", "content": message["content"] ?? []],
                ],
            ]
            let request = try Self.gemini(messages: TranslatedRequest.spelled(next))
            #expect(request.text.contains(content))

            var chat = ByteBuffer()
            _ = ChatAnswerWriter.write(events, created: 1, into: &chat)
            let choices = Digest.object(String(buffer: chat))?["choices"] as? [[String: Any]]
            let turn: [String: Any] = [
                "model": "gemini-3",
                "messages": [["role": "user", "content": "hi"], choices?.first?["message"] ?? [:]],
            ]
            let second = try Self.gemini(chat: TranslatedRequest.spelled(turn))
            // Chat has no place for a signature behind a text: it stands in front.
            let isBehindText = parts.last?.hasPrefix(#"{"text":"""#) ?? false
            let expected = isBehindText ? parts.reversed().joined(separator: ",") : parts.joined(separator: ",")
            #expect(second.text.contains(#"{"role":"model","parts":[\#(expected)]}"#))
        }
    }

    /// What Anthropic thought goes through a client of Gemini's, and comes back to Anthropic as it was.
    @Test func bringsThoughtsBack() throws {
        let content =
            #"[{"signature":"AA+/","thinking":"t","type":"thinking"},{"data":"RED=","type":"redacted_thinking"},{"text":"x","type":"text"},{"signature":"BB","thinking":"","type":"thinking"},{"id":"toolu_1","input":{},"name":"f","type":"tool_use"}]"#
        let body =
            #"{"id":"m","type":"message","role":"assistant","model":"c","content":\#(content),"stop_reason":"tool_use"}"#
        let events = try #require(MessagesAnswerReader.read(ByteBuffer(string: body)))
        for client in [GeminiClient.events, .array] {
            var parts: [Any] = []
            let stream = client.stream(events)
            #expect(stream.fault == nil)
            let chunks =
                client == .events
                ? Digest.events(stream.text).compactMap(Digest.object)
                : (try JSONSerialization.jsonObject(with: Data(stream.text.utf8)) as? [[String: Any]]) ?? []
            for chunk in chunks {
                let candidate = (chunk["candidates"] as? [[String: Any]])?.first
                parts += (candidate?["content"] as? [String: Any])?["parts"] as? [Any] ?? []
            }
            let next: [String: Any] = ["contents": [["role": "model", "parts": parts]]]
            // Google's client libraries spell bytes for URLs.
            let spelled = TranslatedRequest.spelled(next).replacing("AA+/", with: "AA-_")
            let request = try Self.messages(spelled)
            let message = (request.json["messages"] as? [[String: Any]])?.first { $0["role"] as? String == "assistant" }
            #expect(message.map { TranslatedRequest.spelled($0["content"] ?? "") } == content)
        }
    }
}
