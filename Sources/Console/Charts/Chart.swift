import Mustache
import Vocabulary

/// A bar chart of sums over time, stacked by what they are of: drawn as SVG by a template, with a table behind it.
struct Chart {
    struct Series {
        var name: String
        /// One for each bucket.
        var values: [Int64]
    }

    /// What each bucket is called: in the table, and below the axis where there is room.
    var buckets: [(label: String, tick: String)]
    var series: [Series]
    /// Writes a value.
    var written: (Int64) -> String

    static let width = 860
    static let height = 220
    private static let left = 64
    private static let bottom = 196
    private static let top = 14

    func view(title: String, finding: String, total: String) -> ChartView {
        let sums = buckets.indices.map { bucket in series.reduce(0) { $0 + $1.values[bucket] } }
        let scale = Self.roundedUp(sums.max() ?? 0)
        func y(_ value: Int64) -> Int {
            Self.bottom - Int(Double(Self.bottom - Self.top) * Double(value) / Double(max(1, scale)))
        }
        let step = Double(Self.width - Self.left) / Double(max(1, buckets.count))
        let width = max(1, Int(step * 0.8))
        let every = max(1, (buckets.count + 9) / 10)
        let columns = buckets.indices.map { bucket -> ChartView.Column in
            var base: Int64 = 0
            var bars: [ChartView.Bar] = []
            for (index, one) in series.enumerated() where one.values[bucket] > 0 {
                let low = y(base)
                base += one.values[bucket]
                let height = max(1, low - y(base) - (series.count > 1 ? 1 : 0))
                bars.append(ChartView.Bar(tone: "m\(index + 1)", y: low - height, height: height))
            }
            let x = Self.left + Int(step * Double(bucket))
            let label = "\(buckets[bucket].label): \(written(sums[bucket]))"
            return ChartView.Column(
                x: x, width: width, label: label, bars: bars, hitHeight: Self.bottom - Self.top,
                tick: bucket % every == 0 ? buckets[bucket].tick : nil, middle: x + width / 2)
        }
        return ChartView(
            title: title, finding: finding, columns: columns,
            lines: (0...4).map { part in
                let value = scale * Int64(part) / 4
                return ChartView.Line(y: y(value), text: written(value))
            },
            names: series.enumerated().map { ChartView.Name(tone: "m\($0 + 1)", text: $1.name) },
            rows: buckets.indices.map { bucket in
                ChartView.Row(
                    label: buckets[bucket].label,
                    cells: (series.map { $0.values[bucket] } + [sums[bucket]]).map { ChartView.Cell(text: written($0)) }
                )
            }, total: total, empty: scale == 0)
    }

    /// The next of 1, 2, 4, 8 times a power of ten, so that a quarter of it is round too.
    static func roundedUp(_ value: Int64) -> Int64 {
        var power: Int64 = 1
        while power <= value / 10 { power *= 10 }
        for factor: Int64 in [1, 2, 4, 8] where value <= factor * power { return value == 0 ? 0 : factor * power }
        return power > Int64.max / 10 ? value : 10 * power
    }
}

/// What the chart's template shows. What there are hundreds of answers by name itself: reflection costs microseconds each.
struct ChartView {
    struct Bar: MustacheParent {
        let tone: String
        let y: Int
        let height: Int

        func child(named name: String) -> Any? {
            switch name {
            case "tone": tone
            case "y": y
            case "height": height
            default: nil
            }
        }
    }
    struct Column: MustacheParent {
        let x: Int
        let width: Int
        let label: String
        let bars: [Bar]
        let hitHeight: Int
        let tick: String?
        let middle: Int

        func child(named name: String) -> Any? {
            switch name {
            case "x": x
            case "width": width
            case "label": label
            case "bars": bars
            case "hitHeight": hitHeight
            case "tick": tick
            case "middle": middle
            default: nil
            }
        }
    }
    struct Line {
        let y: Int
        let text: String
    }
    struct Name {
        let tone: String
        let text: String
    }
    struct Cell: MustacheParent {
        let text: String

        func child(named name: String) -> Any? { name == "text" ? text : nil }
    }
    struct Row {
        let label: String
        let cells: [Cell]
    }
    let title: String
    let finding: String
    let columns: [Column]
    let lines: [Line]
    let names: [Name]
    let rows: [Row]
    let total: String
    let empty: Bool
}
