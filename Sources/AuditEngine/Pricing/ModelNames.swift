import Metering

/// The spellings under which one model goes in exports.
enum ModelNames {
    /// The book's own names for a spelling; `nil` when it knows none. A guess is never made: a likeness is no price.
    static func resolve(
        _ spelling: [UInt8], provider hint: [UInt8], in book: PriceBook
    ) -> (provider: [UInt8], model: [UInt8])? {
        for name in candidates(spelling) {
            var sellers: [[UInt8]] = []
            if !hint.isEmpty { sellers.append(known(hint)) }
            if let maker = maker(of: name) { sellers.append(maker) }
            for seller in sellers where book.knows(provider: seller, model: name) { return (seller, name) }
        }
        for name in candidates(spelling) where maker(of: name) == nil {
            let sellers = book.providers(of: name)
            if sellers.count == 1 { return (sellers[0], name) }
        }
        return nil
    }

    /// Who made a model, by the family its name begins with.
    static func maker(of name: [UInt8]) -> [UInt8]? {
        for (family, maker) in families where begins(name, family) { return text(maker) }
        return nil
    }

    static func begins(_ name: [UInt8], _ start: StaticString) -> Bool { name.starts(with: text(start)) }

    /// The next smaller model of the same maker; `nil` for small and unknown ones.
    static func smaller(than name: [UInt8], provider: [UInt8], in book: PriceBook) -> [UInt8]? {
        for (family, next) in steps where begins(name, family) {
            let candidate = text(next)
            return candidate != name && book.knows(provider: provider, model: candidate) ? candidate : nil
        }
        return nil
    }

    private static let families: [(StaticString, StaticString)] = [
        ("claude", "anthropic"), ("gpt-", "openai"), ("o1", "openai"), ("o3", "openai"), ("o4", "openai"),
        ("chatgpt", "openai"), ("text-embedding", "openai"), ("codex", "openai"), ("whisper", "openai"),
        ("dall-e", "openai"), ("tts-", "openai"), ("gemini", "gemini"), ("deepseek", "deepseek"), ("grok", "xai"),
        ("mistral", "mistral"), ("codestral", "mistral"), ("ministral", "mistral"), ("command", "cohere"),
        ("sonar", "perplexity"), ("kimi", "moonshot"), ("glm-", "zai"), ("qwen", "dashscope"),
    ]

    /// Longest beginnings first.
    private static let steps: [(StaticString, StaticString)] = [
        ("gpt-4.1-nano", "gpt-4.1-nano"), ("gpt-4.1-mini", "gpt-4.1-nano"), ("gpt-4.1", "gpt-4.1-mini"),
        ("gpt-4o-mini", "gpt-4o-mini"), ("gpt-4o", "gpt-4o-mini"), ("gpt-4-", "gpt-4.1-mini"),
        ("gpt-5-nano", "gpt-5-nano"), ("gpt-5-mini", "gpt-5-nano"), ("gpt-5", "gpt-5-mini"), ("o1", "o4-mini"),
        ("o3-mini", "o3-mini"), ("o3", "o4-mini"), ("claude-opus", "claude-sonnet-4-5"),
        ("claude-sonnet", "claude-haiku-4-5"), ("claude-3-5-sonnet", "claude-haiku-4-5"),
        ("claude-3-7-sonnet", "claude-haiku-4-5"), ("claude-3-opus", "claude-haiku-4-5"),
        ("gemini-2.5-pro", "gemini-2.5-flash"), ("gemini-2.5-flash-lite", "gemini-2.5-flash-lite"),
        ("gemini-2.5-flash", "gemini-2.5-flash-lite"), ("gemini-3-pro", "gemini-3-flash-preview"),
        ("gemini-3.1-pro", "gemini-3-flash-preview"),
    ]

    /// The name as it is, then without what exports hang on it.
    private static func candidates(_ spelling: [UInt8]) -> [[UInt8]] {
        var out: [[UInt8]] = []
        func add(_ name: [UInt8]) { if !name.isEmpty, !out.contains(name) { out.append(name) } }
        let lower = spelling.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
        add(spelling)
        add(lower)
        var bare = lower
        if let slash = bare.lastIndex(of: 0x2f) { bare = Array(bare[(slash + 1)...]) }
        for prefix: StaticString in ["us.", "eu.", "apac.", "global.", "anthropic."] where begins(bare, prefix) {
            bare = Array(bare.dropFirst(text(prefix).count))
        }
        add(bare)
        for mark: UInt8 in [0x5b, 0x3a] {
            if let cut = bare.firstIndex(of: mark) { bare = Array(bare[..<cut]) }
        }
        for suffix: StaticString in ["-v1", "-v2", "-latest", "-thinking"]
        where bare.reversed().starts(with: text(suffix).reversed()) {
            bare = Array(bare.dropLast(text(suffix).count))
        }
        add(bare)
        // A name for people: "Claude 3.5 Sonnet 2024-10-22".
        var dashed: [UInt8] = []
        for byte in bare { dashed.append(byte == 0x20 || byte == 0x2e || byte == 0x5f ? 0x2d : byte) }
        if begins(dashed, "claude") {
            add(dashed)
            var joined = dashed
            let end = joined.count
            if end > 11, joined[end - 3] == 0x2d, joined[end - 6] == 0x2d, joined[end - 11] == 0x2d {
                joined.remove(at: end - 3)
                joined.remove(at: end - 6)
                add(joined)
            }
            // Cursor says claude-4.5-sonnet.
            let parts = split(dashed)
            for (place, part) in parts.enumerated()
            where part == text("sonnet") || part == text("opus") || part == text("haiku") {
                if place > 1 {
                    let turned = [parts[0], part] + parts[1..<place]
                    add(Array(turned.joined(separator: [0x2d])))
                }
                add(Array(([parts[0], part] + parts[1..<place] + parts[(place + 1)...]).joined(separator: [0x2d])))
            }
        }
        var spaced: [UInt8] = []
        for byte in bare { spaced.append(byte == 0x20 ? 0x2d : byte) }
        add(spaced)
        return out
    }

    private static func split(_ name: [UInt8]) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        for byte in name {
            if byte == 0x2d { parts.append([]) } else { parts[parts.count - 1].append(byte) }
        }
        return parts
    }

    private static func known(_ hint: [UInt8]) -> [UInt8] {
        let lower = hint.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
        if lower == text("google") || lower == text("google_ai_studio") { return text("gemini") }
        if lower == text("azure-openai") || lower == text("azure_openai") { return text("azure") }
        if lower == text("azure openai") { return text("azure") }
        if lower == text("x-ai") { return text("xai") }
        if lower == text("together_ai") { return text("together") }
        if lower == text("fireworks_ai") { return text("fireworks") }
        return lower
    }
}
