import Accounts
import Records
import Vocabulary

// What the interface sends of keys, models and money.

extension Shape<KeyRecord> {
    static let key = Shape(
        "Key",
        [
            .text("id", "Names the key in paths.") { $0.id.text },
            .text("name", "As its maker called it.") { $0.name },
            .choice("environment", "A test key reaches only the sandbox.", of: ["live", "test"]) {
                $0.environment == .test ? "test" : "live"
            },
            .text("shown", "Its beginning and its end.") { $0.shown },
            .texts("models", "The only models it may ask for; empty: all.") { key in
                key.scope?.models.map { String(decoding: $0, as: UTF8.self) } ?? []
            },
            .optionalNumber("requests_per_minute", "How fast it may go.") { $0.limits.requestsPerMinute },
            .money("spent", "In its whole life.") { $0.spent },
            .time("created_at", "When it was made.") { $0.createdAt },
            .optionalTime("expires_at", "When it ends.") { $0.expiresAt },
            .optionalTime("revoked_at", "When it was ended.") { $0.revokedAt },
        ])
}

/// A key at the one moment it can be read.
struct MadeKey {
    let text: String
    let record: KeyRecord
}

extension Shape<MadeKey> {
    static let madeKey = Shape(
        "MadeKey",
        [
            .text("secret", "The key itself, which is never sent again.") { $0.text },
            .object("key", "What is kept of it.", .key) { $0.record },
        ])
}

extension Shape<ProviderKeysPage.Stored> {
    static let providerKey = Shape(
        "ProviderKey",
        [
            .text("provider", "Of the configuration.") { $0.provider },
            .text("shown", "Its last four characters.") { $0.row.shown },
            .time("created_at", "When it was sealed.") { $0.row.createdAt },
            .optionalTime("last_used_at", "To five minutes.") { $0.row.lastUsedAt },
        ])
}

extension Shape<RoutingStatus> {
    static let routing = Shape(
        "Routing",
        [
            .list("providers", "How each answers at this moment.", .provider) { $0.providers },
            .list("aliases", "Names of the operator's.", .alias) { $0.aliases },
            .list("models", "Every model of the providers.", .model) { $0.models },
        ])
}

extension Shape<RoutingStatus.Provider> {
    static let provider = Shape(
        "Provider",
        [
            .text("name", "Of the configuration.") { $0.name },
            .text("address", "Where it is called.") { $0.address },
            .choice("key", "Whose key it is called with.", of: RoutingStatus.KeySource.allCases.map(\.rawValue)) {
                $0.key.rawValue
            },
            .choice(
                "health", "What it said when it was last asked.",
                of: ProviderStatus.Health.allCases.map(\.rawValue)
            ) { $0.health.rawValue },
            .choice("circuit", "Whether it is called.", of: RoutingStatus.Circuit.allCases.map(\.rawValue)) {
                $0.circuit.rawValue
            },
            .number("in_flight", "Calls under way.") { Int64($0.inFlight) },
            .optionalNumber("first_byte_microseconds", "From a call to its answer's first byte.") { $0.microseconds },
        ])
}

extension Shape<RoutingStatus.Alias> {
    static let alias = Shape(
        "Alias",
        [
            .text("name", "What a request names.") { $0.name },
            .list("targets", "Who answers it.", .model) { $0.targets },
        ])
}

extension Shape<RoutingStatus.Target> {
    static let model = Shape(
        "Model",
        [
            .text("model", "`provider/model`.") { $0.model },
            .text("provider", "Of the configuration.") { $0.provider },
            .number("rank", "Within an alias: the next rank is the fallback.") { Int64($0.rank) },
            .number("weight", "Within its rank, in percent; 0 where load decides.") { Int64($0.weight) },
            .optionalNumber("input_pico_usd", "For a token read.") { $0.input?.value },
            .optionalNumber("cached_input_pico_usd", "For a token the provider kept.") { $0.cached?.value },
            .optionalNumber("output_pico_usd", "For a token answered.") { $0.output?.value },
            .optionalNumber("context", "The most tokens it reads.") { $0.context },
        ])
}

extension Shape<BudgetsPage.Line> {
    static let budget = Shape(
        "Budget",
        [
            .text("owner", "`organisation`, or a key's id.") { $0.ownerID },
            .choice("period", "In UTC, weeks from Monday.", of: BudgetPeriod.allCases.map { "\($0.name)" }) {
                "\($0.budget.period.name)"
            },
            .money("amount", "What may be spent.") { $0.budget.amount },
            .choice("action", "At its end.", of: BudgetAction.allCases.map { "\($0.name)" }) {
                "\($0.budget.action.name)"
            },
            .money("spent", "Since the period began.") { $0.spent },
        ])
}

extension Shape<AlertLines.Line> {
    static let alert = Shape(
        "Alert",
        [
            .time("at", "When its cause was seen.") { $0.at },
            .text("text", "In the language asked for.") { $0.text },
            .flag("told", "Whether it was mailed or posted.") { $0.told },
        ])
}

/// A wallet as its organisation sees it.
struct Credit {
    let available: NanoUSD
    let held: NanoUSD
    let balance: NanoUSD
    let lines: [StatementLine]
}

extension Shape<Credit> {
    static let credit = Shape(
        "Credit",
        [
            .money("available", "What new requests may use.") { $0.available },
            .money("held", "Set aside for requests under way.") { $0.held },
            .money("balance", "Both together.") { $0.balance },
            .list("ledger", "The newest hundred lines, newest first.", .ledgerLine) { $0.lines },
        ])
}

extension Shape<StatementLine> {
    static let ledgerLine = Shape(
        "LedgerLine",
        [
            .time("at", "When it was posted.") { $0.transfer.at },
            .choice("what", "Why.", of: TransferCode.allCases.map { "\($0.name)" }) { "\($0.transfer.code.name)" },
            .money("change", "What it changed of the balance.") { $0.change },
            .money("balance", "After it.") { $0.balance },
        ])
}
