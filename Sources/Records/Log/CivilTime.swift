import Vocabulary

/// Dates and times in UTC without a calendar library: what a log line and a receipt print.
struct CivilTime: Equatable, Sendable {
    var year: Int64
    var month: Int64
    var day: Int64
    /// Microseconds since midnight.
    var ofDay: Int64

    static let dayLength: Int64 = 86_400_000_000

    init(_ moment: Moment) {
        var days = moment.microseconds / Self.dayLength
        ofDay = moment.microseconds % Self.dayLength
        if ofDay < 0 {
            ofDay += Self.dayLength
            days -= 1
        }
        // Years counted from March, in eras of 400 years.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// `2026-11-21`.
    var date: [UInt8] { Self.digits(year, 4) + [0x2d] + Self.digits(month, 2) + [0x2d] + Self.digits(day, 2) }

    /// RFC 3339 with microseconds: `2026-11-21T04:21:08.000001Z`.
    var text: [UInt8] {
        let seconds = ofDay / 1_000_000
        var out = date
        out.append(0x54)
        out += Self.digits(seconds / 3600, 2)
        out.append(0x3a)
        out += Self.digits(seconds / 60 % 60, 2)
        out.append(0x3a)
        out += Self.digits(seconds % 60, 2)
        out.append(0x2e)
        out += Self.digits(ofDay % 1_000_000, 6)
        out.append(0x5a)
        return out
    }

    private static func digits(_ value: Int64, _ width: Int) -> [UInt8] {
        var out = [UInt8](repeating: 0x30, count: width)
        var rest = max(0, value)
        for index in (0..<width).reversed() {
            out[index] = 0x30 + UInt8(rest % 10)
            rest /= 10
        }
        return out
    }
}
