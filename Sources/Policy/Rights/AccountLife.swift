public import Vocabulary

/// The terms under which an organisation's data ends, from the profile's knobs.
public struct DeletionTerms: Equatable, Sendable {
    /// Days in which a deleted account can be restored; 0 purges at once.
    public var recoveryDays: Int64
    /// Days in which a request must have been acted on.
    public var answerDays: Int64
    /// Years for which amounts are kept under a number; what links them to the account goes then.
    public var billingYears: Int64

    public init(recoveryDays: Int64, answerDays: Int64, billingYears: Int64) {
        self.recoveryDays = recoveryDays
        self.answerDays = answerDays
        self.billingYears = billingYears
    }

    /// What the policy says. Where the law sets the years, the longest usual term is kept.
    public init(_ policy: DeploymentPolicy) {
        func days(_ name: String) -> Int64 {
            Int64(policy.value(of: name)) ?? 0
        }
        self.init(
            recoveryDays: days("recovery_days"), answerDays: days("erase_within_days"),
            billingYears: max(7, days("billing_retention_years")))
    }
}

/// The life of one organisation's data (`PROMISES.md` 3.10): a value that is told what happens and when, and answers what is
/// to be done. Secrets go at once, the rest after the time in which it can be restored, and a tombstone stays as long as
/// amounts must be kept.
public struct AccountLife: Equatable, Sendable {
    public enum Phase: Equatable, Sendable {
        case active
        /// Deletion was asked for: keys are dead; it can be taken back until `purgeAt`.
        case deleted(at: Moment, purgeAt: Moment)
        /// Nothing but amounts under a number is left.
        case purged(at: Moment)
        /// What linked the amounts to the account is gone too.
        case closed
    }

    public enum Action: Equatable, Sendable {
        /// Sessions, caches and stored provider keys go now, with the data key they are sealed under.
        case destroySecrets
        case purge
        /// The tombstone goes.
        case close
    }

    public enum Event: Equatable, Sendable {
        case withdrawConsent
        case giveConsent
        case restrict
        case unrestrict
        case object
        case unobject
        /// `isFinal`: without a time to take it back.
        case requestDeletion(isFinal: Bool)
        case cancelDeletion
    }

    public enum Refusal: Error, Equatable, Sendable {
        /// The account is being deleted, or is gone.
        case isDeleted
        case isNotDeleted
        case isTooLate
    }

    public var phase = Phase.active
    public var hasConsent = true
    /// Stored, and used for nothing but serving (GDPR 18).
    public var isRestricted = false
    /// No aggregates over this organisation (GDPR 21).
    public var objects = false
    /// Whether the secrets are known to be gone.
    public var secretsAreGone = false

    public init() {}

    /// What a gateway key of this organisation may do.
    public var standing: KeyGrant.Standing {
        guard phase == .active else { return .locked }
        return hasConsent ? .active : .consentWithdrawn
    }

    /// Whether its numbers may enter an aggregate.
    public var mayBeAggregated: Bool { phase == .active && hasConsent && !isRestricted && !objects }

    public mutating func apply(_ event: Event, at now: Moment, _ terms: DeletionTerms) throws(Refusal) {
        switch (event, phase) {
        case (.cancelDeletion, .deleted(_, let purgeAt)):
            guard now < purgeAt else { throw .isTooLate }
            phase = .active
            secretsAreGone = false
        case (.cancelDeletion, .active): throw .isNotDeleted
        case (_, .deleted), (_, .purged), (_, .closed): throw .isDeleted
        case (.withdrawConsent, .active): hasConsent = false
        case (.giveConsent, .active): hasConsent = true
        case (.restrict, .active): isRestricted = true
        case (.unrestrict, .active): isRestricted = false
        case (.object, .active): objects = true
        case (.unobject, .active): objects = false
        case (.requestDeletion(let isFinal), .active):
            let days = isFinal ? 0 : terms.recoveryDays
            phase = .deleted(at: now, purgeAt: now.adding(days: days))
        }
    }

    /// What is due now, in order. The job does it, then says so with `done`.
    public func due(at now: Moment, _ terms: DeletionTerms) -> [Action] {
        switch phase {
        case .active, .closed: return []
        case .deleted(_, let purgeAt):
            return (secretsAreGone ? [] : [.destroySecrets]) + (now >= purgeAt ? [.purge] : [])
        case .purged(let at):
            return now >= at.adding(days: terms.billingYears * 365 + (terms.billingYears + 3) / 4) ? [.close] : []
        }
    }

    public mutating func done(_ action: Action, at now: Moment) {
        switch action {
        case .destroySecrets: secretsAreGone = true
        case .purge:
            phase = .purged(at: now)
            secretsAreGone = true
        case .close: phase = .closed
        }
    }

    /// Whether something promised is late: secrets a day after the request, the purge a day after its time.
    public func isLate(at now: Moment) -> Bool {
        guard case .deleted(let at, let purgeAt) = phase else { return false }
        return (!secretsAreGone && now >= at.adding(days: 1)) || now >= purgeAt.adding(days: 1)
    }
}

extension Moment {
    public func adding(days: Int64) -> Moment { Moment(microseconds: microseconds + days * 86_400_000_000) }
}
