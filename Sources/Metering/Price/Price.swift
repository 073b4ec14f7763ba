public import Vocabulary

/// What a provider asks for one unit of each usage class, at one point in time, in pico-USD.
///
/// A class the book does not name costs what its nearest relative costs: cache reads and writes and media input as
/// input, media output and reasoning as output. Calls that a token price says nothing about (images, milliseconds,
/// characters, searches) are then free. Copies share their storage.
public struct Price: Sendable, Equatable {
    /// Fourteen classes for the base price and fourteen for every tier, ascending.
    private var rates: [Int64]
    /// Above so many input tokens, exclusive, a tier prices the whole request (the cliff rule); ascending.
    private(set) var thresholds: [Int64]

    /// The most tokens the model answers with, where known.
    public var maximumOutput: Int64?
    /// The most tokens the model reads, where known.
    public var context: Int64?
    /// The day the price began, as yyyymmdd; 0 where it always held.
    public var effectiveFrom: UInt32
    /// The position of its source in `PriceBook.sources`; `nil` for a price that no book gave.
    public var source: Int?

    init(tiers: [RateTier], context: Int64?, maximumOutput: Int64?, effectiveFrom: UInt32, source: Int?) {
        rates = []
        rates.reserveCapacity(tiers.count * UsageClass.count)
        thresholds = []
        for tier in tiers {
            if tier.above > 0 { thresholds.append(tier.above) }
            for kind in UsageClass.allCases { rates.append(tier.rate(kind)) }
        }
        self.context = context
        self.maximumOutput = maximumOutput
        self.effectiveFrom = effectiveFrom
        self.source = source
    }

    /// Costs nothing, for providers that the operator declared free.
    public static let free = Price.ceiling(input: .zero, output: .zero)

    /// An operator's ceiling for models without a known price: every input class at `input`, every output class at
    /// `output`, per token. Negative ceilings count as zero.
    public static func ceiling(input: PicoUSD, output: PicoUSD) -> Price {
        var tier = RateTier(above: 0)
        tier.set(.input, max(0, input.value))
        tier.set(.output, max(0, output.value))
        return Price(tiers: [tier], context: nil, maximumOutput: nil, effectiveFrom: 0, source: nil)
    }

    /// The base price of one unit of a class.
    public subscript(_ kind: UsageClass) -> PicoUSD { PicoUSD(rate(kind, tier: 0)) }

    /// How many tiers stand above the base price.
    public var tierCount: Int { thresholds.count }

    /// A tier's threshold and price; the tier holds for requests with more input tokens than `above`.
    public func tier(_ index: Int) -> (above: Int64, price: Price) {
        var single = self
        single.rates = Array(rates[(index + 1) * UsageClass.count..<(index + 2) * UsageClass.count])
        single.thresholds = []
        return (thresholds[index], single)
    }

    func rate(_ kind: UsageClass, tier: Int) -> Int64 { rates[tier * UsageClass.count + kind.rawValue] }
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
        switch kind {
        case .cacheRead, .cacheWrite5m, .inputAudio, .inputImage: return rate(.input)
        case .cacheWrite1h: return rate(.cacheWrite5m)
        case .reasoning, .outputAudio, .outputImage: return rate(.output)
        case .input, .output, .images, .milliseconds, .characters, .searches: return 0
        }
    }
}
