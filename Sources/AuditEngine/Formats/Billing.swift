import Metering
import Vocabulary

extension AuditEngine {
    /// One billed item: a text says model and class, an amount what it cost.
    mutating func billing(_ row: Span<UInt8>, _ layout: Layout) {
        let isCloud =
            layout.name.starts(with: text("google")) || layout.name.starts(with: text("azure"))
            || layout.name == text("focus")
        let sku = slots.bytes(.sku, row)
        let service = slots.bytes(.service, row)
        if isCloud {
            if slots.matches(.costType, "Rounding error", row) || slots.matches(.costType, "Total", row)
                || slots.matches(.costType, "Rounding", row) || slots.matches(.costType, "rounding_error", row)
            {
                return skip(.summaryRow)
            }
            if !BilledItem.isModelService(service) && !BilledItem.isModelService(sku) { return skip(.otherService) }
        }
        guard var out = common(row, layout) else { return }
        guard money(row, layout, &out) else { return skip(.badNumber) }
        credits(row, &out)
        if layout.name == text("deepseek_amount") {
            guard deepseek(row, &out) else { return skip(.badNumber) }
        } else if !sku.isEmpty {
            let item = BilledItem(sku, isCloud: isCloud)
            if out.model == NameTable.none { out.model = names.models.number(item.model.span) }
            if item.isBatch { out.tier = .batch }
            if item.isLong { out.isLongContext = true }
            if let kind = item.kind, let amount = slots.scaled(.amount, row) {
                // FOCUS counts single units, whatever its meter's name says.
                let meter = layout.name == text("focus") ? [] : sku
                let unit = BilledItem.tokens(perUnit: slots.bytes(.unit, row), sku: meter)
                out.usage[kind] = Int64(
                    max(
                        0,
                        min(
                            amount / Decimal.atto * unit + amount % Decimal.atto * unit / Decimal.atto,
                            Int128(TokenUsage.ceiling))))
            }
        }
        out.isIdle = slots.matches(.costType, "UnusedReservation", row) || slots.matches(.costType, "Unused", row)
        count(out, identity: identity(row, layout))
    }

    /// Credits of a Google export: negative amounts in a list.
    private func credits(_ row: Span<UInt8>, _ out: inout UsageRow) {
        guard slots.has(.credits) else { return }
        let json = slots.bytes(.credits, row)
        var at = 0
        JSONScan.white(json.span, &at)
        guard at < json.count, json[at] == 0x5b else { return }
        at += 1
        JSONScan.white(json.span, &at)
        var lookup = NameLookup()
        lookup.add(text("amount"), .cost)
        while at < json.count, json[at] == 0x7b {
            let start = at
            guard JSONScan.value(json.span, &at) != nil else { return }
            var credit = RowSlots()
            if JSONRow.read(json.span, start..<at, lookup, into: &credit), let amount = credit.scaled(.cost, json.span)
            {
                out.billed = (out.billed ?? 0) + amount
            }
            guard JSONScan.comma(json.span, &at, close: 0x5d) == true else { return }
        }
    }

    /// DeepSeek's amounts: a class a row, its price beside it, in the account's currency, which the file does not name.
    private mutating func deepseek(_ row: Span<UInt8>, _ out: inout UsageRow) -> Bool {
        guard let amount = slots.count(.amount, row), amount >= 0 else { return false }
        if slots.matches(.kind, "request_count", row) {
            out.requests = amount
            return true
        }
        if slots.matches(.kind, "input_cache_hit_tokens", row) { out.usage[.cacheRead] = amount }
        if slots.matches(.kind, "input_cache_miss_tokens", row) { out.usage[.input] = amount }
        if slots.matches(.kind, "output_tokens", row) { out.usage[.output] = amount }
        if let price = slots.scaled(.price, row) {
            let (cost, overflow) = price.multipliedReportingOverflow(by: Int128(amount))
            guard !overflow, cost <= Decimal.ceiling else { return false }
            out.billed = cost
            out.currency = names.currencies.number(text("CNY").span)
        }
        return true
    }
}

