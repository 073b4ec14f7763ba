public import Vocabulary

extension Price {
    /// What the usage costs: exact products in 128 bits, one rounding (half up) to nano-USD, saturating.
    ///
    /// Reasoning is a part of `output`: it is billed once, at its own price where the provider has one.
    public func cost(of usage: TokenUsage) -> NanoUSD {
        nano((picoCost(of: usage, tier: tier(forInput: usage.totalInput)) + 500) / 1000)
    }

    /// What the usage costs at one tier, in pico-USD and not rounded: 0 is the base price, 1 the first tier above it.
    /// - Precondition: `tier` is at most `tierCount`.
    public func picoCost(of usage: TokenUsage, tier: Int) -> Int128 {
        var pico: Int128 = 0
        for kind in UsageClass.allCases where kind != .output && kind != .reasoning {
            pico += Int128(usage[kind]) * Int128(rate(kind, tier: tier))
        }
        let reasoning = min(usage[.reasoning], usage[.output])
        pico += Int128(usage[.output] - reasoning) * Int128(rate(.output, tier: tier))
        pico += Int128(reasoning) * Int128(rate(.reasoning, tier: tier))
        return pico
    }

    /// The most a request of tokens can cost (`RULES.md` 29): every byte of input as a token of the dearest input class
    /// and tier it can reach, every token of output at the dearest output class, for each of `samples` answers.
    /// Rounded up, saturating. Media, images and searches are not covered by bytes: their callers add their own maxima.
    public func upperBound(inputBytes: Int64, maximumOutput: Int64, samples: Int64) -> NanoUSD {
        let bytes = max(0, inputBytes)
        let reachable = tier(forInput: bytes)
        var input: Int64 = 0
        var output: Int64 = 0
        for tier in 0...reachable {
            input = max(
                input, rate(.input, tier: tier), rate(.cacheRead, tier: tier), rate(.cacheWrite5m, tier: tier),
                rate(.cacheWrite1h, tier: tier), rate(.inputAudio, tier: tier), rate(.inputImage, tier: tier))
            output = max(
                output, rate(.output, tier: tier), rate(.reasoning, tier: tier), rate(.outputAudio, tier: tier),
                rate(.outputImage, tier: tier))
        }
        let answers = Int128(max(0, maximumOutput)).multipliedSaturating(by: Int128(max(1, samples)))
        let spent = answers.multipliedSaturating(by: Int128(output))
        let (pico, overflow) = spent.addingReportingOverflow(Int128(bytes) * Int128(input))
        return overflow ? .max : nano(pico / 1000 + (pico % 1000 > 0 ? 1 : 0))
    }

    /// The tier whose price holds for a request with so many input tokens: 0 is the base price.
    public func tier(forInput tokens: Int64) -> Int {
        var tier = 0
        for threshold in thresholds {
            if tokens <= threshold { break }
            tier += 1
        }
        return tier
    }

    private func nano(_ value: Int128) -> NanoUSD { NanoUSD(value > Int128(Int64.max) ? .max : Int64(value)) }
}

extension Int128 {
    fileprivate func multipliedSaturating(by other: Int128) -> Int128 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
