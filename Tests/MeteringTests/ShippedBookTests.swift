import Foundation
import Metering
import Testing
import Vocabulary

/// The file that goes into the binary.
@Suite struct ShippedBookTests {
    static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Prices/prices.txt")
    static let text = try! [UInt8](Data(contentsOf: file))

    @Test func everyLineParsesAndRoundTrips() throws {
        let book = try PriceBook(Self.text.span)
        let lines = Self.text.split(separator: 0x0a).filter { $0.starts(with: Array("price ".utf8)) }
        #expect(book.rows.count == lines.count)
        #expect(lines.count > 2000)
        #expect(Self.text.count < 500_000)
        var different = 0
        for (row, line) in zip(book.rows, lines) where !line.elementsEqual(row.line(sources: book.sources)) {
            different += 1
        }
        #expect(different == 0)
    }

    @Test func everyNameCanBeAskedFor() throws {
        let book = try PriceBook(Self.text.span)
        for provider in book.providers {
            for model in book.models(of: provider) + book.aliases(of: provider) {
                #expect(ModelName.isValid(model))
                #expect(book.price(provider: provider, model: model, at: now) != nil)
            }
        }
    }

    /// USD per million tokens, from the price pages.
    @Test(arguments: [
        ("openai", "gpt-4o", 2_500_000, 1_250_000, 10_000_000), ("openai", "gpt-4o-mini", 150_000, 75_000, 600_000),
        ("openai", "gpt-4o-2024-05-13", 5_000_000, 5_000_000, 15_000_000),
        ("anthropic", "claude-sonnet-4-5", 3_000_000, 300_000, 15_000_000),
        ("anthropic", "claude-haiku-4-5-20251001", 1_000_000, 100_000, 5_000_000),
        ("gemini", "gemini-2.5-pro", 1_250_000, 125_000, 10_000_000),
    ])
    func knownPrices(provider: String, model: String, input: Int64, read: Int64, output: Int64) throws {
        let book = try PriceBook(Self.text.span)
        let price = try #require(book.price(provider: ascii(provider), model: ascii(model), at: now))
        #expect(price[.input] == PicoUSD(input))
        #expect(price[.cacheRead] == PicoUSD(read))
        #expect(price[.output] == PicoUSD(output))
    }
}
