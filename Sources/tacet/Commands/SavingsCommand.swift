import ArgumentParser
import Foundation
import Metering
import Vocabulary

struct SavingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "savings",
        abstract: "Show what was saved, by source, out of the signed receipts.",
        discussion: """
            The baseline is what the requested model would have cost at the tokens that were sent, with nothing kept here.
            Baseline less charge is routing, compression and cache, each counted once. What a provider's own prompt cache saved
            is shown beside them: it is in the provider's price, not in ours.

            Example:
              tacet savings --since 720h
              tacet savings --since 24h --explain
            """)

    @Option(help: "From when on: a time ago such as 24h, or a date such as 2026-11-21.")
    var since: TimeOption?
    @Option(help: "Before when.")
    var until: TimeOption?
    @Option(help: "A key's id or name.")
    var key: String?
    @Flag(help: "Show every receipt that saved something, and how the amount comes about.")
    var explain = false
    @OptionGroup var output: JSONOption
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        let lines = try await place.ask(
            .listReceipts(
                since: since?.microseconds, until: until?.microseconds, key: key, model: nil, limit: Int(Int32.max)))
        let book = try Routes.book(data: try place.dataPath())
        var sum = SavingsLine()
        var explained: [SavingsLine] = []
        for line in lines {
            let receipt = try JSONDecoder().decode(SavedReceipt.self, from: Data(line))
            let one = SavingsLine(receipt, book: book)
            sum.add(one)
            if explain, one.saved_nano_usd + one.prompt_cache_nano_usd > 0 { explained.append(one) }
        }
        sum.prefix_breaks = try JSONLine.all(PrefixBreakLine.self, in: await place.ask(.listPrefixBreaks))
        let all = explained + [sum]
        output.show(all.map { JSONLine.of($0) }) { Self.text(sum, explained) }
    }

    private static func text(_ sum: SavingsLine, _ explained: [SavingsLine]) -> String {
        func dollars(_ nano: Int64) -> String { "$" + Quantities.text(NanoUSD(nano)) }
        var out = ""
        if !explained.isEmpty {
            var table = TextTable(
                "ID", "ASKED", "SERVED", "BASELINE", "ROUTING", "COMPRESSION", "CACHE", "RECOVERY", "CHARGE",
                "PROMPT CACHE")
            for line in explained {
                table.add(
                    line.id ?? "", line.requested_model ?? "–", line.served_model ?? "–",
                    dollars(line.baseline_nano_usd),
                    "−" + dollars(line.saved_by.routing), "−" + dollars(line.saved_by.compression),
                    "−" + dollars(line.saved_by.cache), "−" + dollars(line.saved_by.recovery),
                    dollars(line.charge_nano_usd),
                    dollars(line.prompt_cache_nano_usd))
            }
            out += table.text + "\n"
        }
        return out + """
            \(sum.receipts) receipts
              baseline       \(dollars(sum.baseline_nano_usd))
              routing       −\(dollars(sum.saved_by.routing))
              compression   −\(dollars(sum.saved_by.compression))
              cache         −\(dollars(sum.saved_by.cache))
              recovery      −\(dollars(sum.saved_by.recovery))
              charge         \(dollars(sum.charge_nano_usd))
              beside it, the providers' prompt caches saved \(dollars(sum.prompt_cache_nano_usd))

            """ + sum.notes.map { $0 + "\n" }.joined()
    }
}

/// What savings need of a receipt's JSON.
struct SavedReceipt: Decodable {
    var id: String
    var requested_model: String?
    var served_model: String?
    var baseline_nano_usd: Int64
    var charge_nano_usd: Int64
    var saved_by: SavedBy
    var tokens: [String: Int64]
    var cache: String

    struct SavedBy: Codable, Equatable {
        var routing: Int64 = 0
        var compression: Int64 = 0
        var cache: Int64 = 0
        var recovery: Int64 = 0
    }
}

/// One receipt, or the sum of all: then without id and models.
struct SavingsLine: Codable, Equatable {
    var id: String?
    var requested_model: String?
    var served_model: String?
    var receipts: Int64 = 0
    var baseline_nano_usd: Int64 = 0
    var charge_nano_usd: Int64 = 0
    var saved_nano_usd: Int64 = 0
    var saved_by = SavedReceipt.SavedBy()
    var prompt_cache_nano_usd: Int64 = 0
    /// Requests whose answer may be kept, and those of them that found it or waited for another's.
    var cache_requests: Int64 = 0
    var cache_hits: Int64 = 0
    /// Of the sum alone: what clients themselves did to the providers' prompt caches.
    var prefix_breaks: [PrefixBreakLine]?

    init() {}

    init(_ receipt: SavedReceipt, book: PriceBook) {
        id = receipt.id
        requested_model = receipt.requested_model
        served_model = receipt.served_model
        receipts = 1
        baseline_nano_usd = receipt.baseline_nano_usd
        charge_nano_usd = receipt.charge_nano_usd
        saved_by = receipt.saved_by
        saved_nano_usd =
            (NanoUSD(saved_by.routing) + NanoUSD(saved_by.compression) + NanoUSD(saved_by.cache)
            + NanoUSD(saved_by.recovery)).value
        cache_requests = receipt.cache == "off" ? 0 : 1
        cache_hits = ["hit", "shared", "similar"].contains(receipt.cache) ? 1 : 0
        var usage = TokenUsage()
        for kind in UsageClass.allCases { usage[kind] = receipt.tokens[kind.name.description] ?? 0 }
        // A model that the book does not list, or has at several prices, is not counted.
        let rows = receipt.served_model.map { book.rows(matching: Array($0.utf8)) } ?? []
        if rows.count == 1 { prompt_cache_nano_usd = Savings.promptCache(rows[0].price, usage).value }
    }

    mutating func add(_ other: SavingsLine) {
        func sum(_ a: Int64, _ b: Int64) -> Int64 { (NanoUSD(a) + NanoUSD(b)).value }
        receipts += other.receipts
        baseline_nano_usd = sum(baseline_nano_usd, other.baseline_nano_usd)
        charge_nano_usd = sum(charge_nano_usd, other.charge_nano_usd)
        saved_nano_usd = sum(saved_nano_usd, other.saved_nano_usd)
        saved_by.routing = sum(saved_by.routing, other.saved_by.routing)
        saved_by.compression = sum(saved_by.compression, other.saved_by.compression)
        saved_by.cache = sum(saved_by.cache, other.saved_by.cache)
        prompt_cache_nano_usd = sum(prompt_cache_nano_usd, other.prompt_cache_nano_usd)
        saved_by.recovery = sum(saved_by.recovery, other.saved_by.recovery)
        cache_requests += other.cache_requests
        cache_hits += other.cache_hits
    }

    /// What stands below the sums.
    var notes: [String] {
        var notes: [String] = []
        if cache_requests > 0 {
            let share = Double(cache_hits * 1000 / cache_requests) / 10
            notes.append(
                "Of \(cache_requests) requests whose answer may be kept, \(cache_hits) had it from memory (\(share) %)."
            )
        }
        for line in prefix_breaks ?? [] {
            notes.append(
                "Key `\(line.name ?? line.key)`: \(line.requests) requests lost the provider's prompt cache, because "
                    + "\(line.moved) changed from one turn to the next.")
        }
        return notes
    }
}
