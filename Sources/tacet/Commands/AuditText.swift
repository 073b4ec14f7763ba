import AuditEngine
import Console
import Glibc
import Vocabulary

/// The report for a terminal, in the words of the audit page: large figures first, then findings, then one table with bars.
struct AuditText {
    private let language: Catalogue
    private let width: Int

    /// - Parameter width: in columns.
    init(_ language: Language, width: Int = AuditText.terminalWidth) {
        self.language = language.catalogue
        self.width = width
    }

    private static var terminalWidth: Int {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 40 else { return 100 }
        return min(140, Int(size.ws_col))
    }

    func text(_ report: AuditReport, by dimension: AuditDimension) -> String {
        var out = "\n" + figures(report) + "\n"
        let skipped = report.files.reduce(0) { $0 + $1.skipped }
        var beside = [Phrase.rows(report.parsed, skipped)]
        let unknown = report.files.count { !$0.isUnderstood }
        if unknown > 0 { beside.append(Phrase("figure.unknown", [.count(Int64(unknown))])) }
        for other in report.otherCurrencies {
            let amount = language.number(Int64(clamping: other.amount / 1_000_000_000_000_000_000))
            beside.append(Phrase("figure.currency", [.name(amount), .name(other.name)]))
        }
        if report.byok > 0 { beside.append(Phrase("figure.byok", [.usd(report.byok)])) }
        if report.unpricedTokens > 0 { beside.append(Phrase("figure.unpriced", [.count(report.unpricedTokens)])) }
        if report.isBounded { beside.append(Phrase("figure.bounded")) }
        out += TerminalText.wrapped(plain(language.sentences(beside)), width, indent: "  ")
        out += skips(report)
        out += "\n" + say("findings.title") + "\n"
        for finding in report.findings { out += text(finding) }
        out += "\n" + plain(language.word("by.", dimension.word)) + "\n" + table(report.groups(by: dimension))
        let book = Array(String(report.bookVersion).utf8)
        return out + "\n" + say("report.made", .name(book)) + "\n"
    }

    /// What to say when no file could be read.
    func nothingReadable(_ report: AuditReport) -> String {
        guard let file = report.files.first(where: { !$0.columns.isEmpty }) else { return say("problem.nothing") }
        let names = file.columns.prefix(12).map { "`" + plain($0) + "`" }.joined(separator: ", ")
        return """
            \(say("problem.nothing")) \(say("mapping.note"))
              \(names)
              --map \(say("mapping.column"))=\(AuditOptions.meanings.joined(separator: "|"))
            """
    }

    private func figures(_ report: AuditReport) -> String {
        var spent: [Phrase] = []
        if let days = report.days { spent.append(Phrase("figure.spent.range", [.day(days.first), .day(days.last)])) }
        spent.append(
            report.billed != 0 ? Phrase("figure.spent.billed", [.usd(report.billed)]) : Phrase("figure.spent.list"))
        var saved = [Phrase("figure.saved.note")]
        if let rate = report.monthlyRate { saved.append(Phrase("figure.spent.pace", [.usd(rate)])) }
        let saving = report.findings.reduce(Int128(0)) { $0 + ($1.monthlyAfterOthers ?? 0) }
        var calls = [Phrase("figure.calls.failed", [.count(report.failures)])]
        if let latency = report.latency { calls.append(Phrase("figure.calls.latency", [.count(latency.median)])) }
        let cached = Int128(report.tokens[UsageClass.cacheRead.rawValue])
        let tokens = Phrase(
            "figure.tokens.note", [.share(cached, of: Int128(report.inputTokens)), .count(report.outputTokens)])
        let rows: [(name: StaticString, value: [UInt8], notes: [Phrase])] = [
            ("figure.spent", language.usd(report.cost), spent), ("figure.saved", language.usd(saving), saved),
            ("figure.calls", language.number(report.requests), calls),
            ("figure.tokens", language.number(report.inputTokens), [tokens]),
        ]
        let names = rows.map { TerminalText.width(say($0.name)) }.max() ?? 0
        let values = rows.map { TerminalText.width(plain($0.value)) }.max() ?? 0
        return rows.map { row in
            let head =
                "  " + TerminalText.left(say(row.name), names) + "  " + TerminalText.right(plain(row.value), values)
                + "  "
            let indent = String(repeating: " ", count: TerminalText.width(head))
            let notes = TerminalText.wrapped(plain(language.sentences(row.notes)), width, indent: indent)
            return head + notes.dropFirst(indent.count)
        }.joined()
    }

