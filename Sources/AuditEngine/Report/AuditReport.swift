import Metering
public import Vocabulary

/// A dimension that spend is shown by.
public enum AuditDimension: UInt8, CaseIterable, Sendable {
    case model = 0
    case key, project, user, day, hour, tier

    public var word: StaticString {
        switch self {
        case .model: "model"
        case .key: "key"
        case .project: "project"
        case .user: "user"
        case .day: "day"
        case .hour: "hour"
        case .tier: "tier"
        }
    }
}

/// Spend under one name of a dimension.
public struct Group: Sendable {
    public let name: [UInt8]
    /// The catalogue's phrase where the name is not one of a file.
    let label: StaticString?
    public var requests: Int64 = 0
    /// Input of all classes.
    public var inputTokens: Int64 = 0
    public var cachedTokens: Int64 = 0
    public var outputTokens: Int64 = 0
    /// In atto-USD (1e-18).
    public var cost: Int128 = 0

    init(name: [UInt8], label: StaticString? = nil) {
        self.name = name
        self.label = label
    }

    public func name(_ language: Catalogue) -> [UInt8] { label.map { language.sentence($0) } ?? name }
}

/// What the dearest models cost on each day, for a chart.
public struct DaysByModel: Sendable {
    /// At most three, dearest first.
    public internal(set) var models: [[UInt8]] = []
    /// By day in order: what each of `models` cost and, last, all others; atto-USD.
    public internal(set) var days: [(day: Int64, costs: [Int128])] = []
}

/// What the same tokens would cost on another model; acceptance is not judged.
public struct WhatIf: Sendable {
    public let model: [UInt8]
    public let other: [UInt8]
    /// At today's or the last day's list prices, atto-USD.
    public let cost: Int128
    public let otherCost: Int128
}

/// All that an audit found, as a value: figures, findings and tables.
public struct AuditReport: Sendable {
    public internal(set) var files: [AuditedFile] = []
    /// In atto-USD: bills where the files hold them, else list prices.
    public internal(set) var cost: Int128 = 0
    public internal(set) var billed: Int128 = 0
    public internal(set) var computed: Int128 = 0
    /// Paid to providers directly, beside OpenRouter's bill.
    public internal(set) var byok: Int128 = 0
    public internal(set) var otherCurrencies: [(name: [UInt8], amount: Int128)] = []
    public internal(set) var requests: Int64 = 0
    public internal(set) var failures: Int64 = 0
    /// By position in `UsageClass.allCases`.
    public internal(set) var tokens: [Int64] = []
    /// Tokens, images, characters and seconds without a known price and without a bill.
    public internal(set) var unpricedTokens: Int64 = 0
    /// First and last day since 1970; `nil` when no row has a time.
    public internal(set) var days: (first: Int64, last: Int64)?
    public internal(set) var latency: (median: Int64, p95: Int64)?
    public internal(set) var statuses: [(status: Int64, calls: Int64)] = []
    public internal(set) var findings: [Finding] = []
    /// By position in `AuditDimension.allCases`, dearest first; days and hours in order.
    public internal(set) var groups: [[Group]] = []
    public internal(set) var daysByModel = DaysByModel()
    public internal(set) var whatIf: [WhatIf] = []
    /// Thirty days at the pace of the days seen, atto-USD.
    public internal(set) var monthlyRate: Int128?
    public internal(set) var bookVersion: UInt32 = 0
    /// Some table was full: repeats or periods beyond it were not compared.
    public internal(set) var isBounded = false

    /// Input of all classes.
    public var inputTokens: Int64 {
        [UsageClass.input, .cacheRead, .cacheWrite5m, .cacheWrite1h, .inputAudio, .inputImage].reduce(0) {
            $0 + tokens[$1.rawValue]
        }
    }

    public var outputTokens: Int64 {
        [UsageClass.output, .outputAudio, .outputImage].reduce(0) { $0 + tokens[$1.rawValue] }
    }

    public var parsed: Int64 { files.reduce(0) { $0 + $1.parsed } }
    public var isReadable: Bool { files.contains { $0.parsed > 0 } }

