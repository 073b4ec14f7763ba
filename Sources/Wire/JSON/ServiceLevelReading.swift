import Vocabulary

// How providers name the level they were asked for or served at.
//
// OpenAI, Groq      service_tier      auto, default, flex, priority, fast (another word for priority), on_demand
// Anthropic         service_tier      auto, standard_only; in usage standard, priority, batch. speed: standard, fast
// Gemini            serviceTier       standard, flex, priority
// Vertex            trafficType       ON_DEMAND, ON_DEMAND_FLEX, ON_DEMAND_PRIORITY, PROVISIONED_THROUGHPUT
// Bedrock           serviceTier.type  default, flex, priority
private let levelWords: [(StaticString, ServiceLevel)] = [
    ("flex", .flex), ("priority", .priority), ("fast", .priority), ("batch", .batch), ("ON_DEMAND_FLEX", .flex),
    ("ON_DEMAND_PRIORITY", .priority),
]

extension JSONText {
    /// What a provider's word for its level means; words without a price of their own are the standard.
    func serviceLevel(in b: Span<UInt8>) -> ServiceLevel {
        for (word, level) in levelWords where equals(word, in: b) { return level }
        return .standard
    }
}

extension JSONTape {
    /// The level that a member of an object names; `nil` without such a member.
    func serviceLevel(_ object: Index, _ name: StaticString) -> ServiceLevel? {
        guard let found = present(object, name), kind(found) == .string else { return nil }
        for (word, level) in levelWords where equals(found, word) { return level }
        return .standard
    }

    /// The usage that an object reports beside the level it was served at.
    func levelled(_ usage: TokenUsage?, by object: Index) -> TokenUsage? {
        var usage = usage
        if let level = serviceLevel(object, "service_tier") { usage?.level = level }
        return usage
    }
}
