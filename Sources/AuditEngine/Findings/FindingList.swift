import Metering
import Vocabulary

extension AuditEngine {
    /// All findings: the reconciliation first, then savings in the order in which they are taken, then what to look at.
    mutating func findings(_ cells: [Cell], _ report: AuditReport) -> [Finding] {
        var out = [reconciliation(cells, report)]
        out.append(repeats(report))
        out.append(promptCache(cells, report))
        if let finding = deadWrites(cells) { out.append(finding) }
        if let finding = smallTasks() { out.append(finding) }
        if let finding = batches() { out.append(finding) }
        out += calls()
        out += tiers()
        if let finding = verbose(cells, report) { out.append(finding) }
        out += anomalies(cells)
        out += pricesAhead(cells)
        out += endsAhead(cells)
        settleSavings(&out, report)
        return out
    }

    /// Savings by the month, each on what those before it leave: so they may be added.
    private func settleSavings(_ findings: inout [Finding], _ report: AuditReport) {
        guard report.span > 0, report.cost > 0 else { return }
        var left = report.cost
        for index in findings.indices {
            guard let amount = findings[index].amount else { continue }
            if findings[index].isOnce { continue }
            findings[index].monthly = amount * 30 / Int128(report.span)
            guard findings[index].isSaving else { continue }
            // In parts per million of the whole: the product stays in its integer.
            let saving = left / 1_000_000 * (min(amount, report.cost) / max(1, report.cost / 1_000_000))
            left -= saving
            findings[index].monthlyAfterOthers = saving * 30 / Int128(report.span)
        }
    }

    private func reconciliation(_ cells: [Cell], _ report: AuditReport) -> Finding {
        var billed: Int128 = 0
        var priced: Int128 = 0
        var worst: (model: Int32, gap: Int128) = (-1, 0)
        var gaps: [Int32: Int128] = [:]
        for cell in cells where cell.billedAndPriced != 0 || cell.pricedAndBilled != 0 {
            billed += cell.billedAndPriced
            priced += cell.pricedAndBilled
            gaps[cell.model, default: 0] += cell.billedAndPriced - cell.pricedAndBilled
        }
        for (model, gap) in gaps where abs(gap) > abs(worst.gap) || abs(gap) == abs(worst.gap) && model < worst.model {
            worst = (model, gap)
        }
        guard billed != 0 else {
            return Finding(
                "reconciliation", .notDeterminable,
                evidence: [
                    Phrase(
                        report.billed != 0 ? "finding.reconciliation.bare" : "finding.reconciliation.no_bill")
                ],
                action: "finding.reconciliation.add")
        }
        let gap = billed - priced
        var sentences = [
            Phrase(
                "finding.reconciliation.evidence",
                [.usd(billed), .usd(priced), .share(gap, of: priced), .share(billed, of: report.billed)])
        ]
        if abs(gap) * 50 > abs(billed) {
            sentences.append(
                Phrase("finding.reconciliation.gap", [.name(names.models[worst.model]), .usd(worst.gap)]))
        }
        if report.unpricedTokens > 0 {
            sentences.append(Phrase("finding.reconciliation.unpriced", [.count(report.unpricedTokens)]))
        }
        return Finding("reconciliation", .measured, amount: gap, evidence: sentences)
    }

    private func repeats(_ report: AuditReport) -> Finding {
        guard evidence.bodies > 0 else {
            return Finding(
                "repeated_requests", .notDeterminable, evidence: [Phrase("finding.repeated_requests.unknown")],
                action: "finding.repeated_requests.add")
        }
        let (short, hour, day) = evidence.repeats
        return Finding(
            "repeated_requests", .measured, amount: hour.cost, isSaving: true,
            evidence: [
                Phrase(
                    "finding.repeated_requests.evidence",
                    [
                        .count(hour.calls), .count(evidence.bodies), .usd(short.cost), .usd(day.cost),
                        .usd(evidence.deterministicRepeats.cost),
                    ])
            ], setting: hour.calls > 0 ? SettingLine.cache : [])
    }

    /// Input that could have been read from the provider's prompt cache.
    private mutating func promptCache(_ cells: [Cell], _ report: AuditReport) -> Finding {
        var read: Int64 = 0
        var written: Int64 = 0
        var plain: Int64 = 0
        var bound: Int128 = 0
        for cell in cells {
            read.add(cell.usage[.cacheRead])
            written.add(cell.usage[.cacheWrite5m] + cell.usage[.cacheWrite1h])
            plain.add(cell.usage[.input])
            guard let price = pricer.price(cell.model, cell.provider, day: cell.day == .min ? 0 : cell.day, names)
            else { continue }
            let gain = price[.input].value - price[.cacheRead].value
            // Providers cache beginnings of 1,024 tokens and more.
            guard gain > 0, cell.requests > 0, cell.usage.totalInput / cell.requests >= 1024 else { continue }
            bound += Int128(cell.usage[.input]) * Int128(gain) * Decimal.attoPerPico
        }
        let all = Int128(read) + Int128(written) + Int128(plain)
        let share = Phrase(
            "finding.prompt_cache_misses.share",
            [.share(Int128(read), of: all), .count(Int64(min(all, Int128(Int64.max))))])
        if evidence.prefixes.calls > 0 {
            return Finding(
                "prompt_cache_misses", .estimated, amount: evidence.prefixes.cost, isSaving: true,
                evidence: [share, Phrase("finding.prompt_cache_misses.evidence", [.count(evidence.prefixes.calls)])],
                setting: SettingLine.promptCache)
        }
        guard bound > 0 else {
            return Finding(
                "prompt_cache_misses", .notDeterminable, evidence: all > 0 ? [share] : [],
                action: "finding.prompt_cache_misses.nothing")
        }
        return Finding(
            "prompt_cache_misses", .estimated, amount: bound,
            evidence: [share, Phrase("finding.prompt_cache_misses.bound", [.usd(bound)])],
            setting: SettingLine.promptCache)
    }

