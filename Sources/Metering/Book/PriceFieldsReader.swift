import Vocabulary

/// Reads the fields of a price line, behind its source: limits, prices, tiers, service levels.
struct PriceFieldsReader {
    private(set) var tiers = [RateTier(above: 0)]
    private(set) var levels: [LevelPrices] = []
    private(set) var context: Int64?
    private(set) var maximumOutput: Int64?
    private(set) var perRequest: Int64?
    private(set) var regionalFactor: Int64?
    /// Where in `tiers` the fields of a service level are now.
    private var place = 0

    /// - Throws: why the line is refused.
    mutating func read(_ words: ArraySlice<ArraySlice<UInt8>>) throws(PriceBookFault.Reason) {
        for word in words {
            if word.first == 0x3e {
                try beginTier(above: try Self.number(word.dropFirst()))
            } else if word.first == 0x40 {
                try beginLevel(word.dropFirst())
            } else {
                try field(word)
            }
        }
        try finish()
    }

    private mutating func beginTier(above: Int64) throws(PriceBookFault.Reason) {
        guard !levels.isEmpty else {
            guard above > tiers[tiers.count - 1].above else { throw .tierOrder }
            tiers.append(RateTier(above: above))
            return
        }
        // A level has no tiers but those of the price.
        guard let found = tiers.firstIndex(where: { $0.above == above }), found > place else { throw .tierOrder }
        place = found
    }

    private mutating func beginLevel(_ name: ArraySlice<UInt8>) throws(PriceBookFault.Reason) {
        guard let level = ServiceLevel.allCases.first(where: { $0 != .standard && name.matches($0.name) }) else {
            throw .unknownField
        }
        guard !levels.contains(where: { $0.level == level }) else { throw .duplicateField }
        levels.append(LevelPrices(level: level, tiers: tiers.map { RateTier(above: $0.above) }))
        place = 0
    }

    private mutating func field(_ word: ArraySlice<UInt8>) throws(PriceBookFault.Reason) {
        guard let equals = word.firstIndex(of: 0x3d) else { throw .unknownField }
        let name = word[..<equals]
        let value = try Self.number(word[(equals + 1)...])
        if let kind = PriceField.kind(of: name) {
            if levels.isEmpty {
                guard !tiers[tiers.count - 1].has(kind) else { throw .duplicateField }
                tiers[tiers.count - 1].set(kind, value)
            } else {
                let last = levels.count - 1
                guard levels[last].factor == nil, !levels[last].tiers[place].has(kind) else { throw .duplicateField }
                levels[last].tiers[place].set(kind, value)
            }
        } else if !levels.isEmpty, name.matches("x") {
            try multiply(by: value)
        } else if name.matches("ctx") {
            context = try first(value, after: context)
        } else if name.matches("max") {
            maximumOutput = try first(value, after: maximumOutput)
        } else if name.matches("req") {
            perRequest = try first(value, after: perRequest)
        } else if name.matches("region") {
            regionalFactor = try first(value, after: regionalFactor)
        } else {
            throw .unknownField
        }
    }

    /// A field of the whole line: once, and before any service level.
    private func first(_ value: Int64, after earlier: Int64?) throws(PriceBookFault.Reason) -> Int64 {
        guard levels.isEmpty else { throw .unknownField }
        guard earlier == nil else { throw .duplicateField }
        return value
    }

    /// A level that costs a part of the whole price, in parts per million.
    private mutating func multiply(by factor: Int64) throws(PriceBookFault.Reason) {
        let last = levels.count - 1
        guard levels[last].factor == nil, levels[last].tiers.allSatisfy({ $0.given == 0 }) else {
            throw .duplicateField
        }
        levels[last].factor = factor
        for (index, tier) in tiers.enumerated() {
            for kind in UsageClass.allCases where tier.has(kind) {
                levels[last].tiers[index].set(kind, try Self.product(tier.rate(kind), factor))
            }
        }
    }

    private func finish() throws(PriceBookFault.Reason) {
        for tier in tiers where tier.given == 0 { throw .missingPrice }
        for level in levels where level.tiers.allSatisfy({ $0.given == 0 }) { throw .missingPrice }
        guard let factor = regionalFactor else { return }
        _ = try Self.product(perRequest ?? 0, factor)
        for tier in tiers + levels.flatMap({ $0.tiers }) {
            for kind in UsageClass.allCases where tier.has(kind) { _ = try Self.product(tier.rate(kind), factor) }
        }
    }

    /// What is not whole again would have to be rounded: it is refused.
    private static func product(_ rate: Int64, _ factor: Int64) throws(PriceBookFault.Reason) -> Int64 {
        let product = Int128(rate) * Int128(factor)
        guard factor > 0, factor <= 1000 * Price.whole, product % Int128(Price.whole) == 0,
            let value = Int64(exactly: product / Int128(Price.whole))
        else { throw .inexactFactor }
        return value
    }

    /// Digits only, at most 15 of them: prices stay below 1,000 USD a unit.
    static func number(_ word: ArraySlice<UInt8>) throws(PriceBookFault.Reason) -> Int64 {
        guard !word.isEmpty, word.count <= 15 else { throw .malformedNumber }
        var value: Int64 = 0
        for byte in word {
            guard byte >= 0x30, byte <= 0x39 else { throw .malformedNumber }
            value = value * 10 + Int64(byte - 0x30)
        }
        guard word.first != 0x30 || word.count == 1 else { throw .malformedNumber }
        return value
    }
}

/// What a service level costs, as a line of the book has it: one tier for each of the price's.
struct LevelPrices: Sendable, Equatable {
    let level: ServiceLevel
    /// Parts per million of the standard price, where the line gives no prices.
    var factor: Int64?
    var tiers: [RateTier]
}
