import Vocabulary

// How OpenAI-compatible providers report usage, in one table. Seen in recordings of 30 providers unless a source is named.
//
// prompt_tokens, completion_tokens, total_tokens       all
// prompt_tokens_details.cached_tokens                  OpenAI, Azure, xAI, OpenRouter, Groq, Mistral, Vercel: part of prompt
// prompt_tokens_details.cache_write_tokens             OpenAI (gpt-5.6), OpenRouter: part of prompt
// prompt_tokens_details.audio_tokens, image_tokens     OpenAI, xAI, Azure: part of prompt
// prompt_cache_hit_tokens                              DeepSeek (api-docs.deepseek.com, Context Caching): part of prompt
// cached_tokens                                        Moonshot (platform.moonshot.ai), Together, Hugging Face
// num_cached_tokens                                    Mistral
// cache_read_input_tokens, cache_creation_input_tokens Databricks, Vercel: Anthropic's names, part of prompt here
// completion_tokens_details.reasoning_tokens           OpenAI and others: part of completion. xAI leaves it out of
//                                                      completion_tokens; then total = prompt + completion + reasoning
// completion_tokens_details.audio_tokens, image_tokens OpenAI, OpenRouter: part of completion
// num_search_queries                                   Perplexity, billed by the search
// server_tool_use_details.web_search_requests          OpenRouter, billed by the search
private enum UsageField: Int, CaseIterable {
    case prompt, completion, total, cached, cacheHit, cachedTop, cachedMistral, cacheReadTop, written, writtenTop
    case promptAudio, promptImage, reasoning, completionAudio, completionImage, searches, searchRequests

    enum Group { case top, prompt, completion, tools }

    var place: (group: Group, name: StaticString) {
        switch self {
        case .prompt: (.top, "prompt_tokens")
        case .completion: (.top, "completion_tokens")
        case .total: (.top, "total_tokens")
        case .cacheHit: (.top, "prompt_cache_hit_tokens")
        case .cachedTop: (.top, "cached_tokens")
        case .cachedMistral: (.top, "num_cached_tokens")
        case .cacheReadTop: (.top, "cache_read_input_tokens")
        case .writtenTop: (.top, "cache_creation_input_tokens")
        case .searches: (.top, "num_search_queries")
        case .cached: (.prompt, "cached_tokens")
        case .written: (.prompt, "cache_write_tokens")
        case .promptAudio: (.prompt, "audio_tokens")
        case .promptImage: (.prompt, "image_tokens")
        case .reasoning: (.completion, "reasoning_tokens")
        case .completionAudio: (.completion, "audio_tokens")
        case .completionImage: (.completion, "image_tokens")
        case .searchRequests: (.tools, "web_search_requests")
        }
    }

    static func group(_ name: JSONText, _ b: Span<UInt8>) -> Group? {
        if name.equals("prompt_tokens_details", in: b) { return .prompt }
        if name.equals("completion_tokens_details", in: b) { return .completion }
        if name.equals("server_tool_use_details", in: b) || name.equals("server_tool_use", in: b) { return .tools }
        return nil
    }
}

/// A `usage` object of an OpenAI-compatible provider, mapped to Tacet's disjoint classes.
struct ChatUsage {
    private var counts: [17 of Int64] = .init(repeating: -1)

    /// Reads the `usage` object ahead, through its end; `nil` for null, another type, or one that counts no token.
    ///
    /// What is not a number, or a number in a string, is as good as absent; a negative counts as 0, a fraction is cut off,
    /// an absurd one is clamped to `TokenUsage.ceiling`.
    static func read(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) -> TokenUsage? {
        guard try cursor.peek(b) == .object else {
            _ = try cursor.value(b)
            return nil
        }
        var usage = ChatUsage()
        try usage.object(.top, &cursor, b)
        return usage.mapped
    }

    private mutating func object(
        _ group: UsageField.Group, _ cursor: inout JSONCursor, _ b: Span<UInt8>
    ) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let kind = try cursor.peek(b)
            if group == .top, kind == .object, let inner = UsageField.group(name, b) {
                try object(inner, &cursor, b)
            } else {
                let value = try cursor.value(b)
                if kind == .number || kind == .string { take(group, name, value, b) }
            }
            more = try cursor.nextMember(b)
        }
    }

    private mutating func take(_ group: UsageField.Group, _ name: JSONText, _ value: JSONValue, _ b: Span<UInt8>) {
        for field in UsageField.allCases {
            let place = field.place
            guard place.group == group, name.equals(place.name, in: b) else { continue }
            let range = value.kind == .string ? value.text.range : value.range
            guard let number = JSONNumber(b, range) else { return }
            let ceiling = UInt64(TokenUsage.ceiling)
            counts[field.rawValue] = number.isNegative ? 0 : Int64(min(number.magnitude, ceiling))
            return
        }
    }

    private subscript(_ field: UsageField) -> Int64? {
        let count = counts[field.rawValue]
        return count < 0 ? nil : count
    }

    private func largest(_ fields: UsageField...) -> Int64 {
        var largest: Int64 = 0
        for field in fields { largest = max(largest, self[field] ?? 0) }
        return largest
    }

    private var mapped: TokenUsage? {
        guard self[.prompt] != nil || self[.completion] != nil else { return nil }
        var usage = TokenUsage()
        // Parts are taken off in this order and never exceed what is left: the classes sum up to what was reported.
        var input = self[.prompt] ?? 0
        func part(_ count: Int64, of whole: inout Int64) -> Int64 {
            let part = min(count, whole)
            whole -= part
            return part
        }
        usage[.cacheRead] = part(
            largest(.cached, .cacheHit, .cachedTop, .cachedMistral, .cacheReadTop), of: &input)
        usage[.cacheWrite5m] = part(largest(.written, .writtenTop), of: &input)
        usage[.inputAudio] = part(self[.promptAudio] ?? 0, of: &input)
        usage[.inputImage] = part(self[.promptImage] ?? 0, of: &input)
        usage[.input] = input

        var output = self[.completion] ?? 0
        let reasoning = self[.reasoning] ?? 0
        if reasoning > 0, let total = self[.total], total == (self[.prompt] ?? 0) + output + reasoning {
            output = min(output + reasoning, TokenUsage.ceiling)
        }
        usage[.outputAudio] = part(self[.completionAudio] ?? 0, of: &output)
        usage[.outputImage] = part(self[.completionImage] ?? 0, of: &output)
        usage[.output] = output
        // A part of `output`: some gateways report a larger figure than the whole (Vercel before Gemini).
        usage[.reasoning] = min(reasoning, output)
        usage[.searches] = largest(.searches, .searchRequests)
        return usage
    }
}
