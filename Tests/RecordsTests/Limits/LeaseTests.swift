import Dispatch
import Foundation
import GRDB
import Secrets
import Synchronization
import Testing
import Vocabulary

@testable import Records

/// `make simulate` asks for 10,000 seeds; `TACET_SEED` replays one.
@Suite struct LedgerSimulationOfLeasesTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let count = environment["TACET_SEEDS"].flatMap { Int($0) } ?? 200
    private static let only = environment["TACET_SEED"].flatMap { UInt64($0) }
    private static var seeds: [UInt64] { only.map { [$0] } ?? (0..<UInt64(count)).map { $0 } }

    @Test func noSeedSpendsMoreThanWasPaid() throws {
        var served = 0
        var refused = 0
        var expired = 0
        for seed in Self.seeds {
            var simulation = LeaseSimulation(seed: seed, bank: MemoryLeaseBank())
            try simulation.run(250)
            #expect(simulation.faults.isEmpty, "replay with TACET_SEED=\(seed): \(simulation.faults.prefix(3))")
            served += simulation.served
            refused += simulation.refused
            expired += simulation.expired
        }
        // A simulation in which nothing happens proves nothing.
        if Self.only == nil { #expect(served > Self.count * 10 && refused > Self.count / 2 && expired > Self.count) }
    }

    @Test func aSeedReplaysExactly() throws {
        for seed in Self.seeds.prefix(20) {
            var first = LeaseSimulation(seed: seed, bank: MemoryLeaseBank())
            var second = LeaseSimulation(seed: seed, bank: MemoryLeaseBank())
            try first.run(250)
            try second.run(250)
            #expect(first.trace == second.trace && first.charged == second.charged, "seed \(seed)")
        }
    }

    @Test func theDeskOnSQLiteHoldsToo() throws {
        for seed in Self.only.map({ [$0] }) ?? Array(Self.seeds.prefix(8)) {
            var simulation = LeaseSimulation(seed: seed, bank: try DeskLeaseBank())
            try simulation.run(120)
            #expect(simulation.faults.isEmpty, "replay with TACET_SEED=\(seed): \(simulation.faults.prefix(3))")
        }
    }
}

@Suite struct LeaseTests {
    private let payer = Payer(key: KeyID(1), organisation: .home)
    private static let now = Moment(microseconds: 1_700_000_000_000_000)

    private func purse(_ ledger: Ledger, node: UInt32, _ rules: SpendingRules) -> LeasedPurse {
        let purse = LeasedPurse(
            ledger: ledger, served: NodeEpoch(node: node, epoch: 1), events: RecordedEvents(), now: { Self.now })
        purse.setRules(rules)
        purse.open()
        return purse
    }

    /// What a request that waits for credit does.
    private func hold(_ purse: LeasedPurse, _ amount: Int64) -> Hold? {
        for _ in 0..<400 {
            switch purse.hold(HoldAsk(payer: payer, amount: NanoUSD(amount)), at: Self.now) {
            case .held(let hold): return hold
            case .refill: usleep(500)
            default: return nil
            }
        }
        return nil
    }

    /// 1,000 requests and streams at once over four nodes, a wallet that affords ten: the sum is exact. `make simulate`
    /// takes 100 orders of them.
    @Test func manyThreadsOverFourNodesNeverPassTheWallet() throws {
        for round in 0..<(ProcessInfo.processInfo.environment["TACET_SLOW"] == nil ? 10 : 100) {
            let engine = try SQLiteEngine()
            try engine.perform(.topUp(id(1), .home, NanoUSD(1000), processor: 0, note: 0), at: 1_699_999_999)
            let purses = (1...4).map { purse(engine.ledger, node: $0, SpendingRules(billing: .prepaid)) }
            let held = Atomic<Int>(0)
            let charged = Mutex<[Int64]>([0, 0, 0, 0])
            DispatchQueue.concurrentPerform(iterations: 1000) { index in
                let node = (index + round) % 4
                let isStream = index % 2 == 1
                let first = NanoUSD(isStream ? 60 : 100)
                guard case .held(var hold) = purses[node].hold(HoldAsk(payer: payer, amount: first), at: Self.now)
                else { return }
                // A stream that is not covered further ends with what it has.
                if isStream { _ = purses[node].extend(&hold, by: NanoUSD(40), at: Self.now) }
                let charge = hold.amount
                held.add(Int(charge.value), ordering: .relaxed)
                purses[node].settle(hold, charge: charge, tokens: 0, at: Self.now)
                charged.withLock { $0[node] += charge.value }
            }
            // The rest is found by whoever waits for it.
            for node in 0..<4 {
                while let hold = hold(purses[node], 100) {
                    held.add(100, ordering: .relaxed)
                    purses[node].settle(hold, charge: NanoUSD(100), tokens: 0, at: Self.now)
                    charged.withLock { $0[node] += 100 }
                }
            }
            #expect(held.load(ordering: .relaxed) <= 1000)
            for node in 0..<4 {
                let sum = charged.withLock { $0[node] }
                let answers = try engine.book.perform(
                    [.leaseUsage(id(100 + node), .home, node: UInt16(node + 1), NanoUSD(sum), subject: id(1))],
                    at: Self.now
                )
                #expect(answers.allSatisfy { $0.result.isDone })
                purses[node].close()
            }
            #expect(try engine.balance(.home) == 1000 - Int64(held.load(ordering: .relaxed)))
            #expect(try engine.balance(AccountName(.writeOff)) == 0)
            #expect(try engine.failures(at: 1_700_000_000).isEmpty)
        }
    }

