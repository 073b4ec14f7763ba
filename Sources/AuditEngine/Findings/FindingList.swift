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
        settleSavings(&out, report)
        return out
    }

    /// Savings by the month, each on what those before it leave: so they may be added.
    private func settleSavings(_ findings: inout [Finding], _ report: AuditReport) {
        guard report.span > 0, report.cost > 0 else { return }
        var left = report.cost
        for index in findings.indices {
            guard let amount = findings[index].amount else { continue }
            let monthly = amount * 30 / Int128(report.span)
            findings[index].monthly = monthly
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
            let why: StaticString =
                report.billed != 0
                ? "The bills in these files come without tokens, so they cannot be computed again."
                : "The files hold no bill; the cost is list price by day, from the price book."
            return Finding(
                "reconciliation", "Bill against list prices", .notDeterminable, evidence: text(why),
                action: "Add an export with tokens and cost, or the provider's cost export beside this one.")
        }
        let gap = billed - priced
        var sentence = Sentence().with("Billed ").usd(billed).with(", at list prices ").usd(priced).with(" (").share(
            gap, of: priced
        )
        .with(" apart); covers ").share(billed, of: report.billed).with(" of the billed amount.")
        if abs(gap) * 50 > abs(billed) {
            sentence = sentence.with(" The widest gap is ").with(names.models[worst.model]).with(", ").usd(worst.gap)
                .with(": another price, discounts, credits or fees.")
        }
        if report.unpricedTokens > 0 {
            sentence = sentence.with(" ").with(report.unpricedTokens).with(
                " tokens of models without a known price are not in it.")
        }
        return Finding(
            "reconciliation", "Bill against list prices", .measured, amount: gap, evidence: sentence.bytes,
            action: "More than 2 % apart: find out why before acting on what follows.")
    }

    private func repeats(_ report: AuditReport) -> Finding {
        guard evidence.bodies > 0 else {
            return Finding(
                "repeated_requests", "Repeated requests", .notDeterminable,
                evidence: text("The files do not hold what was asked; equal token counts would be a guess."),
                action: "Audit a log with request bodies (Helicone, Langfuse, LiteLLM); they stay on this machine.")
        }
        let (short, hour, day) = evidence.repeats
        return Finding(
            "repeated_requests", "Repeated requests", .measured, amount: hour.cost, isSaving: true,
            evidence: Sentence().with(hour.calls).with(" of ").with(evidence.bodies)
                .with(" calls asked the same again within an hour (5 minutes: ").usd(short.cost).with(", 24 hours: ")
                .usd(day.cost)
                .with("); ").usd(evidence.deterministicRepeats.cost).with(" of the hour's at temperature 0.").bytes,
            action:
                "Answer repeats from a cache. At temperature 0 nothing changes; elsewhere a repeat gets the same answer."
        )
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
        let sentence = Sentence().share(Int128(read), of: all).with(" of ").with(Int64(min(all, Int128(Int64.max))))
            .with(" input tokens were read from a prompt cache. ")
        if evidence.prefixes.calls > 0 {
            return Finding(
                "prompt_cache_misses", "Prompt-cache misses", .estimated, amount: evidence.prefixes.cost,
                isSaving: true,
                evidence: sentence.with(evidence.prefixes.calls)
                    .with(" calls began like another of their key within five minutes and paid full price.").bytes,
                action:
                    "Keep what repeats first and unchanged in the prompt; mark it for caching where the provider asks for it."
            )
        }
        guard bound > 0 else {
            return Finding(
                "prompt_cache_misses", "Prompt-cache misses", .notDeterminable, evidence: sentence.bytes,
                action: "Nothing to gain can be told from these files.")
        }
        return Finding(
            "prompt_cache_misses", "Prompt-cache misses", .estimated, amount: bound,
            evidence: sentence.with("If all other input repeated, at most ").usd(bound).with(
                " would go: an upper bound, not a saving."
            ).bytes,
            action:
                "Keep what repeats first and unchanged in the prompt; mark it for caching where the provider asks for it."
        )
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
            "unread_cache_writes", "Cache writes that do not pay", .measured, amount: lost * Decimal.attoPerPico,
            isSaving: true,
            evidence: Sentence().with(pairs).with(
                " pairs of model and key paid more for writing the cache than reads gave back."
            ).bytes,
            action:
                "A five-minute write pays from its first read, a one-hour write from its second: drop the mark or send sooner."
        )
    }

    /// Short tasks on large models: half accepted, never all.
    private mutating func smallTasks() -> Finding? {
        var saving: Int128 = 0
        var spent: Int128 = 0
        var count: Int64 = 0
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
        }
        guard saving > 0 else { return nil }
        return Finding(
            "over_strong_model", "Short tasks on large models", .estimated, amount: saving / 2, isSaving: true,
            evidence: Sentence().with(count).with(" calls with at most 500 tokens in and 150 out cost ").usd(spent)
                .with("; the next smaller model saves ").usd(saving / 4).with(" if a quarter is good enough, ").usd(
                    saving / 2
                )
                .with(" for half, ").usd(saving * 3 / 4).with(" for three quarters.").bytes,
            action: "Give short tasks an alias of their own, try the smaller model there and compare answers.",
            setting: "models: { short: [openai/gpt-5-mini, anthropic/claude-haiku-4-5] }")
    }

    private func batches() -> Finding? {
        var sum = Evidence.Sum()
        for burst in evidence.bursts.values where burst.calls >= 50 {
            sum.calls += burst.calls
            sum.cost += burst.cost
        }
        guard sum.cost > 0 else { return nil }
        return Finding(
            "batchable", "Traffic that could wait", .estimated, amount: sum.cost / 2, isSaving: true,
            evidence: Sentence().with(sum.calls).with(
                " plain calls came in bursts of 50 and more within ten minutes of one model and key and cost "
            )
            .usd(sum.cost).with(".").bytes,
            action: "Send what nobody waits for as a batch: half the price at OpenAI, Anthropic and Google.")
    }
}
