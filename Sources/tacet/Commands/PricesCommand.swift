import ArgumentParser
import Metering
import Vocabulary

struct PricesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prices",
        abstract: "Show what models cost and where the price comes from; put prices of your own before the book's.",
        discussion: """
            Example:
              tacet prices show gpt-5-mini
              tacet prices show openai/gpt-5-mini --json
              tacet prices check contract.txt
              tacet prices diff contract.txt
              tacet prices import contract.txt
            """,
        subcommands: [Show.self, Diff.self, Import.self, Check.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a model's price in USD per million tokens, its dates and its source.",
            discussion: """
                Example:
                  tacet prices show openai/gpt-5-mini
                """)

        @Argument(help: "A model, with or without its provider.")
        var model: String
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        struct Line: Codable {
            var provider: String
            var model: String
            var from: String?
            var until: String?
            var context: Int64?
            var maximum_output: Int64?
            /// By class of usage; pico-USD for one unit.
            var pico_usd: [String: Int64]
            var tiers: [Tier]
            /// By service level with prices of its own.
            var levels: [String: Level]
            var pico_usd_per_request: Int64?
            /// What a request kept in a region costs of the price, in parts per million.
            var regional_ppm: Int64?
            var source: String
            var dataset: String
            var price_book: UInt32

            struct Tier: Codable {
                var above_input_tokens: Int64
                var pico_usd: [String: Int64]
            }

            struct Level: Codable {
                var pico_usd: [String: Int64]
                var tiers: [Tier]
            }
        }

        func run() throws {
            let book = try Routes.book(data: try place.dataPath())
            let rows = book.rows(matching: Array(model.utf8))
            guard !rows.isEmpty else {
                let names = book.providers.flatMap { book.models(of: $0) }.map { String(decoding: $0, as: UTF8.self) }
                let near = Nearest.name(to: model, in: Set(names).sorted()).map { " Did you mean `\($0)`?" } ?? ""
                throw Failure(text: "The price book of \(Self.date(book.version) ?? "") has no such model.\(near)")
            }
            let lines = rows.map { Self.line($0, book) }
            output.show(lines.map { JSONLine.of($0) }) { lines.map(Self.text).joined(separator: "\n") }
        }

        private static func line(_ row: PriceRow, _ book: PriceBook) -> Line {
            let source = book.sources[row.source]
            return Line(
                provider: text(row.provider), model: text(row.model), from: date(row.from), until: row.to.flatMap(date),
                context: row.price.context, maximum_output: row.price.maximumOutput, pico_usd: rates(row.price, row),
                tiers: tiers(row.price, row), levels: levels(row),
                pico_usd_per_request: row.price.perRequest == .zero ? nil : row.price.perRequest.value,
                regional_ppm: row.price.regionalFactor == 1_000_000 ? nil : row.price.regionalFactor,
                source: text(source.address), dataset: text(source.dataset), price_book: book.version)
        }

        private static func tiers(_ price: Price, _ row: PriceRow) -> [Line.Tier] {
            (0..<price.tierCount).map { index in
                let tier = price.tier(index)
                return Line.Tier(above_input_tokens: tier.above, pico_usd: rates(tier.price, row))
            }
        }

        private static func levels(_ row: PriceRow) -> [String: Line.Level] {
            var levels: [String: Line.Level] = [:]
            for level in ServiceLevel.allCases {
                guard let price = row.price.at(level) else { continue }
                levels[level.name.description] = Line.Level(pico_usd: rates(price, row), tiers: tiers(price, row))
            }
            return levels
        }

        private static func rates(_ price: Price, _ row: PriceRow) -> [String: Int64] {
            var rates: [String: Int64] = [:]
            for kind in UsageClass.allCases where row.names(kind) {
                rates[kind.name.description] = price[kind].value
            }
            return rates
        }

        private static func text(_ line: Line) -> String {
            var out = "\(line.provider)/\(line.model)\n"
            func add(_ name: String, _ value: String) {
                out += "  " + name + String(repeating: " ", count: max(1, 18 - name.count)) + value + "\n"
            }
            func add(_ rates: [String: Int64]) {
                for kind in UsageClass.allCases {
                    let name = kind.name.description
                    guard let rate = rates[name] else { continue }
                    switch kind {
                    case .images, .searches: add(name, "$\(Quantities.unitText(PicoUSD(rate))) each")
                    case .milliseconds, .characters:
                        add(name, "$\(Quantities.perMillionText(PicoUSD(rate))) per million")
                    default: add(name, "$\(Quantities.perMillionText(PicoUSD(rate))) per million tokens")
                    }
                }
            }
            func add(_ tiers: [Line.Tier]) {
                for tier in tiers {
                    add("above", "\(tier.above_input_tokens) input tokens")
                    add(tier.pico_usd)
                }
            }
            add(line.pico_usd)
            if let request = line.pico_usd_per_request {
                add("request", "$\(Quantities.unitText(PicoUSD(request))) each")
            }
            add(line.tiers)
            for level in ServiceLevel.allCases {
                guard let prices = line.levels[level.name.description] else { continue }
                add("level", level.name.description)
                add(prices.pico_usd)
                add(prices.tiers)
            }
            if let factor = line.regional_ppm {
                add("in a region", "\(Quantities.perMillionText(PicoUSD(factor))) of the price")
            }
            if let context = line.context { add("context", "\(context) tokens") }
            if let maximum = line.maximum_output { add("most output", "\(maximum) tokens") }
            if line.from != nil || line.until != nil {
                add("holds", (line.from.map { "from \($0)" } ?? "") + (line.until.map { " until \($0)" } ?? ""))
            }
            add("source", line.source)
            add("read by", line.dataset)
            add("price book", date(line.price_book) ?? "")
            return out
        }

        private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

        /// `2026-11-21` of 20261121; `nil` for 0, always.
        static func date(_ day: UInt32) -> String? {
            guard day > 0 else { return nil }
            func two(_ value: UInt32) -> String { value < 10 ? "0\(value)" : "\(value)" }
            return "\(day / 10_000)-\(two(day / 100 % 100))-\(two(day % 100))"
        }
    }
}
