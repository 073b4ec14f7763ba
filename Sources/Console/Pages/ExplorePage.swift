import Accounts
import Records
import Vocabulary

/// Sums by whatever one asks: grouping, filter and range stand in the address.
enum ExplorePage {
    static let routes: [Route] = [
        .get("/explore", .member(.readUsage, show)), .get("/explore.csv", .member(.readUsage, export)),
    ]

    private struct View {
        let ranges: [Choice]
        let groups: [Choice]
        let keys: [Choice]
        let chart: String
        let group: String
        let rows: [Row]
        let hasRows: Bool
        let query: String
    }

    private struct Row {
        let name: String
        let requests: String
        let failed: String
        let input: String
        let cached: String
        let output: String
        let cost: MoneyView
        let saved: MoneyView
        let took: String
    }

    static let groups: [UsageDimension] = [.model, .key, .provider, .category]

    /// How many rows a table shows: above it, the smaller ones are one row, and the file has each.
    private static let shown = 50

    /// What the address asks for.
    struct Question {
        let range: UsageRange
        let group: UsageDimension
        let key: KeyRecord?
        let keys: [KeyRecord]

        init(_ visit: Visit, _ account: Account) throws {
            range = UsageRange(visit.query["days"], at: visit.now)
            group =
                UsageDimension(rawValue: visit.query["by"]).flatMap { groups.contains($0) ? $0 : nil } ?? .model
            let keys = try visit.desk.keys.list(of: account.organisation)
            self.keys = keys
            key = keys.first { $0.id.text == visit.query["key"] }
            if key == nil, !visit.query["key"].isEmpty { throw PageFault.notFound }
        }

        func lines(_ visit: Visit, _ account: Account) throws -> [UsageStore.Line] {
            try Usage(visit.desk.usage, account.organisation).lines(range, by: group, key: key?.id)
        }

        var query: String {
            "days=\(range.days)&by=\(group.rawValue)" + (key.map { "&key=\($0.id.text)" } ?? "")
        }
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let question = try Question(visit, account)
        let words = visit.words
        await visit.desk.drain()
        let names = try DimensionNames(visit, question.group, keys: question.keys)
        let lines = try question.lines(visit, account)
        let kept = lines.count > shown ? shown - 1 : lines.count
        var rows = lines.prefix(kept).map { row(names[$0.value], $0.sums, words) }
        if kept < lines.count {
            var rest = UsageSums()
            for line in lines.dropFirst(kept) { rest.add(line.sums) }
            rows.append(row(words.text("explore.rest", .count(Int64(lines.count - kept))), rest, words))
        }
        let view = View(
            ranges: UsageRange.choices.map {
                .init(value: "\($0)", label: words.text("range.days", .count($0)), current: $0 == question.range.days)
            },
            groups: groups.map {
                .init(value: $0.rawValue, label: words.named("group.\($0.rawValue)"), current: $0 == question.group)
            },
            keys: question.keys.map { .init(value: $0.id.text, label: $0.name, current: $0.id == question.key?.id) },
            chart: try Usage(visit.desk.usage, account.organisation).chart(
                visit, question.range, by: question.group, lines, names: names, key: question.key?.id),
            group: words.named("group.\(question.group.rawValue)"), rows: rows, hasRows: !rows.isEmpty,
            query: question.query)
        return visit.page("explore", view, title: "explore.title")
    }

    private static func row(_ name: String, _ sums: UsageSums, _ words: Catalogue) -> Row {
        Row(
            name: name, requests: words.count(sums.requests), failed: words.count(sums.failed),
            input: words.count(sums.inputTokens), cached: words.count(sums.cachedTokens),
            output: words.count(sums.outputTokens), cost: words.money(sums.providerCost),
            saved: words.money(sums.saved),
            took: Figures.time(microseconds: sums.microseconds / max(1, sums.requests)))
    }

    @Sendable private static func export(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let question = try Question(visit, account)
        await visit.desk.drain()
        let names = try DimensionNames(visit, question.group, keys: question.keys)
        try visit.desk.people.record(.receiptsExport, by: account)
        var table = CSVTable([
            question.group.rawValue, "requests", "failed", "input_tokens", "cached_tokens", "output_tokens",
            "provider_cost_nano_usd", "charge_nano_usd", "saved_nano_usd", "microseconds",
        ])
        for line in try question.lines(visit, account) {
            let sums = line.sums
            table.add(
                [names[line.value]]
                    + [
                        sums.requests, sums.failed, sums.inputTokens, sums.cachedTokens, sums.outputTokens,
                        sums.providerCost.value, sums.charge.value, sums.saved.value, sums.microseconds,
                    ].map(String.init))
        }
        return .file(name: "usage.csv", type: "text/csv; charset=utf-8", bytes: Array(table.text.utf8))
    }
}

/// A table for a spreadsheet: no cell of text is taken for a formula.
struct CSVTable {
    private(set) var text = ""

    init(_ head: [String]) { add(head) }

    mutating func add(_ cells: [String]) { text += cells.map(Self.cell).joined(separator: ",") + "\r\n" }

    /// A cell that begins like a formula gets an apostrophe before it; numbers, negative ones too, stay numbers.
    static func cell(_ text: String) -> String {
        var text = text
        if let first = text.unicodeScalars.first, "=+-@\t\r\n".unicodeScalars.contains(first), Int64(text) == nil {
            text = "'" + text
        }
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
