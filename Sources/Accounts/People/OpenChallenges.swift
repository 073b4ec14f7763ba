import Vocabulary

/// Challenges given out and not answered yet, each bound to the session, or the sign-in, that asked. A value that is told
/// the time and given the randomness.
struct OpenChallenges {
    static let most = 10_000
    private var open: [[UInt8]: (challenge: [UInt8], at: Moment)] = [:]

    /// The challenge of a holder: the one it has, while that is good, so that a page loaded twice still answers.
    mutating func offer(to holder: [UInt8], at now: Moment, fresh: () -> [UInt8]) -> [UInt8] {
        if let found = challenge(of: holder, at: now) { return found }
        if open.count >= Self.most { expire(at: now) }
        // A flood: whoever comes begins again, and nobody's memory is used up.
        if open.count >= Self.most { open.removeAll() }
        let challenge = fresh()
        open[holder] = (challenge, now)
        return challenge
    }

    func challenge(of holder: [UInt8], at now: Moment) -> [UInt8]? {
        open[holder].flatMap { Self.isAlive($0.at, now) ? $0.challenge : nil }
    }

    /// Takes it away: it is answered once, rightly or not.
    mutating func take(from holder: [UInt8], at now: Moment) -> [UInt8]? {
        defer { open[holder] = nil }
        return challenge(of: holder, at: now)
    }

    mutating func expire(at now: Moment) { open = open.filter { Self.isAlive($0.value.at, now) } }

    private static func isAlive(_ at: Moment, _ now: Moment) -> Bool {
        now >= at && now.microseconds - at.microseconds < PendingSignIn.lifetime
    }
}