/// What a line item, SKU or meter name says.
struct BilledItem {
    private(set) var model: [UInt8]
    private(set) var kind: UsageClass?
    private(set) var isBatch = false
    private(set) var isLong = false

    init(_ text: [UInt8], isCloud: Bool) {
        let words = Self.words(text)
        isBatch = words.contains { Self.equal($0, "batch") }
        isLong = words.contains { Self.equal($0, "(long)") || Self.equal($0, "long") || Self.equal($0, "longco") }
        let isCached = words.contains { word in
            ["cached", "cd", "cchd", "caching"].contains { (name: StaticString) in Self.equal(word, name) }
        }
        let isInput = words.contains { word in
            ["input", "inp", "inpt"].contains { (name: StaticString) in Self.equal(word, name) }
        }
        let isOutput = words.contains { word in
            ["output", "outp", "outpt", "opt"].contains { (name: StaticString) in Self.equal(word, name) }
        }
        if isOutput { kind = .output } else if isCached { kind = .cacheRead } else if isInput { kind = .input }
        model = isCloud ? Self.cloudModel(words) : Self.beforeLastComma(text)
    }

    /// Whether a cloud's service or SKU is about models at all.
    static func isModelService(_ name: [UInt8]) -> Bool {
        let words: [StaticString] = [
            "vertex ai", "gemini", "openai", "foundry", "cognitive services", "azure grok", "deepseek",
            "generative language", "claude", "llama", "bedrock", "gpt", "ai gateway",
        ]
        for word in words where AuditEngine.has(name, word) { return true }
        return false
    }

    /// How many tokens one unit of an export is.
    static func tokens(perUnit unit: [UInt8], sku: [UInt8]) -> Int128 {
        for name in [unit, sku] {
            if AuditEngine.has(name, "1M") || AuditEngine.has(name, "million") { return 1_000_000 }
            if AuditEngine.has(name, "1K") || AuditEngine.has(name, "1000") || AuditEngine.has(name, "1,000") {
                return 1000
            }
        }
        return 1
    }

    /// `gpt-4o-2024-08-06, input`: all before the last comma.
    private static func beforeLastComma(_ text: [UInt8]) -> [UInt8] {
        guard let comma = text.lastIndex(of: 0x2c) else { return text }
        return Array(text[..<comma])
    }

    /// The words up to the first that is no part of a name, joined by dashes.
    private static func cloudModel(_ words: [[UInt8]]) -> [UInt8] {
        let ends: [StaticString] = [
            "text", "input", "inp", "inpt", "output", "outp", "outpt", "opt", "cached", "cd", "cchd", "thinking", "ga",
            "regional", "global", "glbl", "gl", "batch", "tokens", "-", "shortco", "longco", "image", "audio", "video",
            "dzone", "dz",
        ]
        var parts: [[UInt8]] = []
        for word in words {
            if !parts.isEmpty, ends.contains(where: { equal(word, $0) }) { break }
            let isFiller = ["cloud", "vertex", "ai", "model", "garden", "as", "a", "service"].contains {
                equal(word, $0)
            }
            if !isFiller || !parts.isEmpty { parts.append(word.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }) }
        }
        return Array(parts.joined(separator: [0x2d]))
    }

    private static func equal(_ word: [UInt8], _ name: StaticString) -> Bool {
        let letters = text(name)
        guard word.count == letters.count else { return false }
        for (index, letter) in letters.enumerated() where word[index] | 0x20 != letter | 0x20 { return false }
        return true
    }

    private static func words(_ name: [UInt8]) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var word: [UInt8] = []
        for byte in name {
            if byte != 0x20, byte != 0x2c {
                word.append(byte)
            } else if !word.isEmpty {
                words.append(word)
                word = []
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }
}
