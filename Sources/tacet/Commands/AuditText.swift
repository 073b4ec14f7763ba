import AuditEngine
import CResources
import Glibc
import Vocabulary

/// The report for a terminal: large figures first, then findings, then one table with bars.
enum AuditText {
    static let language: Catalogue = {
        var count = 0
        let start = unsafe tacet_audit_english(&count)
        let words = unsafe Array(UnsafeBufferPointer(start: start, count: count))
        return Catalogue(words.span, code: Array("en".utf8))
    }()

    static var terminalWidth: Int {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 40 else { return 100 }
        return min(140, Int(size.ws_col))
    }

    static func text(_ report: AuditReport, by dimension: AuditDimension, width: Int) -> String {
        var out = "\n  \(usd(report.cost)) spent"
        if let rate = report.monthlyRate { out += ", \(usd(rate)) in 30 days at this pace" }
        out +=
            "\n  \(grouped(report.requests)) calls, \(grouped(report.inputTokens)) tokens in, \(grouped(report.outputTokens)) out"
        if report.failures > 0 { out += ", \(grouped(report.failures)) calls failed" }
        if let latency = report.latency {
            out += "\n  latency \(grouped(latency.median)) ms in the middle, \(grouped(latency.p95)) ms at 95 %"
        }
        out += "\n  \(rows(report))\n"
        for other in report.otherCurrencies {
            out +=
                "  beside it \(amount(other.amount)) \(string(other.name)), not converted; the cost above is at list price\n"
        }
        if report.byok > 0 { out += "  beside it \(usd(report.byok)) paid to providers directly\n" }
        if report.unpricedTokens > 0 {
            out += "  \(grouped(report.unpricedTokens)) tokens have no known price and no bill\n"
        }
        if report.isBounded { out += "  More rows than fit were compared: repeats beyond them are not told.\n" }
        out += "\nFindings\n"
        for finding in report.findings { out += text(finding, width) }
        out += "\nBy \(dimension.word)\n" + table(report.groups(by: dimension), width)
        return out + "\nNothing left this machine.\n"
    }

    static func nothingReadable(_ report: AuditReport) -> String {
        var out = "Nothing in there could be read as usage."
        if let file = report.files.first(where: { !$0.columns.isEmpty }) {
            let names = file.columns.prefix(12).map { "`" + string($0) + "`" }.joined(separator: ", ")
            out +=
                " A table has the columns \(names): say what they mean by --map column=meaning (time, model, input, output, cost, key, …)."
        }
        return out
    }

    private static func text(_ finding: Finding, _ width: Int) -> String {
        let value = finding.monthlyAfterOthers ?? finding.monthly ?? finding.amount
        var out = "  \(string(finding.title(language)))"
        if let value, value != 0 { out += "  \(usd(value))" + (finding.monthly == nil ? "" : " in 30 days") }
        out += "  (\(string(finding.confidence(language))))\n"
        out += wrapped(string(finding.evidence(language)), width)
        out += wrapped("→ \(string(finding.action(language)))", width)
        if !finding.setting.isEmpty { out += "      tacet.yaml  \(string(finding.setting))\n" }
        return out
    }

    private static func table(_ groups: [Group], _ width: Int) -> String {
        let shown = groups.prefix(30)
        let most = max(1, shown.map(\.cost).max() ?? 1)
        let names = min(44, max(8, shown.map { string($0.name(language)).count }.max() ?? 8))
        let bars = max(8, width - names - 44)
        var out = ""
        for group in shown {
            let name = String(string(group.name(language)).prefix(names))
            let length = Int(max(0, group.cost) * Int128(bars * 8) / most)
            out += "  " + name + String(repeating: " ", count: names - name.count) + "  " + pad(usd(group.cost), 14)
            out += pad(grouped(group.requests), 12) + "  " + bar(length) + "\n"
        }
        if groups.count > shown.count { out += "  and \(groups.count - shown.count) more\n" }
        return out
    }

    /// A bar in eighths of a character.
    private static func bar(_ eighths: Int) -> String {
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    }

    private static func rows(_ report: AuditReport) -> String {
        let skipped = report.files.reduce(0) { $0 + $1.skipped }
        var out = "\(grouped(report.parsed)) rows read"
        if skipped > 0 {
            var reasons: [String] = []
            for reason in SkipReason.allCases {
                let count = report.files.reduce(0) { $0 + $1.skips[Int(reason.rawValue)] }
                if count > 0 {
                    reasons.append("\(grouped(count)) \(reason.word.description.replacing("_", with: " "))")
                }
            }
            out += ", \(grouped(skipped)) skipped (\(reasons.joined(separator: ", ")))"
        }
        let unknown = report.files.count { !$0.isUnderstood }
        if unknown > 0 { out += "; \(unknown) of \(report.files.count) files are of no known kind" }
        return out
    }

    private static func wrapped(_ text: String, _ width: Int) -> String {
        var out = ""
        var line = ""
        for word in text.split(separator: " ") {
            if line.count + word.count + 7 > width {
                out += "      " + line + "\n"
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line.isEmpty ? out : out + "      " + line + "\n"
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func amount(_ atto: Int128) -> String { String(usd(atto).filter { $0 != "$" }) }
    private static func usd(_ atto: Int128) -> String { string(language.usd(atto)) }
    private static func grouped(_ value: Int64) -> String { string(language.number(value)) }

    /// Names of files are shown without what a terminal would obey.
    private static func string(_ bytes: [UInt8]) -> String {
        String(
            String(decoding: bytes, as: UTF8.self).unicodeScalars.filter {
                $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
            }.map(Character.init))
    }
}
