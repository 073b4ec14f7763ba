import ArgumentParser
import Foundation
import Planning

extension RouterCommand {
    struct Eval: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "eval",
            abstract: "Show how well weights rank prompts whose outcomes are known, beside prompt length alone.",
            discussion: """
                Rows are those of `router train`; none may have been trained on, or the figures say nothing. APGR is the part of
                the gap between the models that is recovered, over all shares of strong calls: 0.5 is random. CPT50 is the share
                of strong calls that recovers half of the gap.

                Example:
                  tacet router eval held-out.jsonl --weights weights.bin
                """)

        @Argument(help: "JSONL files of outcomes; `-` is standard input.")
        var files: [String]
        @Option(help: "Weights, as `router train` writes them.")
        var weights: String
        @Option(help: "The stronger model's name in `scores`.")
        var strong: String?
        @Option(help: "The weaker model's name in `scores`.")
        var weak: String?
        @Flag(help: "Print JSON.")
        var json = false

        struct Line: Codable {
            var rows: Int
            var apgr: Double
            var cpt50: Double
            var cpt80: Double
            var length_apgr: Double
            var length_cpt50: Double
            var length_cpt80: Double
        }

        func validate() throws {
            if files.isEmpty { throw ValidationError("Name a file of outcomes.") }
            if (strong == nil) != (weak == nil) { throw ValidationError("--strong and --weak go together.") }
        }

        func run() throws {
            let classifier = Classifier(try WeightsFile.read(weights))
            var reader = PromptReader()
            let rows = try OutcomeFile.training(files, strong: strong, weak: weak)
            let (strongs, weaks) = (rows.map(\.strong), rows.map(\.weak))
            let scores = rows.map { Double(classifier.classify($0.prompt.span, using: &reader).difficulty) }
            let lengths = rows.map { Double($0.prompt.count) }
            guard let curve = RoutingCurve(scores: scores, strong: strongs, weak: weaks),
                let byLength = RoutingCurve(scores: lengths, strong: strongs, weak: weaks)
            else { throw Failure(text: "The rows do not tell the models apart: there is nothing to rank.") }
            func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
            let line = Line(
                rows: rows.count, apgr: rounded(curve.recovered), cpt50: rounded(curve.share(recovering: 0.5)),
                cpt80: rounded(curve.share(recovering: 0.8)), length_apgr: rounded(byLength.recovered),
                length_cpt50: rounded(byLength.share(recovering: 0.5)),
                length_cpt80: rounded(byLength.share(recovering: 0.8)))
            if json { return Terminal.out(JSONLine.of(line) + [0x0a]) }
            var table = TextTable("RANKED BY", "APGR", "CPT50", "CPT80")
            table.add(weights, "\(line.apgr)", "\(line.cpt50)", "\(line.cpt80)")
            table.add("length alone", "\(line.length_apgr)", "\(line.length_cpt50)", "\(line.length_cpt80)")
            Terminal.out("\(rows.count) rows\n\(table.text)")
        }
    }
}
