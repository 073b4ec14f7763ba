import Foundation
import Planning

/// Prompts with outcomes, one JSON object a line, that an operator brings (`RULES.md` 23).
struct OutcomeRow: Decodable {
    var id: String?
    var prompt: String
    var strong_ok: Double?
    var weak_ok: Double?
    var scores: [String: Double]?

    /// `nil` when the row has none, or one outside of 0 to 1.
    func outcome(strong: String?, weak: String?) -> (strong: Double, weak: Double)? {
        let found =
            if let strong, let weak { (scores?[strong], scores?[weak]) } else { (strong_ok, weak_ok) }
        guard let strong = found.0, let weak = found.1, 0...1 ~= strong, 0...1 ~= weak else { return nil }
        return (strong, weak)
    }
}

enum OutcomeFile {
    /// Every line of the files, by `use`; a line that is no such object ends it with its place.
    static func rows<Row>(
        _ files: [String], _ use: (OutcomeRow, String) throws(Failure) -> Row
    ) throws(Failure) -> [Row] {
        var rows: [Row] = []
        let decoder = JSONDecoder()
        for file in files {
            for (line, place) in try lines(of: file) {
                guard let row = try? decoder.decode(OutcomeRow.self, from: line) else {
                    throw Failure(text: "\(place): no JSON object with a string `prompt`.", code: 2)
                }
                rows.append(try use(row, place))
            }
        }
        return rows
    }

    /// The lines of a file that hold something, each with its place; `-` is standard input.
    static func lines(of file: String) throws(Failure) -> [(line: Data, place: String)] {
        let data: Data
        if file == "-" {
            data = FileHandle.standardInput.readDataToEndOfFile()
        } else if let found = FileManager.default.contents(atPath: file) {
            data = found
        } else {
            throw Failure(text: "There is no file \(file).", code: 2)
        }
        return data.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            line.allSatisfy { $0 == 0x20 || $0 == 0x0d } ? nil : (line, "\(file), line \(index + 1)")
        }
    }
}

extension OutcomeFile {
    /// Prompts with the outcome of two models.
    static func training(_ files: [String], strong: String?, weak: String?) throws(Failure) -> [TrainingRow] {
        try rows(files) { (row, place) throws(Failure) in
            guard let outcome = row.outcome(strong: strong, weak: weak) else {
                throw Failure(
                    text:
                        "\(place): no outcome. Allowed: `strong_ok` and `weak_ok` from 0 to 1, or `scores` with --strong and --weak.",
                    code: 2)
            }
            return TrainingRow(prompt: Array(row.prompt.utf8), strong: outcome.strong, weak: outcome.weak)
        }
    }
}

enum WeightsFile {
    static func read(_ path: String) throws(Failure) -> ClassifierWeights {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(text: "There is no file \(path).", code: 2)
        }
        do throws(WeightsFault) {
            return try ClassifierWeights([UInt8](data).span)
        } catch {
            let why =
                switch error {
                case .foreign: "is no weights file of `tacet router train`"
                case .version(let version):
                    "has features of version \(version), which this version does not read; train again"
                case .length(let bytes, let expected): "has \(bytes) bytes; a weights file has \(expected)"
                case .damaged: "is damaged: its checksum does not fit"
                case .notFinite: "holds a weight that is no number"
                }
            throw Failure(text: "\(path) \(why).")
        }
    }
}
