import Metering
import Testing
import Vocabulary

struct SavingsTests {
    static let dear = Price.ceiling(input: PicoUSD(10_000), output: PicoUSD(50_000))
    static let cheap = Price.ceiling(input: PicoUSD(1000), output: PicoUSD(5000))

    private func usage(_ input: Int64, _ output: Int64, read: Int64 = 0) -> TokenUsage {
        var usage = TokenUsage()
        usage[.input] = input
        usage[.output] = output
        usage[.cacheRead] = read
        return usage
    }

    private func savings(
        _ requested: Price, _ served: Price, _ usage: TokenUsage, before: Int64 = 0, after: Int64 = 0,
        isHit: Bool = false,
        charge: Int64? = nil, _ tariff: Tariff = .atCost
    ) -> Savings {
        Savings(
            requested: requested, served: served, usage: usage, before: before, after: after, isHit: isHit,
            charge: charge.map { NanoUSD($0) } ?? tariff.charge(for: served.cost(of: usage)), tariff: tariff)
    }

    @Test func bySource() {
        let same = savings(Self.dear, Self.dear, usage(1000, 100))
        #expect(same.baseline == NanoUSD(15_000) && same.total == .zero)
        let routed = savings(Self.dear, Self.cheap, usage(1000, 100))
        #expect(routed.routing == NanoUSD(13_500) && routed.total == NanoUSD(13_500))
        let compressed = savings(Self.dear, Self.dear, usage(1000, 100), before: 700, after: 500)
        #expect(compressed.baseline == NanoUSD(17_000) && compressed.compression == NanoUSD(2000))
        let both = savings(Self.dear, Self.cheap, usage(1000, 100), before: 700, after: 500)
        #expect(both.compression == NanoUSD(2000) && both.routing == NanoUSD(13_500))
        let hit = savings(Self.dear, Self.cheap, usage(1000, 100), isHit: true, charge: 1000)
        #expect(hit.cache == NanoUSD(14_000) && hit.routing == .zero && hit.compression == .zero)
    }

    /// Most of a session's input is read out of the provider's cache: what was taken out of it would have been too.
    @Test func compressionIsCountedAtTheMixOfClasses() throws {
        let book = try PriceBook(
            Array(
                """
                tacet-prices 1 20261121
                source s https://example.test page
                price p m 0 s in=10000000 out=50000000 cr=1000000

                """.utf8
            ).span)
        let price = try #require(
            book.price(provider: Array("p".utf8), model: Array("m".utf8), at: Moment(microseconds: 0)))
        let found = savings(price, price, usage(100, 0, read: 900), before: 1000, after: 0)
        // 100 tokens at 10 and 900 at 1 nano-USD… per thousand of each: as the input that was billed.
        #expect(found.compression == NanoUSD(100 * 10_000 + 900 * 1000))
        #expect(Savings.promptCache(price, usage(100, 0, read: 900)) == NanoUSD(900 * 9000))
        #expect(Savings.promptCache(price, usage(100, 50)) == .zero)
    }

    /// Never below zero, never twice: the parts are what was not charged, whatever was served at whatever price.
    @Test func thePartsAddUp() {
        var state: UInt64 = 99
        func next(_ bound: UInt64) -> Int64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64(state >> 33) % Int64(bound)
        }
        for _ in 0..<5000 {
            let requested = Price.ceiling(input: PicoUSD(next(20_000)), output: PicoUSD(next(90_000)))
            let served = Price.ceiling(input: PicoUSD(next(20_000)), output: PicoUSD(next(90_000)))
            let tariff = Tariff(id: 1, version: 1, markup: UInt32(next(200_000)))
            let after = next(5000)
            let isHit = next(4) == 0
            let found = savings(
                requested, served, usage(next(9000), next(3000), read: next(9000)), before: after + next(4000) - 500,
                after: after, isHit: isHit, charge: next(5) == 0 ? next(1 << 30) : nil, tariff)
            for part in [found.routing, found.compression, found.cache, found.baseline] { #expect(part >= .zero) }
            #expect(found.total <= found.baseline)
            #expect(isHit ? found.routing == .zero && found.compression == .zero : found.cache == .zero)
        }
        let odd = savings(Self.cheap, Self.dear, usage(1000, 100), before: 700, after: 500)
        #expect(odd.total == .zero)
    }
}
