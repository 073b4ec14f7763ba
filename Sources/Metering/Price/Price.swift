public import Vocabulary

/// What a provider asks for one unit of each usage class, at one point in time, in pico-USD.
///
/// A class the book does not name costs what its nearest relative costs: cache reads and writes and media input as
/// input, media output and reasoning as output. Calls that a token price says nothing about (images, milliseconds,
/// characters, searches) are then free. Copies share their storage.
public struct Price: Sendable, Equatable {
    /// Fourteen classes for the base price and fourteen for every tier, ascending; then the same for each service level
    /// that has prices of its own.
    private var rates: [Int64]
    /// Above so many input tokens, exclusive, a tier prices the whole request (the cliff rule); ascending.
    private(set) var thresholds: [Int64]
    /// By service level where its prices begin in `rates`, in blocks of all tiers; 0 where it costs the standard price.
    private var blocks: [5 of UInt8] = .init(repeating: 0)
    /// Parts per million that a request kept in a region costs of the price: 1,100,000 is a tenth more.
    public private(set) var regionalFactor: Int64 = Self.whole

    /// What one answered request costs beside what it used.
    public var perRequest = PicoUSD(0)
    /// The most tokens the model answers with, where known.
    public var maximumOutput: Int64?
    /// The most tokens the model reads, where known.
    public var context: Int64?
    /// The day the price began, as yyyymmdd; 0 where it always held.
    public var effectiveFrom: UInt32
    /// The position of its source in `PriceBook.sources`; `nil` for a price that no book gave.
    public var source: Int?

    /// A factor of one, in parts per million.
    static let whole: Int64 = 1_000_000

    /// - Parameter levels: of each service level with prices of its own one tier for each of `tiers`.
    init(
        tiers: [RateTier], levels: [(level: ServiceLevel, tiers: [RateTier])] = [], regionalFactor: Int64 = Self.whole,
        perRequest: Int64 = 0, context: Int64? = nil, maximumOutput: Int64? = nil, effectiveFrom: UInt32 = 0,
        source: Int? = nil
    ) {
        rates = []
        rates.reserveCapacity(tiers.count * UsageClass.count * (1 + levels.count))
        thresholds = []
        for tier in tiers {
            if tier.above > 0 { thresholds.append(tier.above) }
            for kind in UsageClass.allCases { rates.append(tier.rate(kind)) }
        }
        for (index, entry) in levels.enumerated() {
            blocks[Int(entry.level.rawValue)] = UInt8(index + 1)
            for (tier, base) in zip(entry.tiers, tiers) {
                for kind in UsageClass.allCases { rates.append(tier.rate(kind, over: base)) }
            }
        }
        self.regionalFactor = regionalFactor
        self.perRequest = PicoUSD(perRequest)
        self.context = context
        self.maximumOutput = maximumOutput
        self.effectiveFrom = effectiveFrom
        self.source = source
    }

    public static func == (a: Price, b: Price) -> Bool {
        guard a.rates == b.rates, a.thresholds == b.thresholds, a.regionalFactor == b.regionalFactor,
            a.perRequest == b.perRequest, a.maximumOutput == b.maximumOutput, a.context == b.context,
            a.effectiveFrom == b.effectiveFrom, a.source == b.source
        else { return false }
        for index in a.blocks.indices where a.blocks[index] != b.blocks[index] { return false }
        return true
    }

    /// Costs nothing, for providers that the operator declared free.
    public static let free = Price.ceiling(input: .zero, output: .zero)

    /// Whether nothing costs anything.
    public var isFree: Bool { perRequest == .zero && rates.allSatisfy { $0 == 0 } }

    /// An operator's ceiling for models without a known price: every input class at `input`, every output class at
    /// `output`, per token. Negative ceilings count as zero.
    public static func ceiling(input: PicoUSD, output: PicoUSD) -> Price {
        var tier = RateTier(above: 0)
        tier.set(.input, max(0, input.value))
        tier.set(.output, max(0, output.value))
        return Price(tiers: [tier])
    }

    /// The base price of one unit of a class.
    public subscript(_ kind: UsageClass) -> PicoUSD { PicoUSD(rate(kind, tier: 0, .standard)) }

    /// How many tiers stand above the base price.
    public var tierCount: Int { thresholds.count }

    /// A tier's threshold and price; the tier holds for requests with more input tokens than `above`.
    public func tier(_ index: Int) -> (above: Int64, price: Price) {
        var single = self
        single.rates = Array(rates[(index + 1) * UsageClass.count..<(index + 2) * UsageClass.count])
        single.thresholds = []
        single.blocks = .init(repeating: 0)
        return (thresholds[index], single)
    }

    /// The price at a service level, where it has one of its own.
    public func at(_ level: ServiceLevel) -> Price? {
        let block = block(level)
        guard block > 0 else { return nil }
        var single = self
        let size = (tierCount + 1) * UsageClass.count
        single.rates = Array(rates[block * size..<(block + 1) * size])
        single.blocks = .init(repeating: 0)
        return single
    }

    /// The price of a provider that keeps every request in a region. Exact: the book takes no factor that is not.
    public var inRegion: Price {
        guard regionalFactor != Self.whole else { return self }
        var price = self
        price.rates = rates.map { Self.scaled($0, by: regionalFactor) }
        price.perRequest = PicoUSD(Self.scaled(perRequest.value, by: regionalFactor))
        price.regionalFactor = Self.whole
        return price
    }

    private static func scaled(_ rate: Int64, by factor: Int64) -> Int64 {
        Int64(clamping: Int128(rate) * Int128(factor) / Int128(whole))
    }

    private func block(_ level: ServiceLevel) -> Int { Int(blocks[Int(level.rawValue)]) }

    func rate(_ kind: UsageClass, tier: Int, _ level: ServiceLevel) -> Int64 {
        rates[(block(level) * (thresholds.count + 1) + tier) * UsageClass.count + kind.rawValue]
    }
}

/// The classes that one line of the book names for one tier, and what the others cost then.
struct RateTier: Sendable, Equatable {
    var above: Int64
    private(set) var given: UInt16 = 0
    private var values: [Int64] = Array(repeating: 0, count: UsageClass.count)

    init(above: Int64) { self.above = above }

    mutating func set(_ kind: UsageClass, _ value: Int64) {
        given |= 1 << UInt16(kind.rawValue)
        values[kind.rawValue] = value
    }

    func has(_ kind: UsageClass) -> Bool { given & 1 << UInt16(kind.rawValue) != 0 }

    func rate(_ kind: UsageClass) -> Int64 {
        if has(kind) { return values[kind.rawValue] }
        return Self.relative(of: kind).map { rate($0) } ?? 0
    }

    /// Of a service level: what it does not name costs as without it; what has no price of its own there either costs what
    /// its relative does at this level.
    func rate(_ kind: UsageClass, over base: RateTier) -> Int64 {
        if has(kind) { return values[kind.rawValue] }
        if base.has(kind) { return base.rate(kind) }
        return Self.relative(of: kind).map { rate($0, over: base) } ?? 0
    }

    private static func relative(of kind: UsageClass) -> UsageClass? {
        switch kind {
        case .cacheRead, .cacheWrite5m, .inputAudio, .inputImage: .input
        case .cacheWrite1h: .cacheWrite5m
        case .reasoning, .outputAudio, .outputImage: .output
        case .input, .output, .images, .milliseconds, .characters, .searches: nil
        }
    }
}
