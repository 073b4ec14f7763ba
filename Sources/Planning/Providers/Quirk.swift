/// What a provider does otherwise than its dialect's inventor. Facts of `ProviderFacts.table`; the relay acts on them.
public enum Quirk: UInt8, Sendable, CaseIterable {
    /// Takes `max_completion_tokens`, and refuses `max_tokens` for its reasoning models.
    case maxCompletionTokens
    /// Knows `max_tokens` alone: a client's `max_completion_tokens` is sent under that name.
    case onlyMaxTokens
    /// Refuses `stream_options`; its streams say their usage unasked, or not at all.
    case noStreamOptions
    /// Does not know the role `developer`, which is sent as `system`.
    case noDeveloperRole
    /// Calls `seed` `random_seed`.
    case randomSeed
    /// Takes `top_k`, `min_p` and `repetition_penalty`.
    case extendedSampling
    /// Takes `cache_control` on parts and tools.
    case cacheControl
    /// Takes thoughts back as `reasoning_content`.
    case reasoningContent
    /// Takes thoughts back as `reasoning_details`.
    case reasoningDetails

    public var name: StaticString {
        switch self {
        case .maxCompletionTokens: "max-completion-tokens"
        case .onlyMaxTokens: "only-max-tokens"
        case .noStreamOptions: "no-stream-options"
        case .noDeveloperRole: "no-developer-role"
        case .randomSeed: "random-seed"
        case .extendedSampling: "extended-sampling"
        case .cacheControl: "cache-control"
        case .reasoningContent: "reasoning-content"
        case .reasoningDetails: "reasoning-details"
        }
    }
}
