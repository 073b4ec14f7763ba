import Testing
import Vocabulary

@testable import Planning

struct ClassifierTests {
    /// Prompts of which one kind needs the strong model, told apart by a word.
    private static func rows(_ count: Int, seed: UInt64) -> [TrainingRow] {
        var dice = Dice(state: seed)
        let words = ["alpha", "beta", "gamma", "delta", "list", "of", "the", "and", "some", "more"]
        return (0..<count).map { _ in
            let isHard = dice.next() % 2 == 0
            var text = isHard ? "prove" : "name"
            for _ in 0..<Int(dice.next() % 20) { text += " " + words[Int(dice.next() % 10)] }
            return TrainingRow(prompt: Array(text.utf8), strong: 1, weak: isHard ? 0 : 1)
        }
    }

    private static let weights: ClassifierWeights? = try? ClassifierTraining(rows(300, seed: 5)).trained()

    private func score(_ text: String, _ weights: ClassifierWeights) -> Float {
        var reader = PromptReader()
        return Classifier(weights).classify(Array(text.utf8).span, using: &reader).difficulty
    }

    @Test func itLearnsWhatTellsThemApart() throws {
        let weights = try #require(Self.weights)
        #expect(score("prove alpha", weights) > 0.6)
        #expect(score("name alpha", weights) < 0.4)
        #expect(weights.report.rows == 300)
        #expect(weights.report.foldsAPGR > 7000)
        let unseen = Self.rows(200, seed: 99)
        let curve = try #require(
            RoutingCurve(
                scores: unseen.map { Double(score(String(decoding: $0.prompt, as: UTF8.self), weights)) },
                strong: unseen.map(\.strong), weak: unseen.map(\.weak)))
        #expect(curve.recovered > 0.7)
    }

    @Test func theSameRowsGiveTheSameBytes() throws {
        let again = try ClassifierTraining(Self.rows(300, seed: 5)).trained()
        #expect(again.bytes == Self.weights?.bytes)
        #expect(again.bytes.count <= 256 * 1024)
    }

    @Test func theFileComesBack() throws {
        let weights = try #require(Self.weights)
        #expect(try ClassifierWeights(weights.bytes.span) == weights)
    }

    @Test func damagedFilesAreRefused() throws {
        let bytes = try #require(Self.weights?.bytes)
        func fault(_ change: (inout [UInt8]) -> Void) -> WeightsFault? {
            var changed = bytes
            change(&changed)
            do throws(WeightsFault) { _ = try ClassifierWeights(changed.span) } catch { return error }
            return nil
        }
        #expect(fault { _ in } == nil)
        #expect(fault { $0[0] ^= 1 } == .foreign)
        #expect(fault { $0 = [] } == .foreign)
        #expect(fault { $0 = Array("GGUF and more than twelve bytes".utf8) } == .foreign)
        #expect(fault { $0[8] = 9 } == .version(9))
        #expect(fault { $0.removeLast() } == .length(bytes: bytes.count - 1, expected: bytes.count))
        #expect(fault { $0.append(0) } == .length(bytes: bytes.count + 1, expected: bytes.count))
        for place in [12, 100, bytes.count / 2, bytes.count - 1] { #expect(fault { $0[place] ^= 0x10 } == .damaged) }
    }

    @Test func tooLittleToLearnFrom() {
        func fault(_ rows: [TrainingRow]) -> TrainingFault? {
            do throws(TrainingFault) { _ = try ClassifierTraining(rows) } catch { return error }
            return nil
        }
        #expect(fault(Self.rows(20, seed: 1)) == .tooFewRows(20))
        #expect(
            fault(Self.rows(80, seed: 1).map { TrainingRow(prompt: $0.prompt, strong: 1, weak: 1) }) == .noDifference)
        #expect(fault(Self.rows(80, seed: 1)) == nil)
    }

    /// Adversarial n-grams, one word of a megabyte, nothing at all, base64, scripts of all kinds: a finite score, the same
    /// whatever was read before.
    @Test func hostilePrompts() throws {
        let weights = try #require(Self.weights)
        var dice = Dice(state: 17)
        var reader = PromptReader()
        let classifier = Classifier(weights)
        var prompts: [[UInt8]] = [
            [], [0], Array(repeating: 0x61, count: 1 << 20), Array(repeating: 0x20, count: 70_000),
            Array(repeating: 0xff, count: 40_000), Array(String(repeating: "A. b\n", count: 9000).utf8),
            Array(String(repeating: "混合 скрипты مختلط ", count: 900).utf8), Array(repeating: 0x27, count: 9999),
            Array("it's '' o'".utf8), Array(repeating: 0x60, count: 5000),
        ]
        for length in [1, 100, 16_384, 16_385, 60_000] {
            prompts.append((0..<length).map { _ in UInt8(truncatingIfNeeded: dice.next()) })
        }
        for prompt in prompts {
            let found = classifier.classify(prompt.span, using: &reader)
            #expect(found.difficulty.isFinite)
            var fresh = PromptReader()
            #expect(classifier.classify(prompt.span, using: &fresh) == found)
        }
    }

    @Test(arguments: [
        ("Summarize this text in two lines.", TaskCategory.summary),
        ("Translate to French: good morning", .translation),
        ("Extract all names from the letter.", .extraction), ("Classify the ticket as bug or wish.", .classification),
        ("```swift\nfunc f() {}\n``` what is wrong?", .code),
        ("def f(x):\n    return g(x) if x else h(x)\n# import class string print(x)", .code),
        ("Which planet is largest?\nA. Mars\nB. Venus\nC. Jupiter\nD. Earth", .choice),
        ("A robe takes 2 bolts of blue fiber and half that many of white. How many bolts in total?", .mathematics),
        ("Write a poem about rain.", .writing), ("Who wrote Faust?", .question), ("hello", .unclassified),
        ("", .unclassified),
    ])
    func categories(prompt: String, category: TaskCategory) {
        var reader = PromptReader()
        reader.read(Array(prompt.utf8).span)
        #expect(TaskCategory(reader.counts) == category)
    }

    @Test func everyHandMadeFeatureHasItsPlace() {
        var reader = PromptReader()
        reader.read(Array("any".utf8).span)
        #expect(reader.hand.count == PromptCounts.handCount)
    }

    /// By hand, after metrics.py: four prompts, the two that need it scored highest.
    @Test func theCurveIsRouteLLMs() throws {
        let curve = try #require(
            RoutingCurve(scores: [4, 3, 2, 1], strong: [1, 1, 1, 1], weak: [0, 0, 1, 1]))
        #expect(abs(curve.recovered - 0.75) < 1e-9)
        let worst = try #require(
            RoutingCurve(scores: [1, 2, 3, 4], strong: [1, 1, 1, 1], weak: [0, 0, 1, 1]))
        #expect(abs(worst.recovered - 0.25) < 1e-9)
        #expect(RoutingCurve(scores: [1, 1], strong: [1, 0], weak: [0, 1]) == nil)
    }
}
