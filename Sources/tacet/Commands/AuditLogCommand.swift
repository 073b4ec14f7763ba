import ArgumentParser
import Foundation
import Vocabulary

struct AuditLogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit-log",
        abstract: "Show and verify the log of administrative acts: field names and digests, never values.",
        discussion: """
            Example:
              tacet audit-log list
              tacet audit-log verify --head 3b6a…

            Every act is written before it is done, and chained to the one before by SHA-256. A head noted earlier shows
            that nothing before it was taken away since.
            """,
        subcommands: [List.self, Verify.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List acts, oldest first.",
            discussion: """
                Example:
                  tacet audit-log list --limit 20 --json
                """)

        @OptionGroup var most: LimitOption
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.auditLog(limit: most.limit))
            let entries = try JSONLine.all(AuditLine.self, in: lines)
            output.show(lines) {
                guard !entries.isEmpty else { return "No acts yet.\n" }
                var table = TextTable("NO", "AT", "WHO", "ACT", "RESULT", "FIELDS", "HASH")
                for entry in entries {
                    table.add(
                        String(entry.sequence), entry.at, entry.by ?? entry.actor, entry.action, entry.result,
                        entry.fields.keys.sorted().joined(separator: " "), String(entry.hash.prefix(16)))
                }
                return table.text
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Walk the chain from its beginning. Exit code 1 when an entry was changed, removed or put in.",
            discussion: """
                Example:
                  tacet audit-log verify
                  tacet audit-log verify --head 3b6a…

                Without --head, a chain that was cut at its end and mended cannot be told from one that ended there.
                """)

        @Option(help: "A hash of the chain that was noted or published earlier; the chain must still have it.")
        var head: String?
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.verifyAuditLog(head: head))
            let check = try JSONLine.first(AuditCheckLine.self, in: lines)
            output.show(lines) {
                var text = check.sound ? "Sound. " : "Not sound. "
                text += "\(check.entries) entries"
                if let place = check.broken_at { text += "; broken at \(place)" }
                if check.holds_head == false { text += "; the head that was asked for is not in the chain" }
                return text + ".\nHead \(check.head)\n"
            }
            if !check.sound { throw ExitCode(1) }
        }
    }
}
