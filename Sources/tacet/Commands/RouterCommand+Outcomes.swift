import ArgumentParser
import Foundation
import Policy
import Vocabulary

extension RouterCommand {
    struct Outcomes: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell how requests turned out: trials, and what is learned, follow.",
            discussion: """
                A row is a JSON object a line with `id`, of a request of the last half hour, and `good`, true or false. A row
                with anything else is refused, so that no word of a prompt or an answer can be told. Requests can be told one by
                one too: POST /v1/receipts/{id}/good and …/bad with their key.

                Example:
                  tacet router outcomes outcomes.jsonl
                """)

        @Argument(help: "A JSONL file of ids and outcomes; `-` is standard input.")
        var file: String
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        /// Fits into a line of the control socket.
        private static let batch = 500

        func run() async throws {
            let rows = try OutcomeFile.told(file)
            var sum = OutcomesLine()
            for start in stride(from: 0, to: rows.count, by: Self.batch) {
                let part = rows[start..<min(start + Self.batch, rows.count)]
                let lines = try await place.ask(
                    .tellOutcomes(ids: part.map(\.id), good: part.map(\.good)))
                let line = try JSONLine.first(OutcomesLine.self, in: lines)
                sum.taken += line.taken
                sum.unknown += line.unknown
            }
            output.show([JSONLine.of(sum)]) {
                "\(sum.taken) outcomes taken; \(sum.unknown) of requests that wait for none.\n"
            }
        }
    }

    struct Learned: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what outcomes taught the router, and forget it.",
            discussion: """
                Errors are mean squares of what was foretold before each outcome was known; what was learned is in use while its
                error is the smaller one.

                Example:
                  tacet router learned
                  tacet router learned --forget
                """)

        @Flag(help: "Forget what outcomes taught, in memory and on disk.")
        var forget = false
        @Option(help: "The organisation's number.")
        var organisation: UInt64 = OrganisationID.home.value
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            if forget {
                let lines = try await place.ask(.forgetLearning(organisation: organisation))
                return output.show(lines) { "Forgotten.\n" }
            }
            let lines = try await place.ask(.listLearning)
            let learned = try JSONLine.all(LearningLine.self, in: lines)
            output.show(lines) {
                if learned.isEmpty { return "Nothing was learned: `router: { learn: on }` and outcomes teach.\n" }
                var table = TextTable(
                    "ORGANISATION", "OUTCOMES", "CONTROL", "FEATURES", "KEPT", "ERROR", "WITH IT", "IN USE")
                for line in learned {
                    table.add(
                        "\(line.organisation)", "\(line.outcomes)", "\(line.control)", "\(line.features)",
                        "\(line.features_kept)", "\(line.error_alone)", "\(line.error_learned)",
                        line.applied ? "yes" : "no")
                }
                return table.text
            }
        }
    }
}

/// A told outcome.
struct ToldOutcome: Codable {
    var id: String
    var good: Bool
}

extension OutcomeFile {
    /// Ids and outcomes; a row with anything beside them ends it with its place.
    static func told(_ file: String) throws(Failure) -> [ToldOutcome] {
        let filter = MetadataFilter(shapeOf: ["id": .text("req"), "good": .flag(true)], opaque: ["id"])
        let decoder = JSONDecoder()
        var rows: [ToldOutcome] = []
        for (line, place) in try lines(of: file) {
            guard filter.check(Array(line)) == nil, let row = try? decoder.decode(ToldOutcome.self, from: line) else {
                throw Failure(text: "\(place): allowed is `id` and `good`, and nothing else.", code: 2)
            }
            rows.append(row)
        }
        return rows
    }
}
