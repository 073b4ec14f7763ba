import Metering
import NIOCore
import Testing
import Vocabulary
import Wire

/// The same for what is told within a stream or a session: once, in parts, or growing.
@Suite struct StreamedCostTests {
    struct Streamed: Sendable, CustomTestStringConvertible {
        let name: String
        let dialect: Dialect
        let events: [String]
        let price: String
        let cost: Int64
        var testDescription: String { name }
    }

    private static let gpt5 = "in=1250000 cr=125000 out=10000000 @flex x=500000"

    static let streamed: [Streamed] = [
        // 200 × 1.25 + 800 × 0.125 + 100 × 10 µUSD, told in a last event of its own.
        Streamed(
            name: "OpenAI chat", dialect: .openAI,
            events: [
                #"{"choices":[{"index":0,"delta":{"content":"x"}}],"usage":null}"#,
                #"{"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":100,"prompt_tokens_details":{"cached_tokens":800}}}"#,
                "[DONE]",
            ], price: gpt5, cost: 1_350_000),
        // The level is told with every event: half of 1,000 × 1.25 + 100 × 10.
        Streamed(
            name: "OpenAI chat, flex", dialect: .openAI,
            events: [
                #"{"service_tier":"flex","choices":[{"index":0,"delta":{"content":"x"}}]}"#,
                #"{"service_tier":"flex","choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":100}}"#,
                "[DONE]",
            ], price: gpt5, cost: 1_125_000),
        // Counted with every event; the last holds: 10 × 1.25 + 30 × 10.
        Streamed(
            name: "vLLM, usage that grows", dialect: .openAI,
            events: [
                #"{"choices":[{"index":0,"delta":{"content":"x"}}],"usage":{"prompt_tokens":10,"completion_tokens":1}}"#,
                #"{"choices":[{"index":0,"delta":{"content":"y"}}],"usage":{"prompt_tokens":10,"completion_tokens":30}}"#,
                "[DONE]",
            ], price: gpt5, cost: 312_500),
        Streamed(
            name: "Groq", dialect: .openAI,
            events: [
                #"{"choices":[{"index":0,"delta":{"content":"x"}}]}"#,
                #"{"choices":[],"x_groq":{"usage":{"prompt_tokens":100,"completion_tokens":10}}}"#, "[DONE]",
            ], price: "in=590000 out=790000", cost: 66_900),
        // Half of 200 × 1.25 + 800 × 0.125 + 100 × 10.
        Streamed(
            name: "OpenAI Responses, flex", dialect: .openAIResponses,
            events: [
                #"{"type":"response.output_text.delta","delta":"x"}"#,
                #"{"type":"response.completed","response":{"status":"completed","service_tier":"flex","usage":{"input_tokens":1000,"input_tokens_details":{"cached_tokens":800},"output_tokens":100}}}"#,
            ], price: gpt5, cost: 675_000),
        // In two parts: 5 × 3 + 7 × 0.3 + 2 × 3.75 + 4 × 6 + 20 × 15 + 2 × 10,000.
        Streamed(
            name: "Anthropic, both terms of the cache and searches", dialect: .anthropic,
            events: [
                #"{"type":"message_start","message":{"usage":{"input_tokens":5,"cache_read_input_tokens":7,"cache_creation_input_tokens":6,"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":4},"output_tokens":1}}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}"#,
                #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":20,"server_tool_use":{"web_search_requests":2}}}"#,
                #"{"type":"message_stop"}"#,
            ], price: "in=3000000 cr=300000 w5=3750000 w1=6000000 out=15000000 srch=10000000000", cost: 20_348_600),
        // With every event, the last whole: 200 × 1.25 + 800 × 0.125 + (50 + 100) × 10.
        Streamed(
            name: "Gemini, cached and thoughts", dialect: .gemini,
            events: [
                #"{"candidates":[{"content":{"parts":[{"text":"x"}]}}],"usageMetadata":{"promptTokenCount":1000,"cachedContentTokenCount":800,"thoughtsTokenCount":40}}"#,
                #"{"candidates":[{"content":{"parts":[{"text":"y"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1000,"cachedContentTokenCount":800,"candidatesTokenCount":50,"thoughtsTokenCount":100}}"#,
            ], price: gpt5, cost: 1_850_000),
    ]

    @Test(arguments: streamed) func costsWhatWasComputedByHand(_ expected: Streamed) throws {
        var meter = StreamMeter(expected.dialect)
        var out = ByteBuffer()
        for event in expected.events { try meter.read(ByteBuffer(string: "data: \(event)\n\n"), into: &out) }
        meter.finish(into: &out)
        let usage = try #require(meter.report.usage)
        #expect(try GoldenCostTests.price(expected.price).cost(of: usage) == NanoUSD(expected.cost))
    }

    /// Cached text and audio are parts of what came in: 20 × 4 + 40 × 32 + 40 × 0.4 + 20 × 16 + 40 × 64 µUSD.
    @Test func aRealtimeResponseCostsItsAudio() throws {
        let text = """
            {"type":"response.done","response":{"status":"completed","usage":{"total_tokens":160,"input_tokens":100,\
            "output_tokens":60,"input_token_details":{"text_tokens":30,"audio_tokens":70,"cached_tokens":40,\
            "cached_tokens_details":{"text_tokens":10,"audio_tokens":30}},"output_token_details":\
            {"text_tokens":20,"audio_tokens":40}}}}
            """
        guard case .responseEnded(let usage?) = RealtimeEvent.read(ByteBuffer(string: text)) else {
            return #expect(Bool(false))
        }
        let price = try GoldenCostTests.price("in=4000000 cr=400000 ain=32000000 out=16000000 aout=64000000")
        #expect(price.cost(of: usage) == NanoUSD(4_256_000))
    }
}
