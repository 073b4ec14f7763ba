public import Vocabulary

extension AuditReport {
    /// A page of its own: no script, no address, both themes by the system's wish.
    public func html(_ language: Catalogue) -> [UInt8] {
        var page = HTMLReport(report: self, language: language)
        page.write()
        return page.out.bytes
    }
}

/// The report as a page in one language.
struct HTMLReport {
    let report: AuditReport
    let language: Catalogue
    var out = HTMLText()

    mutating func write() {
        out.raw("<!doctype html><html lang=\"")
        out.add(language.code)
        out.raw("\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">")
        out.raw(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">")
        out.raw("<title>")
        out.add(language.sentence("report.title"))
        out.raw(" · Tacet</title><style>")
        out.raw(Self.style)
        out.raw("</style></head><body><main><header><h1>")
        out.add(language.sentence("report.title"))
        out.raw("</h1>")
        if let days = report.days {
            out.raw("<span class=\"dim\">")
            out.add(language.sentence("figure.spent.range", [.day(days.first), .day(days.last)]))
            out.raw("</span>")
        }
        out.raw("</header>")
        figures()
        findings()
        for dimension in AuditDimension.allCases { groups(dimension) }
        whatIf()
        files()
        out.raw("<footer>")
        let book = digits(Int64(report.bookVersion))
        out.add(language.sentence("report.made", [.name(book)]))
        out.raw("</footer></main></body></html>\n")
    }

    private mutating func figures() {
        out.raw("<dl class=\"figures\">")
        let spent =
            report.billed != 0
            ? language.sentence("figure.spent.billed", [.usd(report.billed)]) : language.sentence("figure.spent.list")
        figure("figure.spent", language.usd(report.cost), spent)
        var saving: Int128 = 0
        for finding in report.findings { saving += finding.monthlyAfterOthers ?? 0 }
        figure("figure.saved", language.usd(saving), language.sentence("figure.saved.note"))
        figure(
            "figure.calls", language.number(report.requests),
            language.sentence("figure.calls.failed", [.count(report.failures)]))
        figure(
            "figure.tokens", language.number(report.inputTokens),
            language.sentence(
                "figure.tokens.note",
                [
                    .share(Int128(report.tokens[UsageClass.cacheRead.rawValue]), of: Int128(report.inputTokens)),
                    .count(report.outputTokens),
                ]))
        out.raw("</dl><p class=\"dim\">")
        out.add(language.sentence(.rows(report.parsed, report.files.reduce(0) { $0 + $1.skipped })))
        out.raw("</p>")
    }

    private mutating func figure(_ name: StaticString, _ value: [UInt8], _ note: [UInt8]) {
        out.raw("<div><dt>")
        out.add(language.sentence(name))
        out.raw("</dt><dd>")
        out.add(value)
        out.raw("</dd><dd class=\"note\">")
        out.add(note)
        out.raw("</dd></div>")
    }

    /// A section's heading with its sentence.
    private mutating func open(_ title: [UInt8], note: StaticString? = nil) {
        out.raw("<section><h2>")
        out.add(title)
        out.raw("</h2>")
        guard let note else { return }
        out.raw("<p>")
        out.add(language.sentence(note))
        out.raw("</p>")
    }

    private mutating func head(_ columns: [(key: StaticString?, isNumber: Bool)]) {
        out.raw("<table><thead><tr>")
        for column in columns {
            out.raw(column.isNumber ? "<th scope=\"col\" class=\"num\">" : "<th scope=\"col\">")
            if let key = column.key { out.add(language.sentence(key)) }
            out.raw("</th>")
        }
        out.raw("</tr></thead><tbody>")
    }

    private mutating func cell(_ value: [UInt8], isNumber: Bool = true) {
        out.raw(isNumber ? "<td class=\"num\">" : "<td class=\"name\">")
        out.add(value)
        out.raw("</td>")
    }

    private mutating func findings() {
        open(language.sentence("findings.title"), note: "findings.note")
        out.raw("<ul>")
        for finding in report.findings {
            out.raw("<li><div><b>")
            out.add(finding.title(language))
            out.raw("</b> <span class=\"dim\">")
            out.add(finding.confidence(language))
            out.raw("</span><br>")
            out.add(finding.evidence(language))
            out.raw("<br><span class=\"dim\">")
            out.add(finding.action(language))
            out.raw("</span>")
            if finding.setting.isEmpty {
                out.raw(" <span class=\"dim\">")
                out.add(language.sentence("findings.no_setting"))
                out.raw("</span>")
            } else {
                out.raw("<br><code>")
                out.add(finding.setting)
                out.raw("</code>")
            }
            out.raw("</div><div class=\"num\">")
            if let amount = finding.monthlyAfterOthers ?? finding.monthly ?? finding.amount {
                out.raw("<b>")
                out.add(language.usd(amount))
                out.raw("</b><br><span class=\"dim\">")
                out.add(language.sentence(finding.monthly == nil ? "findings.total" : "findings.month"))
                out.raw("</span>")
            }
            out.raw("</div></li>")
        }
        out.raw("</ul></section>")
    }

    private mutating func groups(_ dimension: AuditDimension) {
        let rows = report.groups(by: dimension)
        guard rows.count > 1 || dimension == .model else { return }
        open(language.word("by.", dimension.word))
        head([
            ("table.name", false), ("table.share", false), ("table.calls", true), ("table.in", true),
            ("table.out", true), ("table.cost", true),
        ])
        var most: Int128 = 1
        for row in rows { most = max(most, row.cost) }
        for row in rows.prefix(60) {
            out.raw("<tr>")
            cell(row.name(language), isNumber: false)
            out.raw("<td class=\"bar\"><svg width=\"120\" height=\"8\" aria-hidden=\"true\"><rect width=\"")
            out.add(digits(max(0, row.cost) * 120 / most))
            out.raw("\" height=\"8\" rx=\"1.5\"/></svg></td>")
            cell(language.number(row.requests))
            cell(language.number(row.inputTokens))
            cell(language.number(row.outputTokens))
            cell(language.usd(row.cost))
            out.raw("</tr>")
        }
        out.raw("</tbody></table>")
        if rows.count > 60 {
            out.raw("<p>")
            out.add(language.sentence("table.more", [.count(Int64(rows.count - 60))]))
            out.raw("</p>")
        }
        out.raw("</section>")
    }

    private mutating func whatIf() {
        if report.whatIf.isEmpty { return }
        open(language.sentence("whatif.title"), note: "whatif.note")
        head([("whatif.model", false), ("whatif.other", false), ("whatif.list", true), ("whatif.then", true)])
        for row in report.whatIf {
            out.raw("<tr>")
            cell(row.model, isNumber: false)
            cell(row.other, isNumber: false)
            cell(language.usd(row.cost))
            cell(language.usd(row.otherCost))
            out.raw("</tr>")
        }
        out.raw("</tbody></table></section>")
    }

    private mutating func files() {
        open(language.sentence("files.title"), note: "files.note")
        head([("files.format", false), ("files.skipped", false), ("files.read", true)])
        for file in report.files.prefix(200) {
            out.raw("<tr>")
            cell(file.isUnderstood ? file.format : language.sentence("files.unknown"), isNumber: false)
            var reasons: [UInt8] = []
            for reason in SkipReason.allCases where file.skips[Int(reason.rawValue)] > 0 {
                let entry =
                    language.number(file.skips[Int(reason.rawValue)]) + [0x20] + language.word("skip.", reason.word)
                reasons = reasons.isEmpty ? entry : language.joined("style.list", reasons, entry)
            }
            cell(reasons, isNumber: false)
            cell(language.number(file.parsed))
            out.raw("</tr>")
        }
        out.raw("</tbody></table></section>")
    }

    private static let style: StaticString = """
        :root{color-scheme:light dark;--paper:#fbfaf7;--ink:#1d1f22;--dim:#63676e;--hair:#e6e3dc;--accent:#0f6b62}
        @media(prefers-color-scheme:dark){:root{--paper:#15171a;--ink:#eceae4;--dim:#979ca4;--hair:#2b2f35;--accent:#5cc4b5}}
        *{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}
        main{max-width:1020px;margin:0 auto;padding:36px 24px}header{display:flex;gap:14px;align-items:baseline}h1{font-size:22px;font-weight:600}h2{font-size:15px;margin:34px 0 4px}
        .dim,footer,dt,.figures .note,section>p{color:var(--dim);font-size:13px}.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(180px,1fr));border:solid var(--hair);border-width:1px 0;margin:0}
        .figures div{padding:16px 18px 12px 0}.figures dd{margin:0;font-size:30px;font-weight:600}.figures .note{font-weight:400;letter-spacing:0}
        ul{list-style:none;padding:0;margin:10px 0 0}li{display:grid;grid-template-columns:1fr auto;gap:24px;padding:10px 0;border-top:1px solid var(--hair)}
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
