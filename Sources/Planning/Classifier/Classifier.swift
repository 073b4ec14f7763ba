public import Vocabulary

/// What the classifier says of a prompt.
public struct Classification: Sendable, Equatable {
    public var category: TaskCategory
    /// How much a stronger model is expected to gain: near 0 nothing, 1 all. A ranking more than a probability.
    public var difficulty: Float
}

/// Task category and difficulty of a prompt: ridge regression over hashed words, their edges, pairs of words and
/// hand-made counts, in one pass and a few microseconds, with no network and the same answer on every machine.
///
/// The score is a number about the prompt's text. What it may lead to is the router's policy, which no text can change.
public struct Classifier: Sendable {
    public let weights: ClassifierWeights

    public init(_ weights: ClassifierWeights) { self.weights = weights }

    /// - Parameter reader: memory that is used again.
    public func classify(_ prompt: Span<UInt8>, using reader: inout PromptReader) -> Classification {
        reader.read(prompt)
        return Classification(category: TaskCategory(reader.counts), difficulty: weights.score(reader))
    }
}

extension TaskCategory {
    /// The category by rules over what was counted. The rules are fixed, not learned: there is nothing to learn them from
    /// but examples of a few benchmarks.
    init(_ counts: PromptCounts) {
        let words = max(counts.words, 1)
        let code = counts.inGroup[2]
        let mathematics = counts.inGroup[0] + counts.symbols[3] + 2 * counts.symbols[2]
        switch counts.opening {
        case let opening where Self.isOpening(opening, "summarize", "summarise"): self = .summary
        case let opening where Self.isOpening(opening, "translate"): self = .translation
        case let opening where Self.isOpening(opening, "extract"): self = .extraction
        case let opening where Self.isOpening(opening, "classify"): self = .classification
        default:
            if counts.fences > 0 || code >= 3 && counts.symbols[6] + counts.symbols[8] > words / 8 {
                self = .code
            } else if counts.options >= 3 {
                self = .choice
            } else if mathematics * 8 > words
                || counts.numbers >= 1 && counts.numbers + counts.inGroup[0] + counts.inGroup[3] >= 4
            {
                self = .mathematics
            } else if Self.isOpening(counts.opening, "write") {
                self = .writing
            } else if counts.symbols[0] > 0 || counts.inGroup[4] > 0 && words < 40 {
                self = .question
            } else {
                self = .unclassified
            }
        }
    }

    private static func isOpening(_ opening: UInt8, _ words: StaticString...) -> Bool {
        words.contains { opening != 0 && WordGroups.opening(of: $0) == opening }
    }
}

extension WordGroups {
    /// The number of an opening word, as `PromptCounts.opening` has it; 0 for any other word.
    static func opening(of word: StaticString) -> UInt8 {
        let hash = WordHash.of(Array(word.description.utf8))
        var slot = Int(hash) & (slots - 1)
        while table.entries[slot].hash != 0 {
            if table.entries[slot].hash == hash { return table.entries[slot].opening }
            slot = (slot + 1) & (slots - 1)
        }
        return 0
    }
}