    /// A ledger that turns read-only, as one that is locked or full: what is leased is spent, then requests are asked to
    /// wait, and nobody is refused for good until the ledger says so.
    @Test func leasesAreSpentWhileTheLedgerCannotBeWritten() throws {
        let engine = try SQLiteEngine()
        try engine.perform(.topUp(id(1), .home, NanoUSD(100_000), processor: 0, note: 0), at: 1_699_999_999)
        let purse = purse(engine.ledger, node: 1, SpendingRules(billing: .prepaid))
        let first = try #require(hold(purse, 100))
        purse.settle(first, charge: NanoUSD(100), tokens: 0, at: Self.now)
        usleep(100_000)
        func setReadOnly(_ isOn: Bool) throws {
            try engine.ledger.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = \(isOn)") }
        }
        try setReadOnly(true)
        let ask = HoldAsk(payer: payer, amount: NanoUSD(100))
        var served: Int64 = 1
        while case .held(let hold) = purse.hold(ask, at: Self.now) {
            purse.settle(hold, charge: NanoUSD(100), tokens: 0, at: Self.now)
            served += 1
        }
        #expect(served > 5 && served < 1000)
        for _ in 0..<50 {
            #expect(purse.hold(ask, at: Self.now) == .refill(milliseconds: 50))
            usleep(1000)
        }
        // Nothing is spent past the term of the lease either, though credit is left.
        let later = Moment(microseconds: Self.now.microseconds + LeaseDesk.term)
        guard case .refill = purse.hold(ask, at: later) else { return #expect(Bool(false)) }
        try setReadOnly(false)
        let answers = try engine.book.perform(
            [.leaseUsage(id(9), .home, node: 1, NanoUSD(served * 100), subject: id(1))], at: Self.now)
        #expect(answers.allSatisfy { $0.result.isDone })
        purse.close()
        #expect(try engine.balance(.home) == 100_000 - served * 100)
        #expect(try engine.balance(AccountName(.writeOff)) == 0)
        #expect(try engine.failures(at: 1_700_000_000).isEmpty)
    }

    /// PAINS 15: one budget over eight nodes.
    @Test func nodesTogetherNeverPassABudget() throws {
        let engine = try SQLiteEngine()
        var rules = SpendingRules()
        rules.add(Budget(.key(KeyID(1)), .day, NanoUSD(1000)))
        let purses = (1...8).map { purse(engine.ledger, node: $0, rules) }
        var held = 0
        for round in 0..<40 {
            for purse in purses where hold(purse, Int64(10 + round)) != nil { held += 10 + round }
        }
        #expect(held <= 1000 && held > 500)
    }

    @Test func promotionsBurnFirstAndReturnWhereTheyCameFrom() throws {
        for kind in EngineKind.allCases {
            let engine = try kind.make()
            try engine.perform(.topUp(id(1), .home, NanoUSD(100), processor: 0, note: 0), at: 1)
            try engine.perform(.promotion(id(2), .home, NanoUSD(30), priority: 1, expiresAt: seconds(500)), at: 1)
            try engine.perform(.promotion(id(3), .home, NanoUSD(20), priority: 0, expiresAt: seconds(900)), at: 1)
            #expect(try engine.perform(.lease(id(4), .home, node: 7, NanoUSD(70)), at: 2) == .created)
            #expect(try engine.perform(.lease(id(4), .home, node: 7, NanoUSD(70)), at: 2) == .exists)
            #expect(try engine.perform(.lease(id(5), .home, node: 7, NanoUSD(81)), at: 2) == .exceedsCredits)
            #expect(
                try engine.perform(.leaseUsage(id(6), .home, node: 7, NanoUSD(25), subject: id(9)), at: 3) == .created)
            #expect(
                try engine.perform(.leaseUsage(id(6), .home, node: 7, NanoUSD(25), subject: id(9)), at: 3) == .exists)
            #expect(try engine.perform(.leaseReturn(id(7), .home, node: 7, NanoUSD(46)), at: 4) == .exceedsSubject)
            #expect(try engine.perform(.leaseReturn(id(8), .home, node: 7, NanoUSD(45)), at: 4) == .created)
            let early = AccountName.promotion(.home, grant: id(3))
            let late = AccountName.promotion(.home, grant: id(2))
            #expect(try engine.balance(early) == 0)
            #expect(try engine.balance(late) == 25)
            #expect(try engine.balance(.home) == 100)
            // What is above the leases is the house's loss.
            #expect(
                try engine.perform(.leaseUsage(id(10), .home, node: 7, NanoUSD(5), subject: id(9)), at: 5) == .created)
            #expect(try engine.balance(AccountName(.writeOff)) == -5)
            #expect(try engine.balance(.revenue) == 30)
            #expect(try engine.failures(at: 5).isEmpty)
            let lease = AccountName.lease(of: early, node: 7)
            #expect(AccountName(text: lease.text) == lease && lease.origin == early)
        }
    }

    @Test func whatTheDrainPostsIsExactAndOnce() async throws {
        let home = try Installation()
        let book = LedgerBook(home.ledger)
        _ = try book.grant(NanoUSD(10_000), to: .home, businessKey: "a", at: Self.now)
        let purse = purse(home.ledger, node: 1, SpendingRules(billing: .prepaid))
        let hold = try #require(self.hold(purse, 900))
        #expect(hold.number & Hold.prepaidBit != 0)
        var paid = receipt(1, charge: 700)
        paid.hold = hold.number
        paid.providerCost = NanoUSD(650)
        let free = receipt(2, charge: 50)
        purse.settle(hold, charge: paid.charge, tokens: 0, at: Self.now)
        try home.write(segmentBytes(epoch: 1, [paid, free]), epoch: 1)
        let drainer = try home.drainer(epoch: 1)
        try await drainer.drainNow()
        try await drainer.drainNow()
        purse.close()
        let accounts = Dictionary(uniqueKeysWithValues: try book.accounts().map { ($0.name.text, $0.balance.value) })
        #expect(accounts["wallet:1"] == 9300 && accounts["lease:1:1"] == 0 && accounts["revenue"] == 700)
        #expect(accounts["provider-payable"] == 650)
        #expect(try book.check(at: Self.now).isSound)
        // The roll-ups have both, by hour and by day.
        let usage = UsageStore(home.ledger)
        for grain in UsageGrain.allCases {
            let lines = try usage.read(
                grain, by: .organisation, since: Moment(microseconds: 0), until: Moment(microseconds: .max),
                organisation: .home)
            #expect(lines.count == 1 && lines[0].sums.requests == 2 && lines[0].sums.charge == NanoUSD(750))
        }
        let spending = SpendingStore(home.ledger)
        #expect(try spending.spent(.key(KeyID(7)), .week, at: Self.now) == NanoUSD(750))
        #expect(try spending.spent(.installation, .ever, at: Self.now) == NanoUSD(750))
    }

    @Test func aDeadNodeIsSettledByTheLiving() async throws {
        let home = try Installation()
        _ = try LedgerBook(home.ledger).grant(NanoUSD(10_000), to: .home, businessKey: "a", at: Self.now)
        let other = try DataDirectory(home.directory.path, node: 2)
        var lock: ServerLock? = try other.lockForServer()
        let purse = purse(home.ledger, node: 2, SpendingRules(billing: .prepaid))
        let hold = try #require(self.hold(purse, 900))
        var opened = try #require(opened(1) as? OpenedRecord)
        opened.hold = hold.number
        let bytes = segmentBytes(epoch: 1, [opened, progress(1, output: 3, charge: 400)])
        var header = bytes
        header.replaceSubrange(
            0..<JournalSegment.headerLength,
            with: JournalSegment.header(node: 2, segment: JournalSegment(epoch: 1, number: 1), firstSequence: 1))
        try Data(header).write(
            to: URL(fileURLWithPath: other.journalPath + "/" + JournalSegment(epoch: 1, number: 1).fileName))
        let recovery = try NodeRecovery(
            ledger: home.ledger, directory: home.directory,
            installation: InstallationIdentity(directory: home.directory.keysPath), profile: .strict,
            events: home.events, now: { Self.now })
        // It lives: nothing is touched.
        #expect(try await recovery.run() == [])
        withExtendedLifetime(lock) {}
        lock = nil
        #expect(try await recovery.run() == [2])
        #expect(try await recovery.run() == [])
        let accounts = Dictionary(
            uniqueKeysWithValues: try LedgerBook(home.ledger).accounts().map { ($0.name.text, $0.balance.value) })
        #expect(accounts["wallet:1"] == 9600 && accounts["lease:1:2"] == 0 && accounts["revenue"] == 400)
    }
}
