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
    var date: [UInt8] {
        var out: [UInt8] = []
        appendDate(to: &out)
        return out
    }

    /// RFC 3339 with microseconds: `2026-11-21T04:21:08.000001Z`.
    var text: [UInt8] {
        var out: [UInt8] = []
        append(to: &out)
        return out
    }

    /// Appends the form of `text`: a log line has no array to spare.
    func append(to out: inout [UInt8]) {
        let seconds = ofDay / 1_000_000
        appendDate(to: &out)
        out.append(0x54)
        Self.append(seconds / 3600, 2, to: &out)
        out.append(0x3a)
        Self.append(seconds / 60 % 60, 2, to: &out)
        out.append(0x3a)
        Self.append(seconds % 60, 2, to: &out)
        out.append(0x2e)
        Self.append(ofDay % 1_000_000, 6, to: &out)
        out.append(0x5a)
    }

    private func appendDate(to out: inout [UInt8]) {
        Self.append(year, 4, to: &out)
        out.append(0x2d)
        Self.append(month, 2, to: &out)
        out.append(0x2d)
        Self.append(day, 2, to: &out)
    }

    /// The last `width` decimal digits.
    private static func append(_ value: Int64, _ width: Int, to out: inout [UInt8]) {
        var rest = UInt64(max(0, value))
        let start = out.count
        for _ in 0..<width { out.append(0x30) }
        for index in 1...width {
            out[start + width - index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}
