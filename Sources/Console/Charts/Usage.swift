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

    /// Spend over time, stacked by what it is of.
    func chart(
        _ visit: Visit, _ range: UsageRange, by dimension: UsageStore.Dimension, key: KeyID? = nil
    ) throws -> String {
        let words = visit.words
        let points = try store.series(
            range.grain, by: dimension, since: range.since, until: range.until, organisation: organisation,
            key: key)
        let names = try DimensionNames(visit, dimension, organisation)
        let buckets = range.buckets
        let places = Dictionary(uniqueKeysWithValues: buckets.enumerated().map { ($1, $0) })
        var values: [UInt64: [Int64]] = [:]
        for point in points {
            guard let place = places[point.at] else { continue }
            values[point.value, default: Array(repeating: 0, count: buckets.count)][place] +=
                point.sums.providerCost.value
        }
        let chart = Chart(
            buckets: buckets.map { range.label($0, words) },
            series: Chart.largest(
                values.map { Chart.Series(name: names[$0.key], values: $0.value) }, rest: words.text("chart.rest")),
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

    init(_ visit: Visit, _ dimension: UsageStore.Dimension, _ organisation: OrganisationID) throws {
        other = visit.words.text("requests.other_model")
        var names: [UInt64: String] = [:]
        switch dimension {
        case .model: for (id, name) in try visit.desk.names.models() { names[id.value] = name }
        case .provider: for (id, name) in try visit.desk.names.deployments() { names[id.value] = name }
        case .key: for key in try visit.desk.keys.list(of: organisation) { names[key.id.value] = key.name }
        case .category:
            for category in TaskCategory.allCases {
                names[UInt64(category.rawValue)] = visit.words.named("task.\(category.name)")
            }
        case .time, .organisation: break
        }
        self.names = names
    }

    subscript(value: UInt64) -> String { names[value] ?? other }
}
