import Accounts
import Records
import Vocabulary

/// Receipts as the tables show them: numbers, names and closed words.
struct ReceiptRows {
    struct Row {
        let id: String
        let time: TimeView
        let model: String
        let provider: String
        let outcome: String
        let tone: String
        let decision: String
        let tokens: String
        let cost: MoneyView
        let took: String
        let key: String
    }

    let rows: [Row]

    init(_ receipts: [StoredReceipt], _ words: Catalogue, keys: [KeyID: String]) {
        rows = receipts.map { stored in
            let receipt = stored.receipt
            let isGood = receipt.completion == .complete && receipt.error == .none
            let outcome =
                receipt.error == .none
                ? words.named("completion.\(receipt.completion.name)")
                : receipt.error.name.description.replacing("_", with: " ")
            return Row(
                id: receipt.id.name, time: words.time(receipt.openedAt),
                model: stored.servedModel ?? stored.requestedModel ?? words.text("requests.other_model"),
                provider: stored.deployment ?? "—", outcome: outcome, tone: isGood ? "quiet" : "warn",
                decision: receipt.cache.isFromMemory
                    ? words.text("decision.cache") : words.named("decision.\(receipt.route.name)"),
                tokens: words.count(receipt.tokens.totalInput + receipt.tokens.totalOutput),
                cost: words.money(receipt.providerCost),
                took: Figures.time(microseconds: receipt.totalMicroseconds), key: keys[receipt.key] ?? "—")
        }
    }
}

extension Visit {
    /// The newest receipts of an organisation, with its keys' names.
    func receipts(_ filter: ReceiptStore.Filter, of account: Account) async throws -> ReceiptRows {
        let keys = try desk.keys.list(of: account.organisation)
        return ReceiptRows(
            try await stored(filter, of: account), words,
            keys: Dictionary(keys.map { ($0.id, $0.name) }, uniquingKeysWith: { $1 }))
    }

    /// The newest receipts of an organisation, those that just ended included.
    func stored(_ filter: ReceiptStore.Filter, of account: Account) async throws -> [StoredReceipt] {
        await desk.drain()
        var filter = filter
        filter.organisation = account.organisation
        filter.keys = try desk.keys.list(of: account.organisation).map(\.id)
        return try desk.receipts.list(filter)
    }
}
