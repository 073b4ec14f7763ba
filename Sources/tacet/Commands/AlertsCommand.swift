import ArgumentParser
import Foundation
import Vocabulary

struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "Show what budgets, credit and unusual hours had to tell.",
        discussion: """
            Example:
              tacet alerts list
            """,
        subcommands: [List.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List alerts, newest first; each cause is told once.",
            discussion: """
                Example:
                  tacet alerts list --json
                """)

        @Option(help: "At most so many.")
        var limit = 50
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func validate() throws {
            if limit < 1 { throw ValidationError("--limit is \(limit); allowed: a whole number from 1.") }
        }

        func run() async throws {
            let lines = try await place.ask(.listAlerts(limit: limit))
            let alerts = try lines.map { try JSONDecoder().decode(AlertLine.self, from: Data($0)) }
            output.show(lines) {
                guard !alerts.isEmpty else { return "No alerts.\n" }
                var table = TextTable("AT", "KIND", "OWNER", "MAILED", "POSTED", "WHAT")
                for alert in alerts {
                    table.add(
                        alert.at, alert.kind, alert.owner, alert.mailed_at ?? "–", alert.posted_at ?? "–", alert.text)
                }
                return table.text
            }
        }
    }
}
