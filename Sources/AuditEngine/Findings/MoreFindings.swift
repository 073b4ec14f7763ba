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
                    "failed_calls", "Errors and cancelled calls that cost", .measured,
                    amount: failed.cost + cancelled.cost,
                    evidence: Sentence().with(failed.calls).with(" failed calls with tokens cost ").usd(failed.cost)
                        .with(", ")
                        .with(cancelled.calls).with(" cancelled ones ").usd(cancelled.cost).with(".").bytes,
                    action: "Look at the codes below; cancel upstream when the client goes."))
        }
        if evidence.retries.calls + evidence.loops.calls > 0 {
            out.append(
                Finding(
                    "retries", "Retries", .measured, amount: evidence.retries.cost + evidence.loops.cost,
                    evidence: Sentence().with(evidence.retries.calls).with(
                        " calls repeated a failed one within a minute; "
                    )
                    .with(evidence.loops.calls).with(" were the third or later of a loop within 30 seconds.").bytes,
                    action: "Retry with growing pauses, and only what is safe to repeat."))
        }
        if evidence.storms.calls > 0 {
            out.append(
                Finding(
                    "fallback_storm", "Traces over three models and more", .measured, amount: evidence.storms.cost,
                    evidence: Sentence().with(evidence.storms.calls).with(" calls were a trace's third model or later.")
                        .bytes,
                    action: "Let fallbacks stop after the second model."))
        }
        if evidence.cutByLength.calls > 0 {
            out.append(
                Finding(
                    "cut_by_length", "Answers cut at their limit", .measured, amount: evidence.cutByLength.cost,
                    evidence: Sentence().with(evidence.cutByLength.calls).with(
                        " answers ended at the token limit and cost "
                    )
                    .usd(evidence.cutByLength.cost).with(".").bytes,
                    action: "Raise the limit or ask for less: a cut answer is often asked for again."))
        }
        if evidence.disabledKeys.calls > 0 {
            out.append(
                Finding(
                    "disabled_key_spend", "Spend on disabled keys", .measured, amount: evidence.disabledKeys.cost,
                    evidence: Sentence().with(evidence.disabledKeys.calls).with(
                        " rows belong to keys that are disabled or archived."
                    ).bytes,
                    action: "Check that the spend is older than the key's end."))
        }
        return out
    }

    /// Prices above the base.
    func tiers() -> [Finding] {
        var out: [Finding] = []
        if evidence.longContext.calls > 0 {
            out.append(
                Finding(
                    "long_context", "Long-context premium", .measured, amount: evidence.longContext.cost,
                    isSaving: false,
                    evidence: Sentence().with(evidence.longContext.calls).with(
                        " rows were priced whole at a long-context rate; "
                    )
                    .with(evidence.barelyLong).with(" calls stood at most a tenth over the line.").bytes,
                    action: "Shorten what stands just over the line, or take a model without the premium."))
        }
        if evidence.premium.calls > 0 {
            out.append(
                Finding(
                    "premium_modes", "Fast mode and regional inference", .estimated, amount: evidence.premium.cost,
                    evidence: Sentence().with(evidence.premium.calls).with(" rows paid more for speed or place.").bytes,
                    action: "Keep fast mode for people who wait, and regions for data that must stay."))
        }
        if evidence.priority.calls > 0 {
            out.append(
                Finding(
                    "priority_tier", "Priority tier", .notDeterminable, amount: evidence.priority.cost,
                    evidence: Sentence().with(evidence.priority.calls).with(" rows of the priority tier cost ").usd(
                        evidence.priority.cost
                    )
                    .with("; the price book holds standard prices only, so what the tier added is not told.").bytes,
                    action: "Use the standard tier where a second does not matter."))
        }
        if evidence.idle.calls > 0 {
            out.append(
                Finding(
                    "idle_reservations", "Reserved and not used", .measured, amount: evidence.idle.cost, isSaving: true,
                    evidence: Sentence().with(evidence.idle.calls).with(" rows bill capacity that nobody used.").bytes,
                    action: "Shrink the reservation, or move traffic onto it."))
        }
        return out
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
            "verbose_output", "Most is paid for answers", .measured, amount: output,
            evidence: Sentence().share(output, of: priced).with(" of the list price is output; ")
                .share(Int128(reasoning), of: Int128(answers)).with(" of the output is reasoning.").bytes,
            action: "Ask for shorter answers and less reasoning effort where they are not read.")
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
                        "anomaly", "A day out of line", .measured, amount: worst.cost - worst.median,
                        evidence: Sentence().with("On ").with(Timestamp.date(worst.day)).with(" key ").with(
                            names.keys[label.key]
                        )
                        .with(" spent ").usd(worst.cost).with(" on ").with(names.models[label.model]).with(
                            "; the middle of the days before is "
                        )
                        .usd(worst.median).with(".").bytes,
                        action: "Find out what ran that day; a leaked key looks like this.")
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
        guard let today = options.today else { return [] }
        let day = UsageRow.day(today.microseconds)
        let written = Timestamp.date(day).filter { $0 != 0x2d }
        let number = UInt32(Decimal.count(written.span) ?? 0)
        var out: [Finding] = []
        var seen: [[UInt8]] = []
        for cell in cells where cell.day >= day - 60 {
            guard let place = pricer.place(cell.model, cell.provider), !seen.contains(place.model) else { continue }
            seen.append(place.model)
            for row in pricer.book.rows(matching: place.provider + [0x2f] + place.model) where row.from > number {
                let begins = digits(Int64(row.from))
                out.append(
                    Finding(
                        "price_change", "A price changes", .measured,
                        evidence: Sentence().with(place.model).with(" has another price from ").with(begins).with(
                            " on."
                        ).bytes,
                        action: "Reckon with the new price; `tacet prices show` tells it."))
            }
        }
        return out
    }
}
