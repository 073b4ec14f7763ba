import Metering
import Testing
import Vocabulary

@Suite struct PriceBookTests {
    static let head = "tacet-prices 1 20261121\nsource s https://example.test page\n"

    @Test func readsWhatIsThere() throws {
        let book = try book(sample)
        #expect(book.version == 20_261_121)
        #expect(book.rows.count == 12)
        #expect(book.providers == [ascii("anthropic"), ascii("openai"), ascii("perplexity")])
        #expect(book.models(of: ascii("anthropic")) == [ascii("claude-sonnet-4-5"), ascii("claude-sonnet-5")])
        #expect(book.models(of: ascii("nobody")).isEmpty)
        #expect(book.providers(of: ascii("gpt-4o-2024-08-06")) == [ascii("openai")])
        #expect(book.rows(matching: ascii("openai/gpt-4o")).map(\.model) == [ascii("gpt-4o")])
        #expect(book.rows(matching: ascii("claude-sonnet-5")).map(\.from) == [20_260_901, 0])
        #expect(book.rows(matching: ascii("gpt-4")).isEmpty)
        let price = try #require(book.price(provider: ascii("openai"), model: ascii("gpt-4o"), at: now))
        #expect(price.context == 128_000)
        #expect(price.maximumOutput == 16_384)
        #expect(price[.cacheRead] == PicoUSD(1_250_000))
        #expect(price[.cacheWrite1h] == PicoUSD(2_500_000))
        #expect(price.source.map { book.sources[$0].dataset } == ascii("the openai page"))
    }

    @Test func everyLineRoundTrips() throws {
        let book = try book(sample)
        let written = book.rows.map { String(decoding: $0.line(sources: book.sources), as: UTF8.self) }
        #expect(written == sample.split(separator: "\n").filter { $0.hasPrefix("price") }.map(String.init))
    }

    @Test(arguments: [
        ("gpt-4o", true), ("gpt-4o-2099-01-31", true), ("gpt-4o-20990131", true), ("gpt-4o@20990131", true),
        ("gpt-4o@2099-01-31", false), ("gpt-4o-2099-13-01", false), ("gpt-4o-latest", false), ("gpt-4", false),
        ("gpt-4o-mini", false), ("GPT-4o", false), ("-20990131", false), ("", false), ("gpt-4o-209901", false),
    ])
    func neverGuesses(name: String, isFound: Bool) throws {
        let price = try book(sample).price(provider: ascii("openai"), model: ascii(name), at: now)
        #expect((price != nil) == isFound)
        #expect(price == nil || price?[.input] == PicoUSD(2_500_000))
    }

    /// 20,697 days after 1970 is 2026-09-01.
    @Test func pricesChangeAtMidnightUTC() throws {
        let book = try book(sample)
        func input(_ moment: Moment) -> PicoUSD? {
            book.price(provider: ascii("anthropic"), model: ascii("claude-sonnet-5"), at: moment)?[.input]
        }
        #expect(input(Moment(microseconds: day(20_697).microseconds - 1)) == PicoUSD(2_000_000))
        #expect(input(day(20_697)) == PicoUSD(3_000_000))
        #expect(input(Moment(microseconds: .min)) == PicoUSD(2_000_000))
        #expect(input(Moment(microseconds: .max)) == PicoUSD(3_000_000))
    }

    @Test func aPriceMayEnd() throws {
        let book = try book(Self.head + "price p m 20260101-20260201 s in=1\n")
        #expect(book.price(provider: ascii("p"), model: ascii("m"), at: day(20_453)) == nil)
        #expect(book.price(provider: ascii("p"), model: ascii("m"), at: day(20_454)) != nil)
        #expect(book.price(provider: ascii("p"), model: ascii("m"), at: day(20_484)) != nil)
        #expect(book.price(provider: ascii("p"), model: ascii("m"), at: day(20_485)) == nil)
    }

