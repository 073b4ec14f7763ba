import Vocabulary

/// Days as yyyymmdd.
enum CalendarDay {
    /// The day a moment falls on, in UTC.
    static func utc(_ moment: Moment) -> UInt32 {
        let microseconds: Int64 = 86_400_000_000
        let whole = moment.microseconds / microseconds
        let day = moment.microseconds % microseconds < 0 ? whole - 1 : whole
        guard day >= 0, day < 2_932_897 else { return day < 0 ? 0 : 99_991_231 }
        // Howard Hinnant's days-to-civil, for days since 1970 that are not negative.
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return UInt32(year * 10_000 + month * 100 + dayOfMonth)
    }

    /// Whether the number is written like a day.
    static func isValid(_ day: UInt32) -> Bool {
        let (month, date) = (day / 100 % 100, day % 100)
        return day >= 19_700_101 && day <= 99_991_231 && (1...12).contains(month) && (1...31).contains(date)
    }
}

/// The date that providers hang on a model's name: `-20250929`, `@20250929`, `-2024-08-06`.
enum ModelDate {
    /// The name without its date; `nil` when it bears none.
    static func removed(from model: [UInt8]) -> [UInt8]? {
        for (length, dashed) in [(9, false), (11, true)] {
            let start = model.count - length
            guard start > 0, model[start] == 0x2d || (!dashed && model[start] == 0x40) else { continue }
            if let day = day(model[(start + 1)...], dashed: dashed), CalendarDay.isValid(day) {
                return Array(model[..<start])
            }
        }
        return nil
    }

    private static func day(_ text: ArraySlice<UInt8>, dashed: Bool) -> UInt32? {
        var value: UInt32 = 0
        for (place, byte) in text.enumerated() {
            if dashed && (place == 4 || place == 7) {
                guard byte == 0x2d else { return nil }
            } else {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                value = value * 10 + UInt32(byte - 0x30)
            }
        }
        return value
    }
}