    public func groups(by dimension: AuditDimension) -> [Group] { groups[Int(dimension.rawValue)] }

    /// Days from the first to the last.
    var span: Int64 { days.map { $0.last - $0.first + 1 } ?? 0 }
}

extension AuditEngine {
    /// The report on all files that have ended.
    public func report() -> AuditReport {
        var whole = self
        for message in messages.messages { whole.settle(message.row) }
        return whole.settledReport()
    }

    private mutating func settledReport() -> AuditReport {
        var report = AuditReport()
        report.files = files
        report.bookVersion = pricer.book.version
        report.isBounded = known.isFull || evidence.isFull || tally.cells.count >= Tally.limit
        let cells = billedOnce(tally.cells)
        var usage = TokenUsage()
        for cell in cells {
            report.billed += cell.billed
            report.computed += cell.computed
            report.requests.add(cell.requests)
            report.failures.add(cell.failures)
            report.unpricedTokens.add(cell.unpriced)
            for kind in UsageClass.allCases { usage[kind] += cell.usage[kind] }
            if cell.day != .min {
                let known = report.days ?? (cell.day, cell.day)
                report.days = (min(known.first, cell.day), max(known.last, cell.day))
            }
        }
        report.cost = report.billed + report.computed
        report.byok = tally.byok
        for kind in UsageClass.allCases { report.tokens.append(usage[kind]) }
        for (name, amount) in tally.otherCurrencies.sorted(by: { $0.key < $1.key }) {
            report.otherCurrencies.append((names.currencies[name], amount))
        }
        if let median = tally.latency(permille: 500), let p95 = tally.latency(permille: 950) {
            report.latency = (median, p95)
        }
        for (status, calls) in tally.statuses.sorted(by: { $0.key < $1.key }) {
            report.statuses.append((status, calls))
        }
        if report.span > 0 { report.monthlyRate = report.cost * 30 / Int128(report.span) }
        for dimension in AuditDimension.allCases { report.groups.append(groups(cells, dimension)) }
        report.daysByModel = daysByModel(cells)
        report.whatIf = whatIf(cells)
        report.findings = findings(cells, report)
        return report
    }

    /// Where a bill without tokens and a list of tokens speak of the same provider and day, the bill is the cost.
    private func billedOnce(_ cells: [Cell]) -> [Cell] {
        var billedDays: [UInt64: Bool] = [:]
        for cell in cells where cell.hasBareBill { billedDays[Self.place(cell)] = true }
        if billedDays.isEmpty { return cells }
        var out = cells
        for index in out.indices where !out[index].hasBareBill && billedDays[Self.place(out[index])] != nil {
            out[index].computed = 0
        }
        return out
    }

    private static func place(_ cell: Cell) -> UInt64 {
        UInt64(bitPattern: cell.day) &* 65_537 &+ UInt64(UInt32(bitPattern: cell.provider))
    }

    private func groups(_ cells: [Cell], _ dimension: AuditDimension) -> [Group] {
        if dimension == .hour {
            var out: [Group] = []
            for (hour, sum) in tally.hours.enumerated() where sum.requests > 0 || sum.cost != 0 {
                var group = Group(name: padded(Int64(hour), 2))
                group.requests = sum.requests
                group.cost = sum.cost
                out.append(group)
            }
            return out
        }
        var places: [Int64: Int] = [:]
        var out: [Group] = []
        var order: [Int64] = []
        for cell in cells where cell.requests != 0 || cell.cost != 0 || !cell.usage.isEmpty {
            let id: Int64
            switch dimension {
            case .model: id = Int64(cell.model)
            case .key: id = Int64(cell.key)
            case .project: id = Int64(cell.project)
            case .user: id = Int64(cell.user)
            case .tier: id = Int64(cell.tier.rawValue)
            case .day, .hour: id = cell.day
            }
            let place: Int
            if let known = places[id] {
                place = known
            } else {
                place = out.count
                places[id] = place
                out.append(group(cell, dimension))
                order.append(id)
            }
            out[place].requests.add(cell.requests)
            out[place].inputTokens.add(cell.usage.totalInput)
            out[place].cachedTokens.add(cell.usage[.cacheRead])
            out[place].outputTokens.add(cell.usage.totalOutput)
            out[place].cost += cell.cost
        }
        if dimension == .day { return out.sorted { $0.name.lexicographicallyPrecedes($1.name) } }
        return out.sorted {
            $0.cost != $1.cost
                ? $0.cost > $1.cost
                : $0.outputTokens != $1.outputTokens
                    ? $0.outputTokens > $1.outputTokens : $0.name.lexicographicallyPrecedes($1.name)
        }
    }

