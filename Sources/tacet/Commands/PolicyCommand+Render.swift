import ArgumentParser
import Console
import Foundation
import Policy
import Vocabulary

extension PolicyCommand {
    struct Render: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a legal page as the console would serve it now, or the record of processing activities.",
            discussion: """
                Example:
                  tacet policy render privacy --language de > datenschutz.html
                  tacet policy render processing

                PAGE is privacy, terms, dpa, subprocessors, security, transparency, or processing: what article 30 of the
                GDPR asks for, from the same data map. A page that lacks a value of `legal` is not printed: exit code 1.
                """)

        @Argument(help: "The page.")
        var page: String
        @Option(help: "en, de, fr, es, zh or ja.")
        var language = "en"
        @OptionGroup var place: PlaceOptions

        func run() throws {
            guard let language = Language(code: language) else {
                throw Failure(text: "Pages speak en, de, fr, es, zh and ja.", code: 2)
            }
            let facts = PublicPages.facts(try place.settings(), language)
            if page == "processing" { return Terminal.out(LegalHTML.processing(facts)) }
            guard let page = LegalPage(rawValue: page) else {
                let names = LegalPage.allCases.map(\.rawValue).joined(separator: ", ")
                throw Failure(text: "There is no page `\(page)`; allowed: \(names), processing.", code: 2)
            }
            guard let content = LegalHTML.content(page, facts) else {
                let missing = page.missing(in: facts).map { "legal.\($0.rawValue)" }.joined(separator: ", ")
                throw Failure(text: "/legal/\(page.rawValue) lacks \(missing).")
            }
            Terminal.out(
                LegalHTML.page(page, facts, content: content, history: LegalHistory([], today: 0), shown: nil))
        }
    }

    struct Aggregates: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the only counts that may be looked at for improvement: over five organisations and more.",
            discussion: """
                Example:
                  tacet policy aggregates --days 30

                Sums by task category, without whoever objects, is restricted or has improve_from_aggregates off; refused
                where the profile has it off. No training code exists.
                """)

        @Option(help: "Of how many days back.")
        var days = 30
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func validate() throws {
            guard (1...366).contains(days) else { throw ValidationError("--days is 1 to 366.") }
        }

        func run() async throws {
            let lines = try await place.ask(.aggregates(days: days))
            output.show(lines) {
                lines.isEmpty
                    ? "No category was used by five organisations.\n"
                    : lines.map { String(decoding: $0, as: UTF8.self) + "\n" }.joined()
            }
        }
    }
}
