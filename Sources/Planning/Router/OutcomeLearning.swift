/// What outcomes that callers tell add to the difficulty of prompts, for one organisation (`RULES.md` 23). It knows hashed
/// features and sums, no request: the features of one are dropped once it has learned from them.
///
/// An outcome of a routed request tells how its model did beside the control arm: the error of that prediction moves the
/// request's own features by a small step (normalised least mean squares). It counts only while it foretells outcomes
/// better than the weights alone do, by predictions that were made before each outcome was known.
public struct OutcomeLearning: Sendable, Equatable {
    /// Of a request, until its outcome is known.
    public struct Features: Sendable, Equatable {
        /// The weights that were asked, by their checksum; 0 for none.
        public var base: UInt32
        /// As `PromptReader` has them: each once.
        public var buckets: [UInt16]
        /// By those weights alone.
        public var difficulty: Float
        /// The part of the requested model's strength that the serving one lacks.
        public var gap: Float

        public init(base: UInt32, buckets: [UInt16], difficulty: Float, gap: Float) {
            self.base = base
            self.buckets = buckets
            self.difficulty = difficulty
            self.gap = gap
        }
    }

    /// A bucket's weight is kept on disk from so many distinct requests on: what stands behind it is nobody's own word.
    public static let fewestRequests: UInt8 = 20
    /// Outcomes of routed requests before anything changes.
    public static let fewestOutcomes: Int64 = 100
    /// The part of an error that one outcome corrects.
    static let step: Float = 0.05
    /// No bucket weighs more, and nothing moves a difficulty further.
    static let largestWeight: Float = 2
    static let largestCorrection: Float = 1
    /// Older outcomes count for less: as if the last thousand were looked at.
    static let memory: Float = 0.999

    /// Which weights it corrects.
    public let base: UInt32
    public internal(set) var outcomes: Int64 = 0
    public internal(set) var control: Int64 = 0
    public internal(set) var controlGood: Int64 = 0
    var weights: [Float]
    /// Outcomes by bucket, up to 255.
    var requests: [UInt8]
    var bias: Float = 0
    /// Squared errors of what was foretold, by the weights alone and with what was learned.
    var errorAlone: Float = 0
    var errorLearned: Float = 0

    public init(base: UInt32) {
        self.base = base
        weights = [Float](repeating: 0, count: PromptReader.buckets)
        requests = [UInt8](repeating: 0, count: PromptReader.buckets)
    }

    /// Whether it foretells better than the weights alone.
    public var isApplied: Bool { outcomes >= Self.fewestOutcomes && errorLearned < errorAlone }

    /// What is added to the difficulty of a prompt; 0 while it is not applied.
    public func correction(_ buckets: [UInt16]) -> Float { isApplied ? Self.bounded(learned(buckets)) : 0 }

    private func learned(_ buckets: [UInt16]) -> Float {
        var sum: Float = 0
        for bucket in buckets { sum += weights[Int(bucket)] }
        return bias + sum / Float(max(1, buckets.count)).squareRoot()
    }

    private static func bounded(_ correction: Float) -> Float {
        min(max(correction, -largestCorrection), largestCorrection)
    }

    /// The share of good outcomes that the requested model has, from optimism on.
    private var usual: Float { Float(controlGood + 8) / Float(control + 8) }

    /// An outcome of the control arm.
    public mutating func learn(controlIsGood isGood: Bool) {
        control += 1
        controlGood += isGood ? 1 : 0
    }

    /// An outcome of a routed request. Models that are no weaker than the requested one tell nothing of difficulty.
    public mutating func learn(_ features: Features, isGood: Bool) {
        guard features.gap > 0, features.difficulty.isFinite else { return }
        let gap = min(features.gap, 1)
        let worse = usual - (isGood ? 1 : 0)
        let learned = learned(features.buckets)
        func error(_ difficulty: Float) -> Float { worse - gap * min(max(difficulty, 0), 1) }
        let (alone, own) = (error(features.difficulty), error(features.difficulty + Self.bounded(learned)))
        errorAlone = Self.memory * errorAlone + alone * alone
        errorLearned = Self.memory * errorLearned + own * own
        outcomes += 1
        // The features' length is one, the bias's too.
        let move = Self.step * (worse - gap * (features.difficulty + learned)) / (2 * max(gap, 0.05))
        bias = Self.bounded(bias + move)
        let part = move / Float(max(1, features.buckets.count)).squareRoot()
        for bucket in features.buckets {
            let place = Int(bucket)
            weights[place] = min(max(weights[place] + part, -Self.largestWeight), Self.largestWeight)
            if requests[place] < .max { requests[place] += 1 }
        }
    }

    /// Buckets that moved, and those of them with requests enough to be kept.
    public var bucketCounts: (moved: Int, kept: Int) {
        requests.reduce(into: (0, 0)) { counts, requests in
            if requests > 0 { counts.0 += 1 }
            if requests >= Self.fewestRequests { counts.1 += 1 }
        }
    }

    /// The mean squared error of what was foretold lately, by the weights alone and with what was learned.
    public var errors: (alone: Double, learned: Double) {
        let count = max(Double(min(outcomes, 1000)), 1)
        return (Double(errorAlone) / count, Double(errorLearned) / count)
    }
}
