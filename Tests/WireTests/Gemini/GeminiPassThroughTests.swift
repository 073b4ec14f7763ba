import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// What Tacet reads of a Gemini request that passes, and what it puts in.
@Suite struct GeminiPassThroughTests {
    private static func path(_ action: GeminiAction = .generateContent) -> GeminiPath {
        GeminiPath(model: Array("m".utf8), action: action)
    }

    @Test(
        arguments: [
            ("/v1beta/models/gemini-3-flash:generateContent", "gemini-3-flash", GeminiAction.generateContent, .array),
            ("/v1/models/oai/gpt-5:streamGenerateContent?alt=sse", "oai/gpt-5", .streamGenerateContent, .events),
            ("/v1beta/models/m:streamGenerateContent?key=k&alt=sse#x", "m", .streamGenerateContent, .events),
            ("/v1beta/models/m:streamGenerateContent?xalt=sse", "m", .streamGenerateContent, .array),
            ("/v1beta/models/llama3:8b:countTokens", "llama3:8b", .countTokens, .array),
            ("/v1beta/models/a%2Fb%20c:embedContent", "a/b c", .embedContent, .array),
            ("/v1/projects/p/locations/l/publishers/google/models/g:generateContent", "g", .generateContent, .array),
            ("/v1beta/models/or/x/models/y:batchEmbedContents", "or/x/models/y", .batchEmbedContents, .array),
        ] as [(String, String, GeminiAction, GeminiFraming)])
    func readsPaths(target: String, model: String, action: GeminiAction, framing: GeminiFraming) throws {
        let read = GeminiPath.read(Array(target.utf8).span)
        let path = try #require(read)
        #expect(path == GeminiPath(model: Array(model.utf8), action: action, framing: framing))
    }

    @Test(arguments: [
        "", "/", "/v1beta/models/", "/v1beta/models/m", "/v1beta/models/:generateContent", "/v1beta/models/m:fly",
        "/v1beta/models/m%2:generateContent", "/v1beta/models/m%zz:generateContent", "/v1/chat/completions",
        "/v1beta/models/m?x=:generateContent",
    ])
    func refusesPaths(target: String) {
        let path = GeminiPath.read(Array(target.utf8).span)
        #expect(path == nil)
    }

