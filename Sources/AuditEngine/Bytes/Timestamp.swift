import Vocabulary

/// Reads points in time into microseconds since 1970-01-01 UTC. A time without a zone is UTC.
enum Timestamp {
    /// `nil` when the text is not a time. `dayFirst` tells `31/12/2026` from `12/31/2026`.
    static func microseconds(_ bytes: Span<UInt8>, dayFirst: Bool = false) -> Int64? {
        var at = 0
        while at < bytes.count, bytes[at] == 0x20 { at += 1 }
        guard at < bytes.count, let first = number(bytes, &at) else { return nil }
        if at == bytes.count || bytes[at] == 0x2e && first.digits >= 9 { return epoch(first.value, first.digits) }
        let mark = bytes[at]
        guard mark == 0x2d || mark == 0x2f || mark == 0x2e else { return nil }
        at += 1
        guard let second = number(bytes, &at), at < bytes.count, bytes[at] == mark else { return nil }
        at += 1
        guard let third = number(bytes, &at) else { return nil }
        var (year, month, day) = (first.value, second.value, third.value)
        if first.digits != 4 {
            year = third.value
            let isDayFirst = dayFirst || mark == 0x2e || first.value > 12
            (month, day) = isDayFirst ? (second.value, first.value) : (first.value, second.value)
        }
        guard (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        let midnight = days(year, month, day) * 86_400_000_000
        guard let clock = clock(bytes, &at) else { return nil }
        return midnight + clock
    }

    /// Days since 1970-01-01.
    static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        CivilDate(year: year, month: month, day: day).daysSince1970
    }

    /// `2026-11-21` for a day since 1970.
    static func date(_ day: Int64) -> [UInt8] { CivilDate(day: day).iso }

    private static func epoch(_ value: Int64, _ digits: Int) -> Int64? {
        switch digits {
        case 8:
            let (year, month, day) = (value / 10_000, value / 100 % 100, value % 100)
            guard (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
            return days(year, month, day) * 86_400_000_000
        case 9, 10: return value * 1_000_000
        case 13: return value * 1000
        case 16: return value
        default: return nil
        }
    }

    /// The time of day after a date, its zone taken off; 0 at the text's end.
    private static func clock(_ bytes: Span<UInt8>, _ at: inout Int) -> Int64? {
        guard at < bytes.count else { return 0 }
        guard bytes[at] == 0x54 || bytes[at] == 0x74 || bytes[at] == 0x20 else { return nil }
        at += 1
        guard at < bytes.count else { return 0 }
        guard let hour = number(bytes, &at), hour.value < 25, at < bytes.count, bytes[at] == 0x3a else { return nil }
        at += 1
        guard let minute = number(bytes, &at), minute.value < 60 else { return nil }
        var time = (hour.value * 60 + minute.value) * 60_000_000
        if at < bytes.count, bytes[at] == 0x3a {
            at += 1
            guard let second = number(bytes, &at), second.value < 61 else { return nil }
            time += second.value * 1_000_000
        }
        if at < bytes.count, bytes[at] == 0x2e || bytes[at] == 0x2c {
            at += 1
            var unit: Int64 = 100_000
            while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 {
                time += Int64(bytes[at] - 0x30) * unit
                unit /= 10
                at += 1
            }
        }
        while at < bytes.count, bytes[at] == 0x20 { at += 1 }
        guard at < bytes.count else { return time }
        guard bytes[at] == 0x2b || bytes[at] == 0x2d else { return isUTC(bytes, at) ? time : nil }
        let isEast = bytes[at] == 0x2b
        at += 1
        guard var offset = number(bytes, &at), offset.digits <= 4 else { return nil }
        if offset.digits == 4 {
            offset.value = offset.value / 100 * 60 + offset.value % 100
        } else {
            offset.value *= 60
        }
        if at < bytes.count, bytes[at] == 0x3a {
            at += 1
            guard let minutes = number(bytes, &at), minutes.value < 60 else { return nil }
            offset.value += minutes.value
        }
        if at < bytes.count { return nil }
        return time - (isEast ? offset.value : -offset.value) * 60_000_000
    }

    /// Whether the rest is a name of UTC.
    private static func isUTC(_ bytes: Span<UInt8>, _ start: Int) -> Bool {
        let rest = bytes.extracting(start..<bytes.count)
        for name: StaticString in ["z", "utc", "gmt"] where rest.count == name.utf8CodeUnitCount {
            var isHere = true
            for (index, letter) in text(name).enumerated() where rest[index] | 0x20 != letter { isHere = false }
            if isHere { return true }
        }
        return false
    }

    private static func number(_ bytes: Span<UInt8>, _ at: inout Int) -> (value: Int64, digits: Int)? {
        var value: Int64 = 0
        let start = at
        while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39, at - start < 18 {
            value = value * 10 + Int64(bytes[at] - 0x30)
            at += 1
        }
        return at == start ? nil : (value, at - start)
    }
}

/// Digits with leading zeros up to a width.
func padded(_ value: Int64, _ width: Int) -> [UInt8] {
    var out = digits(value)
    while out.count < width { out.insert(0x30, at: 0) }
    return out
}

/// An integer in decimal.
func digits(_ value: Int64) -> [UInt8] { digits(Int128(value)) }

/// An integer in decimal.
func digits(_ value: Int128) -> [UInt8] {
    var rest = value.magnitude
    var out: [UInt8] = []
    repeat {
        out.append(0x30 + UInt8(rest % 10))
        rest /= 10
    } while rest > 0
    if value < 0 { out.append(0x2d) }
    out.reverse()
    return out
}
