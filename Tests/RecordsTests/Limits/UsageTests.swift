import Foundation
import GRDB
import Testing
import Vocabulary

@testable import Records

@Suite struct UsageTests {
    private let start = Moment(microseconds: 1_760_000_000_000_000)

    /// Rows of a year as ten million requests leave them: 20 keys, 5 models, 3 providers' worth of days.
    private func fill(_ ledger: Ledger, days: Int) throws {
        try ledger.write { database in
            let statement = try RowStatement(
                "INSERT INTO usage_days VALUES (?, 1, ?, ?, ?, 0, 91, 1, 1000, 0, 100, 7, 7, 0, 9)", in: database)
            for day in 0..<days {
                for key in 0..<20 {
                    for model in 0..<15 {
                        statement.bind(1, UsageGrain.day.begin(of: start) + Int64(day) * UsageGrain.day.length)
                        statement.bind(2, Int64(key))
                        statement.bind(3, Int64(model))
                        statement.bind(4, Int64(model % 3))
                        try statement.run()
                    }
                }
            }
        }
    }

    private func read(_ ledger: Ledger, _ dimension: UsageStore.Dimension) throws -> [UsageStore.Line] {
        try UsageStore(ledger).read(
            .day, by: dimension, since: start, until: Moment(microseconds: start.microseconds * 2),
            organisation: .home)
    }

    @Test func sumsAreThoseOfTheRowsByEveryDimension() throws {
        let ledger = try Installation().ledger
        try fill(ledger, days: 7)
        for (dimension, count) in [
            (UsageStore.Dimension.time, 7), (.organisation, 1), (.key, 20), (.model, 15), (.provider, 3),
            (.category, 1),
        ] {
            let lines = try read(ledger, dimension)
            #expect(lines.count == count)
            #expect(lines.reduce(0) { $0 + $1.sums.requests } == 7 * 300 * 91)
            #expect(lines.reduce(0) { $0 + $1.sums.charge.value } == 7 * 300 * 7)
        }
        let after = Moment(microseconds: start.microseconds + 370 * UsageGrain.day.length)
        #expect(try UsageStore(ledger).expire(at: after, months: nil) == 0)
        #expect(try UsageStore(ledger).expire(at: after, months: 12) == 6 * 300)
        #expect(try read(ledger, .time).count == 1)
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["TACET_SLOW"] != nil, "set TACET_SLOW=1"))
    func aYearOfTenMillionRequestsReadsInATenthOfASecond() throws {
        let ledger = try Installation().ledger
        try fill(ledger, days: 366)
        #expect(try read(ledger, .time).reduce(0) { $0 + $1.sums.requests } > 9_900_000)
        let clock = ContinuousClock()
        for dimension in UsageStore.Dimension.allCases {
            let best = try (0..<3).map { _ in try clock.measure { _ = try read(ledger, dimension) } }.min()
            #expect(try #require(best) < .milliseconds(100), "\(dimension)")
        }
    }
}
