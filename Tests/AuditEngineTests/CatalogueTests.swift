import AuditEngine
import Foundation
import Testing
import Vocabulary

/// The words of all languages: none missing, none empty, the same values in each.
@Suite struct CatalogueTests {
    private static func phrases(_ code: String) -> [String: String] {
        var found: [String: String] = [:]
        for line in Languages.text(code).split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = parts[0].trimmingCharacters(in: .whitespaces)
            #expect(parts.count == 2 && found[key] == nil, "\(code): \(line)")
            found[key] = parts.count == 2 ? String(parts[1].dropFirst()) : ""
        }
        return found
    }

    @Test(arguments: Languages.all) func nothingIsMissing(_ code: String) {
        let (english, other) = (Self.phrases("en"), Self.phrases(code))
        #expect(english.count > 200)
        #expect(Set(english.keys) == Set(other.keys))
        for (key, phrase) in other where !key.hasPrefix("style.") {
            #expect(!phrase.isEmpty, "\(code) \(key)")
            #expect(Self.values(phrase) == Self.values(english[key] ?? ""), "\(code) \(key)")
        }
        // Sentences that are the same as the English ones were not translated.
        let same = other.filter { english[$0.key] == $0.value && $0.value.count > 24 && !$0.key.hasPrefix("style.") }
        #expect(code == "en" || same.isEmpty, "\(code): \(same.keys)")
    }

    private static func values(_ phrase: String) -> Set<Substring> {
        Set(phrase.matches(of: /\{([0-9])/).map { $0.output.1 })
    }

    /// Every key that sources name is in the catalogue, and the catalogue has none that nothing names.
    @Test func keysAndUsesAgree() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var source = ""
        for folder in ["Sources/AuditEngine", "Browser"] {
            let base = root.appendingPathComponent(folder)
            for case let name as String in try #require(FileManager.default.enumerator(atPath: base.path))
            where name.hasSuffix(".swift") || name.hasSuffix(".js") || name.hasSuffix(".html") {
                source += try String(contentsOf: base.appendingPathComponent(name), encoding: .utf8)
            }
        }
        let keys = Set(Self.phrases("en").keys)
        let named = Set(
            source.matches(
                of:
                    /["'\(]((?:finding|figure|days|hours|table|findings|by|whatif|files|keep|page|drop|reading|problem|mapping|silence|report|name|style)\.[a-z_.]+[a-z_])["']/
            )
            .map { String($0.output.1) })
        for key in named { #expect(keys.contains(key), "\(key) is not in the catalogue") }
        for key in keys where !named.contains(key) {
            // Built from a stem and a word: `finding.` id `.title`, `skip.` reason.
            let stems = ["skip.", "tier.", "confidence.", "field.", "by.", "style.", "figure.", "finding."]
            let isBuilt = stems.contains { key.hasPrefix($0) }
            #expect(isBuilt, "nothing uses \(key)")
            if key.hasPrefix("finding."), key.hasSuffix(".title") {
                let id = key.split(separator: ".")[1]
                #expect(source.contains("\"\(id)\""), "no finding \(id)")
            }
        }
        for reason in SkipReason.allCases { #expect(keys.contains("skip.\(reason.word)")) }
        for meaning in AuditOptions.meanings { #expect(keys.contains("field.\(meaning)")) }
        for dimension in AuditDimension.allCases { #expect(keys.contains("by.\(dimension.word)")) }
    }

    @Test(
        arguments: [
            ("en", "1,234,567", "$1,234.50", "-$0.0100", "May 18, 2026"),
            ("de", "1.234.567", "1.234,50\u{a0}$", "-0,0100\u{a0}$", "18.05.2026"),
            ("fr", "1\u{202f}234\u{202f}567", "1\u{202f}234,50\u{a0}$", "-0,0100\u{a0}$", "18 mai 2026"),
            ("es", "1.234.567", "1234,50\u{a0}$", "-0,0100\u{a0}$", "18 may 2026"),
            ("zh", "1,234,567", "$1,234.50", "-$0.0100", "2026年5月18日"),
            ("ja", "1,234,567", "$1,234.50", "-$0.0100", "2026/05/18"),
        ])
    func figuresAreWrittenAsTheLanguageDoes(
        _ code: String, _ number: String, _ usd: String, _ small: String, _ date: String
    ) {
        let language = Languages.catalogue(code)
        func string(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        #expect(string(language.number(1_234_567)) == number)
        #expect(string(language.usd(1_234_500_000_000_000_000_000)) == usd)
        #expect(string(language.usd(-10_000_000_000_000_000)) == small)
        #expect(string(language.date(20_591)) == date)
    }

    @Test(
        arguments: [
            ("en", 1, "1 row read, 1 skipped."), ("en", 0, "0 rows read, 0 skipped."),
            ("en", 2, "2 rows read, 2 skipped."),
            ("fr", 0, "0 ligne lue, 0 écartées."), ("fr", 2, "2 lignes lues, 2 écartées."),
            ("fr", 2_000_000, "2\u{202f}000\u{202f}000 de lignes lues, 2\u{202f}000\u{202f}000 écartées."),
            ("es", 1_000_000, "1.000.000 de filas leídas, 1.000.000 omitidas."), ("es", 1, "1 fila leída, 1 omitidas."),
            ("ja", 1, "1 行を読み、1 行を飛ばしました。"),
        ] as [(String, Int64, String)])
    func countsChooseTheirForm(_ code: String, _ count: Int64, _ wanted: String) {
        let phrase = Languages.catalogue(code).sentence(Phrase.rows(count, count))
        #expect(String(decoding: phrase, as: UTF8.self) == wanted)
    }

    /// A whole report in every language: no key stands where a sentence should.
    @Test(arguments: Languages.all) func reportsSpeakTheLanguage(_ code: String) {
        let report = audit(Samples.files.map { Array($0.text.utf8) })
        let language = Languages.catalogue(code)
        let page = String(decoding: report.html(language), as: UTF8.self)
        #expect(page.hasPrefix("<!doctype html><html lang=\"\(code)\">"))
        for stem in ["finding.", "figure.", "table.", "skip.", "tier.", "by.", "whatif.", "files.", "name.", "{0"] {
            #expect(!page.contains(">" + stem) && !page.contains(" " + stem), "\(stem)")
        }
        let json = String(decoding: report.json(language), as: UTF8.self)
        #expect(!json.contains("\"finding.") && !json.contains("\"tier.") && !json.contains("\"name."))
    }
}
