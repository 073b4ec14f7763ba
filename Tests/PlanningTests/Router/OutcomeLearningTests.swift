import Testing

@testable import Planning

struct OutcomeLearningTests {
    /// Ten features of a kind, and ten of the request's own.
    private static func features(_ kind: UInt16, _ number: UInt16, difficulty: Float = 0.2) -> OutcomeLearning.Features
    {
        OutcomeLearning.Features(
            base: 7, buckets: (0..<10).map { kind * 10 + $0 } + (0..<10).map { 1000 + number * 10 + $0 },
            difficulty: difficulty, gap: 0.5)
    }

    /// Requests of kind 0 fail, those of kind 1 do not.
    private static func taught(_ count: UInt16) -> OutcomeLearning {
        var learning = OutcomeLearning(base: 7)
        for number in 0..<count { learning.learn(features(number % 2, number), isGood: number % 2 == 1) }
        return learning
    }

    @Test func outcomesMoveWhatTheyAreAbout() {
        let learning = Self.taught(400)
        #expect(learning.isApplied)
        #expect(learning.errors.learned < learning.errors.alone)
        #expect(learning.correction(Self.features(0, 5000).buckets) > 0.2)
        #expect(learning.correction(Self.features(1, 5000).buckets) < 0.05)
    }

    @Test func fewOutcomesChangeNothing() {
        let learning = Self.taught(UInt16(OutcomeLearning.fewestOutcomes) - 1)
        #expect(learning.correction(Self.features(0, 1).buckets) == 0)
    }

    /// What is mere chance is not followed: the weights alone foretell as well.
    @Test func chanceIsNotFollowed() {
        var dice = Dice(state: 11)
        var learning = OutcomeLearning(base: 7)
        for _ in 0..<3000 {
            let isControl = dice.next() % 10 == 0
            let isGood = dice.next() % 10 < 9
            let number = UInt16(dice.next() % 1000)
            if isControl {
                learning.learn(controlIsGood: isGood)
            } else {
                learning.learn(Self.features(number % 2, number, difficulty: 0), isGood: isGood)
            }
        }
        #expect(learning.errors.learned > learning.errors.alone * 0.98)
        #expect(abs(learning.correction(Self.features(0, 1).buckets)) < 0.3)
    }

    /// Whoever tells nothing but bad outcomes of one prompt moves it within bounds, and other prompts hardly.
    @Test func nobodyMovesItFar() {
        var learning = OutcomeLearning(base: 7)
        for _ in 0..<100_000 { learning.learn(Self.features(0, 1), isGood: false) }
        #expect(learning.correction(Self.features(0, 1).buckets) <= OutcomeLearning.largestCorrection)
        #expect(learning.weights.allSatisfy { abs($0) <= OutcomeLearning.largestWeight })
        var odd = Self.features(0, 1, difficulty: .nan)
        learning.learn(odd, isGood: true)
        odd.difficulty = .infinity
        learning.learn(odd, isGood: true)
        odd = Self.features(0, 1)
        odd.gap = 0
        learning.learn(odd, isGood: true)
        #expect(learning.outcomes == 100_000)
        #expect(learning.correction([]).isFinite)
    }

    /// A bucket with fewer requests than the bound leaves no trace in what is kept.
    @Test func onlyWhatManyRequestsShareIsKept() throws {
        let learning = Self.taught(200)
        let kept = try #require(OutcomeLearning(learning.bytes))
        #expect(learning.bucketCounts.moved == 20 + 200 * 10)
        #expect(learning.bucketCounts.kept == 20)
        #expect(kept.bucketCounts.moved == 20)
        #expect(kept.weights[0] == learning.weights[0])
        #expect(kept.weights[1000] == 0)
        #expect(kept.isApplied)
        #expect((kept.base, kept.outcomes, kept.control) == (7, 200, 0))
        #expect(kept.bytes == learning.bytes)
    }

    @Test func foreignBytesAreNotTakenUp() {
        let bytes = Self.taught(200).bytes
        #expect(OutcomeLearning([]) == nil)
        #expect(OutcomeLearning(Array(bytes.dropLast())) == nil)
        #expect(OutcomeLearning([2] + bytes.dropFirst()) == nil)
        var dice = Dice(state: 3)
        for _ in 0..<2000 {
            var changed = bytes
            changed[Int(dice.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: dice.next())
            guard let read = OutcomeLearning(changed) else { continue }
            #expect(read.weights.allSatisfy { abs($0) <= OutcomeLearning.largestWeight })
            #expect(read.correction(Self.features(0, 1).buckets).isFinite)
        }
    }
}
