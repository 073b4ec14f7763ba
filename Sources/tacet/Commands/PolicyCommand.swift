import ArgumentParser
import Policy
import Vocabulary

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Show what is promised, check that this installation keeps it, compare profiles.",
        discussion: """
            A profile is what this installation promises: aurex, aura, aurixel, auxen, outlay, or strict, which is the
            default and never looser than another. It is named by `profile:` in tacet.yaml.

            Example:
              tacet policy show --profile aura
              tacet policy check
              tacet policy diff aura outlay
            """,
        subcommands: [Show.self, Check.self, Diff.self, Render.self, Aggregates.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the promises: what keeps each, what proves it, and which are not kept yet.",
            discussion: """
                Example:
                  tacet policy show
                  tacet policy show --profile aura
                  tacet policy show --json | head -1
                  tacet policy show --markdown > docs/promises.md

                STATE is kept, or not_yet with the issue or later round that builds it. Every kept promise names tests
                that fail when it is broken: --json lists them. Without --profile: all 121 promises of the five policies.
                """)

        @Option(help: "Only what this profile promises, and the value of each of its knobs.")
        var profile: ProfileOption?
        @Flag(help: "Print the whole register, the profiles and the data map as Markdown.")
        var markdown = false
        @OptionGroup var output: JSONOption

        func validate() throws {
            if markdown, output.json || profile != nil {
                throw ValidationError("--markdown prints everything; it goes without --json and --profile.")
            }
        }

        func run() {
            if markdown { return Terminal.out(RegisterPage.markdown) }
            let promises = profile.map { Register.promises(of: $0.id) } ?? Register.promises
            output.show(promises.map { JSONLine.of(PromiseLine($0)) }) {
                var table = TextTable("ID", "STATE", "BY", "PROMISE")
                for promise in promises {
                    table.add("\(promise.id)", promise.state.name, promise.home.text, promise.sentence)
                }
                let kept = promises.count { $0.state == .kept }
                let missing = promises.count { $0.state == .notYet }
                var text = table.text + "\n\(promises.count) promises: \(kept) kept, \(missing) not yet.\n"
                guard let profile else { return text }
                if missing > 0 {
                    text +=
                        "The profile \(profile.id.name) is not published as a policy while \(missing) are missing.\n"
                }
                var knobs = TextTable("KNOB", "VALUE", "LOOSEST TO TIGHTEST", "CHANGED BY", "OBEYED")
                for knob in ProfileTable.knobs {
                    knobs.add(
                        knob.name, knob.value(in: profile.id),
                        knob.values.joined(separator: knob.isOrdered ? " > " : ", "), knob.changer.rawValue,
                        knob.obeyed.text)
                }
                return text + "\n" + knobs.text
            }
        }
    }

    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare two profiles: knobs with different values, and promises that only one makes.",
            discussion: """
                Example:
                  tacet policy diff aura outlay

                TIGHTER names the profile that keeps less or shows less; a knob without an order has none.
                """)

        @Argument(help: "A profile: aurex, aura, aurixel, auxen, outlay or strict.")
        var one: ProfileOption
        @Argument(help: "Another profile.")
        var other: ProfileOption
        @OptionGroup var output: JSONOption

        struct Line: Codable {
            var knob: String?
            var promise: String?
            var one: String
            var other: String
            var tighter: String?
        }

        func run() {
            let knobs = ProfileTable.difference(one.id, other.id).map { knob in
                Line(
                    knob: knob.name, one: knob.value(in: one.id), other: knob.value(in: other.id),
                    tighter: tighter(knob))
            }
            let promises = Register.promises.compactMap { promise -> Line? in
                let made = (promise.isMade(by: one.id), promise.isMade(by: other.id))
                guard made.0 != made.1 else { return nil }
                return Line(
                    promise: "\(promise.id)", one: made.0 ? promise.state.name : "not_made",
                    other: made.1 ? promise.state.name : "not_made")
            }
            output.show((knobs + promises).map { JSONLine.of($0) }) {
                guard !knobs.isEmpty || !promises.isEmpty else { return "No difference.\n" }
                let names = (one.id.name.description, other.id.name.description)
                var table = TextTable("KNOB", names.0.uppercased(), names.1.uppercased(), "TIGHTER")
                for line in knobs { table.add(line.knob ?? "", line.one, line.other, line.tighter ?? "–") }
                var made = TextTable("PROMISE", names.0.uppercased(), names.1.uppercased(), "")
                for line in promises {
                    let id = line.promise ?? ""
                    made.add(id, line.one, line.other, PromiseID(id).flatMap { Register.promise($0) }?.sentence ?? "")
                }
                return table.text + "\n" + made.text
            }
        }

        private func tighter(_ knob: Knob) -> String? {
            guard let left = knob.tightness(of: knob.value(in: one.id)),
                let right = knob.tightness(of: knob.value(in: other.id))
            else { return nil }
            return (left > right ? one : other).id.name.description
        }
    }
}

/// A profile by its name.
struct ProfileOption: ExpressibleByArgument {
    var id: ProfileID

    init?(argument: String) {
        guard let id = ProfileID(named: argument) else { return nil }
        self.id = id
    }

    static var allValueStrings: [String] { ProfileID.allCases.map(\.name.description) }
}

/// A promise as JSON.
private struct PromiseLine: Codable {
    var id: String
    var sentence: String
    var scope: String
    var state: String
    var home: String
    var mechanism: String
    var proofs: [String]
    var profiles: [String]

    init(_ promise: Promise) {
        id = "\(promise.id)"
        sentence = promise.sentence
        scope = promise.scope.rawValue
        state = promise.state.name
        home = promise.home.text
        mechanism = promise.mechanism
        proofs = promise.proofs.map { "Tests/\($0.file) \($0.test)" }
        profiles = promise.profiles.map(\.name.description)
    }
}
