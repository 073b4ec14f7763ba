import Vocabulary

/// Plain accessible HTML: headings in order, tables with heads, no script, nothing from elsewhere, printable.
public enum LegalHTML {
    public static func page(_ page: LegalPage, _ facts: LegalFacts) -> String? {
        guard let blocks = LegalText.blocks(page, facts) else { return nil }
        var out = head(page.title)
        out += nav(page)
        out += "<h1>\(escaped(page.title))</h1>\n"
        for block in blocks { out += html(block) }
        return out + foot(facts)
    }

    /// What stands in the place of a page that is not published.
    public static func unpublished(_ page: LegalPage, _ facts: LegalFacts) -> String {
        var out = head(page.title) + nav(page)
        out +=
            "<h1>\(escaped(page.title))</h1>\n<p>This page is not published yet: the operator has not set everything that it says.</p>\n"
        return out + foot(facts)
    }

    private static func head(_ title: String) -> String {
        """
        <!doctype html>
        <html lang="en">
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

    private static func nav(_ here: LegalPage) -> String {
        let links = LegalPage.allCases.map { page in
            page == here
                ? "<a href=\"/legal/\(page.rawValue)\" aria-current=\"page\">\(escaped(page.title))</a>"
                : "<a href=\"/legal/\(page.rawValue)\">\(escaped(page.title))</a>"
        }
        return "<nav aria-label=\"Legal\">\(links.joined(separator: " · "))</nav>\n"
    }

    private static func foot(_ facts: LegalFacts) -> String {
        "<footer>Profile \(facts.profile.name), Tacet \(escaped(facts.version)). This page has no script, sets no cookie and loads nothing from elsewhere.</footer>\n</main>\n</body>\n</html>\n"
    }

    private static func html(_ block: LegalBlock) -> String {
        switch block {
        case .heading(let text): return "<h2>\(escaped(text))</h2>\n"
        case .paragraph(let text): return "<p>\(escaped(text))</p>\n"
        case .summary(let lines):
            return
                "<section aria-label=\"The short version\" class=\"card\"><h2>The short version</h2>\n\(items(lines))</section>\n"
        case .list(let lines): return lines.isEmpty ? "<p>None.</p>\n" : items(lines)
        case .link(let text, let target): return "<p><a href=\"\(escaped(target))\">\(escaped(text))</a></p>\n"
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
