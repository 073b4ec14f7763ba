import ArgumentParser
import Foundation
import Vocabulary

struct IncidentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "incident",
        abstract: "Tell of a known incident: /security shows it at once, those affected are written to.",
        discussion: """
            Example:
              tacet incident announce disclosed --concerns receipts --from 2026-11-20T08:00:00Z
              tacet incident end 1
              tacet incident list

            Kinds and times, no words: which organisations are affected is told from what was used in that time. Their owners
            and admins get a mail each, by the server of alerts.mail.
            """,
        subcommands: [Announce.self, End.self, List.self])

    struct Announce: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Announce one.",
            discussion: """
                Example:
                  tacet incident announce lost --concerns receipts --from 2h --until 1h
                """)

        @Argument(help: "unavailable, disclosed, lost or altered.")
        var kind: String
        @Option(help: "gateway_keys, provider_keys, receipts or accounts; more than once for several.")
        var concerns: [String] = []
        @Option(help: "When it began, in UTC.")
        var from: TimeOption
        @Option(help: "When it ended; without it, it goes on.")
        var until: TimeOption?
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(
                .announceIncident(
                    kind: kind, concerns: concerns, from: from.microseconds,
                    until: until?.microseconds))
            try output.show(lines) { try IncidentCommand.text(lines) }
        }
    }

    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that one has ended.",
            discussion: """
                Example:
                  tacet incident end 1
                """)

        @Argument(help: "Its number.")
        var id: Int64
        @Option(help: "When, in UTC; now without it.")
        var at: TimeOption?
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.endIncident(id: id, at: at?.microseconds ?? Moment.now.microseconds))
            try output.show(lines) { try IncidentCommand.text(lines) }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List all, newest first.",
            discussion: """
                Example:
                  tacet incident list --json
                """)

        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.listIncidents)
            try output.show(lines) { try IncidentCommand.text(lines) }
        }
    }

    private static func text(_ lines: [[UInt8]]) throws -> String {
        let all = try JSONLine.all(IncidentLine.self, in: lines)
        guard !all.isEmpty else { return "No incident is known.\n" }
        var table = TextTable("NO", "KIND", "CONCERNS", "FROM", "UNTIL", "TOLD", "ORGANISATIONS")
        for line in all {
            table.add(
                String(line.id), line.kind, line.concerns.joined(separator: ", "), line.began_at,
                line.ended_at ?? "goes on", line.announced_at, String(line.affected))
        }
        let told = all.compactMap(\.told).first.map { "\($0) people are told by mail.\n" } ?? ""
        return table.text + told
    }
}
