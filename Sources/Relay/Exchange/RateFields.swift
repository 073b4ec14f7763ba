import Vocabulary

/// What is left of a key's rates, in the header names of the client's dialect.
struct RateFields {
    let allowance: Allowance
    let dialect: Dialect
    let now: Moment

    /// `nil` where nothing can be told.
    init?(_ allowance: Allowance?, dialect: Dialect, at now: Moment) {
        guard let allowance, allowance.requests != nil || allowance.tokens != nil else { return nil }
        self.allowance = allowance
        self.dialect = dialect
        self.now = now
    }

    /// Names without values that a client could have sent: only numbers and times.
    var fields: [(name: StaticString, value: [UInt8])] {
        var out: [(name: StaticString, value: [UInt8])] = []
        if dialect == .anthropic {
            add(
                allowance.requests, "anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining",
                "anthropic-ratelimit-requests-reset", &out)
            add(
                allowance.tokens, "anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining",
                "anthropic-ratelimit-tokens-reset", &out)
        } else {
            add(
                allowance.requests, "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests",
                "x-ratelimit-reset-requests", &out)
            add(
                allowance.tokens, "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens",
                "x-ratelimit-reset-tokens", &out)
        }
        return out
    }

    private func add(
        _ rate: Allowance.Rate?, _ limit: StaticString, _ left: StaticString, _ reset: StaticString,
        _ out: inout [(name: StaticString, value: [UInt8])]
    ) {
        guard let rate else { return }
        out.append((limit, Array(String(rate.limit).utf8)))
        out.append((left, Array(String(rate.left).utf8)))
        let resets =
            dialect == .anthropic
            ? Self.time(Moment(microseconds: now.microseconds + rate.resets)) : Self.wait(rate.resets)
        out.append((reset, Array(resets.utf8)))
    }

    /// As OpenAI writes it: `12s`, `1m3s`.
    static func wait(_ microseconds: Int64) -> String {
        let seconds = (max(0, microseconds) + 999_999) / 1_000_000
        return seconds < 60 ? "\(seconds)s" : "\(seconds / 60)m\(seconds % 60)s"
    }

    /// RFC 3339, to the second above.
    static func time(_ moment: Moment) -> String {
        let seconds = (moment.microseconds + 999_999) / 1_000_000
        let (date, rest) = (CivilDate(day: seconds / 86_400), seconds % 86_400)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return
            "\(date.year)-\(two(date.month))-\(two(date.day))T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }
}
