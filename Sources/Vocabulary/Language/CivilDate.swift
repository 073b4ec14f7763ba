/// A day of the Gregorian calendar.
public struct CivilDate: Equatable, Sendable {
    public var year: Int64
    /// 1 to 12.
    public var month: Int64
    /// 1 to 31.
    public var day: Int64

    /// Microseconds.
    public static let dayLength: Int64 = 86_400_000_000

    public init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// - Parameter day: days since 1970-01-01, not before the year 0.
    public init(day: Int64) {
        // Years counted from March, in eras of 400 years.
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        self.day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Of `2026-11-21`; `nil` for anything else.
    public init?(iso text: some Sequence<UInt8>) {
        let bytes = Array(text)
        guard bytes.count == 10, bytes[4] == 0x2d, bytes[7] == 0x2d else { return nil }
        var numbers: [Int64] = []
        for part in bytes.split(separator: 0x2d) {
            var number: Int64 = 0
            for byte in part {
                guard (0x30...0x39).contains(byte) else { return nil }
                number = number * 10 + Int64(byte - 0x30)
            }
            numbers.append(number)
        }
        guard numbers.count == 3, (1...12).contains(numbers[1]) else { return nil }
        year = numbers[0]
        month = numbers[1]
        day = numbers[2]
        // A 31st of April is none: counted and turned back it is another day.
        guard day > 0, CivilDate(day: daysSince1970) == self else { return nil }
    }

    public var daysSince1970: Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// `2026-11-21`.
    public var iso: [UInt8] {
        func two(_ value: Int64) -> [UInt8] { [0x30 + UInt8(value / 10 % 10), 0x30 + UInt8(value % 10)] }
        return two(year / 100) + two(year) + [0x2d] + two(month) + [0x2d] + two(day)
    }
}
