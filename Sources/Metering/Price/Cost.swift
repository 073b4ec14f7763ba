public import Vocabulary

extension Price {
    /// What the usage costs: exact products in 128 bits, one rounding (half up) to nano-USD, saturating. What nobody used
    /// costs nothing, also where a request has a price of its own.
    ///
    /// Reasoning is a part of `output`: it is billed once, at its own price where the provider has one.
    public func cost(of usage: TokenUsage) -> NanoUSD {
        if usage.isEmpty { return .zero }
        var pico = picoCost(of: usage, tier: tier(forInput: usage.totalInput)) + Int128(perRequest.value)
        if usage.isRegional, regionalFactor != Self.whole {
            pico = pico.multipliedSaturating(by: Int128(regionalFactor)) / Int128(Self.whole)
        }
        return nano((pico.addingSaturating(500)) / 1000)
    }

    /// What the counts cost at one tier and the usage's service level, in pico-USD and not rounded, without what a request
    /// or a region adds: 0 is the base price, 1 the first tier above it.
    /// - Precondition: `tier` is at most `tierCount`.
    public func picoCost(of usage: TokenUsage, tier: Int) -> Int128 {
        var pico: Int128 = 0
        // By number: `allCases` makes an array each time, and most classes of most requests count nothing.
        for index in 0..<UsageClass.count {
            guard let kind = UsageClass(rawValue: index), kind != .output, kind != .reasoning, usage[kind] > 0 else {
                continue
            }
            pico += Int128(usage[kind]) * Int128(rate(kind, tier: tier, usage.level))
        }
        let reasoning = min(usage[.reasoning], usage[.output])
        pico += Int128(usage[.output] - reasoning) * Int128(rate(.output, tier: tier, usage.level))
        pico += Int128(reasoning) * Int128(rate(.reasoning, tier: tier, usage.level))
        return pico
    }

    /// The most a request of tokens can cost (`RULES.md` 29): every byte of input as a token of the dearest input class
    /// and tier it can reach, every token of output at the dearest output class, for each of `samples` answers, in the
    /// dearest region. Rounded up, saturating. Media, images and searches are not covered by bytes: their callers add
    /// their own maxima.
    /// - Parameter level: what the request asks for; the provider may serve it at the standard level instead.
    public func upperBound(
        inputBytes: Int64, maximumOutput: Int64, samples: Int64, level: ServiceLevel = .standard
    ) -> NanoUSD {
        let bytes = max(0, inputBytes)
        var (input, output) = dearest(at: .standard, tier(forInput: bytes))
        if level != .standard {
            let asked = dearest(at: level, tier(forInput: bytes))
            (input, output) = (max(input, asked.input), max(output, asked.output))
        }
        let answers = Int128(max(0, maximumOutput)).multipliedSaturating(by: Int128(max(1, samples)))
        var pico = answers.multipliedSaturating(by: Int128(output)).addingSaturating(Int128(bytes) * Int128(input))
        pico = pico.addingSaturating(Int128(perRequest.value))
        if regionalFactor > Self.whole {
            pico = pico.multipliedSaturating(by: Int128(regionalFactor)) / Int128(Self.whole)
        }
        return nano(pico / 1000 + (pico % 1000 > 0 ? 1 : 0))
    }

    /// The highest rates of tokens up to a tier.
    private func dearest(at level: ServiceLevel, _ reachable: Int) -> (input: Int64, output: Int64) {
        var input: Int64 = 0
        var output: Int64 = 0
        for tier in 0...reachable {
            func rate(_ kind: UsageClass) -> Int64 { self.rate(kind, tier: tier, level) }
            input = max(
                input, rate(.input), rate(.cacheRead), rate(.cacheWrite5m), rate(.cacheWrite1h), rate(.inputAudio),
                rate(.inputImage))
            output = max(output, rate(.output), rate(.reasoning), rate(.outputAudio), rate(.outputImage))
        }
        return (input, output)
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

    fileprivate func addingSaturating(_ other: Int128) -> Int128 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
