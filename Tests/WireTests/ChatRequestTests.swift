import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

@Suite struct ChatRequestTests {
    private static let minimal = #"{"model":"m","messages":[{}]}"#

    private func read(_ text: String) throws(RequestRejection) -> ChatRequest {
        try ChatRequest.read(ByteBuffer(string: text))
    }

    private func forwarded(
        _ text: String, model: String? = nil, usage: Bool = false, maximum: Int64? = nil,
        member: ChatRequest.OutputMember = .maxCompletionTokens
    ) throws -> String {
        // Not at the start of its storage: offsets count from the first readable byte.
        var body = ByteBuffer(string: "xyz" + text)
        body.moveReaderIndex(forwardBy: 3)
        let request = try ChatRequest.read(body)
        let pieces = request.forwarded(
            body, model: model.map { Array($0.utf8) }, askingForUsage: usage, maximumOutput: maximum,
            outputMember: member)
        return pieces.map { String(buffer: $0) }.joined()
    }

    @Test func readsWhatItNeeds() throws {
        let request = try read(
            #"{"model":"gpt\u002d5\/é","messages":[{"model":7,"stream":true}],"stream":true,"stream_options":{"x":[1],"include_usage":true},"max_tokens":10,"max_completion_tokens":20,"n":3,"user":"u"}"#
        )
        #expect(String(decoding: request.model, as: UTF8.self) == "gpt-5/é")
        #expect(request.isStreamed)
        #expect(request.asksForUsage)
        #expect(request.maximumOutput == 20)
        #expect(request.samples == 3)
        #expect(request.byteCount == 187)
    }

    @Test func hasDefaults() throws {
        let request = try read(Self.minimal)
        #expect(!request.isStreamed)
        #expect(!request.asksForUsage)
        #expect(request.maximumOutput == nil)
        #expect(request.samples == 1)
    }

