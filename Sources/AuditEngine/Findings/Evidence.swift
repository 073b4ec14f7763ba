import Metering
import Vocabulary

/// What findings rest on, gathered row by row in bounded memory.
struct Evidence {
    /// Entries a table may hold; beyond, findings speak of what fitted and `isFull` is told.
    static let limit = 1 << 19

    /// A sum with the number of calls in it.
    struct Sum {
        var calls: Int64 = 0
        var cost: Int128 = 0

        mutating func add(_ more: Int128) {
            calls += 1
            cost += more
        }
    }

    /// When a request was seen last.
    private struct Sight {
        var time: Int64
        var failedAt: Int64
        var burstStart: Int64
        var burst: Int32
    }

    /// A slice of one model's calls.
    struct Slice {
        var model: Int32
        var provider: Int32
        var day: Int64
        var calls: Int64 = 0
        var cost: Int128 = 0
        var usage = TokenUsage()

        init(_ row: UsageRow) {
            model = row.model
            provider = row.provider
            day = row.day
        }

        mutating func add(_ row: UsageRow, _ more: Int128) {
            calls += 1
            cost += more
            day = max(day, row.day)
            for kind in UsageClass.allCases { usage[kind] += row.usage[kind] }
        }
    }

    private(set) var isFull = false
    /// Rows whose bodies were there to compare.
    private(set) var bodies: Int64 = 0
    /// Rows that were calls of their own.
    private(set) var calls: Int64 = 0
    /// Repeats within five minutes, an hour and a day.
    private(set) var repeats = (Sum(), Sum(), Sum())
    /// Those of an hour that asked for one answer only.
    private(set) var deterministicRepeats = Sum()
    private(set) var retries = Sum()
    private(set) var loops = Sum()
    private(set) var storms = Sum()
    /// Beginnings seen within five minutes and not read from a cache; the saving.
    private(set) var prefixes = Sum()
    private(set) var longContext = Sum()
    /// The long-context premium by model.
    private(set) var longModels: [UInt64: Slice] = [:]
    /// Those at most a tenth over the line.
    private(set) var barelyLong: Int64 = 0
    private(set) var premium = Sum()
    private(set) var priority = Sum()
    private(set) var errors = Sum()
    private(set) var cancelled = Sum()
    private(set) var cutByLength = Sum()
    private(set) var disabledKeys = Sum()
    private(set) var idle = Sum()
    private(set) var small: [UInt64: Slice] = [:]
    private(set) var bursts: [UInt64: Sum] = [:]
    private var sights: [UInt64: Sight] = [:]
    private var beginnings: [UInt64: Int64] = [:]
    private var traces: [UInt64: (Int32, Int32)] = [:]

    mutating func add(_ row: UsageRow, _ charge: Charge?, _ price: Price?) {
        let cost = Tally.cost(row, charge)
        if row.isIdle { idle.add(cost) }
        if row.isKeyDisabled, cost > 0 { disabledKeys.add(cost) }
        if row.tier == .priority, cost > 0 { priority.add(cost) }
        if let charge, charge.premium > 0 { premium.add(charge.premium) }
        if let charge, charge.longContext > 0 {
            longContext.add(charge.longContext)
            longModels[Self.key(row), default: Slice(row)].add(row, charge.longContext)
            if let price, row.isRequest {
                let line = price.tier(price.tier(forInput: row.usage.totalInput) - 1).above
                if row.usage.totalInput <= line + line / 10 { barelyLong += 1 }
            }
        }
        guard row.isRequest else { return }
        calls += 1
        let hasTokens = row.usage.totalInput + row.usage.totalOutput > 0
        if row.isFailed, hasTokens { errors.add(cost) }
        if row.isCancelled, hasTokens { cancelled.add(cost) }
        if row.isCutByLength { cutByLength.add(cost) }
        if row.isAgent { return }
        if hasTokens, row.usage.totalInput <= 500, row.usage.totalOutput <= 150 {
            small[Self.key(row), default: Slice(row)].add(row, cost)
        }
        guard let time = row.time else { return }
        if !row.isStreamed, row.tier == .standard, !row.isFailed { addBurst(row, time, cost) }
        if row.trace != 0 { addTrace(row, cost) }
        if row.bodyHash != 0 {
            bodies += 1
            addBody(row, time, cost)
            if let price { addPrefix(row, time, price) }
        }
    }

    private static func key(_ row: UsageRow) -> UInt64 {
        UInt64(UInt32(bitPattern: row.model)) << 32 | UInt64(UInt32(bitPattern: row.provider))
    }

    private mutating func addBurst(_ row: UsageRow, _ time: Int64, _ cost: Int128) {
        let window = UInt64(bitPattern: time / 600_000_000)
        let key =
            (window &* 0x9e37_79b9_7f4a_7c15) ^ UInt64(UInt32(bitPattern: row.model)) << 32
            ^ UInt64(UInt32(bitPattern: row.key))
        if bursts[key] != nil || bursts.count < Self.limit {
            bursts[key, default: Sum()].add(cost)
        } else {
            isFull = true
        }
    }

    private mutating func addTrace(_ row: UsageRow, _ cost: Int128) {
        guard let seen = traces[row.trace] else {
            if traces.count < Self.limit { traces[row.trace] = (row.model, -1) } else { isFull = true }
            return
        }
        if row.model == seen.0 || row.model == seen.1 { return }
        if seen.1 == -1 { traces[row.trace] = (seen.0, row.model) } else { storms.add(cost) }
    }

    private mutating func addBody(_ row: UsageRow, _ time: Int64, _ cost: Int128) {
        let second: Int64 = 1_000_000
        guard var sight = sights[row.bodyHash] else {
            if sights.count >= Self.limit {
                isFull = true
                return
            }
            sights[row.bodyHash] = Sight(time: time, failedAt: row.isFailed ? time : .min, burstStart: time, burst: 1)
            return
        }
        let apart = abs(time - sight.time)
        if apart <= 86_400 * second { repeats.2.add(cost) }
        if apart <= 3600 * second {
            repeats.1.add(cost)
            if row.isDeterministic { deterministicRepeats.add(cost) }
        }
        if apart <= 300 * second { repeats.0.add(cost) }
        if sight.failedAt != .min, abs(time - sight.failedAt) <= 60 * second { retries.add(cost) }
        if abs(time - sight.burstStart) <= 30 * second {
            sight.burst += 1
            if sight.burst >= 3 { loops.add(cost) }
        } else {
            sight.burst = 1
            sight.burstStart = time
        }
        sight.time = time
        sight.failedAt = row.isFailed ? time : .min
        sights[row.bodyHash] = sight
    }

    /// The longest beginning that the same key sent in the five minutes before, in tokens that a cache could have read.
    private mutating func addPrefix(_ row: UsageRow, _ time: Int64, _ price: Price) {
        var shared = 0
        for (place, prefix) in row.prefixes.enumerated() {
            let key = prefix ^ UInt64(UInt32(bitPattern: row.key)) &* 0x9e37_79b9_7f4a_7c15
            if let seen = beginnings[key], abs(time - seen) <= 300_000_000 { shared = place + 1 }
            if beginnings[key] != nil || beginnings.count < Self.limit { beginnings[key] = time } else { isFull = true }
        }
        // Four bytes a token: an estimate, bounded by what was billed as uncached.
        let tokens = min(Int64(shared) * 512, row.usage[.input]) - row.usage[.cacheRead]
        let gain = price[.input].value - price[.cacheRead].value
        if tokens >= 1024, gain > 0 { prefixes.add(Int128(tokens) * Int128(gain) * Decimal.attoPerPico) }
    }
}
