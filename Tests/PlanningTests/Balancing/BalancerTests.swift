import Metering
import NIOCore
import Testing
import Vocabulary

@testable import Planning

@Suite struct BalancerTests {
    private static let now = Instant(microseconds: 1_000_000_000)

    private static func candidates(_ ranks: [Int], weights: [Int] = []) -> [Candidate] {
        ranks.enumerated().map { index, rank in
            Candidate(
                deployment: index, upstreamModel: [], model: .other, isCatalogued: true, price: .free, rank: rank,
                weight: weights.isEmpty ? 0 : weights[index])
        }
    }

    private static func health(milliseconds: Int64, inFlight: Int = 0, isDown: Bool = false) -> DeploymentHealth {
        var health = DeploymentHealth()
        health.answered(after: milliseconds * 1000, at: now)
        for _ in 0..<inFlight { _ = health.began(at: now) }
        if isDown { health.pause(milliseconds: 1000, at: now) }
        return health
    }

    /// How often each is chosen of a thousand.
    private static func shares(
        _ candidates: [Candidate], tried: [Int] = [], preferred: Int? = nil, _ health: [DeploymentHealth]
    ) -> [Int] {
        var dice = Dice(state: 1)
        var set = CandidateSet()
        for index in tried { set.insert(index) }
        var counts = [Int](repeating: 0, count: candidates.count)
        for _ in 0..<1000 {
            let index = Balancer.next(
                of: candidates, tried: set, preferred: preferred, at: now, using: &dice,
                health: { health[$0.deployment] })
            if let index { counts[index] += 1 }
        }
        return counts
    }

    @Test func ranksAreTriedInOrderAndWhoIsNotWellIsPassedOver() {
        let all = Self.candidates([0, 1, 2])
        let well = Self.health(milliseconds: 10)
        let down = Self.health(milliseconds: 10, isDown: true)
        #expect(Self.shares(all, [well, well, well]) == [1000, 0, 0])
        #expect(Self.shares(all, tried: [0], [well, well, well]) == [0, 1000, 0])
        #expect(Self.shares(all, [down, well, well]) == [0, 1000, 0])
        #expect(Self.shares(all, tried: [0, 1, 2], [well, well, well]) == [0, 0, 0])
    }

    @Test func whereNobodyIsWellTheOrderHolds() {
        let all = Self.candidates([0, 0, 1])
        let down = Self.health(milliseconds: 10, isDown: true)
        #expect(Self.shares(all, [down, down, down]) == [1000, 0, 0])
        #expect(Self.shares(all, tried: [0], [down, down, down]) == [0, 1000, 0])
        #expect(Self.shares(all, tried: [0, 1], [down, down, down]) == [0, 0, 1000])
    }

    @Test func theSlowerOfTwoIsNeverTheBetterChoice() {
        let shares = Self.shares(
            Self.candidates([0, 0]), [Self.health(milliseconds: 10), Self.health(milliseconds: 100)])
        #expect(shares == [1000, 0])
        // Ten calls under way make the fast one the slower.
        let busy = Self.shares(
            Self.candidates([0, 0]), [Self.health(milliseconds: 10, inFlight: 10), Self.health(milliseconds: 100)])
        #expect(busy == [0, 1000])
    }

    @Test func ofManyTheWorstGetsNothingAndTheBestNotAll() {
        let all = Self.candidates([0, 0, 0, 0])
        let shares = Self.shares(all, [10, 20, 30, 40].map { Self.health(milliseconds: $0) })
        #expect(shares[3] == 0 && shares[2] > 100 && shares[0] > shares[1] && shares[1] > shares[2])
    }

    @Test func weightsAreShares() {
        let all = Self.candidates([0, 0, 1], weights: [9, 1, 0])
        let well = [Int](0..<3).map { _ in Self.health(milliseconds: 10) }
        let shares = Self.shares(all, well)
        #expect((860...940).contains(shares[0]) && shares[0] + shares[1] == 1000)
        #expect(Self.shares(all, tried: [0], well) == [0, 1000, 0])
    }

    @Test func whoHasTheCacheIsPreferredUntilItIsMuchBusier() {
        let all = Self.candidates([0, 0])
        let even = [Self.health(milliseconds: 10), Self.health(milliseconds: 10)]
        #expect(Self.shares(all, preferred: 1, even) == [0, 1000])
        #expect(Self.shares(all, preferred: 1, [even[0], Self.health(milliseconds: 90, inFlight: 3)]) == [0, 1000])
        #expect(Self.shares(all, preferred: 1, [even[0], Self.health(milliseconds: 10, inFlight: 4)]) == [1000, 0])
        #expect(Self.shares(all, tried: [1], preferred: 1, even) == [1000, 0])
        #expect(Self.shares(all, preferred: 1, [even[0], Self.health(milliseconds: 1, isDown: true)]) == [1000, 0])
    }