    @Test(arguments: [
        (#"{"contents":[]}"#, #"{"generationConfig":{"maxOutputTokens":7},"contents":[]}"#),
        (
            #"{ "contents" : [], "generationConfig":{} }"#,
            #"{ "contents" : [], "generationConfig":{"maxOutputTokens":7} }"#
        ),
        (
            #"{"contents":[],"generationConfig":{"topK":1.0}}"#,
            #"{"contents":[],"generationConfig":{"maxOutputTokens":7,"topK":1.0}}"#
        ),
        (
            #"{"contents":[],"generation_config":{"max_output_tokens":null}}"#,
            #"{"contents":[],"generation_config":{"max_output_tokens":7}}"#
        ),
        (#"{"contents":[],"generationConfig":null}"#, #"{"contents":[],"generationConfig":{"maxOutputTokens":7}}"#),
        (
            #"{"model":"models/x","contents":[],"generationConfig":{"maxOutputTokens":"3"}}"#,
            #"{"model":"models/n","contents":[],"generationConfig":{"maxOutputTokens":"3"}}"#
        ),
    ])
    func splices(body: String, expected: String) throws {
        let buffer = ByteBuffer(string: body)
        let request = try GeminiRequest.read(buffer, path: Self.path())
        var out = ByteBuffer()
        for piece in request.forwarded(buffer, model: Array("n".utf8), maximumOutput: 7) {
            out.writeImmutableBuffer(piece)
        }
        #expect(String(buffer: out) == expected)
        // Without edits the body is the body.
        #expect(request.forwarded(buffer, model: nil, maximumOutput: nil) == [buffer])
    }

    @Test func readsOtherActions() throws {
        let body = ByteBuffer(
            string: #"{"requests":[{"model":"models/a","content":{}},{"content":{},"model":"models/b"}]}"#)
        let request = try GeminiRequest.read(body, path: Self.path(.batchEmbedContents))
        var out = ByteBuffer()
        for piece in request.forwarded(body, model: [0x6e], maximumOutput: 5) { out.writeImmutableBuffer(piece) }
        #expect(
            String(buffer: out)
                == #"{"requests":[{"model":"models/n","content":{}},{"content":{},"model":"models/n"}]}"#)
        _ = try GeminiRequest.read(ByteBuffer(string: #"{"content":{"parts":[]}}"#), path: Self.path(.embedContent))
        let count = ByteBuffer(string: #"{"generateContentRequest":{"model":"models/x","contents":[]}}"#)
        _ = try GeminiRequest.read(count, path: Self.path(.countTokens))
        #expect(try GeminiRequestReader.read(count, path: Self.path(.countTokens)).losses.isEmpty)
    }

    @Test(arguments: [
        ("[]", ErrorCode.wrongType, RequestMember.body), ("{}", .missingMember, .contents),
        (#"{"contents":1}"#, .wrongType, .contents), (#"{"contents":[],"contents":[]}"#, .duplicateMember, .contents),
        (#"{"contents":[],"generationConfig":[]}"#, .wrongType, .generationConfig),
        (
            #"{"contents":[],"generationConfig":{"maxOutputTokens":1,"max_output_tokens":2}}"#, .duplicateMember,
            .generationMaxOutputTokens
        ),
        (#"{"contents":[],"generationConfig":{"maxOutputTokens":1.5}}"#, .wrongType, .generationMaxOutputTokens),
        (#"{"contents":[],"generationConfig":{"maxOutputTokens":-1}}"#, .outOfRange, .generationMaxOutputTokens),
        (#"{"contents":[],"generationConfig":{"candidateCount":200}}"#, .outOfRange, .candidateCount),
        (#"{"contents":[]"#, .malformedJSON, .body),
    ])
    func rejects(body: String, code: ErrorCode, member: RequestMember) {
        #expect { try GeminiRequest.read(ByteBuffer(string: body), path: Self.path()) } throws: { error in
            let rejection = error as? RequestRejection
            return rejection?.code == code && rejection?.member == member
        }
    }

    @Test func writesErrors() throws {
        for kind in ProviderError.Kind.allCases {
            var error = ProviderError(kind, status: ProviderError.status(of: kind), message: RawText("no \\\"way\\\""))
            error.type = RawText("x")
            var out = ByteBuffer()
            GeminiErrorWriter.write(error, into: &out)
            let read = GeminiErrorReader.read(out, status: error.status)
            #expect(read.status == error.status)
            #expect(read.message.isSpelled(like: error.message))
            // Size and money have no word of Google's: they are told as what comes nearest.
            if kind != .tooLarge, kind != .billing { #expect(read.kind == kind) }
        }
        let quota = #"[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"34.07s"}]}}]"#
        #expect(GeminiErrorReader.retryAfter(ByteBuffer(string: quota)) == 35)
        #expect(GeminiErrorReader.retryAfter(ByteBuffer(string: "{}")) == nil)
    }

    @Test func repliesAsGoogleDoes() throws {
        let id = RequestID(high: 1, low: 2)
        for framing in GeminiFraming.allCases {
            var out = ByteBuffer()
            GeminiReply.errorEvent(
                status: 402, code: .budgetExhausted, message: Array("no".utf8), id: id, framing: framing, isFirst: true,
                into: &out)
            let form = framing == .array ? StreamForm.geminiArray : .gemini
            #expect(form.violation(String(buffer: out)) == nil)
            #expect(String(buffer: out).contains(#""reason":"BUDGET_EXHAUSTED""#))
        }
        var out = ByteBuffer()
        GeminiReply.modelList([Array("a/b".utf8), Array("c".utf8)], into: &out)
        let list = try #require(Digest.object(String(buffer: out))?["models"] as? [[String: Any]])
        #expect(list.compactMap { $0["name"] as? String } == ["models/a/b", "models/c"])
    }
}
