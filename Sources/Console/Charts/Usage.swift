import Accounts
import Records
import Vocabulary

/// Sums of one organisation.
struct Usage {
    private let store: UsageStore
    private let organisation: OrganisationID

    init(_ store: UsageStore, _ organisation: OrganisationID) {
        self.store = store
        self.organisation = organisation
    }

    func total(_ grain: UsageGrain, _ since: Moment, _ until: Moment) throws(StorageFault) -> UsageSums {
        try store.read(grain, by: .organisation, since: since, until: until, organisation: organisation).first?.sums
            ?? UsageSums()
    }

    func lines(
        _ range: UsageRange, by dimension: UsageDimension, key: KeyID? = nil
    ) throws(StorageFault) -> [UsageStore.Line] {
        try store.read(
            range.grain, by: dimension, since: range.since, until: range.until, organisation: organisation, key: key)
    }

    /// Spend over time, stacked by what it is of: the three largest and the rest, so that four colours suffice.
    /// - Parameter lines: the span's sums by this dimension.
    func chart(
        _ visit: Visit, _ range: UsageRange, by dimension: UsageDimension, _ lines: [UsageStore.Line],
        names: DimensionNames, key: KeyID? = nil
    ) throws -> String {
        let words = visit.words
        let buckets = range.buckets
        let largest = lines.sorted { $0.sums.providerCost > $1.sums.providerCost }.prefix(lines.count > 4 ? 3 : 4)
        let points = try store.series(
            range.grain, by: dimension, values: largest.map(\.value), since: range.since, until: range.until,
            organisation: organisation, key: key)
        var values: [UInt64: [Int64]] = [:]
        for point in points {
            values[point.value, default: Array(repeating: 0, count: buckets.count)][range.place(of: point.at)] +=
                point.sums.providerCost.value
        }
        var series = largest.map { line in
            Chart.Series(name: names[line.value], values: values[line.value] ?? buckets.map { _ in 0 })
        }
        if lines.count > 4 {
            var rest = Chart.Series(name: words.text("chart.rest"), values: buckets.map { _ in 0 })
            for point in try store.series(
                range.grain, by: .organisation, values: [organisation.value], since: range.since, until: range.until,
                organisation: organisation, key: key)
            {
                rest.values[range.place(of: point.at)] += point.sums.providerCost.value
            }
            for one in series { for index in rest.values.indices { rest.values[index] -= one.values[index] } }
            series.append(rest)
        }
        let chart = Chart(
            buckets: buckets.map { range.label($0, words) }, series: series,
            written: { words.money(NanoUSD($0)).text })
        let sums = buckets.indices.map { bucket in chart.series.reduce(0) { $0 + $1.values[bucket] } }
        let peak = sums.indices.max { sums[$0] < sums[$1] } ?? 0
        let finding =
            (sums.max() ?? 0) == 0
            ? words.text("chart.nothing")
            : words.text(
                "chart.peak", .text(range.label(buckets[peak], words).label), .money(NanoUSD(sums[peak])))
        let view = chart.view(
            title: words.named("chart.by_\(dimension.rawValue)"), finding: finding, total: words.text("chart.total"))
        return visit.pages.html("chart", view, visit.language)
    }
}

/// What the numbers of a dimension are called.
struct DimensionNames {
    private let names: [UInt64: String]
    private let other: String

    /// - Parameter keys: the organisation's, of which there may be thousands.
    init(_ visit: Visit, _ dimension: UsageDimension, keys: [KeyRecord]) throws {
        other = visit.words.text("requests.other_model")
        var names: [UInt64: String] = [:]
        switch dimension {
        case .model: for (id, name) in try visit.desk.names.models() { names[id.value] = name }
        case .provider: for (id, name) in try visit.desk.names.deployments() { names[id.value] = name }
        case .key: for key in keys { names[key.id.value] = key.name }
        case .category:
            for category in TaskCategory.allCases {
                names[UInt64(category.rawValue)] = visit.words.named("task.\(category.name)")
            }
        case .organisation: break
        }
        self.names = names
    }

    subscript(value: UInt64) -> String { names[value] ?? other }
}
