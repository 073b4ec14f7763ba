public import Vocabulary

/// A change of a person's address under way: a code went to the old address and one to the new, and both are asked for.
/// It lives in memory for ten minutes; secrets are compared by who calls.
public struct MailChange: Equatable, Sendable {
    public let mail: MailAddress
    /// Digests of the codes.
    let oldCode: [UInt8]
    let newCode: [UInt8]
    let startedAt: Moment
    public private(set) var triesLeft = PendingSignIn.tries

    init(to mail: MailAddress, oldCode: [UInt8], newCode: [UInt8], at now: Moment) {
        self.mail = mail
        self.oldCode = oldCode
        self.newCode = newCode
        startedAt = now
    }

    public func isAlive(at now: Moment) -> Bool {
        triesLeft > 0 && now >= startedAt && now.microseconds - startedAt.microseconds < PendingSignIn.lifetime
    }

    enum Answer: Equatable {
        case done
        case wrong(triesLeft: Int)
        case over
    }

    /// Takes one showing of both codes; which of them was wrong is not told.
    mutating func show(areRight: Bool, at now: Moment) -> Answer {
        guard isAlive(at: now) else { return .over }
        triesLeft = areRight ? 0 : triesLeft - 1
        return areRight ? .done : triesLeft > 0 ? .wrong(triesLeft: triesLeft) : .over
    }
}
