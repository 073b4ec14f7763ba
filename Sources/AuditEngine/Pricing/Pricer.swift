import Metering
import Vocabulary

/// Finds the dated price of a model however a file spells it, and keeps what it found.
struct Pricer {
    let book: PriceBook
    private var found: [UInt64: Entry] = [:]

    /// A spelling's place in the book, and the price of the day last asked for.
    private struct Entry {
        var provider: [UInt8]
        var model: [UInt8]
        var day: Int64
        var price: Price?
    }

    init(book: PriceBook) { self.book = book }

    /// The price of `model` (a name's number) on a day since 1970; `nil` when the book has none.
    mutating func price(_ model: Int32, _ provider: Int32, day: Int64, _ names: Names) -> Price? {
        guard model >= 0 else { return nil }
        let key = UInt64(UInt32(bitPattern: model)) << 32 | UInt64(UInt32(bitPattern: provider))
        if let entry = found[key] {
            if entry.day == day { return entry.price }
            if entry.model.isEmpty { return nil }
            let price = book.price(provider: entry.provider, model: entry.model, at: Self.moment(day))
            found[key]?.day = day
            found[key]?.price = price
            return price
        }
        let hint = provider < 0 ? [] : names.providers[provider]
        let (seller, name) = ModelNames.resolve(names.models[model], provider: hint, in: book) ?? ([], [])
        let price = name.isEmpty ? nil : book.price(provider: seller, model: name, at: Self.moment(day))
        found[key] = Entry(provider: seller, model: name, day: day, price: price)
        return price
    }

    /// Who sells the model and what the book calls it; `nil` when `price` would have none.
    func place(_ model: Int32, _ provider: Int32) -> (provider: [UInt8], model: [UInt8])? {
        let key = UInt64(UInt32(bitPattern: model)) << 32 | UInt64(UInt32(bitPattern: provider))
        guard let entry = found[key], !entry.model.isEmpty else { return nil }
        return (entry.provider, entry.model)
    }

    static func moment(_ day: Int64) -> Moment { Moment(microseconds: day * 86_400_000_000) }
}

/// The names met in the files of one audit.
struct Names {
    var models: NameTable
    var providers: NameTable
    var keys: NameTable
    var projects: NameTable
    var users: NameTable
    var currencies: NameTable

    init(key: AuditKey) {
        models = NameTable(key: key)
        providers = NameTable(key: key)
        keys = NameTable(key: key)
        projects = NameTable(key: key)
        users = NameTable(key: key)
        currencies = NameTable(key: key)
    }
}

/// What the usage of one row costs.
struct Charge {
    /// In atto-USD.
    var total: Int128 = 0
    /// The output's part.
    var output: Int128 = 0
    /// What the tier above the base price adds.
    var longContext: Int128 = 0
    /// What a fast mode or a region adds.
    var premium: Int128 = 0
    /// A class of service the book has no price for.
    var isTierUnknown = false

    init(_ row: UsageRow, _ price: Price, provider: [UInt8], model: [UInt8]) {
        let isTiered = price.tierCount > 0
        var tier = 0
        if isTiered {
            if row.isRequest {
                tier = price.tier(forInput: row.usage.totalInput)
            } else if row.isLongContext {
                tier = 1
            }
        }
        var tokens = row.usage
        let searches = tokens[.searches]
        tokens[.searches] = 0
        let pico = price.picoCost(of: tokens, tier: tier)
        var rate = Rate(top: 1, bottom: 1)
        switch row.tier {
        case .batch, .flex: rate = Rate(top: 1, bottom: 2)
        case .priority: isTierUnknown = true
        case .standard: break
        }
        if row.isFast { rate.top *= Self.fast(model) }
        if row.isRegional {
            rate.top *= 11
            rate.bottom *= 10
        }
        total = rate.of(pico)
        if tier > 0 { longContext = total - rate.of(price.picoCost(of: tokens, tier: 0)) }
        if row.isFast || row.isRegional {
            premium = total - Rate(top: 1, bottom: row.tier == .batch || row.tier == .flex ? 2 : 1).of(pico)
        }
        var answers = TokenUsage()
        for kind in [UsageClass.output, .reasoning, .outputAudio, .outputImage] { answers[kind] = tokens[kind] }
        output = rate.of(price.picoCost(of: answers, tier: tier))
        if searches > 0 {
            // Anthropic bills ten dollars a thousand searches for every model; the book names it for some.
            var each = price[.searches].value
            if each == 0, provider == text("anthropic") { each = 10_000_000_000 }
            total += Int128(searches) * Int128(each) * Decimal.attoPerPico
        }
    }

    private struct Rate {
        var top: Int128
        var bottom: Int128

        /// In atto-USD; six more digits than pico-USD, so halves and tenths stay whole.
        func of(_ pico: Int128) -> Int128 { pico * Decimal.attoPerPico * top / bottom }
    }

    /// How many times the price a fast mode costs.
    private static func fast(_ model: [UInt8]) -> Int128 {
        if ModelNames.begins(model, "claude-opus-4-6") || ModelNames.begins(model, "claude-opus-4-7") { return 6 }
        return 2
    }
}