    /// Any ranks, weights and states: an answer is untried, nobody well in an earlier rank was passed over, and as long as
    /// one is untried there is an answer.
    @Test func randomPlansAreServedInOrder() {
        var dice = Dice(state: 29)
        for _ in 0..<3_000 {
            let count = Int.random(in: 1...8, using: &dice)
            let ranks = (0..<count).map { _ in Int.random(in: 0..<3, using: &dice) }.sorted()
            let weights = (0..<count).map { _ in Int.random(in: 0..<3, using: &dice) }
            let all = Self.candidates(ranks, weights: weights)
            let health = (0..<count).map { _ in
                Self.health(
                    milliseconds: Int64.random(in: 1..<50, using: &dice), isDown: Bool.random(using: &dice))
            }
            var tried = CandidateSet()
            for index in 0..<count where Bool.random(using: &dice) { tried.insert(index) }
            let preferred = Int.random(in: -1..<count, using: &dice)
            let next = Balancer.next(
                of: all, tried: tried, preferred: preferred, at: Self.now, using: &dice,
                health: { health[$0.deployment] })
            let untried = (0..<count).filter { !tried.contains($0) }
            #expect((next == nil) == untried.isEmpty)
            guard let next else { continue }
            #expect(untried.contains(next))
            let well = untried.filter { health[$0].isWell(at: Self.now) }
            if let best = well.first { #expect(ranks[next] == ranks[best] && well.contains(next)) }
        }
    }

    // MARK: Affinity

    private static func body(_ kilobytes: Int, _ letter: Character) -> ByteBuffer {
        ByteBuffer(string: String(repeating: letter, count: kilobytes << 10))
    }

    private static func beginnings(_ body: ByteBuffer, model: UInt64 = 1, organisation: UInt64 = 1) -> [Int] {
        PrefixAffinity.beginnings(body, OrganisationID(organisation), ModelID(model))
    }

    @Test func theNextTurnGoesWhereTheLastOneWent() {
        var affinity = PrefixAffinity()
        var body = Self.body(20, "a")
        affinity.sent(Self.beginnings(body), to: DeploymentID(7), at: Self.now)
        body.writeString(String(repeating: "b", count: 30 << 10))
        #expect(affinity.holder(of: Self.beginnings(body)) == DeploymentID(7))
        // Its own later turn decides over the system prompt that all share.
        affinity.sent(Self.beginnings(body), to: DeploymentID(8), at: Self.now)
        var other = Self.body(20, "a")
        other.writeString(String(repeating: "c", count: 30 << 10))
        affinity.sent(Self.beginnings(other), to: DeploymentID(9), at: Self.now)
        #expect(affinity.holder(of: Self.beginnings(body)) == DeploymentID(8))
    }

    @Test func beginningsOfOthersAreOthers() {
        let body = Self.body(8, "a")
        let own = Self.beginnings(body)
        #expect(own.count == 2)
        #expect(Set(own).isDisjoint(with: Self.beginnings(body, model: 2)))
        #expect(Set(own).isDisjoint(with: Self.beginnings(body, organisation: 2)))
        #expect(Self.beginnings(ByteBuffer(string: String(repeating: "a", count: 4095))).isEmpty)
    }

    @Test func whatIsOldOrTooMuchIsForgotten() {
        var affinity = PrefixAffinity()
        let first = Self.beginnings(Self.body(4, "a"))
        affinity.sent(first, to: DeploymentID(1), at: Self.now)
        affinity.sent([1], to: DeploymentID(2), at: Self.now.after(milliseconds: PrefixAffinity.generation))
        #expect(affinity.holder(of: first) == DeploymentID(1))
        affinity.sent([2], to: DeploymentID(2), at: Self.now.after(milliseconds: 2 * PrefixAffinity.generation))
        #expect(affinity.holder(of: first) == nil && affinity.holder(of: [1]) == DeploymentID(2))
        affinity.sent([3], to: DeploymentID(2), at: Self.now.after(milliseconds: 9 * PrefixAffinity.generation))
        #expect(affinity.holder(of: [1, 2]) == nil)
        for hash in 0..<(3 * PrefixAffinity.entries) {
            affinity.sent([hash], to: DeploymentID(3), at: Self.now.after(milliseconds: 9 * PrefixAffinity.generation))
        }
        #expect(affinity.holder(of: [0]) == nil)
    }
}
