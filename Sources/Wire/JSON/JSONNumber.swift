/// A JSON number as far as counts need it: whole magnitude, sign, and whether anything was cut off.
struct JSONNumber {
    /// Saturates at `UInt64.max`.
    var magnitude: UInt64
    var isNegative: Bool
    /// Nothing but zeros stood behind the point, after the exponent moved it.
    var isWhole: Bool

    /// A validated number, or digits of that form in a string; `nil` when there is no digit or anything else stands in it.
    init?(_ b: Span<UInt8>, _ range: Range<Int>) {
        var at = range.lowerBound
        isNegative = at < range.upperBound && b[at] == .minus
        if isNegative { at += 1 }
        var digits = 0
        var point = 0
        var seenPoint = false
        let start = at
        while at < range.upperBound, b[at] &- .zero <= 9 || (b[at] == .point && !seenPoint) {
            if b[at] == .point { seenPoint = true } else { digits += 1 }
            if !seenPoint { point += 1 }
            at += 1
        }
        let mantissaEnd = at
        guard digits > 0 else { return nil }
        var exponent = 0
        if at < range.upperBound {
            guard b[at] | 0x20 == UInt8(ascii: "e") else { return nil }
            at += 1
            let negative = at < range.upperBound && b[at] == .minus
            if at < range.upperBound, b[at] == .minus || b[at] == .plus { at += 1 }
            guard at < range.upperBound else { return nil }
            while at < range.upperBound {
                guard b[at] &- .zero <= 9 else { return nil }
                // Beyond this the magnitude is 0 or saturated whatever the digits are: no text is that long.
                exponent = min(exponent * 10 + Int(b[at] &- .zero), 1 << 40)
                at += 1
            }
            if negative { exponent = -exponent }
        }
        point += exponent
        magnitude = 0
        isWhole = true
        var place = 0
        for index in start..<mantissaEnd where b[index] != .point {
            let digit = UInt64(b[index] &- .zero)
            if place < point { push(digit) } else if digit != 0 { isWhole = false }
            place += 1
        }
        while place < point, magnitude != 0, magnitude != .max {
            push(0)
            place += 1
        }
    }

    private mutating func push(_ digit: UInt64) {
        let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(digit)
        magnitude = overflow || carry ? .max : sum
    }
}
