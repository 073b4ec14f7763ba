import GRDB
import Testing
import Vocabulary

@testable import Records

@Suite struct AlertTests {
    private let now = Moment(microseconds: 1_795_612_455_000_000)

    @Test func budgetsTellEachLevelOncePerPeriod() throws {
        let home = try Installation()
        let budget = Budget(.organisation(.home), .month, NanoUSD(1000))
        let store = AlertStore(home.ledger)
        func tell(_ spent: Int64, _ at: Moment) throws -> Int {
            try store.add(AlertLogic.budget(budget, spent: NanoUSD(spent), AlertRules(), at: at))
        }
        #expect(try tell(799, now) == 0)
        #expect(try tell(800, now) == 1)
        #expect(try tell(900, now) == 0)
        #expect(try tell(1000, now) == 1)
        #expect(try tell(2000, now) == 0)
        let nextMonth = Moment(microseconds: now.microseconds + 32 * 86_400_000_000)
        #expect(try tell(800, nextMonth) == 1)
        #expect(try store.list(limit: 10).map(\.alert.level) == [80, 100, 80])
    }

    @Test func creditTellsItsEndOncePerTopUp() {
        var rules = AlertRules()
        rules.balanceLevels = [NanoUSD(100), NanoUSD(10)]
        func causes(_ balance: Int64, _ paid: Int64, _ day: Int64) -> [String] {
            AlertLogic.credit(
                of: .home, balance: NanoUSD(balance), paid: NanoUSD(paid), spentInADay: NanoUSD(day), rules, at: now
            ).map(\.cause)
        }
        #expect(causes(500, 1000, 100) == [])
        #expect(causes(299, 1000, 100) == ["pace:1:3:1000"])
        #expect(causes(50, 1000, 0) == ["balance:1:100:1000"])
        #expect(causes(-5, 2000, 100) == ["balance:1:100:2000", "balance:1:10:2000", "pace:1:3:2000"])
    }

    @Test func onlyAnUnusualHourIsAnAnomaly() {
        let quiet = (0..<48).map { Int64(1_000_000_000 + ($0 * 7919) % 100_000_000) }
        func score(_ value: Int64, _ history: [Int64]) -> Double {
            AlertLogic.robustScore(value, history, floor: 10_000_000) ?? 0
        }
        #expect(score(1_080_000_000, quiet) < 2)
        #expect(score(5_000_000_000, quiet) > 6)
        // Two wild hours in the past do not make a third one usual.
        #expect(score(5_000_000_000, quiet + [6_000_000_000, 7_000_000_000]) > 6)
        // A key that never spent anything may spend half a cent.
        #expect(score(5_000_000, Array(repeating: 0, count: 48)) < 6)
        #expect(AlertLogic.median([3, 1, 2]) == 2 && AlertLogic.median([4, 1, 2, 3]) == 2.5)
        #expect(
            AlertLogic.anomaly(
                .spending, of: KeyID(1), hour: 0, value: 5_000_000_000, before: Array(quiet.prefix(23)), floor: 1,
                at: now) == nil)
    }

    @Test func aWatchFindsWhatTheRollUpsSay() async throws {
        let home = try Installation()
        let hour = UsageGrain.hour.length
        let last = UsageGrain.hour.begin(of: now) - hour
        try home.ledger.write { database in
            for index in 0..<48 {
                let charge = index == 0 ? 9_000_000_000 : 100_000_000 + index
                try database.execute(
                    sql:
                        "INSERT INTO usage_hours VALUES (?, 1, 7, 1, 1, 0, 20, 0, 1, 0, 1, ?, ?, 0, 20000000, 0, 0, 0)",
                    arguments: [last - Int64(index) * hour, charge, charge])
            }
        }
        let watch = AlertWatch(home.ledger)
        #expect(try watch.look(AlertRules(), SpendingRules(), at: now) == 1)
        #expect(try watch.look(AlertRules(), SpendingRules(), at: now) == 0)
        let found = try AlertStore(home.ledger).list(limit: 5)[0].alert
        #expect(found.kind == .spending && found.owner == .key(KeyID(7)) && found.amount == 9_000_000_000)
    }

    @Test func whatCannotBeDeliveredIsTriedLater() throws {
        let home = try Installation()
        let store = AlertStore(home.ledger)
        try store.add(
            AlertLogic.budget(Budget(.installation, .ever, NanoUSD(1)), spent: NanoUSD(1), AlertRules(), at: now))
        let due = try store.due(.mail, at: now)
        #expect(due.map(\.alert.level) == [80, 100])
        try store.failed(due[0].id, .mail, at: now)
        try store.delivered(due[1].id, .mail, at: now)
        #expect(try store.due(.mail, at: now).isEmpty)
        #expect(try store.due(.mail, at: Moment(microseconds: now.microseconds + 31_000_000)).map(\.id) == [due[0].id])
        // The other channel is not kept waiting.
        #expect(try store.due(.webhook, at: now).map(\.id) == due.map(\.id))
    }
}
