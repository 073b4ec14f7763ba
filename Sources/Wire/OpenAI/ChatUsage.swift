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
/// A `usage` object of an OpenAI-compatible provider, mapped to Tacet's disjoint classes.
struct ChatUsage {
    private enum Group { case top, prompt, completion, tools }

    private var prompt: Int64?
    private var completion: Int64?
    private var total: Int64?
    /// The largest of the names for one thing: a gateway may pass its provider's on beside its own.
    private var cached: Int64 = 0
    private var written: Int64 = 0
    private var searches: Int64 = 0
    private var promptAudio: Int64 = 0
    private var promptImage: Int64 = 0
    private var reasoning: Int64 = 0
    private var completionAudio: Int64 = 0
    private var completionImage: Int64 = 0

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
        _ group: Group, _ cursor: inout JSONCursor, _ b: Span<UInt8>
    ) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let kind = try cursor.peek(b)
            if group == .top, kind == .object, let inner = Self.group(name, b) {
                try object(inner, &cursor, b)
            } else {
                let value = try cursor.value(b)
                if kind == .number || kind == .string {
                    let range = kind == .string ? value.text.range : value.range
                    if let number = JSONNumber(b, range) { take(group, name, Self.count(number), b) }
                }
            }
            more = try cursor.nextMember(b)
        }
    }

    private static func group(_ name: JSONText, _ b: Span<UInt8>) -> Group? {
        if name.equals("prompt_tokens_details", in: b) { return .prompt }
        if name.equals("completion_tokens_details", in: b) { return .completion }
        if name.equals("server_tool_use_details", in: b) || name.equals("server_tool_use", in: b) { return .tools }
        return nil
    }

    private static func count(_ number: JSONNumber) -> Int64 {
        number.isNegative ? 0 : Int64(min(number.magnitude, UInt64(TokenUsage.ceiling)))
    }

    private mutating func take(_ group: Group, _ name: JSONText, _ count: Int64, _ b: Span<UInt8>) {
        func isNamed(_ text: StaticString) -> Bool { name.equals(text, in: b) }
        switch group {
        case .top:
            if isNamed("prompt_tokens") {
                prompt = count
            } else if isNamed("completion_tokens") {
                completion = count
            } else if isNamed("total_tokens") {
                total = count
            } else if isNamed("prompt_cache_hit_tokens") || isNamed("cached_tokens") || isNamed("num_cached_tokens")
                || isNamed("cache_read_input_tokens")
            {
                cached = max(cached, count)
            } else if isNamed("cache_creation_input_tokens") {
                written = max(written, count)
            } else if isNamed("num_search_queries") {
                searches = max(searches, count)
            }
        case .prompt:
            if isNamed("cached_tokens") {
                cached = max(cached, count)
            } else if isNamed("cache_write_tokens") {
                written = max(written, count)
            } else if isNamed("audio_tokens") {
                promptAudio = count
            } else if isNamed("image_tokens") {
                promptImage = count
            }
        case .completion:
            if isNamed("reasoning_tokens") {
                reasoning = count
            } else if isNamed("audio_tokens") {
                completionAudio = count
            } else if isNamed("image_tokens") {
                completionImage = count
            }
        case .tools: if isNamed("web_search_requests") { searches = max(searches, count) }
        }
    }

    private var mapped: TokenUsage? {
        guard prompt != nil || completion != nil else { return nil }
        var usage = TokenUsage()
        // Parts are taken off in this order and never exceed what is left: the classes sum up to what was reported.
        var input = prompt ?? 0
        func part(_ count: Int64, of whole: inout Int64) -> Int64 {
            let part = min(count, whole)
            whole -= part
            return part
        }
        usage[.cacheRead] = part(cached, of: &input)
        usage[.cacheWrite5m] = part(written, of: &input)
        usage[.inputAudio] = part(promptAudio, of: &input)
        usage[.inputImage] = part(promptImage, of: &input)
        usage[.input] = input

        var output = completion ?? 0
        if reasoning > 0, let total, total == (prompt ?? 0) + output + reasoning {
            output = min(output + reasoning, TokenUsage.ceiling)
        }
        usage[.outputAudio] = part(completionAudio, of: &output)
        usage[.outputImage] = part(completionImage, of: &output)
        usage[.output] = output
        // A part of `output`: some gateways report a larger figure than the whole (Vercel before Gemini).
        usage[.reasoning] = min(reasoning, output)
        usage[.searches] = searches
        return usage
    }
}
