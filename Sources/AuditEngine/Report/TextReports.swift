import Vocabulary

extension AuditReport {
    /// One line a group of every dimension, as CSV (RFC 4180). Cells that a spreadsheet would run are led by an apostrophe.
    public func csv() -> [UInt8] {
        var out = text("dimension,name,requests,input_tokens,cache_read_tokens,output_tokens,cost_usd\r\n")
        for dimension in AuditDimension.allCases {
            for group in groups(by: dimension) {
                out += text(dimension.word) + [0x2c] + Self.cell(group.name) + [0x2c]
                for count in [group.requests, group.inputTokens, group.cachedTokens, group.outputTokens] {
                    out += digits(count) + [0x2c]
                }
                out += Self.exactUSD(group.cost) + [0x0d, 0x0a]
            }
        }
        out += text("total,,") + digits(requests) + text(",,,,") + Self.exactUSD(cost) + [0x0d, 0x0a]
        return out
    }

    /// USD with twelve decimals.
    static func exactUSD(_ atto: Int128) -> [UInt8] {
        let value = pico(atto)
        let magnitude = value < 0 ? -value : value
        return (value < 0 ? [0x2d] : []) + digits(magnitude / 1_000_000_000_000) + [0x2e]
            + padded(Int64(magnitude % 1_000_000_000_000), 12)
    }

    private static func cell(_ name: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [0x22]
        if let first = name.first, [0x3d, 0x2b, 0x2d, 0x40, 0x09].contains(first) { out.append(0x27) }
        for byte in name {
            if byte == 0x22 { out.append(0x22) }
            out.append(byte)
        }
        return out + [0x22]
    }

    /// A page of its own: no script, no address, both themes by the system's wish.
    public func html() -> [UInt8] {
        var out = HTMLText()
        out.raw(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
        )
        out.raw(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">")
        out.raw("<title>Audit · Tacet</title><style>")
        out.raw(Self.style)
        out.raw("</style><body><main><header><h1>What was spent</h1><span class=\"dim\">")
        if let days {
            out.add(Timestamp.date(days.first))
            out.raw(" to ")
            out.add(Timestamp.date(days.last))
        }
        out.raw("</span></header><dl class=\"figures\">")
        figure(
            &out, "Spent", Figures.usd(cost),
            Sentence().usd(billed).with(" as billed, ").usd(computed).with(" at list price").bytes)
        var saving: Int128 = 0
        for finding in findings { saving += finding.monthlyAfterOthers ?? 0 }
        figure(&out, "Could be saved", Figures.usd(saving), text("in thirty days, overlaps taken off"))
        figure(&out, "Calls", Figures.grouped(requests), Sentence().with(failures).with(" failed").bytes)
        figure(
            &out, "Rows read", Figures.grouped(parsed),
            Sentence().with(files.reduce(0) { $0 + $1.skipped }).with(" skipped, each with its reason").bytes)
        out.raw("</dl>")
        write(findings: &out)
        for dimension in AuditDimension.allCases { write(dimension, &out) }
        write(whatIf: &out)
        write(files: &out)
        out.raw("<footer>Made on this machine. Prices of ")
        out.add(Figures.grouped(Int64(bookVersion)).filter { $0 != 0x2c })
        out.raw(".</footer></main></body></html>\n")
        return out.bytes
    }

    private func figure(_ out: inout HTMLText, _ name: StaticString, _ value: [UInt8], _ note: [UInt8]) {
        out.raw("<div><dt>")
        out.raw(name)
        out.raw("</dt><dd>")
        out.add(value)
        out.raw("</dd><p>")
        out.add(note)
        out.raw("</p></div>")
    }

    private func write(findings out: inout HTMLText) {
        out.raw(
            "<section><h2>Findings</h2><table><thead><tr><th>Finding<th>Evidence<th>Sure<th class=\"num\">In 30 days</tr></thead><tbody>"
        )
        for finding in findings {
            out.raw("<tr><td><b>")
            out.raw(finding.title)
            out.raw("</b><td>")
            out.add(finding.evidence)
            out.raw("<br><span class=\"dim\">")
            out.raw(finding.action)
            out.raw("</span>")
            if finding.setting.utf8CodeUnitCount > 0 {
                out.raw("<br><code>")
                out.add(text(finding.setting))
                out.raw("</code>")
            }
            out.raw("<td class=\"dim\">")
            out.add(text(finding.confidence.word).map { $0 == 0x5f ? 0x20 : $0 })
            out.raw("<td class=\"num\">")
            if let monthly = finding.monthly { out.add(Figures.usd(monthly)) }
            out.raw("</tr>")
        }
        out.raw("</tbody></table></section>")
    }

