public import Vocabulary

/// Where prices come from: a page of the provider's or a public data set.
public struct PriceSource: Sendable, Equatable {
    /// The short word price lines use.
    public let key: [UInt8]
    /// The price page.
    public let address: [UInt8]
    /// By what data set the facts came, with its version.
    public let dataset: [UInt8]
}

/// One line of the price book.
public struct PriceRow: Sendable, Equatable {
    public let provider: [UInt8]
    public let model: [UInt8]
    /// The day the price begins, as yyyymmdd in UTC; 0 where it always held.
    public let from: UInt32
    /// The day on which it no longer holds; `nil` while it is open.
    public let to: UInt32?
    /// A position in `PriceBook.sources`.
    public let source: Int
    public let price: Price
    let tiers: [RateTier]
    let levels: [LevelPrices]

    /// Whether the line itself names the class, or a relative's price stands in.
    public func names(_ kind: UsageClass) -> Bool { tiers[0].has(kind) }

    /// The same line in a book that has so many sources before its own.
    func moved(source count: Int) -> PriceRow {
        var price = price
        price.source = source + count
        return PriceRow(
            provider: provider, model: model, from: from, to: to, source: source + count, price: price, tiers: tiers,
            levels: levels)
    }

    func holds(on day: UInt32) -> Bool { from <= day && (to.map { day < $0 } ?? true) }
}

/// The words of a price line, in the order they are written in.
enum PriceField {
    static let classes: [(word: StaticString, kind: UsageClass)] = [
        ("in", .input), ("cr", .cacheRead), ("w5", .cacheWrite5m), ("w1", .cacheWrite1h), ("ain", .inputAudio),
        ("iin", .inputImage), ("out", .output), ("rsn", .reasoning), ("aout", .outputAudio), ("iout", .outputImage),
        ("img", .images), ("ms", .milliseconds), ("chr", .characters), ("srch", .searches),
    ]

    static func kind(of word: ArraySlice<UInt8>) -> UsageClass? {
        for (name, kind) in classes where word.matches(name) { return kind }
        return nil
    }
}

extension PriceRow {
    /// The line as the file has it, without its end.
    public func line(sources: [PriceSource]) -> [UInt8] {
        var out = bytes("price ") + provider + [0x20] + model + [0x20] + digits(Int64(from))
        if let to { out += [0x2d] + digits(Int64(to)) }
        out += [0x20] + sources[source].key
        if let context = price.context { out += bytes(" ctx=") + digits(context) }
        if let maximum = price.maximumOutput { out += bytes(" max=") + digits(maximum) }
        if price.perRequest > .zero { out += bytes(" req=") + digits(price.perRequest.value) }
        if price.regionalFactor != Price.whole { out += bytes(" region=") + digits(price.regionalFactor) }
        for tier in tiers { out += Self.fields(tier) }
        for level in levels {
            out += bytes(" @") + bytes(level.level.name)
            if let factor = level.factor {
                out += bytes(" x=") + digits(factor)
            } else {
                for tier in level.tiers where tier.given != 0 { out += Self.fields(tier) }
            }
        }
        return out
    }

    private static func fields(_ tier: RateTier) -> [UInt8] {
        var out = tier.above > 0 ? bytes(" >") + digits(tier.above) : []
        for (word, kind) in PriceField.classes where tier.has(kind) {
            out += [0x20] + bytes(word) + [0x3d] + digits(tier.rate(kind))
        }
        return out
    }
}

private func digits(_ value: Int64) -> [UInt8] {
    var rest = value
    var out: [UInt8] = []
    repeat {
        out.append(0x30 + UInt8(rest % 10))
        rest /= 10
    } while rest > 0
    out.reverse()
    return out
}

func bytes(_ text: StaticString) -> [UInt8] { text.withUTF8Buffer { unsafe Array($0) } }

extension Collection where Element == UInt8 {
    func matches(_ text: StaticString) -> Bool { text.withUTF8Buffer { unsafe self.elementsEqual($0) } }
}
