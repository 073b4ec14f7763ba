import Accounts
import Policy
import Records
import Vocabulary

/// The first page: what was spent, what was saved, what was kept silent.
enum OverviewPage {
    static let routes: [Route] = [.get("/", .member(.readUsage, show))]

    private struct View {
        let ranges: [Choice]
        let spent: MoneyView
        let spentNote: String
        let saved: MoneyView
        let savedNote: String
        let requests: String
        let requestsNote: String
        let credit: MoneyView?
        let creditNote: String
        let chart: String
        let keys: [Bar]
        let receipts: [ReceiptRows.Row]
        let hasReceipts: Bool
        let fields: String
        let head: String?
        let alerts: [String]
    }

    private struct Bar {
        let name: String
        let amount: MoneyView
        /// Of the largest, in percent.
        let width: Int
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let words = visit.words
        let range = UsageRange(visit.query["days"], at: visit.now)
        let usage = Usage(visit.desk.usage, account.organisation)
        // Receipts are read first: that brings the newest ones into the sums too.
        let receipts = try await visit.receipts(.init(limit: 8), of: account)
        let now = try usage.total(range.grain, range.since, range.until)
        let before = try usage.total(range.grain, range.before.since, range.before.until)
        let keys = try visit.desk.keys.list(of: account.organisation)
        let byKey = try usage.lines(range, by: .key)
        let most = byKey.first?.sums.providerCost.value ?? 0
        let wallet = try visit.desk.book.accounts().first {
            $0.name == AccountName(.wallet, organisation: account.organisation.value)
        }
        let view = View(
            ranges: UsageRange.choices.map {
                Choice(value: "\($0)", label: words.text("range.days", .count($0)), current: $0 == range.days)
            },
            spent: words.money(now.providerCost), spentNote: spentNote(now, before, range, words),
            saved: words.money(now.saved),
            savedNote: words.text(
                "overview.saved_note",
                .share(Int128(now.saved.value), of: Int128((now.saved + now.providerCost).value))),
            requests: words.count(now.requests),
            requestsNote: now.requests == 0
                ? words.text("overview.no_requests")
                : words.text(
                    "overview.requests_note", .share(Int128(now.failed), of: Int128(now.requests)),
                    .text(Figures.time(microseconds: now.microseconds / now.requests))),
            credit: account.may(.readCredit) ? wallet.map { words.money($0.available) } : nil,
            creditNote: wallet.map { creditNote($0.available, now, range, words) } ?? "",
            chart: try usage.chart(
                visit, range, by: .model, usage.lines(range, by: .model),
                names: DimensionNames(visit, .model, keys: keys)),
            keys: byKey.prefix(4).map { line in
                Bar(
                    name: keys.first { $0.id.value == line.value }?.name ?? "—",
                    amount: words.money(line.sums.providerCost),
                    width: most > 0 ? Int(100 * line.sums.providerCost.value / most) : 0)
            },
            receipts: receipts.rows, hasReceipts: !receipts.rows.isEmpty,
            fields: words.count(Int64(DataMap.fields.count)), head: try visit.desk.receipts.totals().root.prefix16,
            alerts: try AlertLines.of(account.organisation, keys, visit).prefix(3).map(\.text))
        return visit.page("overview", view, title: "overview.title")
    }

    private static func spentNote(
        _ now: UsageSums, _ before: UsageSums, _ range: UsageRange, _ words: Catalogue
    ) -> String {
        let difference = now.providerCost - before.providerCost
        if before.requests == 0 { return words.text("overview.spent_first", .count(range.days)) }
        return difference > .zero
            ? words.text("overview.spent_more", .money(difference), .count(range.days))
            : words.text("overview.spent_less", .money(.zero - difference), .count(range.days))
    }

    private static func creditNote(
        _ available: NanoUSD, _ now: UsageSums, _ range: UsageRange, _ words: Catalogue
    ) -> String {
        guard now.charge > .zero else { return words.text("overview.credit_unused") }
        let days = available.value / max(1, now.charge.value / range.days)
        return words.text("overview.credit_lasts", .count(max(0, days)))
    }
}

extension String {
    /// The first 16 characters; `nil` when empty.
    var prefix16: String? { isEmpty ? nil : String(prefix(16)) }
}
