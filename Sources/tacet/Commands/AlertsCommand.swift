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

        @OptionGroup var most: LimitOption
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.listAlerts(limit: most.limit))
            let alerts = try JSONLine.all(AlertLine.self, in: lines)
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
