import Vocabulary

/// Plain accessible HTML: headings in order, tables with heads, no script, nothing from elsewhere, printable.
public enum LegalHTML {
    /// What a version of the page is kept as: its heading and text, without what stands around it. `nil` while a needed fact
    /// is unset.
    public static func content(_ page: LegalPage, _ facts: LegalFacts) -> String? {
        guard let blocks = LegalText.blocks(page, facts) else { return nil }
        return content(title(page, facts), blocks, facts)
    }

    /// The record of processing activities, for the operator.
    public static func processing(_ facts: LegalFacts) -> String {
        let title = facts.say("legal.processing.title")
        return head(title, facts) + content(title, LegalText.processing(facts), facts) + foot(facts)
    }

    /// A whole page around its content.
    /// - Parameters:
    ///   - content: of the version that is shown; `nil` says that the page is not published.
    ///   - shown: which version it is; `nil` while none was recorded.
    public static func page(
        _ page: LegalPage, _ facts: LegalFacts, content: String?, history: LegalHistory, shown: LegalEdition?
    ) -> String {
        let title = title(page, facts)
        var out = head(title, facts) + nav(page, facts)
        guard let content else {
            return out + "<h1>\(escaped(title))</h1>\n<p>\(escaped(facts.say("legal.unpublished")))</p>\n" + foot(facts)
        }
        if let coming = history.coming, shown == history.current {
            out +=
                "<p class=\"card\" role=\"note\">\(escaped(facts.say("legal.notice", facts.date(coming.effective)))) "
            out += "<a href=\"\(path(page, facts))&amp;version=\(coming.number)\">"
            out += "\(escaped(facts.say("legal.notice.link")))</a></p>\n"
        }
        out += content
        if let shown { out += "<p>\(escaped(version(shown, history, facts)))</p>\n" }
        let earlier = history.earlier.map { edition in
            "<li><a href=\"\(path(page, facts))&amp;version=\(edition.number)\">"
                + "\(escaped(facts.say("legal.earlier", String(edition.number)))), \(escaped(facts.date(edition.effective)))</a></li>\n"
        }
        return out + (earlier.isEmpty ? "" : "<ul>\n\(earlier.joined())</ul>\n") + foot(facts)
    }

    private static func version(_ shown: LegalEdition, _ history: LegalHistory, _ facts: LegalFacts) -> String {
        let (number, date) = (String(shown.number), facts.date(shown.effective))
        if shown.effective > history.today { return facts.say("legal.version.coming", number, date) }
        return shown == history.current
            ? facts.say("legal.version", number, date) : facts.say("legal.version.earlier", number, date)
    }

    private static func title(_ page: LegalPage, _ facts: LegalFacts) -> String { facts.word("title", page.rawValue) }

    private static func path(_ page: LegalPage, _ facts: LegalFacts) -> String {
        "/legal/\(page.rawValue)?lang=\(String(decoding: facts.words.code, as: UTF8.self))"
    }

    private static func head(_ title: String, _ facts: LegalFacts) -> String {
        """
        <!doctype html>
        <html lang="\(String(decoding: facts.words.code, as: UTF8.self))">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(escaped(title))</title>
        <link rel="stylesheet" href="/style.css">
        </head>
        <body>
        <main>

        """
    }

    private static func nav(_ here: LegalPage, _ facts: LegalFacts) -> String {
        let links = LegalPage.allCases.map { page in
            "<a href=\"\(path(page, facts))\"\(page == here ? " aria-current=\"page\"" : "")>"
                + "\(escaped(title(page, facts)))</a>"
        }
        let languages = Language.allCases.map { language in
            let isHere = facts.words.code == Array(language.code.description.utf8)
            return "<a href=\"/legal/\(here.rawValue)?lang=\(language.code)\" lang=\"\(language.code)\" "
                + "hreflang=\"\(language.code)\"\(isHere ? " aria-current=\"true\"" : "")>\(language.ownName)</a>"
        }
        return """
            <nav aria-label="\(escaped(facts.say("legal.nav")))">\(links.joined(separator: " · "))</nav>
            <nav aria-label="\(escaped(facts.say("legal.languages")))">\(languages.joined(separator: " · "))</nav>

            """
    }

    private static func foot(_ facts: LegalFacts) -> String {
        let text = facts.say("legal.footer", facts.policy.base.name.description, facts.version)
        return "<footer>\(escaped(text))</footer>\n</main>\n</body>\n</html>\n"
    }

    private static func content(_ title: String, _ blocks: [LegalBlock], _ facts: LegalFacts) -> String {
        "<h1>\(escaped(title))</h1>\n" + blocks.map { html($0, facts) }.joined()
    }

    private static func html(_ block: LegalBlock, _ facts: LegalFacts) -> String {
        switch block {
        case .heading(let text): return "<h2>\(escaped(text))</h2>\n"
        case .paragraph(let text): return "<p>\(escaped(text))</p>\n"
        case .summary(let lines):
            let title = escaped(facts.say("legal.short"))
            return "<section aria-label=\"\(title)\" class=\"card\"><h2>\(title)</h2>\n\(items(lines))</section>\n"
        case .list(let lines): return lines.isEmpty ? "<p>\(escaped(facts.say("legal.none")))</p>\n" : items(lines)
        case .table(let head, let rows):
            let heads = head.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined()
            let body = rows.map { row in "<tr>" + row.map { "<td class=\"name\">\(cell($0))</td>" }.joined() + "</tr>\n"
            }
            return
                "<div class=\"wide-table\" tabindex=\"0\" role=\"region\" aria-label=\"\(escaped(head.joined(separator: ", ")))\"><table>\n<thead><tr>\(heads)</tr></thead>\n<tbody>\n\(body.joined())</tbody>\n</table></div>\n"
        }
    }

    private static func items(_ lines: [String]) -> String {
        "<ul>\n" + lines.map { "<li>\(escaped($0))</li>\n" }.joined() + "</ul>\n"
    }

    /// Addresses of other parties' terms are links.
    private static func cell(_ text: String) -> String {
        text.hasPrefix("https" + "://")
            ? "<a href=\"\(escaped(text))\" rel=\"noreferrer\">\(escaped(text))</a>" : escaped(text)
    }

    public static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
