import Planning
import Testing
import Vocabulary

@testable import Relay

struct OutcomeLearnerTests {
    private let learner = OutcomeLearner()
    private let now = Instant(microseconds: 0)

    private func id(_ number: UInt64) -> RequestID { RequestID(high: 1, low: number) }

    private func teach(
        _ number: UInt64, _ organisation: OrganisationID, base: UInt32 = 1, buckets: [UInt16] = [1, 2],
        isControl: Bool = false, at now: Instant? = nil
    ) {
        learner.expect(
            id(number), organisation, isControl: isControl,
            OutcomeLearning.Features(base: base, buckets: buckets, difficulty: 0, gap: 0.5), at: now ?? self.now)
    }

    @Test func anOutcomeTeachesOnceAndOnlyItsOrganisation() {
        for number in 0..<200 { teach(UInt64(number), .home) }
        for number in 0..<200 { for _ in 0..<2 { learner.take(id(UInt64(number)), isGood: false) } }
        learner.take(id(999), isGood: false)
        #expect(learner.all().mapValues(\.outcomes) == [.home: 200])
        #expect(learner.correction([1, 2], .home, base: 1) > 0)
        #expect(learner.correction([1, 2], OrganisationID(2), base: 1) == 0)
        #expect(learner.changed().count == 1)
        #expect(learner.changed().isEmpty)
    }

    @Test func otherWeightsBeginAnew() {
        for number in 0..<200 {
            teach(UInt64(number), .home)
            learner.take(id(UInt64(number)), isGood: false)
        }
        #expect(learner.correction([1, 2], .home, base: 2) == 0)
        teach(300, .home, base: 2, isControl: true)
        learner.take(id(300), isGood: true)
        #expect(learner.all()[.home]?.outcomes == 0)
        #expect(learner.all()[.home]?.control == 1)
    }

    @Test func whatIsForgottenIsGone() {
        teach(1, .home)
        learner.take(id(1), isGood: true)
        teach(2, .home)
        teach(3, OrganisationID(2))
        learner.forget { $0 == .home }
        learner.take(id(2), isGood: true)
        learner.take(id(3), isGood: true)
        #expect(learner.all().mapValues(\.outcomes) == [OrganisationID(2): 1])
    }

    @Test func featuresWaitAnHourAtMostAndWithinTheirBound() {
        teach(1, .home)
        teach(2, .home, at: now.after(milliseconds: 1_800_000))
        teach(3, .home, at: now.after(milliseconds: 3_600_000))
        learner.take(id(1), isGood: true)
        #expect(learner.all().isEmpty)
        let many = [UInt16](repeating: 1, count: 60_000)
        for number in 10..<200 { teach(UInt64(number), .home, buckets: many, at: now.after(milliseconds: 3_600_001)) }
        for number in 10..<200 { learner.take(id(UInt64(number)), isGood: true) }
        let outcomes = learner.all()[.home]?.outcomes ?? 0
        #expect(outcomes > 30 && outcomes <= Int64(OutcomeLearner.waitingFeatures / 60_000) + 1)
    }

    @Test func organisationsAreBounded() {
        for number in 0..<200 {
            teach(UInt64(number), OrganisationID(UInt64(number) + 1))
            learner.take(id(UInt64(number)), isGood: true)
        }
        #expect(learner.all().count == OutcomeLearner.organisations)
    }
}
