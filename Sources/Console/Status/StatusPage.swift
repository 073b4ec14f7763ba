import Mustache
import Vocabulary

/// The status page: one template, filled with sentences. Every value is escaped by the template.
struct StatusPage: Sendable {
    private let template: MustacheTemplate

    init() throws {
        template = try MustacheTemplate(string: Templates.source("status"))
    }

    func html(_ status: ConsoleStatus) -> String { template.render(StatusView(status)) }
}

/// What the template shows, as text.
private struct StatusView {
    let version: String
    let profile: String
    let uptime: String
    let state: String
    let draining: Bool
    let requests: String
    let requestsNote: String
    let tokens: String
    let tokensNote: String
    let cost: String
    let costNote: String
    let keys: String
    let keysNote: String
    let providersNote: String
    let providers: [ProviderView]
    let hasReceipts: Bool
    let receipts: [ReceiptView]
    let api: String
    let silence: String

    init(_ status: ConsoleStatus) {
        version = status.version
        profile = status.profile.name.description
        uptime = Figures.span(seconds: (status.now.microseconds - status.startedAt.microseconds) / 1_000_000)
        state = status.isDraining ? "draining" : "serving"
        draining = status.isDraining
        let totals = status.totals
        requests = Figures.count(totals.receipts)
        requestsNote =
            (totals.failed == 0 ? "none failed" : "\(Figures.count(totals.failed)) failed")
            + " · \(Figures.count(status.traffic.inFlight)) under way"
        tokens = Figures.count(totals.inputTokens + totals.outputTokens)
        tokensNote = "\(Figures.count(totals.inputTokens)) in · \(Figures.count(totals.outputTokens)) out"
        cost = Figures.dollars(totals.providerCost)
        costNote = "what the providers take"
        keys = Figures.count(status.liveKeys)
        keysNote = status.revokedKeys == 0 ? "none revoked" : "\(Figures.count(status.revokedKeys)) revoked"
        let asked = status.providers.filter { $0.health != .notAsked }
        let answering = asked.count { $0.health == .answers }
        providersNote =
            asked.isEmpty
            ? "None was asked yet."
            : answering == asked.count ? "All answer." : "\(answering) of \(asked.count) answer."
        providers = status.providers.map(ProviderView.init)
        receipts = status.latest.map(ReceiptView.init)
        hasReceipts = !receipts.isEmpty
        api = status.apiAddress
        silence =
            status.chain.batches == 0
            ? "Receipts are numbers, ids and closed codes. The first signed batch of them comes with the first request."
            : "Receipts are numbers, ids and closed codes, in \(Figures.count(status.chain.batches)) signed and chained "
                + "\(status.chain.batches == 1 ? "batch" : "batches"); the newest root begins with "
                + "\(status.chain.head.prefix(16))."
    }
}

private struct ProviderView {
    let name: String
    let address: String
    let answer: String
    let tone: String
    let took: String

    init(_ provider: ProviderStatus) {
        name = provider.name
        address = provider.address
        answer = provider.isResting ? "rests: its calls fail" : provider.health.text
        switch provider.health {
        case _ where provider.isResting: tone = "warn"
        case .answers: tone = ""
        case .notAsked: tone = "quiet"
        case .refusesKey, .fails, .unreachable: tone = "warn"
        }
        took = provider.microseconds.map(Figures.time) ?? ""
    }
}

private struct ReceiptView {
    let time: String
    let model: String
    let provider: String
    let outcome: String
    let tone: String
    let tokens: String
    let cost: String
    let took: String

    init(_ line: ReceiptLine) {
        let receipt = line.receipt
        time = Figures.clock(receipt.openedAt)
        model = line.model
        provider = line.provider
        if receipt.completion == .complete, receipt.error == .none {
            outcome = receipt.flags.contains(.estimated) ? "complete, estimated" : "complete"
            tone = "quiet"
        } else {
            let code = receipt.error == .none ? "" : receipt.error.name.description.replacing("_", with: " ")
            outcome = code.isEmpty ? receipt.completion.name.description : code
            tone = "warn"
        }
        tokens = Figures.count(receipt.tokens.totalInput + receipt.tokens.totalOutput)
        cost = Figures.dollars(receipt.providerCost)
        took = Figures.time(microseconds: receipt.totalMicroseconds)
    }
}
