import Accounts
import HTTPTypes
import Policy
import Records
import Vocabulary

/// Numbers: sums, requests, credit.
enum UsageInterface {
    static let routes: [Route] = [
        .api(
            .get, "/api/usage", "Sums of a span, by what they are of", .readUsage,
            takes: [days, .init("by", .oneOf(groups), "What to sum by.", isOptional: true), key], lists: .usage
        ) { visit, account in
            let question = try ExplorePage.Question(visit, account)
            await visit.desk.drain()
            let names = try DimensionNames(visit, question.group, keys: question.keys)
            return try question.lines(visit, account).map { UsageLine(name: names[$0.value], sums: $0.sums) }
        },
        .api(
            .get, "/api/usage/days", "Sums of a span by day, by hour for the last one", .readUsage, takes: [days, key],
            lists: .point
        ) { visit, account in
            let question = try ExplorePage.Question(visit, account)
            await visit.desk.drain()
            return try visit.desk.usage.series(
                question.range.grain, by: .organisation, values: [account.organisation.value],
                since: question.range.since, until: question.range.until, organisation: account.organisation,
                key: question.key?.id)
        },
        .api(
            .get, "/api/requests", "The newest requests", .readUsage,
            takes: [key, .init("limit", .number, "1 to 1,000; 50 without it.", isOptional: true)], lists: .receipt
        ) { visit, account in
            var filter = try RequestsPage.filter(visit, account)
            filter.limit = min(1000, max(1, Int(visit.query["limit"]) ?? filter.limit))
            return try await visit.stored(filter, of: account)
        },
        .api(
            .get, "/api/requests/events",
            Operation(
                summary: "Requests as they end; each event holds what the page's table shows", takes: [key],
                gives: .events), .readUsage, false, RequestsPage.events),
        .api(
            .get, "/api/requests/{id}",
            Operation(
                summary: "A request's receipt, every field, with its proof", gives: .json(.receipt)), .readUsage
        ) { visit, account in .json(JSONTree(try RequestsPage.receipt(visit, account).json())) },
        .api(.get, "/api/credit", "The wallet and its ledger", .readCredit, gives: .credit) { visit, account in
            try CreditPage.credit(visit, account)
        },
        .api(.get, "/api/models", "Aliases, providers and models, with prices", .readUsage, gives: .routing) {
            visit, _ in
            await visit.desk.routing()
        },
    ]

    private static let groups = ExplorePage.groups.map(\.rawValue)
    private static let days = Schema.Property(
        "days", .oneOf(UsageRange.choices.map(String.init)), "Days up to now.", isOptional: true)
    private static let key = Schema.Property("key", .text, "A key's id.", isOptional: true)
}

/// A sum with the name of what it is of.
struct UsageLine {
    let name: String
    let sums: UsageSums
}

extension Shape<UsageLine> {
    static let usage = Shape("Usage", [.text("name", "What the sums are of.") { $0.name }] + Shape.sums { $0.sums })
}

extension Shape<UsageStore.Point> {
    static let point = Shape(
        "UsagePoint", [.time("at", "Where the day or hour begins.") { $0.at }] + Shape.sums { $0.sums })
}

extension Shape {
    fileprivate static func sums(_ sums: @escaping @Sendable (Value) -> UsageSums) -> [Member] {
        [
            .number("requests", "How many.") { sums($0).requests },
            .number("failed", "Of them.") { sums($0).failed },
            .number("input_tokens", "Read.") { sums($0).inputTokens },
            .number("cached_tokens", "Of them, kept by the provider.") { sums($0).cachedTokens },
            .number("output_tokens", "Answered.") { sums($0).outputTokens },
            .money("provider_cost", "What providers take.") { sums($0).providerCost },
            .money("charge", "What the wallet pays.") { sums($0).charge },
            .money("saved", "Against what was asked for.") { sums($0).saved },
            .number("microseconds", "All together.") { sums($0).microseconds },
        ]
    }
}

extension Shape<StoredReceipt> {
    static let receipt = Shape(
        "Request",
        [
            .text("id", "Names the receipt.") { $0.receipt.id.name },
            .time("at", "When it came.") { $0.receipt.openedAt },
            .optionalText("model", "What answered; null for a name nobody lists.") {
                $0.servedModel ?? $0.requestedModel
            },
            .optionalText("provider", "Who answered.") { $0.deployment },
            .number("status", "Of the answer.") { Int64($0.receipt.status) },
            .choice("completion", "How it ended.", of: Completion.allCases.map { "\($0.name)" }) {
                "\($0.receipt.completion.name)"
            },
            .text("error", "Why it failed; `none`.") { "\($0.receipt.error.name)" },
            .choice("decision", "Why that one.", of: RouteReason.allCases.map { "\($0.name)" }) {
                "\($0.receipt.route.name)"
            },
            .number("input_tokens", "Read.") { $0.receipt.tokens.totalInput },
            .number("output_tokens", "Answered.") { $0.receipt.tokens.totalOutput },
            .money("provider_cost", "What the provider takes.") { $0.receipt.providerCost },
            .money("charge", "What the wallet pays.") { $0.receipt.charge },
            .number("microseconds", "From the first byte to the last.") { $0.receipt.totalMicroseconds },
        ])
}
