import Metering
import Vocabulary

extension AuditEngine {
    /// Calls that were paid for in vain.
    func calls() -> [Finding] {
        var out: [Finding] = []
        let failed = evidence.errors
        let cancelled = evidence.cancelled
        if failed.calls + cancelled.calls > 0 {
            out.append(
                Finding(
                    "failed_calls", .measured, amount: failed.cost + cancelled.cost,
                    evidence: [
                        Phrase(
                            "finding.failed_calls.evidence",
                            [.count(failed.calls), .usd(failed.cost), .count(cancelled.calls), .usd(cancelled.cost)])
                    ]))
        }
        if evidence.retries.calls + evidence.loops.calls > 0 {
            out.append(
                Finding(
                    "retries", .measured, amount: evidence.retries.cost + evidence.loops.cost,
                    evidence: [
                        Phrase(
                            "finding.retries.evidence",
                            [.count(evidence.retries.calls), .count(evidence.loops.calls)])
                    ]))
        }
        if evidence.storms.calls > 0 {
            out.append(
                Finding(
                    "fallback_storm", .measured, amount: evidence.storms.cost,
                    evidence: [Phrase("finding.fallback_storm.evidence", [.count(evidence.storms.calls)])],
                    setting: SettingLine.alias(
                        "main", to: [text("anthropic/claude-sonnet-4-6"), text("openai/gpt-5-mini")])))
        }
        if let finding = finding(
            "cut_by_length", evidence.cutByLength, "finding.cut_by_length.evidence", isPriced: true)
        {
            out.append(finding)
        }
        if let finding = finding(
            "disabled_key_spend", evidence.disabledKeys, "finding.disabled_key_spend.evidence")
        {
            out.append(finding)
        }
        return out
    }

    /// Prices above the base.
    func tiers() -> [Finding] {
        var out: [Finding] = []
        if evidence.longContext.calls > 0 {
            out.append(
                Finding(
                    "long_context", .measured, amount: evidence.longContext.cost,
                    evidence: [
                        Phrase(
                            "finding.long_context.evidence",
                            [.count(evidence.longContext.calls), .count(evidence.barelyLong)])
                    ],
                    setting: withoutPremium().map { SettingLine.alias("long", to: [$0]) } ?? []))
        }
        if let finding = finding(
            "premium_modes", evidence.premium, "finding.premium_modes.evidence", confidence: .estimated)
        {
            out.append(finding)
        }
        if let finding = finding(
            "priority_tier", evidence.priority, "finding.priority_tier.evidence", confidence: .notDeterminable,
            isPriced: true)
        {
            out.append(finding)
        }
        if let finding = finding(
            "idle_reservations", evidence.idle, "finding.idle_reservations.evidence", isSaving: true)
        {
            out.append(finding)
        }
        return out
    }

    /// A smaller model without a long-context rate, for the model that paid most of it.
    private func withoutPremium() -> [UInt8]? {
        let dearest = evidence.longModels.values.max { $0.cost != $1.cost ? $0.cost < $1.cost : $0.model > $1.model }
        guard let dearest, let place = pricer.place(dearest.model, dearest.provider) else { return nil }
        var name = place.model
        while let next = ModelNames.smaller(than: name, provider: place.provider, in: pricer.book) {
            let price = pricer.book.price(provider: place.provider, model: next, at: Pricer.moment(dearest.day))
            if price?.tierCount == 0 { return place.provider + [0x2f] + next }
            name = next
        }
        return nil
    }

    /// A finding that is one sum; its sentence names the rows, and where `isPriced` their cost.
    private func finding(
        _ id: StaticString, _ sum: Evidence.Sum, _ sentence: StaticString, confidence: Confidence = .measured,
        isSaving: Bool = false, isPriced: Bool = false
    ) -> Finding? {
        guard sum.calls > 0 else { return nil }
        let values: [PhraseValue] = isPriced ? [.count(sum.calls), .usd(sum.cost)] : [.count(sum.calls)]
        return Finding(
            id, confidence, amount: sum.cost, isSaving: isSaving, evidence: [Phrase(sentence, values)])
    }

    /// Where answers are most of the price.
    func verbose(_ cells: [Cell], _ report: AuditReport) -> Finding? {
        var output: Int128 = 0
        var priced: Int128 = 0
        var reasoning: Int64 = 0
        var answers: Int64 = 0
        for cell in cells where cell.output > 0 {
            output += cell.output
            priced += cell.pricedAndBilled + cell.computed
            reasoning.add(cell.usage[.reasoning])
            answers.add(cell.usage[.output])
        }
        guard priced > 0, output * 2 > priced else { return nil }
        return Finding(
            "verbose_output", .measured, amount: output,
            evidence: [
                Phrase(
                    "finding.verbose_output.evidence",
                    [.share(output, of: priced), .share(Int128(reasoning), of: Int128(answers))])
            ])
    }

