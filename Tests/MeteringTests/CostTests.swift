import Metering
import Testing
import Vocabulary

@Suite struct CostTests {
    struct Case: Sendable {
        let provider: String
        let model: String
        let usage: TokenUsage
        let nano: Int64
    }

    /// Computed by hand from the prices in `sample`.
    static let handComputed: [Case] = [
        // 1,000 × 2.5 + 9,000 × 1.25 + 500 × 10 USD per million = 0.01875 USD
        Case(
            provider: "openai", model: "gpt-4o", usage: usage((.input, 1000), (.cacheRead, 9000), (.output, 500)),
            nano: 18_750_000),
        // An alias, then a date that the book prices apart.
        Case(provider: "openai", model: "gpt-4o-2024-08-06", usage: usage((.input, 1)), nano: 2500),
        Case(provider: "openai", model: "gpt-4o-2024-05-13", usage: usage((.input, 1)), nano: 5000),
        // 100 × 3 + 1,000 × 0.3 + 2,000 × 3.75 + 3,000 × 6 + 400 × 15 = 32,100 µUSD
        Case(
            provider: "anthropic", model: "claude-sonnet-4-5-20250929",
            usage: usage(
                (.input, 100), (.cacheRead, 1000), (.cacheWrite5m, 2000), (.cacheWrite1h, 3000), (.output, 400)),
            nano: 32_100_000),
        // At the threshold the base price holds, one above it everything costs the tier's.
        Case(
            provider: "anthropic", model: "claude-sonnet-4-5", usage: usage((.input, 200_000), (.output, 10)),
            nano: 600_150_000),
        Case(
            provider: "anthropic", model: "claude-sonnet-4-5", usage: usage((.input, 200_001), (.output, 10)),
            nano: 1_200_231_000),
        Case(
            provider: "anthropic", model: "claude-sonnet-4-5",
            usage: usage((.input, 1), (.cacheRead, 150_000), (.cacheWrite1h, 50_000)), nano: 690_006_000),
        Case(
            provider: "openai", model: "gpt-6-astra", usage: usage((.cacheRead, 272_000), (.output, 1)),
            nano: 272_050_000),
        Case(
            provider: "openai", model: "gpt-6-astra", usage: usage((.cacheRead, 272_001), (.output, 1)),
            nano: 544_077_000),
        // Audio tokens cost their own price, text its own.
        Case(
            provider: "openai", model: "gpt-audio",
            usage: usage((.input, 10), (.inputAudio, 100), (.output, 20), (.outputAudio, 200)), nano: 20_225_000),
        // Reasoning inside output is billed once: 300 × 8 + 700 × 3 + 2 searches × 0.005 USD.
        Case(
            provider: "perplexity", model: "sonar-deep-research",
            usage: usage((.output, 1000), (.reasoning, 700), (.searches, 2)), nano: 14_500_000),
        // Without a price of its own it costs what output costs.
        Case(provider: "openai", model: "gpt-4o", usage: usage((.output, 1000), (.reasoning, 700)), nano: 10_000_000),
        // More reasoning than output is no credit.
        Case(provider: "openai", model: "gpt-4o", usage: usage((.output, 10), (.reasoning, 700)), nano: 100_000),
        Case(provider: "openai", model: "whisper-1", usage: usage((.milliseconds, 60_000)), nano: 6_000_000),
        Case(provider: "openai", model: "tts-1", usage: usage((.characters, 1000)), nano: 15_000_000),
        Case(
            provider: "openai", model: "gpt-image-1", usage: usage((.inputImage, 3), (.outputImage, 5), (.images, 1)),
            nano: 40_230_000),
        Case(provider: "openai", model: "gpt-4o", usage: usage(), nano: 0),
    ]

