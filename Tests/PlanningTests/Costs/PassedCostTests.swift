import Metering
import NIOCore
import Testing
import Vocabulary
import Wire

/// The same for what is not a conversation, and for the bound of what anything can cost.
@Suite struct PassedCostTests {
    struct Passed: Sendable, CustomTestStringConvertible {
        let name: String
        let endpoint: Endpoint
        let request: String
        let answer: String
        let price: String
        let units: PassedPriceUnits
        let cost: Int64
        var testDescription: String { name }
    }

    private static let byToken = PassedPriceUnits(
        countsCharacters: false, countsMilliseconds: false, countsImages: false, countsOutput: true)
    private static let byUnit = PassedPriceUnits(
        countsCharacters: true, countsMilliseconds: true, countsImages: true, countsOutput: false)

    static let passed: [Passed] = [
        // 1,000 × 0.02
        Passed(
            name: "OpenAI embeddings", endpoint: .embeddings, request: "{\"model\":\"m\",\"input\":\"x\"}",
            answer: "{\"data\":[],\"usage\":{\"prompt_tokens\":1000,\"total_tokens\":1000}}", price: "in=20000",
            units: byToken, cost: 20_000),
        Passed(
            name: "Jina embeddings, a total alone", endpoint: .embeddings, request: "{\"model\":\"m\",\"input\":\"x\"}",
            answer: "{\"data\":[],\"usage\":{\"total_tokens\":1000}}", price: "in=20000", units: byToken, cost: 20_000),
        // 3 × 0.002 USD
        Passed(
            name: "Cohere rerank, by the search", endpoint: .rerank,
            request: "{\"model\":\"m\",\"query\":\"q\",\"documents\":[\"d\"]}",
            answer: "{\"results\":[],\"meta\":{\"billed_units\":{\"search_units\":3}}}", price: "srch=2000000000",
            units: byUnit, cost: 6_000_000),
        // 10 × 5 + 90 × 10 + 4,160 × 40
        Passed(
            name: "OpenAI images, by the token", endpoint: .imageGenerations,
            request: "{\"model\":\"m\",\"prompt\":\"x\"}",
            answer: """
                {"data":[{}],"usage":{"input_tokens":100,"output_tokens":4160,\
                "input_tokens_details":{"text_tokens":10,"image_tokens":90}}}
                """, price: "in=5000000 iin=10000000 iout=40000000 out=40000000", units: byToken, cost: 167_350_000),
        // 2 × 0.04 USD
        Passed(
            name: "OpenAI images, by the image", endpoint: .imageGenerations,
            request: "{\"model\":\"m\",\"prompt\":\"x\",\"n\":2}", answer: "{\"data\":[{},{}]}",
            price: "img=40000000000", units: byUnit, cost: 80_000_000),
        // 14 × 2.5 + 86 × 6 + 30 × 10
        Passed(
            name: "OpenAI transcription, by the token", endpoint: .transcriptions, request: "",
            answer: """
                {"text":"x","usage":{"type":"tokens","input_tokens":100,"output_tokens":30,\
                "input_token_details":{"text_tokens":14,"audio_tokens":86}}}
                """, price: "in=2500000 ain=6000000 out=10000000", units: byToken, cost: 851_000),
        // 10 characters at 15 USD a million
        Passed(
            name: "OpenAI speech, by the character", endpoint: .speech,
            request: "{\"model\":\"m\",\"input\":\"0123456789\",\"voice\":\"v\"}", answer: "", price: "chr=15000000",
            units: byUnit, cost: 150_000),
    ]

    @Test(arguments: passed) func costsWhatWasComputedByHand(_ expected: Passed) throws {
        // A form, which these tests do not write, is empty here.
        let request =
            expected.request.isEmpty
            ? PassedRequest(endpoint: expected.endpoint)
            : try PassedRequest.read(ByteBuffer(string: expected.request), expected.endpoint)
        let booked = PassedUsage.read(ByteBuffer(string: expected.answer)).booked(request, expected.units)
        #expect(try GoldenCostTests.price(expected.price).cost(of: booked.usage) == NanoUSD(expected.cost))
    }

    /// A transcript is asked for as a form, which these tests do not write: 60.5 s at 0.006 USD a minute.
    @Test func aTranscriptCostsItsTime() throws {
        let usage = PassedUsage.read(
            ByteBuffer(string: "{\"text\":\"x\",\"usage\":{\"type\":\"duration\",\"seconds\":60.5}}"))
        let booked = usage.booked(PassedRequest(endpoint: .transcriptions), Self.byUnit)
        #expect(try GoldenCostTests.price("ms=100000").cost(of: booked.usage) == NanoUSD(6_050_000))
    }

    /// A level that is asked for, a region and a request's own price are in the bound of what it can cost.
    @Test func theBoundCoversEveryLevelAndRegion() throws {
        let price = try GoldenCostTests.price(
            "req=7000 region=1100000 " + "in=1000000 out=2000000 @priority x=2000000 @flex x=500000")
        func bound(_ level: ServiceLevel) -> Int64 {
            price.upperBound(inputBytes: 100, maximumOutput: 10, samples: 1, level: level).value
        }
        // (100 × 1 + 10 × 2) × 1.1 µUSD and 7.7 nano-USD of the request, rounded up.
        #expect(bound(.standard) == 132_008)
        // Flex may be refused and served at the standard price.
        #expect(bound(.flex) == 132_008)
        #expect(bound(.priority) == 264_008)
        var usage = TokenUsage()
        usage[.input] = 100
        usage[.output] = 10
        usage.isRegional = true
        #expect(price.cost(of: usage).value == 132_008)
        #expect(price.inRegion.cost(of: usage).value == 132_008)
        usage.level = .priority
        #expect(price.cost(of: usage).value == 264_008)
        #expect(price.cost(of: TokenUsage()) == .zero)
    }
}
