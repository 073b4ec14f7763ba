import Foundation
import GRDB
import Testing
import Vocabulary

@testable import Records

@Suite struct UsageTests {
    private static let start = Moment(microseconds: 1_760_000_000_000_000)
    private static let end = Moment(microseconds: .max)

    private static func later(_ moment: Moment, days: Int64) -> Moment {
        Moment(microseconds: moment.microseconds + days * UsageGrain.day.length)
    }

    /// Batches of random receipts over ten days, as the drain adds them.
    private static func fill(_ ledger: Ledger, seed: UInt64) throws -> [Receipt] {
        var numbers = SplitMix(state: seed)
        func draw(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &numbers) }
        var receipts: [Receipt] = []
        for _ in 0..<20 {
            var usage: [UsageKey: UsageSums] = [:]
            for _ in 0..<draw(60) {
                var one = receipt(receipts.count, charge: Int64(draw(1000)), key: UInt64(draw(5)))
                one.openedAt = Moment(microseconds: start.microseconds + Int64(draw(10 * 86_400)) * 1_000_000)
                one.organisation = OrganisationID(UInt64(1 + draw(3)))
                one.servedModel = ModelID(UInt64(1 + draw(4)))
                one.deployment = DeploymentID(.max - UInt64(draw(3)))
                one.category = TaskCategory.allCases[draw(TaskCategory.allCases.count)]
                one.error = draw(5) == 0 ? .upstreamCut : .none
                one.tokens[.cacheRead] = Int64(draw(7))
                one.savedByCache = NanoUSD(Int64(draw(9)))
                one.savedByCompression = NanoUSD(Int64(draw(5)))
                one.savedByRouting = NanoUSD(Int64(draw(7)))
                one.route = draw(2) == 0 ? .fallback : .routed
                usage[UsageKey(BatchSummary.Entry(one)), default: UsageSums()].add(BatchSummary.Entry(one))
                receipts.append(one)
            }
            try ledger.write { try UsageWriter(node: 1, database: $0).add(usage) }
        }
        return receipts
    }

    /// Each sum of each level is that of the receipts, whole, by organisation and by every value.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func sumsAreConservedBetweenTheLevels(_ seed: UInt64) throws {
        let ledger = try Installation().ledger
        let receipts = try Self.fill(ledger, seed: seed)
        var whole = UsageSums()
        for receipt in receipts { whole.add(BatchSummary.Entry(receipt)) }
        try ledger.read { database in
            let levels =
                UsageGrain.allCases.map(\.table)
                + UsageDimension.allCases.map { "usage_day_sums WHERE dimension = \($0.number)" }
            for level in levels {
                let row = try #require(try Row.fetchOne(database, sql: "SELECT \(UsageWriter.summed) FROM \(level)"))
                let sums = (0..<UsageWriter.sums.count).map { row[$0] as Int64 }
                #expect(sums == whole.all, "\(level)")
            }
            for dimension in UsageDimension.allCases {
                let cells = "organisation, \(dimension.column), at, \(UsageWriter.summed)"
                let days = "SELECT \(cells) FROM usage_days GROUP BY organisation, \(dimension.column), at"
                let columns = UsageWriter.sums.joined(separator: ", ")
                let sums =
                    "SELECT organisation, value, at, \(columns) FROM usage_day_sums WHERE dimension = \(dimension.number)"
                for (a, b) in [(days, sums), (sums, days)] {
                    #expect(try Row.fetchOne(database, sql: "\(a) EXCEPT \(b)") == nil, "\(dimension)")
                }
            }
        }
    }

    /// A page has the same from the days, from the hours and of each key.
    @Test func pagesReadWhatTheReceiptsSay() throws {
        let ledger = try Installation().ledger
        let receipts = try Self.fill(ledger, seed: 7).filter { $0.organisation == .home }
        let store = UsageStore(ledger)
        let since = Moment(microseconds: UsageGrain.day.begin(of: Self.later(Self.start, days: 2)))
        let inSpan = receipts.filter { $0.openedAt >= since }
        for key in [nil, KeyID(3)] {
            let own = inSpan.filter { key == nil || $0.key == key }
            for dimension in UsageDimension.allCases {
                var expected: [UInt64: UsageSums] = [:]
                for receipt in own {
                    let entry = BatchSummary.Entry(receipt)
                    expected[UsageDay(UsageKey(entry), dimension).value, default: UsageSums()].add(entry)
                }
                for grain in [UsageGrain.hour, .day] {
                    let lines = try store.read(
                        grain, by: dimension, since: since, until: Self.end, organisation: .home, key: key)
                    #expect(Dictionary(uniqueKeysWithValues: lines.map { ($0.value, $0.sums) }) == expected)
                    #expect(lines.map(\.sums.charge) == lines.map(\.sums.charge).sorted(by: >))
                    let some = lines.prefix(2).map(\.value)
                    let points = try store.series(
                        grain, by: dimension, values: some, since: since, until: Self.end, organisation: .home,
                        key: key)
                    for value in some {
                        let sum = points.filter { $0.value == value }.reduce(0) { $0 + $1.sums.requests }
                        #expect(sum == expected[value]?.requests)
                    }
                    #expect(Set(points.map(\.value)) == Set(some))
                }
            }
        }
    }

    /// A ledger of before has the sums of its days from the first start on.
    @Test func anOlderLedgerGetsItsSums() throws {
        let database = try DatabaseQueue()
        var migrator = DatabaseMigrator()
        for migration in Schema.migrations.prefix(while: { !$0.sql.contains("usage_day_sums") }) {
            migrator.registerMigration(migration.name) { try $0.execute(sql: migration.sql) }
        }
        try migrator.migrate(database)
        try database.write { database in
            for (day, key, model) in [(1, 1, 1), (1, 1, 2), (1, 2, 1), (2, 1, 1)] {
                try database.execute(
                    sql: "INSERT INTO usage_days VALUES (?, 1, ?, ?, 1, 0, 1, 0, 10, 0, 10, 7, 7, 3, 1)",
                    arguments: [day, key, model])
            }
        }
        try Schema.migrate(database)
        func rows(_ sql: String) throws -> [String] {
            try database.read { database in
                try Row.fetchAll(database, sql: sql).map { row in
                    (0..<row.count).map { "\(row[$0] as Int64)" }.joined(separator: " ")
                }
            }
        }
        let days = try rows("SELECT at, key, model, charge FROM usage_days")
        #expect(days == ["1 1 1 7", "1 1 2 7", "2 1 1 7", "1 2 1 7"])
        let sums = "SELECT value, at, requests, charge FROM usage_day_sums WHERE dimension ="
        #expect(try rows("\(sums) \(UsageDimension.organisation.number)") == ["1 1 3 21", "1 2 1 7"])
        #expect(try rows("\(sums) \(UsageDimension.key.number)") == ["1 1 2 14", "1 2 1 7", "2 1 1 7"])
        #expect(try rows("\(sums) \(UsageDimension.model.number)") == ["1 1 2 14", "1 2 1 7", "2 1 1 7"])
        #expect(try rows("SELECT count(*) FROM usage_day_sums") == ["12"])
    }

    @Test func sumsGoAfterTheirTerm() throws {
        let ledger = try Installation().ledger
        let last = try #require(try Self.fill(ledger, seed: 3).map(\.openedAt).max())
        let store = UsageStore(ledger)
        #expect(try store.organisations().count == 3)
        try store.expire(at: Self.later(last, days: 5000), months: nil)
        #expect(try store.organisations().count == 3, "for ever")
        try store.expire(at: Self.later(last, days: 366), months: 12)
        #expect(try store.organisations().isEmpty)
        #expect(try ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM usage_days") } == 0)
    }

    /// As many rows as a year of ten million requests leaves: every day 20 keys of 15 models each.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["TACET_SLOW"] != nil, "set TACET_SLOW=1"))
    func aYearOfTenMillionRequestsReadsInATenthOfASecond() throws {
        let ledger = try Installation().ledger
        try ledger.write { database in
            let statement = try RowStatement(
                "INSERT INTO usage_days VALUES (?, 1, ?, ?, ?, 0, 91, 1, 1000, 0, 100, 7, 7, 0, 9, 0, 0, 0)",
                in: database)
            for day in 0..<Int64(366) {
                for key in 0..<Int64(20) {
                    for model in 0..<Int64(15) {
                        statement.bind(1, UsageGrain.day.begin(of: Self.start) + day * UsageGrain.day.length)
                        statement.bind(2, key)
                        statement.bind(3, model)
                        statement.bind(4, model % 3)
                        try statement.run()
                    }
                }
            }
            try database.execute(sql: SpendingSchema.fillDaySums)
        }
        let store = UsageStore(ledger)
        let clock = ContinuousClock()
        for dimension in UsageDimension.allCases {
            var requests: Int64 = 0
            let best = try (0..<3).map { _ in
                try clock.measure {
                    requests = try store.read(
                        .day, by: dimension, since: Self.start, until: Self.end, organisation: .home
                    ).reduce(0) { $0 + $1.sums.requests }
                }
            }.min()
            #expect(requests > 9_900_000)
            #expect(try #require(best) < .milliseconds(100), "\(dimension)")
        }
    }
}

extension UsageSums {
    /// In the order of `UsageWriter.sums`.
    fileprivate var all: [Int64] {
        [
            requests, failed, inputTokens, cachedTokens, outputTokens, providerCost.value, charge.value, saved.value,
            microseconds, savedByCompression.value, savedByCache.value, savedByRecovery.value,
        ]
    }
}
