import Records
import Vocabulary

/// A span of days up to now, as it stands in a page's address.
struct UsageRange: Sendable, Equatable {
    static let choices: [Int64] = [1, 7, 30, 90, 365]
    let days: Int64
    let since: Moment
    let until: Moment
    let grain: UsageGrain
    /// Of one bucket: an hour, a day, or five days of a year.
    private let step: Int64

    private static let day: Int64 = 86_400_000_000
    private static let hour: Int64 = 3_600_000_000

    /// - Parameter text: a number of days; 30 for anything else.
    init(_ text: String, at now: Moment) {
        days = Int64(text).flatMap { Self.choices.contains($0) ? $0 : nil } ?? 30
        grain = days == 1 ? .hour : .day
        step = days == 1 ? Self.hour : days == 365 ? 5 * Self.day : Self.day
        let row = days == 1 ? Self.hour : Self.day
        let end = (now.microseconds / row + 1) * row
        until = Moment(microseconds: end)
        since = Moment(microseconds: end - days * Self.day)
    }

    /// Where each bucket begins.
    var buckets: [Moment] {
        stride(from: since.microseconds, to: until.microseconds, by: Int(step)).map(Moment.init(microseconds:))
    }

    /// Which bucket holds a moment of the span.
    func place(of moment: Moment) -> Int { Int((moment.microseconds - since.microseconds) / step) }

    /// The same span just before.
    var before: (since: Moment, until: Moment) {
        (Moment(microseconds: 2 * since.microseconds - until.microseconds), since)
    }

    func label(_ bucket: Moment, _ words: Catalogue) -> (label: String, tick: String) {
        if days == 1 {
            let clock = String(Figures.clock(bucket).prefix(5))
            return ("\(words.day(bucket)) \(clock) UTC", clock)
        }
        let day = words.day(bucket)
        guard step > Self.day else { return (day, "\(CivilDate(day: bucket.microseconds / Self.day).day)") }
        let last = Moment(microseconds: bucket.microseconds + step - Self.day)
        return ("\(day) – \(words.day(last))", day)
    }
}
