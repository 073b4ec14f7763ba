import Accounts
import Console
import Records
import Vocabulary

/// What has to be done now and then, off the request path: dead nodes are settled, holds and promotions whose term is over
/// end, roll-ups whose term is over go.
struct Housekeeping: Sendable {
    var book: LedgerBook
    var retention: Retention
    var origins: OriginStore
    var recovery: NodeRecovery
    let jobs = JobBoard()

    private static let interval = Duration.seconds(5)
    /// Every so many rounds: once a minute, once an hour.
    private static let minute = 12
    private static let hour = 720

    func run() async {
        var round = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            guard !Task.isCancelled else { return }
            await work(round)
            round += 1
        }
    }

    @concurrent private func work(_ round: Int) async {
        await jobs.run(.recovery) { _ = try await recovery.run() }
        try? origins.flush()
        if round % Self.minute == 0 {
            jobs.run(.holds) {
                guard try book.hasDue(at: .now) else { return }
                _ = try book.perform([.expireHolds(limit: 10_000), .expirePromotions(limit: 10_000)], at: .now)
            }
        }
        if round % Self.hour == 0 { jobs.run(.retention) { try retention.work(at: .now) } }
    }
}
