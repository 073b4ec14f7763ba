public import Vocabulary

/// The keyed hash of a canonical request. Without the secret nobody can choose where an entry lands.
public struct CacheKey: Hashable, Sendable {
    public var words: (UInt64, UInt64, UInt64, UInt64)

    public init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// All four words are compared, whatever the first says: nothing is to be learned from the time it takes.
    public static func == (a: CacheKey, b: CacheKey) -> Bool {
        (a.words.0 ^ b.words.0) | (a.words.1 ^ b.words.1) | (a.words.2 ^ b.words.2) | (a.words.3 ^ b.words.3) == 0
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

/// Answers in memory, the least recently used first to go, and the calls under way that others wait for.
///
/// A value without I/O or clock. `Answer` is sealed and wipes itself when it is let go; `Waiter` is whoever asked.
public struct AnswerCache<Answer: Sendable, Waiter: Sendable>: Sendable {
    public struct Limits: Sendable {
        /// Of all entries, with what keeping them costs.
        public var bytes: Int
        /// How long an answer is used, in microseconds.
        public var lifetime: Int64
        /// Requests that may wait for one call; the next goes alone.
        public var waiters = 256

        public init(bytes: Int, lifetime: Int64) {
            self.bytes = bytes
            self.lifetime = lifetime
        }

        /// No entry may take more than an eighth: a few large answers must not push all others out.
        public var largestEntry: Int { bytes / 8 }
    }

    /// What became of a question.
    public enum Found: Sendable {
        case hit(Answer)
        /// Nobody has it: call the provider, then `landed` or `failed`.
        case lead
        /// Somebody is calling: wait for what they `landed`.
        case wait
        /// Call, but tell nobody: too many wait already.
        case alone
    }

    /// What is to be done when one who asked goes away.
    public enum Departure: Sendable, Equatable {
        case goesOn
        /// Nobody is left: cancel the call.
        case cancel
    }

    private struct Entry: Sendable {
        var key: CacheKey
        var answer: Answer
        var organisation: OrganisationID
        var bytes: Int
        var expires: Moment
        var newer: Int?
        var older: Int?
    }

    private struct Flight: Sendable {
        /// The caller itself is among them while it is there.
        var waiters: [Waiter]
        var present: Int
    }

    /// What an entry costs beside its answer.
    static var overhead: Int { 160 }

    public var limits: Limits
    private var places: [CacheKey: Int] = [:]
    private var entries: [Entry?] = []
    private var free: [Int] = []
    private var newest: Int?
    private var oldest: Int?
    private var flights: [CacheKey: Flight] = [:]
    /// The bytes of all entries.
    public private(set) var bytes = 0

    public init(_ limits: Limits) { self.limits = limits }

    public var count: Int { places.count }

    // MARK: Asking

    /// - Parameter mayRead: whether a kept answer, or one under way, may be used.
    public mutating func ask(_ key: CacheKey, _ waiter: Waiter, mayRead: Bool, at now: Moment) -> Found {
        if mayRead, let place = places[key], let entry = entries[place] {
            if now < entry.expires {
                touch(place)
                return .hit(entry.answer)
            }
            remove(place)
        }
        guard flights[key] != nil else {
            flights[key] = Flight(waiters: [], present: 1)
            return .lead
        }
        guard mayRead, flights[key]?.waiters.count ?? 0 < limits.waiters else { return .alone }
        flights[key]?.waiters.append(waiter)
        flights[key]?.present += 1
        return .wait
    }

    /// The call that `lead` made has its answer. Those who waited get it, kept or not.
    ///
    /// - Parameter keeping: the answer to keep with its bytes and owner, `nil` if it is not to be kept.
    public mutating func landed(
        _ key: CacheKey, keeping answer: (answer: Answer, bytes: Int, organisation: OrganisationID)?, at now: Moment
    ) -> [Waiter] {
        if let answer { keep(key, answer.answer, answer.bytes, answer.organisation, at: now) }
        return flights.removeValue(forKey: key)?.waiters ?? []
    }

    /// The call failed. Those who waited make their own: an error is nobody's but the caller's.
    public mutating func failed(_ key: CacheKey) -> [Waiter] { flights.removeValue(forKey: key)?.waiters ?? [] }

    /// One who led or waited has gone; `isGone` tells it among the waiters.
    public mutating func left(_ key: CacheKey, where isGone: (Waiter) -> Bool) -> Departure {
        guard var flight = flights[key] else { return .goesOn }
        flight.present -= 1
        flight.waiters.removeAll(where: isGone)
        if flight.present <= 0 {
            flights[key] = nil
            return .cancel
        }
        flights[key] = flight
        return .goesOn
    }

    // MARK: Keeping

    private mutating func keep(
        _ key: CacheKey, _ answer: Answer, _ size: Int, _ organisation: OrganisationID, at now: Moment
    ) {
        let cost = max(0, size) + Self.overhead
        guard cost <= limits.largestEntry else { return }
        if let place = places[key] { remove(place) }
        while bytes + cost > limits.bytes, let oldest { remove(oldest) }
        let (expires, overflow) = now.microseconds.addingReportingOverflow(limits.lifetime)
        let entry = Entry(
            key: key, answer: answer, organisation: organisation, bytes: cost,
            expires: Moment(microseconds: overflow ? .max : expires))
        let place = free.popLast() ?? entries.count
        if place == entries.count { entries.append(entry) } else { entries[place] = entry }
        places[key] = place
        bytes += cost
        attach(place)
    }

    /// Lets go of everything of one organisation: after deletion or withdrawal of consent.
    public mutating func forget(_ organisation: OrganisationID) {
        for place in entries.indices where entries[place]?.organisation == organisation { remove(place) }
    }

    /// Lets go of everything; calls under way go on.
    public mutating func forgetAll() {
        for place in entries.indices { remove(place) }
    }

    /// Lets go of what is past its time.
    public mutating func expire(at now: Moment) {
        for place in entries.indices {
            if let entry = entries[place], entry.expires <= now { remove(place) }
        }
    }

    // MARK: Order of use

    private mutating func remove(_ place: Int) {
        guard let entry = entries[place] else { return }
        detach(place)
        entries[place] = nil
        free.append(place)
        places[entry.key] = nil
        bytes -= entry.bytes
    }

    private mutating func touch(_ place: Int) {
        guard newest != place else { return }
        detach(place)
        attach(place)
    }

    private mutating func attach(_ place: Int) {
        entries[place]?.older = newest
        entries[place]?.newer = nil
        if let newest { entries[newest]?.newer = place }
        newest = place
        if oldest == nil { oldest = place }
    }

    private mutating func detach(_ place: Int) {
        let newer = entries[place]?.newer
        let older = entries[place]?.older
        if let newer { entries[newer]?.older = older } else { newest = older }
        if let older { entries[older]?.newer = newer } else { oldest = newer }
    }
}