    @Test(arguments: [
        #","stream":null"#, #","stream_options":null"#, #","stream_options":{"include_usage":null}"#,
        #","max_tokens":null"#, #","max_completion_tokens":null"#, #","n":null"#, #","user":1,"user":2"#,
        #","metadata":{"a":1,"a":2}"#,
    ])
    func takesNullAndStrangers(more: String) throws {
        let request = try read(#"{"model":"m","messages":[{}]"# + more + "}")
        #expect(!request.isStreamed && !request.asksForUsage && request.maximumOutput == nil && request.samples == 1)
    }

    @Test(
        arguments: [
            ("", .malformedJSON, .body), ("{", .malformedJSON, .body), ("[]", .wrongType, .body),
            ("3", .wrongType, .body),
            ("{}", .missingMember, .model), (#"{"model":"m"}"#, .missingMember, .messages),
            (#"{"messages":[1]}"#, .missingMember, .model), (#"{"model":1,"messages":[1]}"#, .wrongType, .model),
            (#"{"model":null,"messages":[1]}"#, .wrongType, .model),
            (#"{"model":"","messages":[1]}"#, .outOfRange, .model),
            (#"{"model":"m","messages":{}}"#, .wrongType, .messages),
            (#"{"model":"m","messages":null}"#, .wrongType, .messages),
            (#"{"model":"m","messages":[1],"stream":"true"}"#, .wrongType, .stream),
            (#"{"model":"m","messages":[1],"stream":1}"#, .wrongType, .stream),
            (#"{"model":"m","messages":[1],"stream_options":[]}"#, .wrongType, .streamOptions),
            (#"{"model":"m","messages":[1],"stream_options":{"include_usage":1}}"#, .wrongType, .includeUsage),
            (#"{"model":"m","messages":[1],"max_tokens":"5"}"#, .wrongType, .maxTokens),
            (#"{"model":"m","messages":[1],"max_tokens":1.5}"#, .wrongType, .maxTokens),
            (#"{"model":"m","messages":[1],"max_tokens":-1}"#, .outOfRange, .maxTokens),
            (#"{"model":"m","messages":[1],"max_completion_tokens":1e30}"#, .outOfRange, .maxCompletionTokens),
            (#"{"model":"m","messages":[1],"n":0}"#, .outOfRange, .n),
            (#"{"model":"m","messages":[1],"n":129}"#, .outOfRange, .n),
            (#"{"model":"m","messages":[1],"model":"m"}"#, .duplicateMember, .model),
            (#"{"model":"m","messages":[1],"mod\u0065l":"m"}"#, .duplicateMember, .model),
            (#"{"model":"m","messages":[1],"messages":[1]}"#, .duplicateMember, .messages),
            (#"{"model":"m","messages":[1],"stream":true,"stream":false}"#, .duplicateMember, .stream),
            (#"{"model":"m","messages":[1],"n":1,"n":1}"#, .duplicateMember, .n),
            (#"{"model":"m","messages":[1],"max_tokens":1,"max_tokens":2}"#, .duplicateMember, .maxTokens),
            (
                #"{"model":"m","messages":[1],"stream_options":null,"stream_options":{}}"#, .duplicateMember,
                .streamOptions
            ),
            (
                #"{"model":"m","messages":[1],"stream_options":{"include_usage":true,"include_usage":false}}"#,
                .duplicateMember, .includeUsage
            ),
            // What is wrong with the JSON is told first, also when it stands last.
            (#"{"model":1,"messages":[1]"#, .malformedJSON, .body),
            (#"{"model":"m","messages":[1]}x"#, .malformedJSON, .body),
            ("{\"model\":\"m\",\"messages\":[\"\u{0}\"]}", .malformedJSON, .body),
            (#"{"model":"m","messages":["\ud800"]}"#, .malformedJSON, .body),
            ("{\"model\":\"m\",\"messages\":" + nested(64) + "}", .tooDeep, .body),
        ] as [(String, ErrorCode, RequestMember)])
    func refuses(text: String, code: ErrorCode, member: RequestMember) {
        let rejection = #expect(throws: RequestRejection.self) { try read(text) }
        #expect(rejection?.code == code)
        #expect(rejection?.member == member)
        #expect((rejection?.offset ?? -1) <= text.utf8.count)
    }

    @Test func refusesInvalidUTF8() {
        var body = ByteBuffer(string: #"{"model":"m","messages":[""#)
        body.writeBytes([0xff, 0x22, 0x5d, 0x7d])
        let rejection = #expect(throws: RequestRejection.self) { try ChatRequest.read(body) }
        #expect(rejection == RequestRejection(code: .invalidUTF8, member: .body, offset: 26))
    }

    @Test(arguments: [
        (#"{ "model" : "m" , "messages":[1.0] }"#, #"{ "model" : "new\"\u0001" , "messages":[1.0] }"#),
        (#"{"messages":[1],"mod\u0065l":"\u0041"}"#, #"{"messages":[1],"mod\u0065l":"new\"\u0001"}"#),
    ])
    func replacesTheModelAlone(text: String, expected: String) throws {
        #expect(try forwarded(text, model: "new\"\u{1}") == expected)
    }

    @Test func leavesTheBodyAlone() throws {
        let text = #"{"model":"m", "messages":[1.0e0] ,"x":{"y":1,"y":2}} "#
        #expect(try forwarded(text) == text)
        #expect(try forwarded(text, usage: true) == text, "a plain request reports usage anyway")
        let limited = #"{"model":"m","messages":[1],"max_tokens":5}"#
        #expect(try forwarded(limited, maximum: 9) == limited)
        let asking = #"{"model":"m","messages":[1],"stream":true,"stream_options":{"include_usage":true}}"#
        #expect(try forwarded(asking, usage: true) == asking)
    }

    @Test(arguments: [
        ("", #""stream_options":{"include_usage":true},"#, ""),
        (#","stream_options":null"#, "", #","stream_options":{"include_usage":true}"#),
        (#","stream_options":{}"#, "", #","stream_options":{"include_usage":true}"#),
        (#","stream_options":{ }"#, "", #","stream_options":{"include_usage":true }"#),
        (#","stream_options":{"a":1}"#, "", #","stream_options":{"include_usage":true,"a":1}"#),
        (
            #","stream_options":{"a":1,"include_usage" : false}"#, "",
            #","stream_options":{"a":1,"include_usage" : true}"#
        ),
        (#","stream_options":{"include_usage":null}"#, "", #","stream_options":{"include_usage":true}"#),
    ])
    func asksForUsage(options: String, first: String, expected: String) throws {
        let middle = #""model":"m","messages":[1],"stream":true"#
        let text = try forwarded("{" + middle + options + "}", usage: true)
        #expect(text == "{" + first + middle + expected + "}")
        #expect(try read(text).asksForUsage)
    }

    @Test(arguments: [
        ("", ChatRequest.OutputMember.maxCompletionTokens, #"{"max_completion_tokens":77,"model":"m","messages":[1]}"#),
        ("", .maxTokens, #"{"max_tokens":77,"model":"m","messages":[1]}"#),
        (#","max_tokens":null"#, .maxTokens, #"{"model":"m","messages":[1],"max_tokens":77}"#),
        (
            #","max_tokens":null"#, .maxCompletionTokens,
            #"{"max_completion_tokens":77,"model":"m","messages":[1],"max_tokens":null}"#
        ),
    ])
    func limitsOutput(more: String, member: ChatRequest.OutputMember, expected: String) throws {
        let text = #"{"model":"m","messages":[1]"# + more + "}"
        #expect(try forwarded(text, maximum: 77, member: member) == expected)
    }

    @Test func editsTogether() throws {
        let text = #" {"stream":true,"model":"m","messages":[1]}"#
        #expect(
            try forwarded(text, model: "p/x", usage: true, maximum: 1)
                == #" {"stream_options":{"include_usage":true},"max_completion_tokens":1,"stream":true,"model":"p/x","messages":[1]}"#
        )
    }

    @Test func sharesWhatItKeeps() throws {
        let body = ByteBuffer(string: #"{"model":"m","messages":[""# + String(repeating: "a", count: 10_000) + #""]}"#)
        let pieces = try ChatRequest.read(body).forwarded(
            body, model: [0x78], askingForUsage: false, maximumOutput: nil)
        #expect(pieces.count == 3)
        #expect(pieces.last.map { $0.readableBytes > 10_000 } == true)
    }

    /// Whatever is cut or changed, reading either succeeds or names a fault inside the body.
    @Test func survivesDamage() {
        let whole = Array(
            #"{"model":"m","messages":[{"role":"user","content":"a\n\u00e9"}],"stream":true,"stream_options":{"include_usage":false},"n":2}"#
                .utf8)
        for length in 0..<whole.count {
            #expect(throws: RequestRejection.self) { try ChatRequest.read(ByteBuffer(bytes: whole.prefix(length))) }
        }
        for _ in 0..<20_000 {
            var bytes = whole
            bytes[Int.random(in: 0..<bytes.count)] = UInt8.random(in: 0...255)
            let body = ByteBuffer(bytes: bytes)
            if let request = try? ChatRequest.read(body) {
                let pieces = request.forwarded(body, model: [0x78], askingForUsage: true, maximumOutput: 5)
                var joined = ByteBuffer()
                for piece in pieces { joined.writeImmutableBuffer(piece) }
                #expect(throws: Never.self) { try ChatRequest.read(joined) }
            }
        }
    }

    /// What a provider may refuse itself is its to refuse: no messages, and a limit of 0, which bounds nothing here.
    @Test func oddButHarmlessValuesPass() throws {
        let request = try ChatRequest.read(ByteBuffer(string: #"{"model":"m","messages":[ ],"max_tokens":0}"#))
        #expect(request.maximumOutput == nil)
    }
}
