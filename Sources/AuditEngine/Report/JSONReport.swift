public import Vocabulary

extension AuditReport {
    /// The report as JSON. Amounts are integers in nano-USD, rounded half away from zero once; `cost_pico_usd` is text,
    /// because it passes the integers a browser can hold.
    public func json(_ language: Catalogue) -> [UInt8] {
        var out = JSONText()
        out.object { out in
            out.name("version")
            out.number(1)
            out.name("price_book")
            out.number(Int64(bookVersion))
            out.name("files")
            out.array(files) { out, file in Self.write(file, &out) }
            out.name("totals")
            out.object { out in write(totals: &out) }
            out.name("findings")
            out.array(findings) { out, finding in Self.write(finding, language, &out) }
            out.name("by")
            out.object { out in
                for dimension in AuditDimension.allCases {
                    out.name(dimension.word)
                    out.array(groups(by: dimension).prefix(1000)) { out, group in Self.write(group, language, &out) }
                }
            }
            out.name("days_by_model")
            out.object { out in write(daysByModel: &out) }
            out.name("what_if")
            out.array(whatIf) { out, row in
                out.object { out in
                    out.name("model")
                    out.string(row.model)
                    out.name("other")
                    out.string(row.other)
                    out.name("cost_nano_usd")
                    out.number(Self.nano(row.cost))
                    out.name("other_cost_nano_usd")
                    out.number(Self.nano(row.otherCost))
                }
            }
        }
        return out.bytes + [0x0a]
    }

    private func write(daysByModel out: inout JSONText) {
        out.name("models")
        out.array(daysByModel.models) { out, model in out.string(model) }
        out.name("days")
        out.array(daysByModel.days) { out, day in
            out.object { out in
                out.name("day")
                out.string(Timestamp.date(day.day))
                out.name("cost_nano_usd")
                out.array(day.costs) { out, cost in out.number(Self.nano(cost)) }
            }
        }
    }

    private func write(totals out: inout JSONText) {
        out.name("cost_nano_usd")
        out.number(Self.nano(cost))
        out.name("cost_pico_usd")
        out.string(digits(Self.pico(cost)))
        out.name("billed_nano_usd")
        out.number(Self.nano(billed))
        out.name("list_price_nano_usd")
        out.number(Self.nano(computed))
        if byok != 0 {
            out.name("byok_nano_usd")
            out.number(Self.nano(byok))
        }
        out.name("requests")
        out.number(requests)
        out.name("failed")
        out.number(failures)
        out.name("tokens")
        out.object { out in
            for kind in UsageClass.allCases {
                out.name(kind.name)
                out.number(tokens[kind.rawValue])
            }
        }
        out.name("unpriced_tokens")
        out.number(unpricedTokens)
        if let days {
            out.name("first_day")
            out.string(Timestamp.date(days.first))
            out.name("last_day")
            out.string(Timestamp.date(days.last))
            out.name("days")
            out.number(span)
        }
        if let monthlyRate {
            out.name("per_30_days_nano_usd")
            out.number(Self.nano(monthlyRate))
        }
        if let latency {
            out.name("latency_ms")
            out.object { out in
                out.name("median")
                out.number(latency.median)
                out.name("p95")
                out.number(latency.p95)
            }
        }
        out.name("status")
        out.array(statuses) { out, status in
            out.object { out in
                out.name("status")
                out.number(status.status)
                out.name("calls")
                out.number(status.calls)
            }
        }
        out.name("other_currencies")
        out.array(otherCurrencies) { out, other in
            out.object { out in
                out.name("currency")
                out.string(other.name)
                out.name("amount_nano")
                out.number(Self.nano(other.amount))
            }
        }
        out.name("bounded")
        out.bool(isBounded)
    }

    private static func write(_ file: AuditedFile, _ out: inout JSONText) {
        out.object { out in
            out.name("format")
            out.string(file.format)
            out.name("bytes")
            out.number(file.bytes)
            out.name("rows")
            out.object { out in
                out.name("parsed")
                out.number(file.parsed)
                out.name("skipped")
                out.number(file.skipped)
            }
            out.name("skipped")
            out.array(SkipReason.allCases.filter { file.skips[Int($0.rawValue)] > 0 }) { out, reason in
                out.object { out in
                    out.name("reason")
                    out.string(text(reason.word))
                    out.name("rows")
                    out.number(file.skips[Int(reason.rawValue)])
                    out.name("lines")
                    out.array(file.skipLines[Int(reason.rawValue)]) { out, line in out.number(Int64(line)) }
                }
            }
            if !file.columns.isEmpty {
                out.name("columns")
                out.array(file.columns) { out, column in out.string(column) }
            }
        }
    }

    private static func write(_ finding: Finding, _ language: Catalogue, _ out: inout JSONText) {
        out.object { out in
            out.name("id")
            out.string(text(finding.id))
            out.name("title")
            out.string(finding.title(language))
            out.name("confidence")
            out.string(text(finding.confidence.word))
            if let amount = finding.amount {
                out.name("amount_nano_usd")
                out.number(nano(amount))
            }
            if let monthly = finding.monthly {
                out.name("per_30_days_nano_usd")
                out.number(nano(monthly))
            }
            if let rest = finding.monthlyAfterOthers {
                out.name("saving_per_30_days_nano_usd")
                out.number(nano(rest))
            }
            out.name("saving")
            out.bool(finding.isSaving)
            out.name("evidence")
            out.string(finding.evidence(language))
            out.name("action")
            out.string(finding.action(language))
            if !finding.setting.isEmpty {
                out.name("setting")
                out.string(finding.setting)
            }
        }
    }

    private static func write(_ group: Group, _ language: Catalogue, _ out: inout JSONText) {
        out.object { out in
            out.name("name")
            out.string(group.name(language))
            out.name("requests")
            out.number(group.requests)
            out.name("input_tokens")
            out.number(group.inputTokens)
            out.name("cache_read_tokens")
            out.number(group.cachedTokens)
            out.name("output_tokens")
            out.number(group.outputTokens)
            out.name("cost_nano_usd")
            out.number(nano(group.cost))
            out.name("cost_pico_usd")
            out.string(digits(pico(group.cost)))
        }
    }

    /// Rounded half away from zero.
    public static func pico(_ atto: Int128) -> Int128 { rounded(atto, by: 1_000_000) }

    static func nano(_ atto: Int128) -> Int64 {
        let value = rounded(atto, by: 1_000_000_000)
        return value > Int128(Int64.max) ? .max : value < Int128(Int64.min) ? .min : Int64(value)
    }

    private static func rounded(_ value: Int128, by unit: Int128) -> Int128 {
        (value < 0 ? value - unit / 2 : value + unit / 2) / unit
    }
}
