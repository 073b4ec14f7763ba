import NIOCore
import Testing
import Vocabulary

@testable import Wire

@Suite struct ChatUsageTests {
    private func reported(_ text: String) -> TokenUsage? {
        ChatAnswer.read(ByteBuffer(string: #"{"model":"m","choices":[],"usage":"# + text + "}"))?.usage
    }

    private static let ceiling = TokenUsage.ceiling

    @Test(
        arguments: [
            (
                #"{"prompt_tokens":9,"completion_tokens":10,"total_tokens":19,"prompt_tokens_details":{"cached_tokens":1,"audio_tokens":2},"completion_tokens_details":{"reasoning_tokens":3,"audio_tokens":4}}"#,
                [.input: 6, .cacheRead: 1, .inputAudio: 2, .output: 6, .outputAudio: 4, .reasoning: 3]
            ),
            (
                #"{"prompt_tokens":4020,"completion_tokens":4,"prompt_tokens_details":{"cache_write_tokens":4012,"cached_tokens":0}}"#,
                [.input: 8, .cacheWrite5m: 4012, .output: 4]
            ),
            (
                #"{"prompt_tokens":100,"completion_tokens":1,"prompt_cache_hit_tokens":60,"prompt_cache_miss_tokens":40}"#,
                [.input: 40, .cacheRead: 60, .output: 1]
            ),
            (
                #"{"prompt_tokens":100,"completion_tokens":1,"cached_tokens":30}"#,
                [.input: 70, .cacheRead: 30, .output: 1]
            ),
            (
                #"{"prompt_tokens":100,"completion_tokens":1,"num_cached_tokens":32}"#,
                [.input: 68, .cacheRead: 32, .output: 1]
            ),
            // xAI: total says that reasoning comes on top.
            (
                #"{"prompt_tokens":496,"completion_tokens":77,"total_tokens":829,"completion_tokens_details":{"reasoning_tokens":256}}"#,
                [.input: 496, .output: 333, .reasoning: 256]
            ),
            (
                #"{"prompt_tokens":10,"completion_tokens":77,"total_tokens":87,"completion_tokens_details":{"reasoning_tokens":50}}"#,
                [.input: 10, .output: 77, .reasoning: 50]
            ),
            // More cached than there is, more reasoning than output.
            (
                #"{"prompt_tokens":10,"completion_tokens":18,"prompt_tokens_details":{"cached_tokens":161},"completion_tokens_details":{"reasoning_tokens":137}}"#,
                [.cacheRead: 10, .output: 18, .reasoning: 18]
            ),
            (
                #"{"prompt_tokens":"12","completion_tokens":3.9,"prompt_tokens_details":null}"#,
                [.input: 12, .output: 3]
            ),
            (#"{"prompt_tokens":-5,"completion_tokens":1e300}"#, [.output: ceiling]),
            (#"{"prompt_tokens":[1],"completion_tokens":2}"#, [.output: 2]),
            (#"{"prompt_tokens":5,"completion_tokens":null,"total_tokens":null}"#, [.input: 5]),
            (
                #"{"prompt_tokens":1,"completion_tokens":2,"num_search_queries":3}"#,
                [.input: 1, .output: 2, .searches: 3]
            ),
            (
                #"{"prompt_tokens":300,"completion_tokens":2,"prompt_tokens_details":{"image_tokens":256}}"#,
                [.input: 44, .inputImage: 256, .output: 2]
            ),
        ] as [(String, [UsageClass: Int64])])
    func maps(text: String, expected: [UsageClass: Int64]) throws {
        let usage = try #require(reported(text))
        for kind in UsageClass.allCases { #expect(usage[kind] == expected[kind] ?? 0, "\(kind)") }
    }

    @Test(arguments: [
        "null", "{}", "[]", "7", #"{"total_tokens":5}"#, #"{"prompt_tokens":"x","completion_tokens":true}"#,
    ])
    func missing(text: String) { #expect(reported(text) == nil) }

    @Test func readsAnAnswer() throws {
        let text =
            #"{"model":"gpt-x","choices":[{"message":{"content":"a\nb","refusal":"c","reasoning":"de","tool_calls":[{"function":{"name":"f","arguments":"{}"}}],"function_call":{"name":"g","arguments":"[]"}}},{"message":{"content":[{"type":"text","text":"hi"}]}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#
        let answer = try #require(ChatAnswer.read(ByteBuffer(string: text)))
        #expect(answer.model == Array("gpt-x".utf8))
        #expect(answer.visibleOutputBytes == 14)
        #expect(answer.hasContent)
        #expect(answer.usage?.totalOutput == 2)
    }

    @Test(arguments: ["", "[]", "{", "3", #"{"choices":[}"#, "{}x"])
    func isNoAnswer(text: String) { #expect(ChatAnswer.read(ByteBuffer(string: text)) == nil) }
}
