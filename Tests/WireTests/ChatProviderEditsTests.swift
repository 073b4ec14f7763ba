import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// A chat body on its way to a provider that refuses parts of OpenAI's dialect.
@Suite struct ChatProviderEditsTests {
    /// As Mistral has it.
    static var strict: ChatRequestOptions {
        var options = ChatRequestOptions()
        options.outputMember = .maxTokens
        options.takesOnlyMaxTokens = true
        options.takesStreamOptions = false
        options.takesDeveloperRole = false
        options.takesRandomSeed = true
        options.refusedMembers = ["user", "store"].map { Array($0.utf8) }
        return options
    }

    private func sent(
        _ text: String, model: String? = nil, maximum: Int64? = nil, options: ChatRequestOptions = strict
    ) throws -> (text: String, losses: [String]) {
        var body = ByteBuffer(string: "xyz" + text)
        body.moveReaderIndex(forwardBy: 3)
        let request = try ChatRequest.read(body)
        let (pieces, losses) = request.forwarded(
            body, model: model.map { Array($0.utf8) }, askingForUsage: request.isStreamed && !request.asksForUsage,
            maximumOutput: maximum, options: options)
        return (
            pieces.map { String(buffer: $0) }.joined(), losses.map { String(decoding: $0.path, as: UTF8.self) }
        )
    }

    private static let head = #"{"model":"m","messages":[]"#

    @Test(
        arguments: [
            // What is refused goes, wherever it stands.
            (head + #","user":"u"}"#, head + "}", ["user"]),
            (#"{"user":"u", "model":"m","messages":[]}"#, #"{"model":"m","messages":[]}"#, ["user"]),
            (
                #"{"user":1,"store":true,"model":"m" , "messages":[]}"#, #"{"model":"m" , "messages":[]}"#,
                ["user", "store"]
            ),
            (
                #"{"model":"m","user":{"a":[1]},"messages":[],"store":1,"user":2}"#, head + "}",
                ["user", "store", "user"]
            ),
            (head + #", "stop":"x" , "store":null }"#, head + #", "stop":"x" }"#, []),
            (head + #","us\u0065r":"u"}"#, head + "}", ["user"]),
            (head + #","usera":"u","metadata":{"user":1}}"#, head + #","usera":"u","metadata":{"user":1}}"#, []),
            // The stream's options, whose usage comes unasked.
            (head + #","stream":true,"stream_options":{"include_usage":true}}"#, head + #","stream":true}"#, []),
            (head + #","stream":true}"#, head + #","stream":true}"#, []),
            // The limit under the only name that is known.
            (head + #","max_completion_tokens":9}"#, head + #","max_tokens":9}"#, []),
            (head + #","max_tokens":5,"max_completion_tokens":9}"#, head + #","max_tokens":9}"#, []),
            (head + #","max_completion_tokens":null,"max_tokens":5}"#, head + #","max_tokens":5}"#, []),
            (head + #","seed":7}"#, head + #","random_seed":7}"#, []),
            (head + #","seed":7,"random_seed":8}"#, head + #","seed":7,"random_seed":8}"#, []),
            (
                #"{"model":"m","messages":[{"role":"developer","content":"developer"},{"content":"a","role":"user"},7]}"#,
                #"{"model":"m","messages":[{"role":"system","content":"developer"},{"content":"a","role":"user"},7]}"#,
                ["messages[0]"]
            ),
        ])
    func whatIsRefusedIsLeftOut(body: String, expected: String, losses: [String]) throws {
        let (text, lost) = try sent(body)
        #expect(text == expected)
        #expect(lost == losses)
    }

    @Test func aLimitIsPutInOnce() throws {
        let text = try sent(Self.head + #","max_completion_tokens":0}"#, model: "other", maximum: 12).text
        #expect(text == #"{"max_tokens":12,"model":"other","messages":[]}"#)
        #expect(
            try sent(Self.head + #","max_tokens":null,"user":1}"#, maximum: 3).text == Self.head + #","max_tokens":3}"#)
    }

    @Test func aProviderWithoutQuirksGetsTheBytes() throws {
        let body = Self.head + #","user":"u","seed":1,"max_completion_tokens":3}"#
        let (text, losses) = try sent(body, options: ChatRequestOptions())
        #expect(text == body && losses.isEmpty)
    }

    /// Every subset of members in two orders stays JSON and keeps what is not refused.
    @Test func everySubsetStaysJSON() throws {
        let members = [
            #""user":"u""#, #""store":false"#, #""stream_options":{}"#, #""seed":1"#, #""max_completion_tokens":2"#,
            #""top_p":1"#,
        ]
        for mask in 0..<64 {
            let chosen = members.indices.filter { mask >> $0 & 1 == 1 }.map { members[$0] }
            for text in [
                chosen + [#""model":"m""#, #""messages":[]"#], [#""model":"m""#, #""messages":[]"#] + chosen,
            ] {
                let out = try sent("{" + text.joined(separator: " , ") + "}").text
                #expect(try JSONCursor.validate(Array(out.utf8).span) == .object, "\(out)")
                #expect(!out.contains("user") && !out.contains("store") && !out.contains("stream_options"))
                #expect(out.contains("top_p") == (mask & 32 != 0) && out.contains("random_seed") == (mask & 8 != 0))
            }
        }
    }

    @Test func aTranslationKeepsToTheSame() throws {
        let body = ByteBuffer(
            string: #"{"model":"m","max_completion_tokens":4,"seed":7,"user":"u","stream":true,"#
                + #""messages":[{"role":"developer","content":"d"},{"role":"user","content":"q"}]}"#)
        var out = ByteBuffer()
        let conversation = try ChatConversationReader.read(body)
        let losses = ChatConversationWriter.write(conversation, options: Self.strict, into: &out)
        let text = String(buffer: out)
        #expect(text.contains(#""max_tokens":4"#) && text.contains(#""random_seed":7"#))
        #expect(text.contains(#""role":"system""#) && !text.contains("developer") && !text.contains("stream_options"))
        #expect(!text.contains(#""user":"u""#))
        #expect(losses.map { String(decoding: $0.path, as: UTF8.self) } == ["messages[0]", "user"])
    }
}
