public import Vocabulary

/// How a provider's cost becomes the charge (`RULES.md` 27): cost and a markup, in whole parts per million.
public struct Tariff: Sendable, Equatable {
    /// Names the tariff in receipts.
    public let id: UInt16
    /// Grows with each change of the markup.
    public let version: UInt16
    /// What is added to the cost, in parts per million of it: 50,000 is 5 %.
    public let markup: UInt32

    public init(id: UInt16, version: UInt16, markup: UInt32) {
        self.id = id
        self.version = version
        self.markup = markup
    }

    /// The charge is the provider's cost.
    public static let atCost = Tariff(id: 0, version: 1, markup: 0)

    /// Rounded half up once, saturating. A negative cost (a correction) is charged as zero.
    public func charge(for cost: NanoUSD) -> NanoUSD {
        let parts = Int128(max(0, cost.value)) * Int128(1_000_000 + Int64(markup))
        let value = (parts + 500_000) / 1_000_000
        return NanoUSD(value > Int128(Int64.max) ? .max : Int64(value))
    }
}
