import Records
import Vocabulary

/// A span of days up to now, as it stands in a page's address.
struct UsageRange: Sendable, Equatable {
    static let choices: [Int64] = [1, 7, 30, 90]
    let days: Int64
    let since: Moment
    let until: Moment
    let grain: UsageGrain

    private static let day: Int64 = 86_400_000_000
    private static let hour: Int64 = 3_600_000_000

    /// - Parameter text: a number of days; 30 for anything else.
    init(_ text: String, at now: Moment) {
        days = Int64(text).flatMap { Self.choices.contains($0) ? $0 : nil } ?? 30
        let step = days == 1 ? Self.hour : Self.day
        grain = days == 1 ? .hour : .day
        let count = days == 1 ? 24 : days
        let end = (now.microseconds / step + 1) * step
        until = Moment(microseconds: end)
        since = Moment(microseconds: end - count * step)
    }

    /// Where each bucket begins.
    var buckets: [Moment] {
        let step = days == 1 ? Self.hour : Self.day
        return stride(from: since.microseconds, to: until.microseconds, by: Int(step)).map(Moment.init(microseconds:))
    }

    /// The same span just before.
    var before: (since: Moment, until: Moment) {
        (Moment(microseconds: 2 * since.microseconds - until.microseconds), since)
    }

    func label(_ bucket: Moment, _ words: Catalogue) -> (label: String, tick: String) {
        if days == 1 {
            let clock = String(Figures.clock(bucket).prefix(5))
            return ("\(words.day(bucket)) \(clock) UTC", clock)
        }
        return (words.day(bucket), "\(CivilDate(day: bucket.microseconds / Self.day).day)")
    }
}
