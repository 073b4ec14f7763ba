/// An amount of money in nano-USD (1e-9 USD), the unit of ledgers, wallets, budgets and receipts.
///
/// An `Int64` holds ±9.2 billion USD. Arithmetic saturates instead of trapping: an absurd figure from a provider must
/// never stop a process, and the extremes compare correctly with any real balance.
public struct NanoUSD: Hashable, Comparable, Sendable {
    public var value: Int64

    public init(_ value: Int64) { self.value = value }

    public static let zero = NanoUSD(0)
    public static let max = NanoUSD(.max)

    public static func < (a: NanoUSD, b: NanoUSD) -> Bool { a.value < b.value }

    public static func + (a: NanoUSD, b: NanoUSD) -> NanoUSD {
        let (sum, overflow) = a.value.addingReportingOverflow(b.value)
        return NanoUSD(overflow ? (b.value > 0 ? .max : .min) : sum)
    }

    public static func - (a: NanoUSD, b: NanoUSD) -> NanoUSD {
        let (difference, overflow) = a.value.subtractingReportingOverflow(b.value)
        return NanoUSD(overflow ? (b.value < 0 ? .max : .min) : difference)
    }

    public static func += (a: inout NanoUSD, b: NanoUSD) { a = a + b }
    public static func -= (a: inout NanoUSD, b: NanoUSD) { a = a - b }
}

/// A price in pico-USD (1e-12 USD) for one unit: one token, one image, one millisecond, one character, one search.
public struct PicoUSD: Hashable, Comparable, Sendable {
    public var value: Int64

    public init(_ value: Int64) { self.value = value }

    public static let zero = PicoUSD(0)

    public static func < (a: PicoUSD, b: PicoUSD) -> Bool { a.value < b.value }
}

/// A point in time in microseconds since 1970-01-01 UTC, handed in by whoever owns a clock.
public struct Moment: Hashable, Comparable, Sendable {
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public static func < (a: Moment, b: Moment) -> Bool { a.microseconds < b.microseconds }
}
