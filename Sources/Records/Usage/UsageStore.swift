import GRDB
public import Vocabulary

/// Reads roll-ups: a page costs as much as it has rows, not as there were requests.
public struct UsageStore: Sendable {
    let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    public enum Dimension: String, Sendable, CaseIterable {
        case time
        case organisation
        case key
        case model
        case provider
        case category

        fileprivate var column: String {
            switch self {
            case .time: "at"
            case .provider: "deployment"
            default: rawValue
            }
        }
    }

    public struct Line: Hashable, Sendable {
        /// The value of the dimension: microseconds since 1970, or an id.
        public var value: UInt64
        public var sums: UsageSums
    }

    /// Sums of what was opened from `since` until before `until`, by one dimension; times ascend, others by charge.
    public func read(
        _ grain: UsageGrain, by dimension: Dimension, since: Moment, until: Moment, organisation: OrganisationID? = nil,
        key: KeyID? = nil
    ) throws(StorageFault) -> [Line] {
        try series(grain, by: dimension, since: since, until: until, organisation: organisation, key: key, over: false)
            .map { Line(value: $0.value, sums: $0.sums) }
    }

    /// One sum of a time and a value.
    public struct Point: Hashable, Sendable {
        /// Where its minute, hour or day begins.
        public var at: Moment
        public var value: UInt64
        public var sums: UsageSums
    }

    /// As `read`, for each minute, hour or day apart.
    public func series(
        _ grain: UsageGrain, by dimension: Dimension, since: Moment, until: Moment, organisation: OrganisationID? = nil,
        key: KeyID? = nil
    ) throws(StorageFault) -> [Point] {
        try series(grain, by: dimension, since: since, until: until, organisation: organisation, key: key, over: true)
    }

    private func series(
        _ grain: UsageGrain, by dimension: Dimension, since: Moment, until: Moment, organisation: OrganisationID?,
        key: KeyID?, over time: Bool
    ) throws(StorageFault) -> [Point] {
        var conditions = "at >= ? AND at < ?"
        var arguments: [(any DatabaseValueConvertible)?] = [grain.begin(of: since), until.microseconds]
        if let organisation {
            conditions += " AND organisation = ?"
            arguments.append(organisation.value.stored)
        }
        if let key {
            conditions += " AND key = ?"
            arguments.append(key.value.stored)
        }
        let order = dimension == .time ? "value" : "sum(charge) DESC, value"
        return try ledger.read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT \(dimension.column) AS value, sum(requests), sum(failed), sum(input_tokens),
                        sum(cached_tokens), sum(output_tokens), sum(provider_cost), sum(charge), sum(saved),
                        sum(microseconds), at FROM \(grain.table) WHERE \(conditions)
                        GROUP BY value\(time ? ", at" : "") ORDER BY \(order)
                        """), arguments: StatementArguments(arguments)
            ).map { row in
                var sums = UsageSums()
                sums.requests = row[1]
                sums.failed = row[2]
                sums.inputTokens = row[3]
                sums.cachedTokens = row[4]
                sums.outputTokens = row[5]
                sums.providerCost = NanoUSD(row[6])
                sums.charge = NanoUSD(row[7])
                sums.saved = NanoUSD(row[8])
                sums.microseconds = row[9]
                return Point(at: Moment(microseconds: row[10]), value: row.unsigned("value"), sums: sums)
            }
        }
    }

    /// Every organisation that has roll-ups.
    public func organisations() throws(StorageFault) -> [OrganisationID] {
        try ledger.read { database in
            try Int64.fetchAll(
                database,
                sql: UsageGrain.allCases.map { "SELECT organisation FROM \($0.table)" }.joined(separator: " UNION ")
            ).map { OrganisationID(UInt64(bitPattern: $0)) }
        }
    }

    /// Deletes what is older than its term: minutes after two days, hours after 90 days, days and alerts after `months`, or
    /// never; and what was counted for budgets whose period is long over.
    /// - Returns: how many rows went.
    @discardableResult
    public func expire(at now: Moment, months: Int64?) throws(StorageFault) -> Int {
        let day = UsageGrain.day.length
        return try ledger.write { database in
            var count = 0
            var terms = [(UsageGrain.minute.table, 2), (UsageGrain.hour.table, Int64(90))]
            if let months { terms += [(UsageGrain.day.table, months * 365 / 12), ("alerts", months * 365 / 12)] }
            for (table, days) in terms {
                try database.execute(
                    sql: "DELETE FROM \(table) WHERE at < ?", arguments: [now.microseconds - days * day])
                count += database.changesCount
            }
            try database.execute(
                sql: "DELETE FROM spending WHERE period <> 4 AND begins_at < ?",
                arguments: [now.microseconds - 70 * day])
            return count + database.changesCount
        }
    }

    /// Deletes an organisation's daily sums of before a moment.
    public func expireDays(of organisation: OrganisationID, before end: Moment) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: "DELETE FROM usage_days WHERE organisation = ? AND at < ?",
                arguments: [organisation.value.stored, end.microseconds])
        }
    }

    /// Adds up an organisation's sums of before a moment over its keys: what is left tells of no key and of nobody who holds
    /// one (AU-27).
    public func forgetKeys(of organisation: OrganisationID, before end: Moment) throws(StorageFault) {
        let sums = UsageWriter.sums.map { "sum(\($0))" }.joined(separator: ", ")
        try ledger.write { database in
            for table in [UsageGrain.hour.table, UsageGrain.day.table] {
                let arguments: StatementArguments = [organisation.value.stored, end.microseconds]
                try database.execute(
                    sql: """
                        INSERT INTO \(table) SELECT at, organisation, 0, model, deployment, category, \(sums)
                        FROM \(table) WHERE organisation = ? AND at < ? AND key <> 0
                        GROUP BY at, organisation, model, deployment, category
                        ON CONFLICT DO UPDATE SET \(UsageWriter.additions)
                        """, arguments: arguments)
                try database.execute(
                    sql: "DELETE FROM \(table) WHERE organisation = ? AND at < ? AND key <> 0", arguments: arguments)
            }
        }
    }
}
