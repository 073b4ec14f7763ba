import Metering
import Vocabulary

/// Sums over rows that share day, model, key, project, user and class of service.
struct Cell {
    var day: Int64
    var provider: Int32
    var model: Int32
    var key: Int32
    var project: Int32
    var user: Int32
    var tier: ServiceTier
    var requests: Int64 = 0
    var usage = TokenUsage()
    /// Bills in the file, atto-USD.
    var billed: Int128 = 0
    /// Prices of rows without a bill.
    var computed: Int128 = 0
    /// For rows with a bill and a price: both, to hold against each other.
    var billedAndPriced: Int128 = 0
    var pricedAndBilled: Int128 = 0
    /// The output's part of every computed price.
    var output: Int128 = 0
    var failures: Int64 = 0
    /// Tokens, images, characters and seconds no price was found for.
    var unpriced: Int64 = 0
    /// Whether bills without any tokens are in it.
    var hasBareBill = false

    /// Before bills without tokens take the place of computed prices.
    var cost: Int128 { billed + computed }

    mutating func add(_ other: Cell) {
        requests.add(other.requests)
        for kind in UsageClass.allCases { usage[kind] += other.usage[kind] }
        billed += other.billed
        computed += other.computed
        billedAndPriced += other.billedAndPriced
        pricedAndBilled += other.pricedAndBilled
        output += other.output
        failures.add(other.failures)
        unpriced.add(other.unpriced)
        hasBareBill = hasBareBill || other.hasBareBill
    }
}

/// All sums of an audit. Its size is bounded by the number of cells, never by the number of rows.
struct Tally {
    /// Beyond this many cells, keys, projects and users of new ones are `other`.
    static let limit = 100_000
    /// No count of a cell passes this, so that sums over all cells stay in their integers.
    static let most: Int64 = 1 << 46
    private(set) var cells: [Cell] = []
    private var index: [UInt64: Int] = [:]
    private var last = -1
    /// Cost and calls by hour of the day, UTC, of rows that know their hour.
    private(set) var hours: [(requests: Int64, cost: Int128)] = Array(repeating: (0, 0), count: 24)
    /// Bills in other currencies, in 1e-18 of their unit, by number of the name.
    private(set) var otherCurrencies: [Int32: Int128] = [:]
    private(set) var byok: Int128 = 0
    /// Calls by milliseconds of latency in powers of the fourth root of two.
    private(set) var latencies: [Int64] = Array(repeating: 0, count: 128)
    /// Calls by HTTP status.
    private(set) var statuses: [Int64: Int64] = [:]

    mutating func add(_ row: UsageRow, _ charge: Charge?) {
        let place = place(of: row)
        var cell = cells[place]
        cell.requests = min(cell.requests + row.requests, Self.most)
        for kind in UsageClass.allCases where row.usage[kind] != 0 { cell.usage[kind] += row.usage[kind] }
        if let billed = row.billed, row.currency == NameTable.none {
            cell.billed += billed
            if let charge, !charge.isTierUnknown {
                cell.billedAndPriced += billed
                cell.pricedAndBilled += charge.total
            }
            if row.usage.isEmpty, billed != 0 { cell.hasBareBill = true }
        } else if let charge {
            cell.computed += charge.total
        } else {
            cell.unpriced = min(
                cell.unpriced + row.usage.totalInput + row.usage.totalOutput + row.mediaUnits, Self.most)
        }
        cell.output += charge?.output ?? 0
        if row.isFailed { cell.failures = min(cell.failures + max(1, row.requests), Self.most) }
        cells[place] = cell
        if let billed = row.billed, row.currency != NameTable.none {
            otherCurrencies[row.currency, default: 0] += billed
        }
        byok += row.byok
        if row.hasHour, let time = row.time {
            let hour = Int((time / 3_600_000_000) % 24)
            hours[hour < 0 ? hour + 24 : hour].requests.add(row.requests)
            hours[hour < 0 ? hour + 24 : hour].cost += Self.cost(row, charge)
        }
        if let latency = row.latency, latency > 0 { latencies[Self.bucket(latency)] += 1 }
        if row.status > 0 { statuses[row.status, default: 0].add(row.requests) }
    }

    /// What a row costs by itself: its bill in USD, else its price.
    static func cost(_ row: UsageRow, _ charge: Charge?) -> Int128 {
        if let billed = row.billed, row.currency == NameTable.none { return billed }
        return charge?.total ?? 0
    }

    private mutating func place(of row: UsageRow) -> Int {
        let day = row.time == nil ? Int64.min : row.day
        if last >= 0, isSame(cells[last], row, day) { return last }
        var found = find(row, day)
        if found < 0 {
            if cells.count < Self.limit {
                found = insert(row, day)
            } else {
                var folded = row
                folded.key = NameTable.other
                folded.project = NameTable.other
                folded.user = NameTable.other
                found = find(folded, day)
                if found < 0 { found = insert(folded, day) }
            }
        }
        last = found
        return found
    }

    private func find(_ row: UsageRow, _ day: Int64) -> Int {
        var hash = Self.hash(row, day)
        while let at = index[hash] {
            if isSame(cells[at], row, day) { return at }
            hash &+= 1
        }
        return -1
    }

    private mutating func insert(_ row: UsageRow, _ day: Int64) -> Int {
        var hash = Self.hash(row, day)
        while index[hash] != nil { hash &+= 1 }
        index[hash] = cells.count
        cells.append(
            Cell(
                day: day, provider: row.provider, model: row.model, key: row.key, project: row.project, user: row.user,
                tier: row.tier))
        return cells.count - 1
    }

    private func isSame(_ cell: Cell, _ row: UsageRow, _ day: Int64) -> Bool {
        cell.day == day && cell.model == row.model && cell.key == row.key && cell.project == row.project
            && cell.user == row.user && cell.provider == row.provider && cell.tier == row.tier
    }

    private static func hash(_ row: UsageRow, _ day: Int64) -> UInt64 {
        var hash: UInt64 = 0x9e37_79b9_7f4a_7c15
        for part in [
            Int64(row.model), Int64(row.key), Int64(row.project), Int64(row.user), Int64(row.provider),
            Int64(row.tier.rawValue), day,
        ] {
            hash = (hash ^ UInt64(bitPattern: part)) &* 0xff51_afd7_ed55_8ccd
            hash ^= hash >> 32
        }
        return hash
    }

    /// The bucket of a latency: four to each doubling.
    private static func bucket(_ value: Int64) -> Int {
        let bits = 63 - value.leadingZeroBitCount
        let quarter = bits >= 2 ? Int(value >> Int64(bits - 2) & 3) : 0
        return min(127, bits * 4 + quarter)
    }

    /// The latency below which `permille` of the calls stay, in milliseconds; `nil` without calls.
    func latency(permille: Int64) -> Int64? {
        var calls: Int64 = 0
        for count in latencies { calls += count }
        if calls == 0 { return nil }
        var below: Int64 = 0
        for (bucket, count) in latencies.enumerated() {
            below += count
            if below * 1000 >= calls * permille {
                let base = Int64(1) << Int64(bucket / 4)
                return base + base * Int64(bucket % 4 + 1) / 4
            }
        }
        return nil
    }
}

extension Int64 {
    /// Adds and stays at the largest: an absurd count must never stop an audit.
    mutating func add(_ more: Int64) {
        let (sum, overflow) = addingReportingOverflow(more)
        self = overflow ? .max : sum
    }
}
