public import Vocabulary

/// What a request saved, by source: against the model that was asked for, at the tokens that were sent, with nothing cached
/// here. The parts add up to what was not charged, none is below zero, and no amount is in two of them.
public struct Savings: Sendable, Equatable {
    /// What the wallet would have paid.
    public var baseline = NanoUSD.zero
    public var routing = NanoUSD.zero
    public var compression = NanoUSD.zero
    public var cache = NanoUSD.zero

    public init() {}

    public var total: NanoUSD { routing + compression + cache }

    /// - Parameters:
    ///   - requested: the price of the model that was asked for.
    ///   - served: the price of the model that answered.
    ///   - usage: what was billed, after compression. For a cache hit, what the kept answer had used.
    ///   - before: tokens of the compressed blocks before compression, and `after` it.
    ///   - isHit: whether the answer came from the cache, or from a call that another paid.
    ///   - charge: what the wallet pays.
    public init(
        requested: Price, served: Price, usage: TokenUsage, before: Int64, after: Int64, isHit: Bool, charge: NanoUSD,
        tariff: Tariff
    ) {
        let plain = tariff.charge(for: requested.cost(of: usage))
        baseline = tariff.charge(for: requested.cost(of: Self.uncompressed(usage, by: before - after)))
        if isHit {
            cache = max(.zero, baseline - charge)
            return
        }
        // Where a fallback cost more than the model that was asked for, the rest is less by that.
        let saved = max(.zero, baseline - charge)
        let routed = max(.zero, plain - tariff.charge(for: served.cost(of: usage)))
        routing = min(saved, routed)
        compression = min(saved - routing, baseline - plain)
    }

    /// The usage had nothing been compressed: what was taken out is counted at the mix of classes that the input was billed
    /// in, for most of a long session's input comes out of the provider's cache at a tenth of the price.
    private static func uncompressed(_ usage: TokenUsage, by removed: Int64) -> TokenUsage {
        let classes: [UsageClass] = [.input, .cacheRead, .cacheWrite5m, .cacheWrite1h]
        let text = classes.reduce(0) { $0 + usage[$1] }
        guard removed > 0, text > 0 else { return usage }
        var whole = usage
        for kind in classes { whole[kind] += Int64(Int128(removed) * Int128(usage[kind]) / Int128(text)) }
        return whole
    }

    /// What a provider's own prompt cache saved of the input, writes at a premium taken off; never below zero. It is not a
    /// part of `total`: the provider's price has it already, on both sides.
    public static func promptCache(_ price: Price, _ usage: TokenUsage) -> NanoUSD {
        var uncached = usage
        let classes: [UsageClass] = [.cacheRead, .cacheWrite5m, .cacheWrite1h]
        uncached[.input] += classes.reduce(0) { $0 + usage[$1] }
        for kind in classes { uncached[kind] = 0 }
        return max(.zero, price.cost(of: uncached) - price.cost(of: usage))
    }
}
