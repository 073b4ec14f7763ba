import Accounts
import Vocabulary

/// What can be asked for: the operator's aliases, the providers and how they do, every model with its price.
enum ModelsPage {
    static let routes: [Route] = [.get("/models", .member(.readUsage, show))]

    /// Models in one page; more are found by name.
    private static let most = 100

    private struct View {
        let aliases: [AliasRow]
        let hasAliases: Bool
        let providers: [ProviderRow]
        let hasProviders: Bool
        let choices: [Choice]
        let query: String
        let models: [TargetRow]
        let hasModels: Bool
        let count: String
    }

    private struct AliasRow {
        let name: String
        let ranks: [Rank]
    }

    /// Targets that share requests; the next rank is their fallback.
    private struct Rank {
        let label: String
        let targets: [TargetRow]
    }

    private struct TargetRow {
        let name: String
        let share: String?
        let state: State?
        let input: String
        let output: String
        let cached: String
        let context: String
    }

    private struct State {
        let text: String
        let tone: String
    }

    private struct ProviderRow {
        let name: String
        let address: String
        let key: String
        let state: State
        let calls: String
        let took: String
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let words = visit.words
        let status = await visit.desk.routing()
        let found = models(status, visit.query)
        let states = Dictionary(
            status.providers.map { ($0.name, state($0, words)) }, uniquingKeysWith: { first, _ in first })
        func row(_ target: RoutingStatus.Target) -> TargetRow {
            TargetRow(
                name: target.model, share: target.weight > 0 ? words.percent(Int64(target.weight), of: 100) : nil,
                state: states[target.provider], input: price(target.input, words), output: price(target.output, words),
                cached: price(target.cached, words), context: target.context.map(words.count) ?? "—")
        }
        let view = View(
            aliases: status.aliases.map { alias in
                let ranks = Dictionary(grouping: alias.targets, by: \.rank).sorted { $0.key < $1.key }
                return AliasRow(
                    name: alias.name,
                    ranks: ranks.enumerated().map { place, rank in
                        Rank(
                            label: place == 0
                                ? words.text(rank.value.count > 1 ? "models.shared" : "models.first")
                                : words.text("models.fallback"),
                            targets: rank.value.map(row))
                    })
            }, hasAliases: !status.aliases.isEmpty,
            providers: status.providers.map { provider in
                ProviderRow(
                    name: provider.name, address: provider.address, key: words.named("key_source.\(provider.key)"),
                    state: state(provider, words), calls: words.count(Int64(provider.inFlight)),
                    took: provider.microseconds.map { Figures.time(microseconds: $0) } ?? "—")
            }, hasProviders: !status.providers.isEmpty,
            choices: names(status).map { Choice(value: $0, label: $0, current: $0 == visit.query["provider"]) },
            query: String(visit.query["q"].prefix(100)), models: found.prefix(most).map(row),
            hasModels: !found.isEmpty, count: words.text("models.count", .count(Int64(found.count))))
        return visit.page("models", view, title: "models.title")
    }

    /// Models of the provider and with the words that the address asks for, in the order of their names.
    static func models(_ status: RoutingStatus, _ query: Form) -> [RoutingStatus.Target] {
        let words = query["q"].lowercased().split(separator: " ")
        return status.models.filter { target in
            (query["provider"].isEmpty || target.provider == query["provider"])
                && words.allSatisfy { target.model.lowercased().contains($0) }
        }.sorted { $0.model < $1.model }
    }

    private static func names(_ status: RoutingStatus) -> [String] {
        Set(status.models.map(\.provider)).sorted()
    }

    private static func state(_ provider: RoutingStatus.Provider, _ words: Catalogue) -> State {
        if provider.circuit != .closed {
            return State(text: words.named("circuit.\(provider.circuit)"), tone: "warn")
        }
        let isGood = provider.health == .answers
        return State(
            text: words.named("health.\(provider.health.rawValue)"),
            tone: isGood ? "" : provider.health == .notAsked ? "quiet" : "warn")
    }

    /// Dollars for a million tokens.
    private static func price(_ price: PicoUSD?, _ words: Catalogue) -> String {
        price.map { String(decoding: words.usd(Int128($0.value) * 1_000_000_000_000), as: UTF8.self) } ?? "—"
    }
}
