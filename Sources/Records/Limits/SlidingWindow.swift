import Vocabulary

/// How much a minute by a sliding window of two counters: the minute before counts for the part of it that the window still
/// covers, so that no border of two minutes lets twice the rate through.
struct SlidingWindow: Equatable, Sendable {
    static let length: Int64 = 60_000_000
    /// Sums stay below it, so that products with the window's length fit.
    private static let ceiling: Int64 = 1 << 36

    private var minute: Int64 = .min
    private var current: Int64 = 0
    private var previous: Int64 = 0

    /// What the window holds now, rounded up.
    mutating func used(at now: Moment) -> Int64 {
        let into = roll(to: now)
        return current + (previous * (Self.length - into) + Self.length - 1) / Self.length
    }

    /// Microseconds until nothing of what is in it counts any more.
    mutating func empties(at now: Moment) -> Int64 {
        let into = roll(to: now)
        return current > 0 ? 2 * Self.length - into : previous > 0 ? Self.length - into : 0
    }

    /// How long to wait until `amount` fits under `limit`, in microseconds; `nil`: it fits now. What is larger than the
    /// limit by itself waits for an empty window.
    mutating func wait(for amount: Int64, limit: Int64, at now: Moment) -> Int64? {
        let into = roll(to: now)
        guard limit > 0 else { return amount > 0 ? Self.length : nil }
        let limit = min(limit, Self.ceiling)
        let amount = min(max(0, amount), limit)
        let room = limit - amount - current
        if room >= 0, previous * (Self.length - into) <= room * Self.length { return nil }
        // previous × (length − t) ≤ room × length, and in the next minute current × (length − t) ≤ (limit − amount) × length
        return room >= 0
            ? Self.length - room * Self.length / previous - into
            : Self.length - into + max(0, Self.length - (limit - amount) * Self.length / current)
    }

    mutating func add(_ amount: Int64, at now: Moment) {
        _ = roll(to: now)
        current += min(amount, Self.ceiling)
        if current < 0 {
            // Given back is first what came last.
            previous = max(0, previous + current)
            current = 0
        }
        current = min(current, Self.ceiling)
    }

    /// - Returns: how far `now` is into the minute; a clock that went back stays in the minute already begun.
    private mutating func roll(to now: Moment) -> Int64 {
        let number = now.microseconds / Self.length
        if number > minute {
            previous = number == minute &+ 1 ? current : 0
            current = 0
            minute = number
        }
        return number < minute ? 0 : now.microseconds - minute * Self.length
    }
}

/// One owner's rates on this node: its share of what all nodes together may do.
struct RateAccount: Equatable, Sendable {
    let owner: BudgetOwner
    var limits: RateLimits
    private var requests = SlidingWindow()
    private var tokens = SlidingWindow()
    private(set) var inFlight: Int64 = 0

    init(_ owner: BudgetOwner, _ limits: RateLimits) {
        self.owner = owner
        self.limits = limits
    }

    /// Why nothing more may run beside what is in flight; `nil`: it may.
    var crowding: RateDenial? {
        guard let limit = limits.inFlight, inFlight >= limit else { return nil }
        return RateDenial(.inFlight, of: owner.kind, limit: limit, retryAfterSeconds: 1)
    }

    /// Why a request may not begin now; `nil`: it may.
    mutating func denial(at now: Moment) -> RateDenial? {
        if let limit = limits.requestsPerMinute, let wait = requests.wait(for: 1, limit: limit, at: now) {
            return RateDenial(.requests, of: owner.kind, limit: limit, retryAfterSeconds: Self.seconds(wait))
        }
        // Tokens used above what was foreseen are waited for before the next request begins.
        return denial(of: 1, at: now)
    }

    mutating func begin(at now: Moment) {
        if limits.requestsPerMinute != nil { requests.add(1, at: now) }
    }

    mutating func enter() { inFlight += 1 }

    mutating func leave() { inFlight = max(0, inFlight - 1) }

    /// Why so many tokens may not be used now; `nil`: they may.
    mutating func denial(of tokens: Int64, at now: Moment) -> RateDenial? {
        guard let limit = limits.tokensPerMinute, let wait = self.tokens.wait(for: tokens, limit: limit, at: now)
        else { return nil }
        return RateDenial(.tokens, of: owner.kind, limit: limit, retryAfterSeconds: Self.seconds(wait))
    }

    mutating func addTokens(_ count: Int64, at now: Moment) {
        if limits.tokensPerMinute != nil { tokens.add(count, at: now) }
    }

    mutating func narrow(_ allowance: inout Allowance, at now: Moment) {
        if let limit = limits.requestsPerMinute {
            let rate = Allowance.Rate(
                limit: limit, left: max(0, limit - requests.used(at: now)), resets: requests.empties(at: now))
            if allowance.requests.map({ rate.left < $0.left }) ?? true { allowance.requests = rate }
        }
        if let limit = limits.tokensPerMinute {
            let rate = Allowance.Rate(
                limit: limit, left: max(0, limit - tokens.used(at: now)), resets: tokens.empties(at: now))
            if allowance.tokens.map({ rate.left < $0.left }) ?? true { allowance.tokens = rate }
        }
    }

    private static func seconds(_ microseconds: Int64) -> Int64 { max(1, (microseconds + 999_999) / 1_000_000) }
}
