import GRDB
public import Vocabulary

extension UsageStore {
    /// Fewer organisations than this are nobody's average: their counts are left out (OL-8, AU-19).
    public static let minimumGroup: Int64 = 5

    /// Sums of one task category over several organisations.
    public struct Aggregate: Equatable, Sendable {
        public var category: TaskCategory
        public var organisations: Int64
        public var sums: UsageSums
    }

    /// What may be looked at to improve routing and compression: daily sums by task category over at least `minimumGroup`
    /// organisations, without those that object.
    public func aggregates(
        since: Moment, until: Moment, without: Set<OrganisationID>
    ) throws(StorageFault) -> [Aggregate] {
        let excluded = without.map { String($0.value.stored) }.joined(separator: ", ")
        return try ledger.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT value, count(DISTINCT organisation), sum(requests), sum(failed), sum(input_tokens),
                    sum(cached_tokens), sum(output_tokens), sum(saved) FROM usage_day_sums
                    WHERE dimension = ? AND at >= ? AND at < ? AND organisation NOT IN (\(excluded))
                    GROUP BY value HAVING count(DISTINCT organisation) >= ? ORDER BY value
                    """,
                arguments: [
                    UsageDimension.category.number, UsageGrain.day.begin(of: since), until.microseconds,
                    Self.minimumGroup,
                ]
            ).map { row in
                var sums = UsageSums()
                sums.requests = row[2]
                sums.failed = row[3]
                sums.inputTokens = row[4]
                sums.cachedTokens = row[5]
                sums.outputTokens = row[6]
                sums.saved = NanoUSD(row[7])
                return Aggregate(
                    category: TaskCategory(rawValue: UInt8(truncatingIfNeeded: row[0] as Int64)) ?? .unclassified,
                    organisations: row[1], sums: sums)
            }
        }
    }
}
