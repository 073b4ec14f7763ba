import ArgumentParser
import Foundation
import Planning
import Vocabulary

struct RouterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "router",
        abstract: "Train the classifier on outcomes you bring, and see and approve what the router proposes.",
        discussion: """
            Nothing here reads traffic: training takes only the files it is given.

            Example:
              tacet router train outcomes.jsonl --out weights.bin
              tacet router eval held-out.jsonl --weights weights.bin
              tacet router proposals
              tacet router approve 3
              tacet router outcomes outcomes.jsonl
              tacet router learned
              tacet router explain --weights weights.bin < prompt.txt
            """,
        subcommands: [
            Train.self, Eval.self, Score.self, Explain.self, Proposals.self, Approve.self, Trial.self,
            Outcomes.self, Learned.self,
        ])

    struct Train: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Learn from prompts whose outcome with a strong and a weak model is known.",
            discussion: """
                A row is a JSON object a line: `prompt`, and either `strong_ok` and `weak_ok` (0 to 1) or `scores`, an object
                of model and score, with --strong and --weak naming two of them.

                Example:
                  tacet router train outcomes.jsonl --out weights.bin
                  tacet router train scores.jsonl --strong gpt-4o --weak gpt-4o-mini --out weights.bin
                """)

        @Argument(help: "JSONL files of outcomes; `-` is standard input.")
        var files: [String]
        @Option(help: "Where the weights go.")
        var out: String
        @Option(help: "The stronger model's name in `scores`.")
        var strong: String?
        @Option(help: "The weaker model's name in `scores`.")
        var weak: String?
        @Flag(help: "Print the training report as JSON.")
        var json = false

        struct Report: Codable {
            var rows: UInt32
            var folds_apgr: Double
            var length_apgr: Double
            var bytes: Int
        }

        func validate() throws {
            if files.isEmpty { throw ValidationError("Name a file of outcomes.") }
            if (strong == nil) != (weak == nil) { throw ValidationError("--strong and --weak go together.") }
        }

        func run() throws {
            let rows = try OutcomeFile.training(files, strong: strong, weak: weak)
            let weights: ClassifierWeights
            do throws(TrainingFault) {
                weights = try ClassifierTraining(rows).trained()
            } catch {
                switch error {
                case .tooFewRows(let count):
                    throw Failure(text: "\(count) rows; at least \(ClassifierTraining.fewestRows) are needed.")
                case .noDifference:
                    throw Failure(text: "Both models do alike on every row: there is nothing to tell apart.")
                }
            }
            let bytes = weights.bytes
            do {
                try Data(bytes).write(to: URL(filePath: out), options: .atomic)
            } catch {
                throw Failure(text: "\(out) cannot be written.")
            }
            let report = Report(
                rows: weights.report.rows,
                folds_apgr: Double(weights.report.foldsAPGR) / 10_000,
                length_apgr: Double(weights.report.lengthAPGR) / 10_000, bytes: bytes.count)
            if json {
                Terminal.out(JSONLine.of(report) + [0x0a])
            } else {
                Terminal.out(
                    """
                    \(report.rows) rows, five folds of them ranked by models that did not see them:
                      APGR                \(report.folds_apgr)  (0.5 is random)
                      by length alone     \(report.length_apgr)
                    \(out): \(bytes.count) bytes

                    """)
            }
        }
    }

    struct Score: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Score prompts: higher means that the stronger model is needed.",
            discussion: """
                A row is a JSON object a line with `prompt` and, if it has one, `id`; without it, the row's number is its id.

                Example:
                  tacet router score prompts.jsonl --weights weights.bin
                """)

        @Argument(help: "A JSONL file of prompts; `-` is standard input.")
        var file: String
        @Option(help: "Weights, as `router train` writes them.")
        var weights: String

        struct Line: Codable {
            var id: String
            var score: Double
            var category: String
        }

        func run() throws {
            let classifier = Classifier(try WeightsFile.read(weights))
            var reader = PromptReader()
            var number = 0
            let lines = try OutcomeFile.rows([file]) { (row, _) throws(Failure) in
                number += 1
                let found = classifier.classify(Array(row.prompt.utf8).span, using: &reader)
                return Line(
                    id: row.id ?? "\(number)", score: Double(found.difficulty),
                    category: found.category.name.description)
            }
            Terminal.out(Array(lines.map { JSONLine.of($0) + [0x0a] }.joined()))
        }
    }

    struct Explain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what the classifier says of the prompt on standard input.",
            discussion: """
                Example:
                  tacet router explain --weights weights.bin < prompt.txt
                """)

        @Option(help: "Weights, as `router train` writes them.")
        var weights: String
        @Flag(help: "Print JSON.")
        var json = false

        struct Line: Codable {
            var category: String
            var difficulty: Double
            var bytes: Int
            var training_rows: UInt32
            var training_apgr: Double
            var length_apgr: Double
        }

        func run() throws {
            let classifier = Classifier(try WeightsFile.read(weights))
            let prompt = [UInt8](FileHandle.standardInput.readDataToEndOfFile())
            var reader = PromptReader()
            let found = classifier.classify(prompt.span, using: &reader)
            let report = classifier.weights.report
            let line = Line(
                category: found.category.name.description, difficulty: Double(found.difficulty), bytes: prompt.count,
                training_rows: report.rows, training_apgr: Double(report.foldsAPGR) / 10_000,
                length_apgr: Double(report.lengthAPGR) / 10_000)
            if json { return Terminal.out(JSONLine.of(line) + [0x0a]) }
            Terminal.out(
                """
                category     \(line.category)
                difficulty   \(line.difficulty)  (what a stronger model is expected to gain: 0 nothing, 1 all)
                read         \(min(prompt.count, PromptReader.longestPrompt)) of \(prompt.count) bytes
                weights      \(line.training_rows) rows, APGR \(line.training_apgr), by length alone \(line.length_apgr)

                """)
        }
    }
}
