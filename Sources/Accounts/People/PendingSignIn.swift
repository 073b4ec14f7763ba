public import Vocabulary

/// A sign-in under way: which proofs are there and which are still asked for. It lives in memory for ten minutes, bound to
/// the browser that began it.
///
/// A value that is told what was shown and answers what that means; secrets are compared by who calls.
public struct PendingSignIn: Equatable, Sendable {
    public static let lifetime: Int64 = 600_000_000
    public static let tries = 5

    public enum Purpose: Equatable, Sendable {
        case signIn
        /// An address without an account, where accounts may be opened.
        case signUp
        /// An address without an account, where they may not: a code was never sent, and none is right.
        case nobody
    }

    public enum Step: Equatable, Sendable {
        /// The code that was mailed.
        case mailCode
        /// The authenticator's code, or a recovery code.
        case secondFactor
    }

    public let purpose: Purpose
    public let mail: MailAddress
    /// 0 for nobody's.
    public let person: UInt64
    public private(set) var step: Step
    public let startedAt: Moment
    /// A digest of the mailed code.
    public let code: [UInt8]
    private let hasSecondFactor: Bool
    public private(set) var triesLeft = PendingSignIn.tries

    public init(
        _ purpose: Purpose, _ mail: MailAddress, person: UInt64, step: Step, hasSecondFactor: Bool, code: [UInt8] = [],
        at now: Moment
    ) {
        self.purpose = purpose
        self.mail = mail
        self.person = person
        self.step = step
        self.hasSecondFactor = hasSecondFactor
        self.code = code
        startedAt = now
    }

    public enum Answer: Equatable, Sendable {
        case done
        /// The next proof is asked for.
        case more
        case wrong(triesLeft: Int)
        /// Too late, or too often: it begins anew.
        case over
    }

    public func isAlive(at now: Moment) -> Bool {
        triesLeft > 0 && now >= startedAt && now.microseconds - startedAt.microseconds < Self.lifetime
    }

    /// Takes one showing of the proof that is asked for.
    public mutating func show(isRight: Bool, at now: Moment) -> Answer {
        guard isAlive(at: now) else { return .over }
        guard isRight, purpose != .nobody else {
            triesLeft -= 1
            return triesLeft > 0 ? .wrong(triesLeft: triesLeft) : .over
        }
        if step == .mailCode, hasSecondFactor {
            step = .secondFactor
            triesLeft = Self.tries
            return .more
        }
        // Used: the same browser cannot show it again.
        triesLeft = 0
        return .done
    }
}
