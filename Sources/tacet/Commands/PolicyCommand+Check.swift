import ArgumentParser
import Policy
import Vocabulary

extension PolicyCommand {
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look whether this installation keeps what its profile promises.",
            discussion: """
                Example:
                  tacet policy check
                  tacet policy check --json

                Looks at file modes, swap, the server's core limit, age and shape of the logs, the ledger's columns against
                the data map, who may be called, and how provider keys travel. Nothing is changed, but that an older ledger
                is brought up to date as by any command. What could not be looked at is called `not checked`, never sound.

                STATUS of a promise: kept, broken, not_yet, not_applicable. Exit code 1 when one is broken, with its id.
                """)

        @Flag(help: "Print one JSON array of id, status and evidence, for all 121 promises.")
        var json = false
        @OptionGroup var place: PlaceOptions

        struct Line: Codable {
            var id: String
            var status: String
            var evidence: String
        }

        func run() throws {
            let settings = try place.settings()
            let facts = PolicyFacts(
                settings: settings, data: try place.dataPath(), environment: place.environment, now: .now
            ).all
            let verdicts = Verdict.all(of: settings.policy, facts: facts)
            let broken = verdicts.filter { $0.status == .broken }
            if json {
                let lines = verdicts.map {
                    Line(id: "\($0.id)", status: $0.status.rawValue, evidence: $0.evidence)
                }
                Terminal.out(JSONLine.of(lines) + [0x0a])
            } else {
                Terminal.out(Self.text(settings.profile, facts, verdicts))
            }
            if !broken.isEmpty {
                Terminal.error("tacet: broken: \(broken.map { "\($0.id)" }.joined(separator: " "))\n")
                throw ExitCode(1)
            }
        }

        static func text(_ profile: ProfileID, _ facts: [Fact], _ verdicts: [Verdict]) -> String {
            var checks = TextTable("CHECK", "", "FOUND")
            for fact in facts {
                checks.add(fact.name, fact.isSound.map { $0 ? "ok" : "BROKEN" } ?? "not checked", fact.found)
            }
            var text = checks.text + "\n"
            for verdict in verdicts where verdict.status == .broken {
                let sentence = Register.promise(verdict.id)?.sentence ?? ""
                text += "\(verdict.id) is broken: \(sentence)\n  \(verdict.evidence)\n"
            }
            let counts = Verdict.Status.allCases.map { status in
                "\(verdicts.count { $0.status == status }) \(status.rawValue)"
            }
            return text + "Profile \(profile.name), 121 promises: \(counts.joined(separator: ", ")).\n"
                + "Each with its evidence: tacet policy check --json\n"
        }
    }
}