    private func write(_ dimension: AuditDimension, _ out: inout HTMLText) {
        let rows = groups(by: dimension)
        guard rows.count > 1 || dimension == .model else { return }
        out.raw("<section><h2>By ")
        out.raw(dimension.word)
        out.raw("</h2><table><thead><tr><th>")
        out.raw(
            "Name<th><th class=\"num\">Calls<th class=\"num\">Tokens in<th class=\"num\">Tokens out<th class=\"num\">Cost</tr></thead><tbody>"
        )
        var most: Int128 = 1
        for row in rows { most = max(most, row.cost) }
        for row in rows.prefix(60) {
            out.raw("<tr><td class=\"name\">")
            out.add(row.name)
            out.raw("<td class=\"bar\"><svg width=\"120\" height=\"8\" aria-hidden=\"true\"><rect width=\"")
            out.add(digits(max(0, row.cost) * 120 / most))
            out.raw("\" height=\"8\" rx=\"1.5\"/></svg><td class=\"num\">")
            out.add(Figures.grouped(row.requests))
            out.raw("<td class=\"num\">")
            out.add(Figures.grouped(row.inputTokens))
            out.raw("<td class=\"num\">")
            out.add(Figures.grouped(row.outputTokens))
            out.raw("<td class=\"num\">")
            out.add(Figures.usd(row.cost))
            out.raw("</tr>")
        }
        out.raw("</tbody></table></section>")
    }

    private func write(whatIf out: inout HTMLText) {
        if whatIf.isEmpty { return }
        out.raw(
            "<section><h2>What if</h2><p>The same tokens at another model's list price; whether its answers are good enough is not judged.</p>"
        )
        out.raw(
            "<table><thead><tr><th>Model<th>Other<th class=\"num\">List price<th class=\"num\">The other's</tr></thead><tbody>"
        )
        for row in whatIf {
            out.raw("<tr><td>")
            out.add(row.model)
            out.raw("<td>")
            out.add(row.other)
            out.raw("<td class=\"num\">")
            out.add(Figures.usd(row.cost))
            out.raw("<td class=\"num\">")
            out.add(Figures.usd(row.otherCost))
            out.raw("</tr>")
        }
        out.raw("</tbody></table></section>")
    }

    private func write(files out: inout HTMLText) {
        out.raw(
            "<section><h2>Files</h2><table><thead><tr><th>Format<th class=\"num\">Rows<th>Skipped</tr></thead><tbody>")
        for file in files.prefix(200) {
            out.raw("<tr><td>")
            out.add(file.format)
            out.raw("<td class=\"num\">")
            out.add(Figures.grouped(file.parsed))
            out.raw("<td>")
            for reason in SkipReason.allCases where file.skips[Int(reason.rawValue)] > 0 {
                out.add(Figures.grouped(file.skips[Int(reason.rawValue)]))
                out.raw(" ")
                out.add(text(reason.word).map { $0 == 0x5f ? 0x20 : $0 })
                out.raw("; ")
            }
            out.raw("</tr>")
        }
        out.raw("</tbody></table></section>")
    }

    private static let style: StaticString = """
        :root{color-scheme:light dark;--paper:#fbfaf7;--ink:#1d1f22;--dim:#63676e;--hair:#e6e3dc;--accent:#0f6b62}
        @media(prefers-color-scheme:dark){:root{--paper:#15171a;--ink:#eceae4;--dim:#979ca4;--hair:#2b2f35;--accent:#5cc4b5}}
        *{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}
        main{max-width:1020px;margin:0 auto;padding:36px 24px}header{display:flex;gap:14px;align-items:baseline}h1{font-size:22px;font-weight:600}h2{font-size:15px;margin:34px 0 4px}
        .dim,footer,dt,.figures p,section>p{color:var(--dim);font-size:13px}.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(180px,1fr));border:solid var(--hair);border-width:1px 0;margin:0}
        .figures div{padding:16px 18px 12px 0}.figures dd{margin:0;font-size:30px;font-weight:600}.figures p{margin:0}
        table{width:100%;border-collapse:collapse}th{text-align:left;font-weight:500;color:var(--dim);font-size:13px}th,td{padding:6px 10px 6px 0;border-bottom:1px solid var(--hair);vertical-align:top}
        .num{text-align:right;white-space:nowrap}.name{overflow-wrap:anywhere}.bar svg{fill:var(--accent)}code{font-size:13px}footer{margin-top:36px}
        """
}

/// Writes HTML; what comes from files is escaped.
struct HTMLText {
    private(set) var bytes: [UInt8] = []

    mutating func raw(_ constant: StaticString) { bytes += text(constant) }

    mutating func add(_ value: [UInt8]) {
        UTF8Text.each(value) { character in
            switch character[0] {
            case 0x26: bytes += text("&amp;")
            case 0x3c: bytes += text("&lt;")
            case 0x3e: bytes += text("&gt;")
            case 0x22: bytes += text("&quot;")
            case 0x27: bytes += text("&#39;")
            default: bytes += character
            }
        }
    }
}
