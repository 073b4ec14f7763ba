import Accounts
import Console
import Records
import Relay
import Synchronization
import Vocabulary

/// Gathers what the status page shows. Sums over the ledger are read at most every few seconds.
final class StatusReader: Sendable {
    private let plan: ServerPlan
    private let gateway: Gateway
    private let installation: Installation
    private let board: ProviderBoard
    private let reloader: Reloader
    private let jobs: JobBoard
    private let startedAt = Moment.now
    private let cached = Mutex<Cached?>(nil)
    private static let age: Int64 = 3_000_000
    private static let shownReceipts = 10

    private struct Cached {
        var totals: ReceiptTotals
        var at: Moment
    }

    init(
        plan: ServerPlan, gateway: Gateway, installation: Installation, board: ProviderBoard, reloader: Reloader,
        jobs: JobBoard
    ) {
        self.plan = plan
        self.gateway = gateway
        self.installation = installation
        self.board = board
        self.reloader = reloader
        self.jobs = jobs
    }

    @concurrent func status() async -> ConsoleStatus {
        let traffic = gateway.status()
        let calls = await gateway.deployments()
        let totals = totals()
        let keys = (try? installation.keys.list()) ?? []
        let revoked = keys.count { $0.revokedAt != nil }
        let latest = (try? installation.receipts.list(ReceiptStore.Filter(limit: Self.shownReceipts))) ?? []
        var listener = plan.settings.api
        listener.port = gateway.port
        return ConsoleStatus(
            version: Version.text, profile: plan.settings.profile, apiAddress: listener.shownURL,
            isDraining: traffic.isDraining, startedAt: startedAt, now: .now,
            traffic: TrafficStatus(
                inFlight: traffic.inFlight, openConnections: traffic.openConnections,
                refusedConnections: traffic.refusedConnections, successes: traffic.successes,
                clientErrors: traffic.clientErrors, serverErrors: traffic.serverErrors,
                streamViolations: plan.verifiesStreams ? traffic.streamViolations : nil, bodyBytes: traffic.bodyBytes,
                bodyBytesLimit: traffic.bodyBytesLimit,
                cache: KeptAnswerStatus(
                    hits: traffic.cache.hits, shared: traffic.cache.shared, misses: traffic.cache.misses,
                    similar: traffic.cache.similar, sampled: traffic.cache.sampled, wrong: traffic.cache.wrong,
                    answers: traffic.cache.answers, bytes: traffic.cache.bytes)),
            totals: TotalStatus(
                receipts: totals.receipts, failed: totals.failed, inputTokens: totals.inputTokens,
                outputTokens: totals.outputTokens, providerCost: totals.providerCost, charge: totals.charge),
            chain: ChainStatus(batches: totals.batches, head: totals.root), liveKeys: keys.count - revoked,
            revokedKeys: revoked, providers: await board.lines(reloader.settings.providers, calls: calls),
            latest: latest.map { stored in
                ReceiptLine(
                    receipt: stored.receipt, model: stored.servedModel ?? stored.requestedModel ?? "other",
                    provider: stored.deployment ?? "—")
            }, jobs: jobs.lines)
    }

    private func totals() -> ReceiptTotals {
        let now = Moment.now
        let kept = cached.withLock { $0 }
        if let kept, now.microseconds - kept.at.microseconds < Self.age { return kept.totals }
        guard let totals = try? installation.receipts.totals() else { return kept?.totals ?? ReceiptTotals() }
        cached.withLock { $0 = Cached(totals: totals, at: now) }
        return totals
    }
}

extension Settings.Listener {
    /// An address that can be opened: every address of the machine is shown as its own.
    var shownURL: String {
        var shown = self
        if host == "0.0.0.0" { shown.host = "127.0.0.1" }
        if host == "::" { shown.host = "::1" }
        return shown.url
    }
}
