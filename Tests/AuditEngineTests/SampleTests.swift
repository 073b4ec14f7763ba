import AuditEngine
import Foundation
import Testing

@Suite struct SampleTests {
    @Test(arguments: Samples.files) func comesToItsAmount(_ sample: Sample) {
        let report = audit(sample.text)
        #expect(report.format == sample.format)
        #expect(report.parsed == sample.parsed)
        #expect(report.skipped == sample.skipped, "\(report.jsonText)")
        #expect(report.pico == sample.cost)
    }

    @Test(arguments: Samples.files) func everyCutGivesTheSameReport(_ sample: Sample) {
        let whole = audit(sample.text).jsonText
        for cut in [1, 2, 3, 5, 7, 11, 16, 17, 33, 64, 255] { #expect(audit(sample.text, cut: cut).jsonText == whole) }
    }

    /// Long enough that the first window ends in the middle of rows: every place of a cut near its edge.
    @Test func cutsAroundTheWindowDoNotMatter() {
        let header = "timestamp,model,input_tokens,output_tokens,note\r\n"
        let row = "2026-05-01T10:00:00Z,gpt-4o,1000,10,\"a, \"\"quoted\"\" one\r\nwith a line end\"\r\n"
        let file = Array((header + String(repeating: row, count: 1500)).utf8)
        let whole = audit([file]).jsonText
        #expect(audit([file]).parsed == 1500)
        for cut in 65_500..<65_580 { #expect(audit([file], cut: cut).jsonText == whole) }
    }

    @Test(arguments: Samples.files) func aByteOrderMarkAndOtherLineEndsChangeNothing(_ sample: Sample) {
        let plain = audit(sample.text)
        let marked = audit("\u{feff}" + sample.text)
        #expect(marked.pico == plain.pico && marked.parsed == plain.parsed)
        let crlf = audit(sample.text.replacingOccurrences(of: "\n", with: "\r\n"))
        #expect(crlf.pico == plain.pico && crlf.parsed == plain.parsed)
    }

    @Test(arguments: Samples.files.filter { $0.format.hasSuffix("csv") })
    func theOrderOfColumnsChangesNothing(_ sample: Sample) throws {
        let plain = audit(sample.text)
        let records = try CSV.parse(sample.text)
        let turned = records.map {
            $0.reversed().map { "\"" + $0.replacingOccurrences(of: "\"", with: "\"\"") + "\"" }.joined(separator: ",")
        }
        let report = audit(turned.joined(separator: "\n") + "\n")
        #expect(report.pico == plain.pico && report.parsed == plain.parsed && report.format == plain.format)
        for delimiter in ["\t", ";"] {
            let other = records.map {
                $0.map { "\"" + $0.replacingOccurrences(of: "\"", with: "\"\"") + "\"" }.joined(separator: delimiter)
            }
            #expect(audit(other.joined(separator: "\n")).pico == plain.pico)
        }
    }

    /// A cut file never counts what it does not hold, and says that it is cut where that can be seen.
    @Test(arguments: Samples.files) func aTruncatedFileIsReadOrRefused(_ sample: Sample) {
        let bytes = Array(sample.text.utf8)
        for end in stride(from: 0, to: bytes.count, by: 13) {
            let report = audit([Array(bytes[..<end])])
            #expect(report.parsed <= sample.parsed + 1)
            #expect(report.cost >= 0)
        }
    }
}

/// A second, slow reader of RFC 4180, to hold ours against.
enum CSV {
    struct Broken: Error {}

    static func parse(_ text: String, delimiter: Character = ",") throws -> [[String]] {
        var records: [[String]] = []
        var record: [String] = []
        var cell = ""
        var quoted = false
        var characters = Array(text.replacingOccurrences(of: "\r\n", with: "\n"))[...]
        while let character = characters.popFirst() {
            if quoted {
                if character == "\"", characters.first == "\"" {
                    cell.append(characters.removeFirst())
                } else if character == "\"" {
                    quoted = false
                } else {
                    cell.append(character)
                }
            } else if character == "\"" {
                quoted = true
            } else if character == delimiter {
                record.append(cell)
                cell = ""
            } else if character == "\n" {
                records.append(record + [cell])
                record = []
                cell = ""
            } else {
                cell.append(character)
            }
        }
        if quoted { throw Broken() }
        if !record.isEmpty || !cell.isEmpty { records.append(record + [cell]) }
        return records
    }
}