    /// Cache writes that were read too rarely to pay.
    private mutating func deadWrites(_ cells: [Cell]) -> Finding? {
        var sums: [Int64: Int128] = [:]
        for cell in cells where cell.usage[.cacheWrite5m] + cell.usage[.cacheWrite1h] > 0 || cell.usage[.cacheRead] > 0
        {
            guard let price = pricer.price(cell.model, cell.provider, day: cell.day == .min ? 0 : cell.day, names)
            else { continue }
            let input = price[.input].value
            let loss =
                Int128(cell.usage[.cacheWrite5m]) * Int128(price[.cacheWrite5m].value - input)
                + Int128(cell.usage[.cacheWrite1h]) * Int128(price[.cacheWrite1h].value - input)
                - Int128(cell.usage[.cacheRead]) * Int128(input - price[.cacheRead].value)
            sums[Int64(cell.model) << 32 | Int64(UInt32(bitPattern: cell.key)), default: 0] += loss
        }
        var lost: Int128 = 0
        var pairs: Int64 = 0
        for loss in sums.values where loss > 0 {
            lost += loss
            pairs += 1
        }
        guard lost > 0 else { return nil }
        return Finding(
            "unread_cache_writes", .measured, amount: lost * Decimal.attoPerPico, isSaving: true,
            evidence: [Phrase("finding.unread_cache_writes.evidence", [.count(pairs)])])
    }

    /// Short tasks on large models: half accepted, never all.
    private mutating func smallTasks() -> Finding? {
        var saving: Int128 = 0
        var spent: Int128 = 0
        var count: Int64 = 0
        var best: (gain: Int128, name: [UInt8]) = (0, [])
        for slice in evidence.small.values {
            guard pricer.price(slice.model, slice.provider, day: slice.day, names) != nil,
                let place = pricer.place(slice.model, slice.provider),
                let smaller = ModelNames.smaller(than: place.model, provider: place.provider, in: pricer.book),
                let price = pricer.book.price(provider: place.provider, model: smaller, at: Pricer.moment(slice.day))
            else { continue }
            let other = price.picoCost(of: slice.usage, tier: 0) * Decimal.attoPerPico
            guard other < slice.cost else { continue }
            saving += slice.cost - other
            spent += slice.cost
            count += slice.calls
            let name = place.provider + [0x2f] + smaller
            if slice.cost - other > best.gain
                || slice.cost - other == best.gain && name.lexicographicallyPrecedes(best.name)
            {
                best = (slice.cost - other, name)
            }
        }
        guard saving > 0 else { return nil }
        return Finding(
            "over_strong_model", .estimated, amount: saving / 2, isSaving: true,
            evidence: [
                Phrase(
                    "finding.over_strong_model.evidence",
                    [.count(count), .usd(spent), .usd(saving / 4), .usd(saving / 2), .usd(saving * 3 / 4)])
            ],
            setting: SettingLine.alias("short", to: [best.name]))
    }

    private func batches() -> Finding? {
        var sum = Evidence.Sum()
        for burst in evidence.bursts.values where burst.calls >= 50 {
            sum.calls += burst.calls
            sum.cost += burst.cost
        }
        guard sum.cost > 0 else { return nil }
        return Finding(
            "batchable", .estimated, amount: sum.cost / 2, isSaving: true,
            evidence: [Phrase("finding.batchable.evidence", [.count(sum.calls), .usd(sum.cost)])])
    }
}

/// Lines of `tacet.yaml` that exist and do what a finding asks for.
enum SettingLine {
    /// Tells of an hour that is unlike the days before.
    static let anomalies = text("alerts: { anomalies: on }")

    /// Keeps answers whatever the temperature is.
    static let cache = text("decisions: { all: { cache: on } }")

    /// Marks what the provider is to keep, and tells which key breaks its own prompts.
    static let promptCache = text("decisions: { all: { prompt_cache: auto } }")

    /// An alias; the first name is used, the others are fallbacks.
    static func alias(_ name: StaticString, to models: [[UInt8]]) -> [UInt8] {
        text("models: { ") + text(name) + text(": [") + Array(models.joined(separator: text(", "))) + text("] }")
    }
}
