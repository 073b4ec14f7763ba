/// Reads amounts and counts as people and programs write them, into integers.
///
/// Money is held in atto-USD (1e-18 USD): exports give up to sixteen decimals, so sums stay exact far below a pico-USD.
enum Decimal {
    static let atto: Int128 = 1_000_000_000_000_000_000
    static let attoPerPico: Int128 = 1_000_000
    /// 10^12 in these units: no row costs or counts more, and sums of very many stay in their integers.
    static let ceiling: Int128 = atto * 1_000_000_000_000

    /// Whether a comma or a point parts the whole from the fraction.
    enum Mark: UInt8 {
        case point = 0x2e
        case comma = 0x2c
    }

    /// A decimal in units of 1e-18; digits below are rounded half up. `nil` when the text is not a number.
    static func scaled(_ bytes: Span<UInt8>, mark: Mark = .point) -> Int128? {
        var parts = DecimalParts(mark: separator(of: bytes, preferred: mark))
        for index in bytes.indices {
            if !parts.take(bytes[index]) { return nil }
        }
        return parts.scaled()
    }

    /// A count; fractions are dropped (`10.0`). `nil` when the text is not a number or is above 2^48.
    static func count(_ bytes: Span<UInt8>, mark: Mark = .point) -> Int64? {
        var value: Int64 = 0
        if bytes.count > 0, bytes.count < 19 {
            var plain = true
            for index in bytes.indices {
                let digit = bytes[index] &- 0x30
                if digit > 9 {
                    plain = false
                    break
                }
                value = value &* 10 &+ Int64(digit)
            }
            if plain { return value > 1 << 48 ? nil : value }
        }
        guard let scaled = scaled(bytes, mark: mark) else { return nil }
        let whole = scaled / atto
        return Int64(whole)
    }

    /// Which mark is the decimal one in this text. With both, the last; with several of one kind, the other.
    private static func separator(of bytes: Span<UInt8>, preferred: Mark) -> Mark {
        var commas = 0
        var points = 0
        var last = UInt8(0)
        var lastAt = 0
        for index in bytes.indices where bytes[index] == 0x2c || bytes[index] == 0x2e {
            if bytes[index] == 0x2c { commas += 1 } else { points += 1 }
            last = bytes[index]
            lastAt = index
        }
        if commas > 0, points > 0 { return last == 0x2c ? .comma : .point }
        if commas > 1 { return .point }
        if points > 1 { return .comma }
        if commas == 1, preferred == .point, digits(in: bytes, after: lastAt) != 3 { return .comma }
        if points == 1, preferred == .comma, digits(in: bytes, after: lastAt) != 3 { return .point }
        return preferred
    }

    private static func digits(in bytes: Span<UInt8>, after place: Int) -> Int {
        var count = 0
        for index in place + 1..<bytes.count where bytes[index] >= 0x30 && bytes[index] <= 0x39 { count += 1 }
        return count
    }
}

/// A decimal while it is read.
private struct DecimalParts {
    let mark: Decimal.Mark
    var mantissa: Int128 = 0
    var decimals = 0
    var digits = 0
    var isNegative = false
    var isFraction = false
    var inExponent = false
    var exponent = 0
    var exponentIsNegative = false
    var exponentDigits = 0
    /// More digits than the integer holds: those after are only counted.
    var dropped = 0

    init(mark: Decimal.Mark) { self.mark = mark }

    /// `false` at a byte that cannot stand in a number.
    mutating func take(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39:
            if inExponent {
                exponentDigits += 1
                if exponent < 1000 { exponent = exponent * 10 + Int(byte - 0x30) }
                return true
            }
            digits += 1
            if mantissa > 1_000_000_000_000_000_000_000_000_000_000_000 {
                if !isFraction { dropped += 1 }
                return true
            }
            mantissa = mantissa * 10 + Int128(byte - 0x30)
            if isFraction { decimals += 1 }
        case mark.rawValue where !inExponent:
            if isFraction { return false }
            isFraction = true
        case 0x2c, 0x2e, 0x27, 0x20, 0xa0, 0xc2, 0xe2, 0x80, 0xaf, 0x99:
            // Thousands separators, also as no-break spaces and typographic apostrophes.
            return !inExponent && !isFraction || byte == 0x20 || byte >= 0x80
        case 0x24, 0x82, 0xac, 0xa3: return true  // $ € £
        case 0x2d:
            if inExponent { exponentIsNegative = true } else if digits == 0 { isNegative = true } else { return false }
        case 0x28: isNegative = true
        case 0x29, 0x2b: return true
        case 0x45, 0x65:
            if inExponent || digits == 0 { return false }
            inExponent = true
        default: return false
        }
        return true
    }

    func scaled() -> Int128? {
        guard digits > 0, !inExponent || exponentDigits > 0 else { return nil }
        var shift = 18 - decimals + dropped + (exponentIsNegative ? -exponent : exponent)
        var value = mantissa
        if value == 0 { return 0 }
        while shift > 0 {
            let (next, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = next
            shift -= 1
        }
        var last: Int128 = 0
        while shift < 0, value != 0 || last != 0 {
            last = value % 10
            value /= 10
            shift += 1
        }
        if last >= 5, shift == 0 { value += 1 }
        if value > Decimal.ceiling { return nil }
        return isNegative ? -value : value
    }
}
