import Foundation
import Records
import Vocabulary

/// What money costs the machine: `MoneyBench purse REQUESTS` or `MoneyBench ledger FOLDER`. Prints one JSON object a line.
@main struct Bench {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count >= 2, let what = arguments.first else {
            print("usage: MoneyBench purse REQUESTS | ledger FOLDER")
            exit(2)
        }
        let value = arguments[2]
        switch what {
        case "purse": try await PurseBench.run(requests: Int(value) ?? 1_000_000)
        case "ledger": try await LedgerBench.run(in: value)
        default: exit(2)
        }
    }

    static func line(_ members: [(String, Any)]) {
        let text = members.map { name, value in
            "\"\(name)\": " + (value is String ? "\"\(value)\"" : "\(value)")
        }
        print("{" + text.joined(separator: ", ") + "}")
    }

    static func seconds(_ duration: Duration) -> Double {
        let (whole, atto) = duration.components
        return Double(whole) + Double(atto) / 1e18
    }

    static var now: Moment { Moment(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
}

final class NoEvents: EventLog {
    func record(_ event: LogEvent) {}
}

/// Admission, hold and settlement of one request, as the event loops ask for them.
enum PurseBench {
    static let payer = Payer(key: KeyID(1), member: MemberID(2), organisation: .home)

    static func run(requests: Int) async throws {
        let folder = NSTemporaryDirectory() + "money-bench-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let ledger = try Ledger(try DataDirectory(folder))
        _ = try LedgerBook(ledger).grant(NanoUSD(.max / 4), to: .home, businessKey: "bench", at: Bench.now)
        let purse = LeasedPurse(
            ledger: ledger, served: NodeEpoch(node: 1, epoch: 1), events: NoEvents(), now: { Bench.now })
        purse.open()
        let keeper = Task { await purse.run() }
        for (name, rules) in cases {
            purse.setRules(rules)
            // The lease grows to the pace of this machine.
            let warm = ContinuousClock.now.advanced(by: .seconds(4))
            while ContinuousClock.now < warm { _ = spend(purse, requests: 10_000) }
            for threads in [1, 2] {
                let spent = await withTaskGroup(of: Spent.self) { group in
                    for _ in 0..<threads { group.addTask { spend(purse, requests: requests) } }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                let took = spent.reduce(0) { $0 + $1.nanoseconds } / UInt64(requests * threads)
                Bench.line([
                    ("bench", "purse"), ("rules", name), ("threads", threads), ("requests", requests * threads),
                    ("ns_per_request", took), ("not_covered", spent.reduce(0) { $0 + $1.missed }),
                ])
            }
        }
        keeper.cancel()
        purse.close()
    }

    /// From nothing set to everything that a request may have to pass.
    private static var cases: [(String, SpendingRules)] {
        let prepaid = SpendingRules(billing: .prepaid)
        var all = prepaid
        let plenty = NanoUSD(.max / 8)
        for owner in [BudgetOwner.key(payer.key), .member(payer.member), .organisation(.home)] {
            all.add(Budget(owner, .month, plenty))
            all.add(
                RateLimits(requestsPerMinute: 1 << 34, tokensPerMinute: 1 << 35, inFlight: 1 << 20), of: owner)
        }
        return [("nothing", SpendingRules()), ("prepaid", prepaid), ("prepaid, 3 budgets, 9 rates", all)]
    }

    private static func threadNanoseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private struct Spent: Sendable {
        /// Of this thread's processor time.
        var nanoseconds: UInt64
        /// How many were not covered.
        var missed: Int
    }

    private static func spend(_ purse: LeasedPurse, requests: Int) -> Spent {
        var missed = 0
        let started = threadNanoseconds()
        let now = Bench.now
        for _ in 0..<requests {
            let admission = purse.admit(payer, at: now)
            let ask = HoldAsk(payer: payer, amount: NanoUSD(2_000), tokens: 1_000)
            if case .held(let hold) = purse.hold(ask, at: now) {
                purse.settle(hold, charge: NanoUSD(1_000), tokens: 700, at: now)
            } else {
                missed += 1
            }
            if case .admitted(_?) = admission { purse.leave(payer) }
        }
        return Spent(nanoseconds: threadNanoseconds() - started, missed: missed)
    }
}

/// Durable pairs of hold and settlement, many of them in one commit.
enum LedgerBench {
    static func run(in folder: String) async throws {
        for wallets in [10, 1000] {
            for (batch, pairs) in [(1, 500), (10, 5000), (100, 50_000), (500, 50_000), (1000, 50_000)] {
                let ledger = try prepared("\(folder)/\(wallets)-\(batch)", wallets)
                let book = LedgerBook(ledger)
                let clock = ContinuousClock()
                let took = try clock.measure {
                    for first in stride(from: 0, to: pairs, by: batch) {
                        let operations = (first..<first + batch).flatMap { Self.operations($0, wallets) }
                        let answers = try book.perform(operations, at: Bench.now)
                        precondition(answers.allSatisfy { $0.result == .created })
                    }
                }
                report("pairs a commit", batch, wallets, pairs, took)
            }
            let callers = 2000
            let pairs = 50_000
            let queue = LedgerQueue(try prepared("\(folder)/\(wallets)-queue", wallets)) { Bench.now }
            let started = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<callers {
                    group.addTask {
                        for number in stride(from: caller, to: pairs, by: callers) {
                            for operation in operations(number, wallets) {
                                let answer = try await queue.perform(operation)
                                precondition(answer.result == .created)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            report("callers of LedgerQueue", callers, wallets, pairs, started.duration(to: .now))
        }
    }

    private static func prepared(_ folder: String, _ wallets: Int) throws -> Ledger {
        let ledger = try Ledger(try DataDirectory(folder))
        let book = LedgerBook(ledger)
        for wallet in 1...wallets {
            _ = try book.grant(
                NanoUSD(1_000_000_000_000), to: OrganisationID(UInt64(wallet)), businessKey: "b\(wallet)",
                at: Bench.now)
        }
        return ledger
    }

    /// The ids rise with time, as a request's do.
    private static func operations(_ number: Int, _ wallets: Int) -> [LedgerOperation] {
        let id = UInt128(1 << 40 + number * 2)
        let organisation = OrganisationID(UInt64(1 + number % wallets))
        return [
            .hold(LedgerID(id), organisation, NanoUSD(2_000), timeout: 60),
            .settle(LedgerID(id + 1), hold: LedgerID(id), NanoUSD(1_000)),
        ]
    }

    private static func report(_ what: String, _ count: Int, _ wallets: Int, _ pairs: Int, _ took: Duration) {
        let rate = Int(Double(pairs) / Bench.seconds(took))
        Bench.line([
            ("bench", "ledger"), ("what", what), ("count", count), ("wallets", wallets), ("pairs", pairs),
            ("pairs_per_second", rate),
        ])
    }
}
