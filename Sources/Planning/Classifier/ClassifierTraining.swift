/// One prompt whose outcome with both models is known.
public struct TrainingRow: Sendable {
    public var prompt: [UInt8]
    /// From 0, wrong, to 1, right.
    public var strong: Double
    public var weak: Double

    public init(prompt: [UInt8], strong: Double, weak: Double) {
        self.prompt = prompt
        self.strong = strong
        self.weak = weak
    }
}

/// Why rows cannot be learned from.
public enum TrainingFault: Error, Equatable, Sendable {
    /// Fewer than `ClassifierTraining.fewestRows`.
    case tooFewRows(Int)
    /// The strong model is nowhere better than the weak one, or nowhere worse: there is nothing to tell apart.
    case noDifference
}

/// Ridge regression of what the strong model gains, solved by conjugate gradients: exact enough after a few dozen steps,
/// in time linear in the rows, the same result in every run.
public struct ClassifierTraining: Sendable {
    public static let fewestRows = 50
    /// The model is the mean of those under these penalties, none of which is chosen by looking at the rows: chosen on
    /// outcomes of other models and questions (MMLU-Pro, ZeroEval), as the scale below.
    static let penalties: [Double] = [6, 12, 25]
    /// The weight of the hand-made features beside the hashed ones, chosen on outcomes of other models and questions
    /// (MMLU-Pro) than the ones the reports are about.
    static let handScale = 0.25
    static let folds = 5
    private static let steps = 60

    private var rows: [Sparse] = []
    private let strong: [Double]
    private let weak: [Double]

    /// A row's features: its buckets, all of one value, then its hand-made ones.
    struct Sparse: Sendable {
        var buckets: [UInt16]
        var value: Double
        var hand: [Double]
        var bytes: Int
    }

    public init(_ rows: [TrainingRow]) throws(TrainingFault) {
        guard rows.count >= Self.fewestRows else { throw .tooFewRows(rows.count) }
        strong = rows.map(\.strong)
        weak = rows.map(\.weak)
        guard Set(zip(strong, weak).map { $0 - $1 }).count > 1 else { throw .noDifference }
        var reader = PromptReader()
        for row in rows {
            reader.read(row.prompt.span)
            self.rows.append(
                Sparse(
                    buckets: reader.seen, value: 1 / Double(max(1, reader.seen.count)).squareRoot(),
                    hand: reader.hand.map(Double.init), bytes: row.prompt.count))
        }
    }

    /// Learns from all rows.
    public func trained() -> ClassifierWeights {
        let model = solve(Array(rows.indices))
        var report = TrainingReport()
        report.rows = UInt32(clamping: rows.count)
        report.foldsAPGR = Int32((apgr(outOfFold()) * 10_000).rounded())
        report.lengthAPGR = Int32((apgr(rows.map { Double($0.bytes) }) * 10_000).rounded())
        return ClassifierWeights(
            report: report, hashed: model.hashed.map(Float.init), hand: model.hand.map(Float.init),
            bias: Float(model.bias))
    }

    private func apgr(_ scores: [Double]) -> Double {
        RoutingCurve(scores: scores, strong: strong, weak: weak)?.recovered ?? 0.5
    }

    /// Every row's score by a model that did not learn from it.
    private func outOfFold() -> [Double] {
        var scores = [Double](repeating: 0, count: rows.count)
        for fold in 0..<Self.folds {
            let model = solve(rows.indices.filter { Self.fold($0) != fold })
            for index in rows.indices where Self.fold(index) == fold { scores[index] = model.score(rows[index]) }
        }
        return scores
    }

    /// Rows often come sorted; neighbours must not land in one fold, nor every fifth.
    private static func fold(_ index: Int) -> Int {
        Int(WordHash.pair(UInt32(truncatingIfNeeded: index), 0x7ac3) >> 16) % folds
    }

    struct Linear: Sendable {
        var hashed: [Double]
        var hand: [Double]
        var bias: Double

        func score(_ row: Sparse) -> Double {
            var sum = 0.0
            for bucket in row.buckets { sum += hashed[Int(bucket)] }
            sum *= row.value
            for index in hand.indices { sum += hand[index] * row.hand[index] }
            return sum + bias
        }
    }

    /// Weights for features as they come out of the reader: the scaling of the hand-made ones is folded in.
    func solve(_ chosen: [Int]) -> Linear {
        let handCount = PromptCounts.handCount
        let count = Double(chosen.count)
        var mean = [Double](repeating: 0, count: handCount)
        var spread = [Double](repeating: 0, count: handCount)
        for row in chosen { for index in 0..<handCount { mean[index] += rows[row].hand[index] / count } }
        for row in chosen {
            for index in 0..<handCount {
                let difference = rows[row].hand[index] - mean[index]
                spread[index] += difference * difference / count
            }
        }
        let share = Self.handScale / Double(handCount).squareRoot()
        // A count that hardly varies in training must not decide elsewhere.
        let scale = spread.map { $0 > 1e-6 ? share / $0.squareRoot() : 0 }
        let gains = chosen.map { strong[$0] - weak[$0] }
        let average = gains.reduce(0, +) / count

        let system = RidgeSystem(
            buckets: chosen.map { rows[$0].buckets }, values: chosen.map { rows[$0].value },
            hand: chosen.map { row in
                (0..<handCount).map { (rows[row].hand[$0] - mean[$0]) * scale[$0] }
            })
        var weights = [Double](repeating: 0, count: PromptReader.buckets + handCount)
        for penalty in Self.penalties {
            let one = system.solution(for: gains.map { $0 - average }, penalty: penalty, steps: Self.steps)
            for index in weights.indices { weights[index] += one[index] / Double(Self.penalties.count) }
        }
        let hand = (0..<handCount).map { weights[PromptReader.buckets + $0] * scale[$0] }
        var bias = average
        for index in 0..<handCount { bias -= hand[index] * mean[index] }
        return Linear(hashed: Array(weights[..<PromptReader.buckets]), hand: hand, bias: bias)
    }
}