    /// Days on which a key spent far more on a model than before: over four robust deviations and a dollar.
    func anomalies(_ cells: [Cell]) -> [Finding] {
        var series: [UInt64: [Int64: Int128]] = [:]
        var labels: [UInt64: Cell] = [:]
        for cell in cells where cell.day != .min && cell.cost > 0 {
            let id = UInt64(UInt32(bitPattern: cell.key)) << 32 | UInt64(UInt32(bitPattern: cell.model))
            series[id, default: [:]][cell.day, default: 0] += cell.cost
            labels[id] = cell
        }
        var found: [(excess: Int128, finding: Finding)] = []
        for (id, days) in series where days.count > 7 {
            guard let label = labels[id] else { continue }
            var worst: (day: Int64, cost: Int128, median: Int128)?
            for (day, cost) in days {
                var before = days.filter { $0.key < day && $0.key >= day - 28 && ($0.key - day) % 7 == 0 }.map {
                    $0.value
                }
                if before.count < 3 { before = days.filter { $0.key < day && $0.key >= day - 28 }.map { $0.value } }
                guard before.count >= 5 || before.count >= 3 && days.count > 21 else { continue }
                let median = Self.median(before)
                let deviation = Self.median(before.map { $0 > median ? $0 - median : median - $0 })
                guard cost - median >= Decimal.atto, (cost - median) * 10_000 > deviation * 59_304 else { continue }
                if let known = worst, known.cost - known.median >= cost - median { continue }
                worst = (day, cost, median)
            }
            guard let worst else { continue }
            found.append(
                (
                    worst.cost - worst.median,
                    Finding(
                        "anomaly", .measured, amount: worst.cost - worst.median, isOnce: true,
                        evidence: [
                            Phrase(
                                "finding.anomaly.evidence",
                                [
                                    .day(worst.day), .name(names.keys[label.key]), .usd(worst.cost),
                                    .name(names.models[label.model]), .usd(worst.median),
                                ])
                        ],
                        setting: SettingLine.anomalies)
                ))
        }
        return found.sorted { $0.excess > $1.excess }.prefix(5).map { $0.finding }
    }

    private static func median(_ values: [Int128]) -> Int128 {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// Prices of models in use that the book already dates later than today.
    func pricesAhead(_ cells: [Cell]) -> [Finding] {
        guard let today = options.today.map({ UsageRow.day($0.microseconds) }) else { return [] }
        var out: [Finding] = []
        for place in recentModels(cells, since: today - 60) {
            for row in pricer.book.rows(matching: place.provider + [0x2f] + place.model) {
                guard let begins = Self.day(row.from), begins > today else { continue }
                out.append(
                    Finding(
                        "price_change", .measured,
                        evidence: [Phrase("finding.price_change.evidence", [.name(place.model), .day(begins)])]))
            }
        }
        return out
    }

    /// Models in use whose end is announced within half a year, or is past.
    func endsAhead(_ cells: [Cell]) -> [Finding] {
        guard let today = options.today.map({ UsageRow.day($0.microseconds) }) else { return [] }
        var out: [(day: Int64, finding: Finding)] = []
        for place in recentModels(cells, since: today - 60) {
            guard let end = pricer.book.end(provider: place.provider, model: place.model).flatMap(Self.day),
                end <= today + 183
            else { continue }
            let next = ModelNames.smaller(than: place.model, provider: place.provider, in: pricer.book)
            let known = end > today ? [place.model] : []
            let order = (known + (next.map { [$0] } ?? [])).map { place.provider + [0x2f] + $0 }
            out.append(
                (
                    end,
                    Finding(
                        "model_retires", .measured, amount: place.cost,
                        evidence: [
                            Phrase(
                                end > today ? "finding.model_retires.evidence" : "finding.model_retires.ended",
                                [.name(place.model), .day(end), .usd(place.cost)])
                        ],
                        setting: next == nil ? [] : SettingLine.alias("main", to: order))
                ))
        }
        return out.sorted { $0.day < $1.day }.map { $0.finding }
    }

    /// Models of the book that were used on this day or later, with what they cost in all, dearest first.
    private func recentModels(
        _ cells: [Cell], since day: Int64
    ) -> [(provider: [UInt8], model: [UInt8], cost: Int128)] {
        var found: [(provider: [UInt8], model: [UInt8], cost: Int128, isRecent: Bool)] = []
        for cell in cells {
            guard let place = pricer.place(cell.model, cell.provider) else { continue }
            let at =
                found.firstIndex { $0.provider == place.provider && $0.model == place.model } ?? found.count
            if at == found.count { found.append((place.provider, place.model, 0, false)) }
            found[at].cost += cell.cost
            if cell.day >= day { found[at].isRecent = true }
        }
        return found.filter { $0.isRecent }.sorted { $0.cost > $1.cost }.map { ($0.provider, $0.model, $0.cost) }
    }

    /// The day since 1970 of a day written yyyymmdd.
    private static func day(_ written: UInt32) -> Int64? {
        let all = digits(Int64(written))
        guard all.count == 8 else { return nil }
        let text = Array(all[..<4]) + [0x2d] + Array(all[4..<6]) + [0x2d] + Array(all[6...])
        return Timestamp.microseconds(text.span).map { UsageRow.day($0) }
    }
}