    private func group(_ cell: Cell, _ dimension: AuditDimension) -> Group {
        func named(_ table: NameTable, _ number: Int32) -> Group {
            Group(
                name: table[number],
                label: number == NameTable.other ? "name.other" : number < 0 ? "name.none" : nil)
        }
        switch dimension {
        case .model: return named(names.models, cell.model)
        case .key: return named(names.keys, cell.key)
        case .project: return named(names.projects, cell.project)
        case .user: return named(names.users, cell.user)
        case .tier: return Group(name: text(cell.tier.word), label: cell.tier.label)
        case .day, .hour:
            return cell.day == .min
                ? Group(name: text("(no date)"), label: "name.no_date") : Group(name: Timestamp.date(cell.day))
        }
    }

    private func daysByModel(_ cells: [Cell]) -> DaysByModel {
        var sums: [Int32: Int128] = [:]
        for cell in cells where cell.day != .min { sums[cell.model, default: 0] += cell.cost }
        let dearest = sums.filter { $0.key >= 0 && $0.value > 0 }.sorted {
            $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key
        }.prefix(3).map { $0.key }
        var days: [Int64: [Int128]] = [:]
        for cell in cells where cell.day != .min && cell.cost > 0 {
            var costs = days[cell.day] ?? Array(repeating: 0, count: dearest.count + 1)
            costs[dearest.firstIndex(of: cell.model) ?? dearest.count] += cell.cost
            days[cell.day] = costs
        }
        var out = DaysByModel()
        out.models = dearest.map { names.models[$0] }
        out.days = days.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return out
    }

    /// The dearest models' tokens at the list prices of others.
    private mutating func whatIf(_ cells: [Cell]) -> [WhatIf] {
        var sums: [Int64: Cell] = [:]
        for cell in cells where cell.model >= 0 && cell.usage.totalInput + cell.usage.totalOutput > 0 {
            let id = Int64(cell.model) << 32 | Int64(UInt32(bitPattern: cell.provider))
            if var sum = sums[id] {
                sum.add(cell)
                sum.day = max(sum.day, cell.day)
                sums[id] = sum
            } else {
                sums[id] = cell
            }
        }
        let dearest = sums.values.sorted { $0.cost != $1.cost ? $0.cost > $1.cost : $0.model < $1.model }
        var out: [WhatIf] = []
        for sum in dearest.prefix(5) {
            let day = sum.day == .min ? 0 : sum.day
            guard let price = pricer.price(sum.model, sum.provider, day: day, names),
                let place = pricer.place(sum.model, sum.provider)
            else { continue }
            let now = price.picoCost(of: sum.usage, tier: 0) * Decimal.attoPerPico
            var others: [(provider: [UInt8], model: [UInt8])] = [
                (text("anthropic"), text("claude-haiku-4-5")), (text("openai"), text("gpt-5-mini")),
                (text("gemini"), text("gemini-2.5-flash")), (text("deepseek"), text("deepseek-chat")),
            ]
            if let smaller = ModelNames.smaller(than: place.model, provider: place.provider, in: pricer.book) {
                others.insert((place.provider, smaller), at: 0)
            }
            var seen: [[UInt8]] = [place.model]
            for other in others where !seen.contains(other.model) {
                seen.append(other.model)
                guard
                    let priced = pricer.book.price(provider: other.provider, model: other.model, at: Pricer.moment(day))
                else { continue }
                let cost = priced.picoCost(of: sum.usage, tier: 0) * Decimal.attoPerPico
                out.append(WhatIf(model: names.models[sum.model], other: other.model, cost: now, otherCost: cost))
            }
        }
        return out
    }
}
