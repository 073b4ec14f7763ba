import Foundation
import Testing

@testable import Records

/// `make simulate` asks for 10,000 seeds; without `TACET_SEEDS` it is a sample. `TACET_SEED` replays one.
@Suite struct LedgerSimulationTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let count = environment["TACET_SEEDS"].flatMap { Int($0) } ?? 300
    private static let only = environment["TACET_SEED"].flatMap { UInt64($0) }
    private static var seeds: [UInt64] { only.map { [$0] } ?? (0..<UInt64(count)).map { $0 } }

    @Test func everySeedKeepsEveryInvariant() throws {
        var kinds: Set<String> = []
        for seed in Self.seeds {
            var simulation = LedgerSimulation(seed: seed)
            let outcome = try simulation.run(150, on: MemoryEngine())
            #expect(outcome.faults.isEmpty, "replay with TACET_SEED=\(seed)")
            for answer in outcome.answers { kinds.insert(answer.rawValue) }
        }
        // A simulation in which nothing happens proves nothing.
        if Self.only == nil { #expect(kinds.count > 12, "\(kinds.sorted())") }
    }

    @Test func aSeedReplaysExactly() throws {
        for seed in Self.seeds.prefix(20) {
            var first = LedgerSimulation(seed: seed)
            var second = LedgerSimulation(seed: seed)
            let isSame = try first.run(150, on: MemoryEngine()) == second.run(150, on: MemoryEngine())
            #expect(isSame, "seed \(seed)")
        }
    }

    /// The same runs on SQLite give the same answers and the same transfers, though the file is opened anew again and
    /// again.
    @Test func sqliteDoesAsTheValueDoes() throws {
        for seed in Self.only.map({ [$0] }) ?? Array(Self.seeds.filter { $0 % 50 == 0 }.prefix(50)) {
            var value = LedgerSimulation(seed: seed)
            var file = LedgerSimulation(seed: seed)
            let expected = try value.run(150, on: MemoryEngine()) { _ in }
            let outcome = try file.run(150, on: SQLiteEngine()) { engine in try (engine as? SQLiteEngine)?.reopen() }
            // Not compared inside the macro, which would print both whole runs.
            let isSame = outcome == expected
            #expect(isSame, "replay with TACET_SEED=\(seed)")
            #expect(outcome.faults.isEmpty, "replay with TACET_SEED=\(seed)")
        }
    }

    /// The checker sees what it should see: each fault put into a sound run is found.
    @Test func theCheckerIsAwake() throws {
        let engine = MemoryEngine()
        var simulation = LedgerSimulation(seed: 7)
        _ = try simulation.run(150, on: engine)
        func audit(_ change: (inout [LedgerTransfer]) -> Void) -> [LedgerAudit.Invariant] {
            var transfers = engine.transfers()
            change(&transfers)
            var audit = LedgerAudit()
            for account in engine.accounts() { audit.add(account) }
            for transfer in transfers { audit.add(transfer) }
            return audit.finish(
                stored: engine.accounts(), openHolds: engine.state.openHolds, grants: nil, now: engine.state.now
            ).filter { $0.failed > 0 }.map(\.invariant)
        }
        #expect(audit { _ in }.isEmpty)
        let posted = try #require(engine.transfers().firstIndex { $0.kind == .post && $0.amount > 0 })
        #expect(audit { $0[posted].amount += 1 }.contains(.balances))
        #expect(audit { $0[posted].amount += 1_000_000 }.contains(.postedWithinHold))
        #expect(audit { $0.remove(at: posted) }.contains(.order))
        #expect(audit { $0.append($0[posted]) }.contains(.resolvedOnce))
        #expect(audit { $0[posted].at = seconds(900_000) }.contains(.holdsWithinTerm))
        let topUp = try #require(
            engine.transfers().indices.filter { engine.transfers()[$0].code == .topUp }.max {
                engine.transfers()[$0].amount < engine.transfers()[$1].amount
            })
        #expect(audit { $0[topUp].amount = 0 }.contains(.noOverdraft))
        #expect(audit { $0[topUp].credit = $0[topUp].debit }.contains(.postingsSumToZero))
    }
}
