import GRDB
import Vocabulary

/// Adds a batch's usage to the roll-ups and to what every budget's owner spent, in the batch's own transaction.
struct UsageWriter {
    let node: UInt32
    let database: Database

    /// - Parameter nameless: what counts for the budgets of providers and of the installation, and in no roll-up.
    func add(_ usage: [UsageKey: UsageSums], nameless: [UsageKey: UsageSums] = [:]) throws {
        try spend(usage.merging(nameless) { one, _ in one })
        guard !usage.isEmpty else { return }
        for grain in UsageGrain.allCases {
            // A batch has few minutes and fewer hours: each row of the table is written once.
            var rows: [UsageKey: UsageSums] = [:]
            for (key, sums) in usage {
                var key = key
                key.at = grain.begin(of: Moment(microseconds: key.at))
                key.member = .none
                rows[key, default: UsageSums()].add(sums)
            }
            try write(rows, to: grain.table)
            if grain == .day { try writeByDimension(rows) }
        }
    }

    /// The columns that add up.
    static let sums = [
        "requests", "failed", "input_tokens", "cached_tokens", "output_tokens", "provider_cost", "charge", "saved",
        "microseconds", "saved_compression", "saved_cache", "saved_recovery",
    ]
    // An overflow would turn a sum into a REAL and be refused for ever: sums stop before it.
    private static let limit = Int64.max / 4
    /// Adds a row to the one that is there.
    static let additions = sums.map { "\($0) = min(\($0), \(limit)) + excluded.\($0)" }.joined(separator: ", ")

    /// Their sums, for a `SELECT`.
    static let summed = sums.map { "sum(\($0))" }.joined(separator: ", ")

    private func write(_ rows: [UsageKey: UsageSums], to table: String) throws {
        let statement = try statement(table, columns: 6)
        for (key, row) in rows {
            statement.bind(1, key.at)
            statement.bind(2, key.organisation.value.stored)
            statement.bind(3, key.key.value.stored)
            statement.bind(4, key.model.value.stored)
            statement.bind(5, key.deployment.value.stored)
            statement.bind(6, Int64(key.category.rawValue))
            try run(statement, behind: 6, row)
        }
    }

    /// A day's sums of each dimension apart, so that a page over a year reads one row for a day and value.
    private func writeByDimension(_ days: [UsageKey: UsageSums]) throws {
        var rows: [UsageDay: UsageSums] = [:]
        for (key, sums) in days {
            for dimension in UsageDimension.allCases { rows[UsageDay(key, dimension), default: UsageSums()].add(sums) }
        }
        let statement = try statement("usage_day_sums", columns: 4)
        for (day, row) in rows {
            statement.bind(1, day.organisation.value.stored)
            statement.bind(2, day.dimension.number)
            statement.bind(3, day.value.stored)
            statement.bind(4, day.at)
            try run(statement, behind: 4, row)
        }
    }

    /// - Parameter columns: how many stand before the sums.
    private func statement(_ table: String, columns: Int) throws -> RowStatement {
        let marks = repeatElement("?", count: columns + Self.sums.count).joined(separator: ", ")
        return try RowStatement(
            "INSERT INTO \(table) VALUES (\(marks)) ON CONFLICT DO UPDATE SET \(Self.additions)", in: database)
    }

    private func run(_ statement: RowStatement, behind columns: Int32, _ row: UsageSums) throws {
        let values = [
            row.requests, row.failed, row.inputTokens, row.cachedTokens, row.outputTokens, row.providerCost.value,
            row.charge.value, row.saved.value, row.microseconds, row.savedByCompression.value, row.savedByCache.value,
            row.savedByRecovery.value,
        ]
        for (index, value) in values.enumerated() {
            statement.bind(columns + 1 + Int32(index), min(value, Self.limit))
        }
        try statement.run()
    }

    /// What each owner spent in each of its periods.
    private func spend(_ usage: [UsageKey: UsageSums]) throws {
        var spent: [BudgetWindow: NanoUSD] = [:]
        for (key, sums) in usage where sums.charge > .zero {
            let at = Moment(microseconds: key.at)
            var owners = [BudgetOwner.installation]
            if key.organisation.value != 0 { owners += [.key(key.key), .organisation(key.organisation)] }
            if key.member != .none { owners.append(.member(key.member)) }
            if key.deployment != .none { owners.append(.deployment(key.deployment)) }
            for owner in owners {
                for period in BudgetPeriod.allCases {
                    spent[BudgetWindow(owner, period, at: at), default: .zero] += sums.charge
                }
            }
        }
        let statement = try RowStatement(
            """
            INSERT INTO spending VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)
            ON CONFLICT DO UPDATE SET spent = min(spent, \(Int64.max / 4)) + ?6
            """, in: database)
        for (window, amount) in spent {
            statement.bind(1, Int64(window.owner.kind.rawValue))
            statement.bind(2, window.owner.id.stored)
            statement.bind(3, Int64(window.period.rawValue))
            statement.bind(4, window.beginsAt)
            statement.bind(5, Int64(node))
            statement.bind(6, min(amount.value, .max / 4))
            try statement.run()
        }
    }
}
