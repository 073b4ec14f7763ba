import Mustache
import Vocabulary

/// One of several things to choose: what a form sends, what it is called, whether it is chosen now.
struct Choice: MustacheParent {
    let value: String
    let label: String
    let current: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "value": value
        case "label": label
        case "current": current
        default: nil
        }
    }
}

/// An amount: short to read, exact on hover.
struct MoneyView {
    let text: String
    let exact: String
}

/// A moment: in UTC as text, for machines and the browser's own clock as ISO.
struct TimeView {
    let iso: String
    let text: String
}

extension Catalogue {
    func count(_ value: Int64) -> String { String(decoding: number(value), as: UTF8.self) }

    func money(_ amount: NanoUSD) -> MoneyView {
        MoneyView(
            text: String(decoding: usd(Int128(amount.value) * 1_000_000_000), as: UTF8.self), exact: amount.exact)
    }

    func percent(_ part: Int64, of whole: Int64) -> String {
        String(decoding: share(Int128(part), of: Int128(whole)), as: UTF8.self)
    }

    func day(_ moment: Moment) -> String {
        String(decoding: date(moment.microseconds / 86_400_000_000), as: UTF8.self)
    }

    func time(_ moment: Moment) -> TimeView {
        let clock = Figures.clock(moment)
        return TimeView(iso: moment.iso, text: "\(day(moment)) \(clock.prefix(5)) UTC")
    }
}

extension NanoUSD {
    /// All nine decimals: `412.080000000 USD`.
    var exact: String {
        let digits = String(value.magnitude)
        let padded = String(repeating: "0", count: Swift.max(0, 10 - digits.count)) + digits
        return (value < 0 ? "-" : "") + padded.dropLast(9) + "." + padded.suffix(9) + " USD"
    }
}

extension Moment {
    /// `2026-11-21T14:07:42Z`.
    var iso: String {
        let day = microseconds >= 0 ? microseconds / 86_400_000_000 : 0
        return String(decoding: CivilDate(day: day).iso, as: UTF8.self) + "T\(Figures.clock(self))Z"
    }
}

extension RequestID {
    /// `req_…`, as text.
    var name: String { String(decoding: text, as: UTF8.self) }
}