    @Test(arguments: handComputed) func golden(_ expected: Case) throws {
        let price = try #require(
            try book(sample).price(provider: ascii(expected.provider), model: ascii(expected.model), at: now))
        #expect(price.cost(of: expected.usage) == NanoUSD(expected.nano))
    }

    @Test func roundsHalfUpOnceForTheWholeRequest() {
        func cost(_ input: Int64, _ output: Int64) -> Int64 {
            Price.ceiling(input: PicoUSD(input), output: PicoUSD(output)).cost(of: usage((.input, 1), (.output, 1)))
                .value
        }
        #expect(cost(499, 0) == 0)
        #expect(cost(500, 0) == 1)
        #expect(cost(250, 250) == 1)
        #expect(cost(1499, 0) == 1)
        #expect(cost(1500, 0) == 2)
    }

    @Test func neverOverflows() {
        var absurd = TokenUsage()
        for kind in UsageClass.allCases { absurd[kind] = .max }
        let dear = Price.ceiling(input: PicoUSD(.max), output: PicoUSD(.max))
        #expect(dear.cost(of: absurd) == .max)
        #expect(dear.upperBound(inputBytes: .max, maximumOutput: .max, samples: .max) == .max)
        #expect(Price.free.cost(of: absurd) == .zero)
        #expect(Price.ceiling(input: PicoUSD(-5), output: PicoUSD(-1)).cost(of: absurd) == .zero)
        #expect(dear.upperBound(inputBytes: -1, maximumOutput: -1, samples: -1) == .zero)
        #expect(Tariff(id: 1, version: 1, markup: .max).charge(for: .max) == .max)
    }

    @Test func growsWithUsage() throws {
        let book = try book(sample)
        var random = SplitMix(state: 7)
        let billable = UsageClass.allCases.filter { $0 != .reasoning }
        for row in book.rows {
            for _ in 0..<200 {
                var less = TokenUsage()
                for kind in billable { less[kind] = Int64.random(in: 0...300_000, using: &random) }
                var more = less
                let grown = billable.randomElement(using: &random)!
                more[grown] += Int64.random(in: 0...300_000, using: &random)
                #expect(row.price.cost(of: less) <= row.price.cost(of: more))
            }
        }
    }

    /// `RULES.md` 29: whatever way the bytes fall into tokens and classes, the hold covers it.
    @Test func upperBoundHolds() throws {
        let book = try book(sample)
        var random = SplitMix(state: 11)
        for row in book.rows {
            for _ in 0..<300 {
                let bytes = Int64.random(in: 0...600_000, using: &random)
                let most = Int64.random(in: 0...20_000, using: &random)
                let samples = Int64.random(in: 1...4, using: &random)
                var used = TokenUsage()
                var left = bytes
                for kind in [UsageClass.input, .cacheRead, .cacheWrite5m, .cacheWrite1h, .inputAudio] {
                    used[kind] = Int64.random(in: 0...left, using: &random)
                    left -= used[kind]
                }
                used[.output] = Int64.random(in: 0...most * samples, using: &random)
                used[.reasoning] = Int64.random(in: 0...used[.output], using: &random)
                used[.outputAudio] = most * samples - used[.output]
                let bound = row.price.upperBound(inputBytes: bytes, maximumOutput: most, samples: samples)
                #expect(row.price.cost(of: used) <= bound)
            }
        }
    }

    @Test func sumsExactlyOverManyPostings() throws {
        let price = try #require(
            try book(sample).price(provider: ascii("anthropic"), model: ascii("claude-sonnet-4-5"), at: now))
        var random = SplitMix(state: 3)
        var sum = NanoUSD.zero
        var exact: Int128 = 0
        for _ in 0..<100_000 {
            let (input, output) = (
                Int64.random(in: 0...9000, using: &random), Int64.random(in: 0...9000, using: &random)
            )
            sum += price.cost(of: usage((.input, input), (.output, output)))
            exact += Int128(input) * 3_000_000 + Int128(output) * 15_000_000
        }
        // Every price here is whole nano-USD per token, so not one posting may differ.
        #expect(Int128(sum.value) * 1000 == exact)
    }

    @Test func tariffs() {
        #expect(Tariff.atCost.charge(for: NanoUSD(123)) == NanoUSD(123))
        #expect(Tariff(id: 1, version: 2, markup: 50_000).charge(for: NanoUSD(1000)) == NanoUSD(1050))
        #expect(Tariff(id: 1, version: 2, markup: 50_000).charge(for: NanoUSD(10)) == NanoUSD(11))
        #expect(Tariff(id: 1, version: 2, markup: 50_000).charge(for: NanoUSD(9)) == NanoUSD(9))
        #expect(Tariff.atCost.charge(for: NanoUSD(-3)) == .zero)
    }
}