    @Test(
        arguments: [
            ("", .missingHeader, 0), ("# only\n", .missingHeader, 1), ("prices 1 20261121", .missingHeader, 1),
            ("tacet-prices 2 20261121", .unknownVersion, 1), ("tacet-prices 1 20261321", .malformedDate, 1),
            (head + "cost p m 0 s in=1", .unknownLine, 3), (head + "price p m 0", .missingField, 3),
            (head + "price p  m 0 s in=1", .missingField, 3), (head + "price p m 0 s", .missingPrice, 3),
            (head + "price p m 0 x in=1", .unknownSource, 3), (head + "price p m 0 s in=-1", .malformedNumber, 3),
            (head + "price p m 0 s in=1.5", .malformedNumber, 3), (head + "price p m 0 s in=", .malformedNumber, 3),
            (head + "price p m 0 s in=01", .malformedNumber, 3),
            (head + "price p m 0 s in=1234567890123456", .malformedNumber, 3),
            (head + "price p m 0 s in", .unknownField, 3), (head + "price p m 0 s inn=1", .unknownField, 3),
            (head + "price p m 0 s in=1 in=1", .duplicateField, 3),
            (head + "price p m 0 s ctx=1 ctx=1 in=1", .duplicateField, 3),
            (head + "price p m 0 s max=1 max=1 in=1", .duplicateField, 3),
            (head + "price p m 0 s ctx=1", .missingPrice, 3),
            (head + "price p m 0 s in=1 >5", .missingPrice, 3),
            (head + "price p m 0 s in=1 >5 in=1 >5 in=1", .tierOrder, 3),
            (head + "price p m 0 s in=1 >0 in=1", .tierOrder, 3), (head + "price p m 2026 s in=1", .malformedDate, 3),
            (head + "price p m 20260201-20260201 s in=1", .malformedDate, 3),
            (head + "price p m 0-20260101-20270101 s in=1", .malformedDate, 3),
            (head + "price p m 0 s in=1\nprice p m 0 s in=1", .datesOverlap, 4),
            (head + "price p m 0-20260601 s in=1\nprice p m 20260501 s in=1", .datesOverlap, 4),
            (head + "source s https://example.test again", .duplicateName, 3), (head + "source t x", .missingField, 3),
            (head + "alias p a b", .unknownModel, 3), (head + "price p m 0 s in=1\nalias p m m", .duplicateName, 4),
            (head + "end p m 20270101", .unknownModel, 3), (head + "end p m", .missingField, 3),
            (head + "end p m 2027", .malformedDate, 3),
            (head + "price p m 0 s in=1\nend p m 20270101\nend p m 20270102", .duplicateName, 5),
            (head + "price p m 0 s in=1 @now x=500000", .unknownField, 3),
            (head + "price p m 0 s in=2 @batch", .missingPrice, 3),
            (head + "price p m 0 s in=2 @batch ctx=1", .unknownField, 3),
            (head + "price p m 0 s in=2 @batch x=500000 @batch x=500000", .duplicateField, 3),
            (head + "price p m 0 s in=2 @batch x=500000 in=1", .duplicateField, 3),
            (head + "price p m 0 s in=2 @batch in=1 in=1", .duplicateField, 3),
            (head + "price p m 0 s in=2 @batch in=1 >5 in=1", .tierOrder, 3),
            (head + "price p m 0 s in=3 @batch x=500000", .inexactFactor, 3),
            (head + "price p m 0 s in=2 @batch x=0", .inexactFactor, 3),
            (head + "price p m 0 s region=1100000 in=10 @batch in=5", .inexactFactor, 3),
            (head + "price p m 0 s region=1100000 req=1 in=10", .inexactFactor, 3),
            (head + "price p m 0 s x=1 in=10", .unknownField, 3),
            (head + "alias p a", .missingField, 3), ("\u{0}\u{1}\n", .missingHeader, 1),
        ] as [(String, PriceBookFault.Reason, Int)])
    func refuses(text: String, reason: PriceBookFault.Reason, line: Int) {
        #expect { _ = try book(text) } throws: { fault in
            (fault as? PriceBookFault).map { $0.reason == reason && $0.line == line } ?? false
        }
    }

    /// An operator's own prices hold on their days, the book's on the others; names are found as ever.
    @Test func aContractComesFirst() throws {
        let contract = try book(
            """
            tacet-prices 1 20261201
            source c https://example.test/contract our contract
            price openai gpt-4o 20260901-20261201 c in=1000000 out=4000000
            price openai gpt-4o-2024-08-06 20260901 c in=2000000 out=4000000
            price openai whisper-1 0 c ms=50000
            price mine m 0 c in=1 out=2
            """)
        let merged = try book(sample).overridden(by: contract)
        func input(_ model: String, _ day: Moment, _ kind: UsageClass = .input) -> Int64? {
            merged.price(provider: ascii("openai"), model: ascii(model), at: day)?[kind].value
        }
        #expect(merged.version == 20_261_201)
        #expect(input("gpt-4o", now) == 1_000_000)
        // What the contract does not name is not the book's: the line is whole.
        #expect(input("gpt-4o", now, .cacheRead) == 1_000_000)
        #expect(input("gpt-4o", day(20_000)) == 2_500_000)
        #expect(input("gpt-4o", day(20_900)) == 2_500_000)
        // An alias of the book's with a price of its own.
        #expect(input("gpt-4o-2024-08-06", now) == 2_000_000)
        #expect(input("gpt-4o-2024-08-06", day(20_000)) == 2_500_000)
        #expect(input("gpt-4o-2024-05-13", now) == 5_000_000)
        #expect(merged.constantPrice(provider: ascii("openai"), model: ascii("gpt-4o")) == nil)
        let constant = merged.constantPrice(provider: ascii("openai"), model: ascii("whisper-1"))
        #expect(constant?[.milliseconds].value == 50_000)
        #expect(constant?.source.map { merged.sources[$0].dataset } == ascii("our contract"))
        #expect(merged.price(provider: ascii("mine"), model: ascii("m"), at: now)?[.output].value == 2)
        #expect(merged.models(of: ascii("openai")).count { $0 == ascii("gpt-4o") } == 1)
    }

    /// Whatever byte is changed or cut off, the reader answers with a book or a fault, never a trap.
    @Test func survivesAnyDamage() {
        let whole = ascii(sample)
        var random = SplitMix(state: 5)
        for _ in 0..<3000 {
            var damaged = whole
            damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            damaged.removeLast(Int.random(in: 0..<damaged.count, using: &random))
            _ = try? PriceBook(damaged.span)
        }
    }
}
