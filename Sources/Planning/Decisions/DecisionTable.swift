public import Vocabulary

/// What the configuration decides, for all requests and for those of a model or alias. What a request's header says comes
/// before, then what its key has.
public struct DecisionTable: Sendable, Equatable {
    public var all = Decisions.none
    /// By the name a client asks for.
    public var models: [[UInt8]: Decisions] = [:]

    public init() {}

    /// What holds for a request of a key that asks for a model.
    public func decided(_ key: Decisions, model: [UInt8]) -> Decisions {
        let own = models.isEmpty ? key : key.over(models[model] ?? .none)
        return all == .none ? own : own.over(all)
    }

    /// Every decision, for a look at what the profile allows.
    public var each: [Decisions] { [all] + models.values }
}

/// How answers are kept, whoever asks for it.
public struct CacheTerms: Sendable, Equatable {
    public var sharing = CacheSharing.key
    /// How long an answer is used, in microseconds: what is asked again at temperature 0 is so soon or never.
    public var lifetime: Int64 = 600_000_000
    /// What a hit is charged of what the answer cost, in percent.
    public var hitPercent: Int64 = 0
    /// Of a hundred hits by meaning, those that ask the provider all the same, to see how often they would have been wrong.
    public var samplePercent: Int64 = 5
    /// Whether a kept stream comes again at the pace it came at.
    public var isPaced = false

    public init() {}
}
