import GRDB
public import Vocabulary

/// Reads roll-ups: a page costs as much as it has rows, not as there were requests.
public struct UsageStore: Sendable {
    let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    public struct Line: Hashable, Sendable {
        /// The value of the dimension: an id.
        public var value: UInt64
        public var sums: UsageSums
    }

    /// An organisation's sums of what was opened from `since` until before `until`, by one dimension, the greatest charge
    /// first.
    /// - Parameter key: of this key alone.
    public func read(
        _ grain: UsageGrain, by dimension: UsageDimension, since: Moment, until: Moment, organisation: OrganisationID,
        key: KeyID? = nil
    ) throws(StorageFault) -> [Line] {
        let span = Span(grain: grain, since: since, until: until, organisation: organisation, key: key)
        return try points(span, by: dimension, groups: "value", order: "sum(charge) DESC, value")
            .map { Line(value: $0.value, sums: $0.sums) }
    }

    /// One sum of a time and a value.
    public struct Point: Hashable, Sendable {
        /// Where its minute, hour or day begins.
        public var at: Moment
        public var value: UInt64
        public var sums: UsageSums
    }

    /// As `read`, for each minute, hour or day apart, of these values alone.
    public func series(
        _ grain: UsageGrain, by dimension: UsageDimension, values: [UInt64], since: Moment, until: Moment,
        organisation: OrganisationID, key: KeyID? = nil
    ) throws(StorageFault) -> [Point] {
        let span = Span(grain: grain, since: since, until: until, organisation: organisation, key: key)
        return try points(span, by: dimension, of: values, groups: "value, at", order: "value, at")
    }

    /// Rows of one organisation, or of one of its keys.
    private struct Span {
        var grain: UsageGrain
        var since: Moment
        var until: Moment
        var organisation: OrganisationID
        var key: KeyID?
    }

    private func points(
        _ span: Span, by dimension: UsageDimension, of values: [UInt64]? = nil, groups: String, order: String
    ) throws(StorageFault) -> [Point] {
        var arguments: [Int64] = [
            span.organisation.value.stored, span.grain.begin(of: span.since), span.until.microseconds,
        ]
        var table = span.grain.table
        var column = dimension.column
        var condition = ""
        if let key = span.key {
            condition = "AND key = ?"
            arguments.append(key.value.stored)
        } else if span.grain == .day {
            (table, column, condition) = ("usage_day_sums", "value", "AND dimension = ?")
            arguments.append(dimension.number)
        }
        if let values {
            condition += " AND \(column) IN (\(values.map { "\($0.stored)" }.joined(separator: ", ")))"
        }
        return try ledger.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT \(column) AS value, at, \(UsageWriter.summed) FROM \(table)
                    WHERE organisation = ? AND at >= ? AND at < ? \(condition) GROUP BY \(groups) ORDER BY \(order)
                    """, arguments: StatementArguments(arguments)
            ).map { row in
                var sums = UsageSums()
                sums.requests = row[2]
                sums.failed = row[3]
                sums.inputTokens = row[4]
                sums.cachedTokens = row[5]
                sums.outputTokens = row[6]
                sums.providerCost = NanoUSD(row[7])
                sums.charge = NanoUSD(row[8])
                sums.saved = NanoUSD(row[9])
                sums.microseconds = row[10]
                sums.savedByCompression = NanoUSD(row[11])
                sums.savedByCache = NanoUSD(row[12])
                sums.savedByRecovery = NanoUSD(row[13])
                return Point(at: Moment(microseconds: row[1]), value: row.unsigned("value"), sums: sums)
            }
        }
    }

    /// Every organisation that has roll-ups.
    public func organisations() throws(StorageFault) -> [OrganisationID] {
        try ledger.read { database in
            try Int64.fetchAll(database, sql: "SELECT DISTINCT organisation FROM usage_day_sums")
                .map { OrganisationID(UInt64(bitPattern: $0)) }
        }
    }

    /// Deletes what is older than its term: minutes after two days, hours after 90 days, days, alerts and visits after `months`, or
    /// never; and what was counted for budgets whose period is long over.
    /// - Returns: how many rows went.
    @discardableResult
    public func expire(at now: Moment, months: Int64?) throws(StorageFault) -> Int {
        let day = UsageGrain.day.length
        return try ledger.write { database in
            var count = 0
            var terms = [(UsageGrain.minute.table, 2), (UsageGrain.hour.table, Int64(90))]
            if let months { terms += (Self.days + ["alerts", "site_visits"]).map { ($0, months * 365 / 12) } }
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
            for table in Self.days {
                try database.execute(
                    sql: "DELETE FROM \(table) WHERE organisation = ? AND at < ?",
                    arguments: [organisation.value.stored, end.microseconds])
            }
        }
    }

    private static let days = [UsageGrain.day.table, "usage_day_sums"]

    /// Adds up an organisation's sums of before a moment over its keys: what is left tells of no key and of nobody who holds
    /// one (AU-27).
    public func forgetKeys(of organisation: OrganisationID, before end: Moment) throws(StorageFault) {
        let arguments: StatementArguments = [organisation.value.stored, end.microseconds]
        try ledger.write { database in
            for table in [UsageGrain.hour.table, UsageGrain.day.table] {
                try database.execute(
                    sql: """
                        INSERT INTO \(table) SELECT at, organisation, 0, model, deployment, category, \(UsageWriter.summed)
                        FROM \(table) WHERE organisation = ? AND at < ? AND key <> 0
                        GROUP BY at, organisation, model, deployment, category
                        ON CONFLICT DO UPDATE SET \(UsageWriter.additions)
                        """, arguments: arguments)
                try database.execute(
                    sql: "DELETE FROM \(table) WHERE organisation = ? AND at < ? AND key <> 0", arguments: arguments)
            }
            let ofKeys = "organisation = ? AND at < ? AND dimension = \(UsageDimension.key.number) AND value <> 0"
            try database.execute(
                sql: """
                    INSERT INTO usage_day_sums SELECT organisation, dimension, 0, at, \(UsageWriter.summed)
                    FROM usage_day_sums WHERE \(ofKeys) GROUP BY organisation, dimension, at
                    ON CONFLICT DO UPDATE SET \(UsageWriter.additions)
                    """, arguments: arguments)
            try database.execute(sql: "DELETE FROM usage_day_sums WHERE \(ofKeys)", arguments: arguments)
        }
    }
}
