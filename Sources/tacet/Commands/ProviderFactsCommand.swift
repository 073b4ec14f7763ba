import ArgumentParser
import Planning
import Vocabulary

extension ProviderCommand {
    struct Facts: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the providers Tacet knows: a name and a key suffice for them.",
            discussion: """
                Example:
                  tacet provider facts
                  tacet provider facts --json

                docs/providers.md says where the facts come from and how to add a provider.
                """)

        @OptionGroup var output: JSONOption

        struct Line: Codable {
            var name: String
            var title: String
            var base_url: String
            var key_header: String
            var dialects: [String]
            var variables: [String]
            var quirks: [String]
            var refused: [String]
            var local: Bool
            var docs: String

            init(_ facts: ProviderFacts) {
                name = facts.name
                title = facts.title
                base_url = facts.base
                key_header =
                    switch facts.account {
                    case .bearer: "authorization: Bearer"
                    case .header(let name): name
                    case .azure: "api-key"
                    case .aws: "authorization: Bearer, or AWS Signature Version 4"
                    case .google: "authorization: Bearer, of a fetched token"
                    }
                dialects = facts.dialects.map(\.name.description)
                variables = facts.variables
                quirks = Quirk.allCases.filter(facts.quirks.contains).map(\.name.description)
                refused = facts.refused
                local = facts.isLocal
                docs = facts.docs
            }
        }

        func run() {
            let lines = ProviderFacts.table.map(Line.init)
            output.show(lines.map { JSONLine.of($0) }) {
                var table = TextTable("NAME", "ADDRESS", "KEY FROM", "DIALECTS", "QUIRKS")
                for line in lines {
                    table.add(
                        line.name, line.base_url.isEmpty ? "your own" : line.base_url,
                        line.variables.isEmpty ? "–" : line.variables.joined(separator: ", "),
                        line.dialects.joined(separator: ", "),
                        line.quirks.isEmpty ? "–" : line.quirks.joined(separator: ", "))
                }
                return table.text
            }
        }
    }
}
