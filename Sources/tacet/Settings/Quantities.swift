import Vocabulary

/// The written forms of sizes, durations and money. All exact: no floating point.
enum Quantities {
    /// Bytes, of `512`, `64KiB`, `32MiB`, `1GiB`, `10MB`; `nil` for anything else.
    static func size(_ text: String) -> Int? {
        let units: [(String, Int)] = [
            ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("KB", 1000), ("MB", 1_000_000),
            ("GB", 1_000_000_000), ("B", 1), ("", 1),
        ]
        return scaled(text, units: units)
    }

    /// Milliseconds, of `500ms`, `10s`, `5m`, `1h`; `nil` for anything else, a bare number included.
    static func duration(_ text: String) -> Int64? {
        let units: [(String, Int)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
        return scaled(text, units: units).map(Int64.init)
    }

    /// US dollars with up to nine decimals, exactly. `nil` for signs, exponents, more decimals and what does not fit.
    static func dollars(_ text: some StringProtocol) -> NanoUSD? {
        fixed(text, decimals: 9).map(NanoUSD.init)
    }

    /// US dollars per million tokens as pico-USD per token, so with up to six decimals.
    static func perMillion(_ text: some StringProtocol) -> PicoUSD? {
        fixed(text, decimals: 6).map(PicoUSD.init)
    }

    /// The shortest exact decimal: `1.5` for 1,500,000,000 nano-USD.
    static func text(_ amount: NanoUSD) -> String { text(amount.value, decimals: 9) }

    /// US dollars per million units.
    static func perMillionText(_ price: PicoUSD) -> String { text(price.value, decimals: 6) }

    /// US dollars for one unit.
    static func unitText(_ price: PicoUSD) -> String { text(price.value, decimals: 12) }

    private static func text(_ value: Int64, decimals: Int) -> String {
        let digits = String(value.magnitude)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        var fraction = padded.suffix(decimals)
        while fraction.count > 2, fraction.last == "0" { fraction.removeLast() }
        return (value < 0 ? "-" : "") + padded.dropLast(decimals) + "." + fraction
    }

    private static func scaled(_ text: String, units: [(String, Int)]) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, digits.count <= 18, let number = Int(digits) else { return nil }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let factor = units.first(where: { $0.0 == unit })?.1 else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    private static func fixed(_ text: some StringProtocol, decimals: Int) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty else { return nil }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard parts.count == 1 || !fraction.isEmpty, fraction.count <= decimals else { return nil }
        let digits = String(whole) + fraction + String(repeating: "0", count: decimals - fraction.count)
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(digits)
    }
}