    /// The reasons for which rows do not count.
    private func skips(_ report: AuditReport) -> String {
        var all: [UInt8] = []
        for reason in SkipReason.allCases {
            let count = report.files.reduce(0) { $0 + $1.skips[Int(reason.rawValue)] }
            guard count > 0 else { continue }
            let one = language.number(count) + [0x20] + language.word("skip.", reason.word)
            all = all.isEmpty ? one : language.joined("style.list", all, one)
        }
        return all.isEmpty ? "" : TerminalText.wrapped(plain(all), width, indent: "    ")
    }

    private func text(_ finding: Finding) -> String {
        var out = "  " + plain(finding.title(language))
        if let value = finding.monthlyAfterOthers ?? finding.monthly ?? finding.amount, value != 0 {
            out += "  " + plain(language.usd(value)) + " "
            out += say(finding.monthly == nil ? "findings.total" : "findings.month")
        }
        out += "  (" + plain(finding.confidence(language)) + ")\n"
        out += TerminalText.wrapped(plain(finding.evidence(language)), width, indent: "      ")
        let action = plain(finding.action(language))
        guard finding.setting.isEmpty else {
            return out + TerminalText.wrapped("→ " + action, width, indent: "      ")
                + "      tacet.yaml  " + plain(finding.setting) + "\n"
        }
        let both = language.joined("style.sentence", Array(action.utf8), language.sentence("findings.no_setting"))
        return out + TerminalText.wrapped("→ " + plain(both), width, indent: "      ")
    }

    private func table(_ groups: [Group]) -> String {
        let shown = groups.prefix(30).map { (name: plain($0.name(language)), group: $0) }
        let most = max(1, shown.map(\.group.cost).max() ?? 1)
        let heads = (name: say("table.name"), cost: say("table.cost"), calls: say("table.calls"))
        let names = min(
            44, max(8, shown.map { TerminalText.width($0.name) }.max() ?? 8, TerminalText.width(heads.name)))
        let bars = max(8, width - names - 44)
        var out = "  " + TerminalText.left(heads.name, names) + TerminalText.right(heads.cost, 16)
        out += TerminalText.right(heads.calls, 12) + "\n"
        for (name, group) in shown {
            let length = Int(max(0, group.cost) * Int128(bars * 8) / most)
            out += "  " + TerminalText.left(TerminalText.cut(name, names), names)
            out += TerminalText.right(plain(language.usd(group.cost)), 16)
            out += TerminalText.right(plain(language.number(group.requests)), 12) + "  " + bar(length) + "\n"
        }
        let rest = groups.count - shown.count
        return rest > 0 ? out + "  " + say("table.more", .count(Int64(rest))) + "\n" : out
    }

    /// A bar in eighths of a character.
    private func bar(_ eighths: Int) -> String {
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    }

    private func say(_ key: StaticString, _ values: PhraseValue...) -> String { plain(language.sentence(key, values)) }
    private func plain(_ bytes: [UInt8]) -> String { TerminalText.plain(bytes) }
}

extension Language {
    /// What the environment asks for (POSIX: `LC_ALL`, then `LC_MESSAGES`, then `LANG`); English when it is none of ours.
    init(environment: [String: String]) {
        let name = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        self = Language(code: (name ?? "").prefix { $0.isLetter }.lowercased()) ?? .english
    }
}
