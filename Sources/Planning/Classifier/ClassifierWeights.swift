/// What a classifier has learned, as data: 16-bit weights for 65,536 hashed features and the hand-made ones, 129 KiB.
public struct ClassifierWeights: Sendable, Equatable {
    /// Rises when features, hashes or layout change: other weights would mean something else.
    static let version: UInt16 = 2

    /// What the training said of itself; it stands in the file, before the weights.
    public var report: TrainingReport
    /// Of hashed features; multiplied by `scale`.
    let hashed: [Int16]
    let scale: Float
    let hand: [Float]
    let bias: Float

    /// The largest weight becomes 32,767: the error of a weight is at most a 65,534th of it.
    init(report: TrainingReport, hashed: [Float], hand: [Float], bias: Float) {
        let largest = hashed.reduce(0) { max($0, abs($1)) }
        scale = largest > 0 ? largest / 32_767 : 1
        let scale = scale
        self.hashed = hashed.map { Int16(($0 / scale).rounded()) }
        self.report = report
        self.hand = hand
        self.bias = bias
    }

    /// The score of the prompt that was read last.
    func score(_ reader: PromptReader) -> Float {
        let (sum, count) = reader.sum(hashed)
        var score = bias + Float(sum) * scale / Float(max(1, count)).squareRoot()
        for index in hand.indices { score += hand[index] * reader.hand[index] }
        return score
    }
}

/// What is to be known of a training.
public struct TrainingReport: Sendable, Equatable {
    /// Rows that were learned from.
    public var rows: UInt32 = 0
    /// How well five folds of them were ranked by models that did not see them (RouteLLM's APGR, in ten-thousandths; random
    /// is 5,000), and how well prompt length alone ranks the same rows: the baseline every report shows.
    public var foldsAPGR: Int32 = 0
    public var lengthAPGR: Int32 = 0

    public init() {}
}

/// Why a weights file was refused.
public enum WeightsFault: Error, Equatable, Sendable {
    /// It does not begin as a weights file does.
    case foreign
    /// Made by a version with other features.
    case version(UInt16)
    /// Shorter or longer than its head says.
    case length(bytes: Int, expected: Int)
    /// Its checksum is another: it was damaged.
    case damaged
    /// A weight that is no finite number.
    case notFinite
}
