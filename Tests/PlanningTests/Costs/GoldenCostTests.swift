import Metering
import NIOCore
import Testing
import Vocabulary
import Wire

/// From a provider's own words about usage to the amount: every shape there is, the amounts computed by hand (PAINS 14).
///
/// Prices are written as the book has them, in pico-USD a unit: `in=2500000` is 2.50 USD a million tokens.
@Suite struct GoldenCostTests {
    enum Reader: Sendable { case chat, responses, messages, gemini, converse }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let reader: Reader
        let price: String
        let usage: String
        /// In nano-USD.
        let cost: Int64
        var testDescription: String { name }
    }

    private static let gpt5 = "in=1250000 cr=125000 out=10000000 @batch x=500000 @flex x=500000 @priority x=2000000"
    private static let sonnet =
        "region=1100000 in=3000000 cr=300000 w5=3750000 w1=6000000 out=15000000 srch=10000000000 "
        + ">200000 in=6000000 cr=600000 w5=7500000 w1=12000000 out=22500000 srch=10000000000 "
        + "@batch in=1500000 cr=150000 w5=1875000 w1=3000000 out=7500000 @fast in=6000000 out=30000000"
    private static let geminiPro =
        "in=1250000 cr=125000 ain=2500000 out=10000000 srch=35000000000 >200000 in=2500000 cr=250000 ain=5000000 "
        + "out=15000000 srch=35000000000 @flex in=625000 out=5000000 @priority in=2250000 cr=225000 out=18000000"

    static let cases: [Case] = [
        // Chat, OpenAI: cached is a part of the prompt. 200 × 1.25 + 800 × 0.125 + 100 × 10 µUSD.
        Case(
            name: "OpenAI chat, cached", reader: .chat, price: gpt5,
            usage: """
                "usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,\
                "prompt_tokens_details":{"cached_tokens":800}}
                """, cost: 1_350_000),
        // Written to the cache: also a part of the prompt. 100 × 2 + 600 × 2.5 + 300 × 0.2 + 10 × 8.
        Case(
            name: "OpenAI chat, cache written", reader: .chat, price: "in=2000000 cr=200000 w5=2500000 out=8000000",
            usage: """
                "usage":{"prompt_tokens":1000,"completion_tokens":10,\
                "prompt_tokens_details":{"cached_tokens":300,"cache_write_tokens":600}}
                """, cost: 1_840_000),
        // Reasoning is a part of the completion: 10 × 1.25 + 500 × 10.
        Case(
            name: "OpenAI chat, reasoning", reader: .chat, price: gpt5,
            usage: """
                "usage":{"prompt_tokens":10,"completion_tokens":500,"completion_tokens_details":{"reasoning_tokens":448}}
                """, cost: 5_012_500),
        // Audio both ways: 20 × 2.5 + 80 × 40 + 30 × 10 + 70 × 80.
        Case(
            name: "OpenAI chat, audio", reader: .chat, price: "in=2500000 ain=40000000 out=10000000 aout=80000000",
            usage: """
                "usage":{"prompt_tokens":100,"completion_tokens":100,"prompt_tokens_details":{"audio_tokens":80},\
                "completion_tokens_details":{"audio_tokens":70}}
                """, cost: 9_150_000),
        // Half: 1,000 × 0.625 + 100 × 5.
        Case(
            name: "OpenAI chat, flex", reader: .chat, price: gpt5,
            usage: """
                "service_tier":"flex","usage":{"prompt_tokens":1000,"completion_tokens":100}
                """, cost: 1_125_000),
        // Double, the cached too: 200 × 2.5 + 800 × 0.25 + 100 × 20.
        Case(
            name: "OpenAI chat, priority", reader: .chat, price: gpt5,
            usage: """
                "usage":{"prompt_tokens":1000,"completion_tokens":100,"prompt_tokens_details":{"cached_tokens":800}},\
                "service_tier":"priority"
                """, cost: 2_700_000),
        // Levels without a price of their own cost the standard price: 1,000 × 1.25 + 100 × 10.
        Case(
            name: "OpenAI chat, scale", reader: .chat, price: gpt5,
            usage: """
                "service_tier":"scale","usage":{"prompt_tokens":1000,"completion_tokens":100}
                """, cost: 2_250_000),
        // A priority price without the long tier: there the standard tier holds, 300,000 × 5 + 10 × 22.5.
        Case(
            name: "OpenAI chat, priority above its tiers", reader: .chat,
            price: "in=2500000 out=15000000 >272000 in=5000000 out=22500000 @priority in=5000000 out=30000000",
            usage: """
                "service_tier":"priority","usage":{"prompt_tokens":300000,"completion_tokens":10}
                """, cost: 1_500_225_000),
        // The cliff: 272,000 is below it, one token more prices all of them.
        Case(
            name: "OpenAI chat, at the tier", reader: .chat,
            price: "in=2500000 out=15000000 >272000 in=5000000 out=22500000",
            usage: "\"usage\":{\"prompt_tokens\":272000,\"completion_tokens\":10}", cost: 680_150_000),
        Case(
            name: "OpenAI chat, above the tier", reader: .chat,
            price: "in=2500000 out=15000000 >272000 in=5000000 out=22500000",
            usage: "\"usage\":{\"prompt_tokens\":272001,\"completion_tokens\":10}", cost: 1_360_230_000),
        // xAI reports reasoning beside the completion: 32 × 3 + (9 + 300) × 15.
        Case(
            name: "xAI, reasoning beside", reader: .chat, price: "in=3000000 out=15000000",
            usage: """
                "usage":{"prompt_tokens":32,"completion_tokens":9,"total_tokens":341,\
                "completion_tokens_details":{"reasoning_tokens":300}}
                """, cost: 4_731_000),
        // 64 × 0.28 + 1,000 × 0.028 + 20 × 0.42 = 54.32
        Case(
            name: "DeepSeek, hit and miss", reader: .chat, price: "in=280000 cr=28000 out=420000",
            usage: """
                "usage":{"prompt_tokens":1064,"completion_tokens":20,"prompt_cache_hit_tokens":1000,\
                "prompt_cache_miss_tokens":64}
                """, cost: 54_320),
        // 100 × 0.6 + 900 × 0.15 + 10 × 2.5 = 220
        Case(
            name: "Moonshot, cached at the top", reader: .chat, price: "in=600000 cr=150000 out=2500000",
            usage: "\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":10,\"cached_tokens\":900}", cost: 220_000),
        Case(
            name: "Mistral, its own word", reader: .chat, price: "in=600000 cr=150000 out=2500000",
            usage: "\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":10,\"num_cached_tokens\":900}",
            cost: 220_000),
        Case(
            name: "Groq, in a member of its own", reader: .chat, price: "in=590000 out=790000",
            usage: "\"x_groq\":{\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":10}}", cost: 66_900),
        // 10 × 2 + 1,000 × 8 + 30 × 5,000
        Case(
            name: "Perplexity, by the search", reader: .chat, price: "in=2000000 out=8000000 srch=5000000000",
            usage: """
                "usage":{"prompt_tokens":10,"completion_tokens":1000,"num_search_queries":30}
                """, cost: 158_020_000),
        // 10 × 1 + 10 × 1 + a request's 5,000
        Case(
            name: "Perplexity, by the request", reader: .chat, price: "req=5000000000 in=1000000 out=1000000",
            usage: "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":10}", cost: 5_020_000),
        // 100 × 3 + 500 × 0.3 + 400 × 3.75 + 10 × 15 + 2 × 10,000
        Case(
            name: "OpenRouter, Anthropic's cache and search", reader: .chat,
            price: "in=3000000 cr=300000 w5=3750000 out=15000000 srch=10000000000",
            usage: """
                "usage":{"prompt_tokens":1000,"completion_tokens":10,"prompt_tokens_details":\
                {"cached_tokens":500,"cache_write_tokens":400},"server_tool_use":{"web_search_requests":2}}
                """, cost: 22_100_000),
        Case(
            name: "Databricks, Anthropic's names inside the prompt", reader: .chat,
            price: "in=3000000 cr=300000 w5=3750000 out=15000000",
            usage: """
                "usage":{"prompt_tokens":1000,"completion_tokens":10,"cache_read_input_tokens":500,\
                "cache_creation_input_tokens":400}
                """, cost: 2_100_000),

        // Responses: 200 × 1.25 + 800 × 0.125 + 100 × 10, then half of it.
        Case(
            name: "OpenAI Responses", reader: .responses, price: gpt5,
            usage: """
                "service_tier":"default","usage":{"input_tokens":1000,"input_tokens_details":{"cached_tokens":800},\
                "output_tokens":100,"output_tokens_details":{"reasoning_tokens":64},"total_tokens":1100}
                """, cost: 1_350_000),
        Case(
            name: "OpenAI Responses, flex", reader: .responses, price: gpt5,
            usage: """
                "usage":{"input_tokens":1000,"input_tokens_details":{"cached_tokens":800},"output_tokens":100},\
                "service_tier":"flex"
                """, cost: 675_000),

        // Messages: the classes are disjoint. 100 × 3 + 1,000 × 0.3 + 2,000 × 3.75 + 3,000 × 6 + 400 × 15.
        Case(
            name: "Anthropic, both terms of the cache", reader: .messages, price: sonnet,
            usage: """
                "usage":{"input_tokens":100,"cache_read_input_tokens":1000,"cache_creation_input_tokens":5000,\
                "cache_creation":{"ephemeral_5m_input_tokens":2000,"ephemeral_1h_input_tokens":3000},"output_tokens":400}
                """, cost: 32_100_000),
        // Without the parts all was kept five minutes: 100 × 3 + 5,000 × 3.75 + 10 × 15.
        Case(
            name: "Anthropic, an older report", reader: .messages, price: sonnet,
            usage: "\"usage\":{\"input_tokens\":100,\"cache_creation_input_tokens\":5000,\"output_tokens\":10}",
            cost: 19_200_000),
        // 10 × 3 + 20 × 15 + 3 × 10,000
        Case(
            name: "Anthropic, searches", reader: .messages, price: sonnet,
            usage: """
                "usage":{"input_tokens":10,"output_tokens":20,"server_tool_use":{"web_search_requests":3}}
                """, cost: 30_330_000),
        // A tenth more: (1,000 × 3 + 100 × 15) × 1.1
        Case(
            name: "Anthropic, kept in the US", reader: .messages, price: sonnet,
            usage: "\"usage\":{\"input_tokens\":1000,\"output_tokens\":100,\"inference_geo\":\"us\"}", cost: 4_950_000),
        Case(
            name: "Anthropic, anywhere", reader: .messages, price: sonnet,
            usage: """
                "usage":{"input_tokens":1000,"output_tokens":100,"inference_geo":"global","service_tier":"standard"}
                """, cost: 4_500_000),
        // Half, and a tenth more of that: (1,000 × 1.5 + 2,000 × 3 + 100 × 7.5) × 1.1
        Case(
            name: "Anthropic, a batch kept in the US", reader: .messages, price: sonnet,
            usage: """
                "usage":{"input_tokens":1000,"cache_creation":{"ephemeral_1h_input_tokens":2000},"output_tokens":100,\
                "service_tier":"batch","inference_geo":"us"}
                """, cost: 9_075_000),
        // Twice for what the level names, the rest as ever: 1,000 × 6 + 1,000 × 0.3 + 100 × 30.
        Case(
            name: "Anthropic, fast", reader: .messages, price: sonnet,
            usage: """
                "usage":{"input_tokens":1000,"cache_read_input_tokens":1000,"output_tokens":100,"speed":"fast"}
                """, cost: 9_300_000),
        // 1 + 150,000 + 50,000 are above 200,000: 1 × 6 + 150,000 × 0.6 + 50,000 × 12.
        Case(
            name: "Anthropic, above the tier by its cache", reader: .messages, price: sonnet,
            usage: """
                "usage":{"input_tokens":1,"cache_read_input_tokens":150000,"cache_creation":\
                {"ephemeral_1h_input_tokens":50000},"output_tokens":0}
                """, cost: 690_006_000),

        // Gemini: cached is a part of the prompt, thoughts stand beside the candidates. 200 × 1.25 + 800 × 0.125 + 150 × 10.
        Case(
            name: "Gemini, cached and thoughts", reader: .gemini, price: geminiPro,
            usage: """
                "usageMetadata":{"promptTokenCount":1000,"cachedContentTokenCount":800,"candidatesTokenCount":50,\
                "thoughtsTokenCount":100}
                """, cost: 1_850_000),
        // What tools put in is beside the prompt: (100 + 400) × 1.25 + 10 × 10.
        Case(
            name: "Gemini, tools", reader: .gemini, price: geminiPro,
            usage: """
                "usageMetadata":{"promptTokenCount":100,"toolUsePromptTokenCount":400,"candidatesTokenCount":10}
                """, cost: 725_000),
        // 100 × 1.25 + 300 × 2.5 + 10 × 10
        Case(
            name: "Gemini, audio in", reader: .gemini, price: geminiPro,
            usage: """
                "usageMetadata":{"promptTokenCount":400,"candidatesTokenCount":10,"promptTokensDetails":\
                [{"modality":"TEXT","tokenCount":100},{"modality":"AUDIO","tokenCount":300}]}
                """, cost: 975_000),
        // 10 × 0.3 + 20 × 2.5 + 1,290 × 30
        Case(
            name: "Gemini, an image out", reader: .gemini, price: "in=300000 out=2500000 iout=30000000",
            usage: """
                "usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":1310,"candidatesTokensDetails":\
                [{"modality":"IMAGE","tokenCount":1290},{"modality":"TEXT","tokenCount":20}]}
                """, cost: 38_753_000),
        // 200,001 × 2.5 + 10 × 15
        Case(
            name: "Gemini, above the tier", reader: .gemini, price: geminiPro,
            usage: "\"usageMetadata\":{\"promptTokenCount\":200001,\"candidatesTokenCount\":10}", cost: 500_152_500),
        // 1,000 × 0.625 + 10 × 5
        Case(
            name: "Gemini, flex", reader: .gemini, price: geminiPro,
            usage: """
                "usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":10,"serviceTier":"flex"}
                """, cost: 675_000),
        // 200 × 2.25 + 800 × 0.225 + 10 × 18
        Case(
            name: "Vertex, priority", reader: .gemini, price: geminiPro,
            usage: """
                "usageMetadata":{"promptTokenCount":1000,"cachedContentTokenCount":800,"candidatesTokenCount":10,\
                "trafficType":"ON_DEMAND_PRIORITY"}
                """, cost: 810_000),

        // Converse: disjoint. 100 × 3 + 1,000 × 0.3 + 2,000 × 3.75 + 10 × 15, then flex at half.
        Case(
            name: "Bedrock Converse", reader: .converse, price: sonnet,
            usage: """
                "usage":{"inputTokens":100,"outputTokens":10,"totalTokens":3110,"cacheReadInputTokens":1000,\
                "cacheWriteInputTokens":2000}
                """, cost: 8_250_000),
        Case(
            name: "Bedrock Converse, flex", reader: .converse, price: "in=3000000 out=15000000 @flex x=500000",
            usage: """
                "usage":{"inputTokens":100,"outputTokens":10},"serviceTier":{"type":"flex"}
                """, cost: 225_000),
    ]

    @Test(arguments: cases) func costsWhatWasComputedByHand(_ expected: Case) throws {
        let usage = try #require(Self.read(expected.usage, expected.reader))
        #expect(try Self.price(expected.price).cost(of: usage) == NanoUSD(expected.cost))
    }

    private static func read(_ members: String, _ reader: Reader) -> TokenUsage? {
        let body = ByteBuffer(string: "{\(members)}")
        switch reader {
        case .chat: return ChatAnswer.read(body)?.usage
        case .responses: return ResponsesAnswer.read(body)?.usage
        case .messages: return MessagesAnswer.read(body)?.usage
        case .gemini: return GeminiAnswer.read(body)?.usage
        case .converse:
            let output = "\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"text\":\"x\"}]}}"
            let whole = ByteBuffer(string: "{\(output),\"stopReason\":\"end_turn\",\(members)}")
            for case .usage(let usage) in ConverseAnswerReader.read(whole, id: RawText(), model: RawText()) ?? [] {
                return usage
            }
            return nil
        }
    }

    static func price(_ fields: String) throws -> Price {
        let text = "tacet-prices 1 20261121\nsource s https://example.test page\nprice p m 0 s \(fields)\n"
        let book = try PriceBook(Array(text.utf8).span)
        return try #require(book.constantPrice(provider: Array("p".utf8), model: Array("m".utf8)))
    }
}
