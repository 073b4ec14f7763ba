import Vocabulary

/// Numbers as the pages write them.
enum Figures {
    /// `184,206`.
    static func count(_ value: some BinaryInteger) -> String {
        var digits = Array(String(value).reversed())
        var at = 3
        while at < digits.count, digits[at] != "-" {
            digits.insert(",", at: at)
            at += 4
        }
        return String(digits.reversed())
    }

    /// Dollars with as many decimals as tell something: `$412.08`, `$0.0184`, `$0.000012`.
    static func dollars(_ amount: NanoUSD) -> String {
        let magnitude = amount.value.magnitude
        let decimals: Int
        switch magnitude {
        case 0: decimals = 2
        case 1_000_000_000...: decimals = 2
        case 10_000_000...: decimals = 4
        case 100_000...: decimals = 6
        default: decimals = 9
        }
        var step: UInt64 = 1
        for _ in 0..<(9 - decimals) { step *= 10 }
        let rounded = (magnitude + step / 2) / step
        let digits = String(rounded)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let whole = count(UInt64(padded.dropLast(decimals)) ?? 0)
        return (amount.value < 0 ? "−$" : "$") + whole + "." + padded.suffix(decimals)
    }

    /// `6.2 ms`, `2.31 s`, `4 min`.
    static func time(microseconds: Int64) -> String {
        switch microseconds {
        case ..<100_000: tenths(microseconds / 100, "ms")
        case ..<1_000_000: "\(microseconds / 1000) ms"
        case ..<60_000_000: "\(microseconds / 1_000_000).\(twoDigits(microseconds / 10_000 % 100)) s"
        default: "\(microseconds / 60_000_000) min"
        }
    }

    /// `12 s`, `3 min`, `2 h 5 min`, `4 days`.
    static func span(seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min"
        case ..<86_400: "\(seconds / 3600) h \(seconds / 60 % 60) min"
        default: "\(seconds / 86_400) days"
        }
    }

    /// The time of day in UTC.
    static func clock(_ moment: Moment) -> String {
        let seconds = moment.microseconds / 1_000_000 % 86_400
        return "\(twoDigits(seconds / 3600)):\(twoDigits(seconds / 60 % 60)):\(twoDigits(seconds % 60))"
    }

    private static func tenths(_ value: Int64, _ unit: String) -> String { "\(value / 10).\(value % 10) \(unit)" }

    private static func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
