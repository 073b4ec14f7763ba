import Policy
import Testing
import Vocabulary

/// The deletion machine against a clock of its own, at every term that is promised.
@Suite struct AccountLifeTests {
    private static let start = Moment(microseconds: 1_700_000_000_000_000)
    private static let second: Int64 = 1_000_000
    private static func after(days: Int64, seconds: Int64 = 0) -> Moment {
        Moment(microseconds: start.adding(days: days).microseconds + seconds * second)
    }

    @Test func theTermsAreTheProfiles() {
        #expect(
            DeletionTerms(DeploymentPolicy(.aura)) == DeletionTerms(recoveryDays: 30, answerDays: 30, billingYears: 7))
        #expect(
            DeletionTerms(DeploymentPolicy(.strict)) == DeletionTerms(recoveryDays: 0, answerDays: 7, billingYears: 7))
        #expect(DeletionTerms(DeploymentPolicy(.auxen)).answerDays == 7)
        for profile in ProfileID.allCases { #expect(DeletionTerms(DeploymentPolicy(profile)).recoveryDays <= 30) }
    }

    /// AU-11, AU-28: keys are dead and secrets due at once; at 24 hours it is late.
    @Test func secretsGoAtOnceAndAreLateAfterADay() throws {
        var life = AccountLife()
        let terms = DeletionTerms(DeploymentPolicy(.aura))
        #expect(life.standing == .active && life.due(at: Self.start, terms).isEmpty)
        try life.apply(.requestDeletion(isFinal: false), at: Self.start, terms)
        #expect(life.standing == .locked)
        #expect(life.due(at: Self.start, terms) == [.destroySecrets])
        #expect(!life.isLate(at: Self.after(days: 0, seconds: 86_399)))
        #expect(life.isLate(at: Self.after(days: 1)))
        life.done(.destroySecrets, at: Self.start)
        #expect(life.due(at: Self.after(days: 1), terms).isEmpty && !life.isLate(at: Self.after(days: 1)))
    }

    /// AU-26: at 14 days it can be taken back, at 30 days it is purged, not a second earlier.
    @Test func itCanBeTakenBackForThirtyDays() throws {
        let terms = DeletionTerms(DeploymentPolicy(.aura))
        var life = AccountLife()
        try life.apply(.requestDeletion(isFinal: false), at: Self.start, terms)
        life.done(.destroySecrets, at: Self.start)
        var restored = life
        try restored.apply(.cancelDeletion, at: Self.after(days: 14), terms)
        #expect(restored.standing == .active && restored.due(at: Self.after(days: 400), terms).isEmpty)
        #expect(life.due(at: Self.after(days: 30, seconds: -1), terms).isEmpty)
        #expect(life.due(at: Self.after(days: 30), terms) == [.purge])
        #expect(throws: AccountLife.Refusal.isTooLate) {
            try life.apply(.cancelDeletion, at: Self.after(days: 30), terms)
        }
        #expect(life.isLate(at: Self.after(days: 31)))
    }

    @Test func withoutRecoveryEverythingIsDueAtOnce() throws {
        for (profile, isFinal) in [(ProfileID.strict, false), (.aura, true), (.aurex, false)] {
            var life = AccountLife()
            let terms = DeletionTerms(DeploymentPolicy(profile))
            try life.apply(.requestDeletion(isFinal: isFinal), at: Self.start, terms)
            #expect(life.due(at: Self.start, terms) == [.destroySecrets, .purge])
        }
    }

    /// AN-26: at 12 months the tombstone stands, at 7 years it goes.
    @Test func theTombstoneStandsForSevenYears() throws {
        let terms = DeletionTerms(DeploymentPolicy(.auxen))
        var life = AccountLife()
        try life.apply(.requestDeletion(isFinal: true), at: Self.start, terms)
        life.done(.purge, at: Self.start)
        #expect(life.phase == .purged(at: Self.start) && life.standing == .locked)
        #expect(life.due(at: Self.after(days: 365), terms).isEmpty)
        #expect(life.due(at: Self.after(days: 7 * 365), terms).isEmpty)
        #expect(life.due(at: Self.after(days: 7 * 365 + 2, seconds: -1), terms).isEmpty)
        #expect(life.due(at: Self.after(days: 7 * 365 + 2), terms) == [.close])
        life.done(.close, at: Self.after(days: 2557))
        #expect(life.phase == .closed && life.due(at: Self.after(days: 9999), terms).isEmpty)
    }

    /// AX-21: withdrawn at once, given again, and nothing of it while the account is being deleted.
    @Test func consentIsWithdrawnAndGivenAgain() throws {
        let terms = DeletionTerms(DeploymentPolicy(.aurex))
        var life = AccountLife()
        try life.apply(.withdrawConsent, at: Self.start, terms)
        #expect(life.standing == .consentWithdrawn && !life.mayBeAggregated)
        try life.apply(.giveConsent, at: Self.start, terms)
        #expect(life.standing == .active && life.mayBeAggregated)
        for event in [AccountLife.Event.restrict, .object] {
            var other = life
            try other.apply(event, at: Self.start, terms)
            #expect(other.standing == .active && !other.mayBeAggregated)
            try other.apply(event == .restrict ? .unrestrict : .unobject, at: Self.start, terms)
            #expect(other == life)
        }
    }

    /// Every event in every phase, and no way back from a purge.
    @Test func everyEventHasOneAnswerInEveryPhase() throws {
        let terms = DeletionTerms(DeploymentPolicy(.aura))
        let events: [AccountLife.Event] = [
            .withdrawConsent, .giveConsent, .restrict, .unrestrict, .object, .unobject, .cancelDeletion,
            .requestDeletion(isFinal: false), .requestDeletion(isFinal: true),
        ]
        var deleted = AccountLife()
        try deleted.apply(.requestDeletion(isFinal: false), at: Self.start, terms)
        var purged = deleted
        purged.done(.purge, at: Self.start)
        var closed = purged
        closed.done(.close, at: Self.start)
        for event in events {
            for life in [deleted, purged, closed] {
                var next = life
                do throws(AccountLife.Refusal) {
                    try next.apply(event, at: Self.start, terms)
                    #expect(event == .cancelDeletion && life == deleted)
                } catch {
                    #expect(error == .isDeleted && next == life)
                }
            }
        }
        var active = AccountLife()
        #expect(throws: AccountLife.Refusal.isNotDeleted) { try active.apply(.cancelDeletion, at: Self.start, terms) }
    }
}
