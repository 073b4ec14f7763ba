import AuditEngine
import Foundation
import Testing

/// The folder of shared test data, when it is there.
private let shared = ProcessInfo.processInfo.environment["TACET_SHARED"].flatMap { $0.isEmpty ? nil : $0 }

@Suite struct RobustnessTests {
    /// Broken, mixed and random bytes never stop the engine, whatever the cuts, and give the same report for each.
    @Test func mutatedFilesNeverStopIt() {
        var random = SplitMix(state: 7)
        for sample in Samples.files {
            for _ in 0..<24 {
                var bytes = Array(sample.text.utf8)
                for _ in 0..<(1 + random.next() % 6) {
                    let at = Int(random.next() % UInt64(bytes.count))
                    switch random.next() % 4 {
                    case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
                    case 1: bytes.remove(at: at)
                    case 2: bytes.insert([0x22, 0x0a, 0x2c, 0x7b, 0x5d, 0x5c][Int(random.next() % 6)], at: at)
                    default: bytes = Array(bytes[..<at] + bytes[(at / 2)...])
                    }
                    if bytes.isEmpty { bytes = [0x7b] }
                }
                let whole = audit([bytes]).jsonText
                #expect(audit([bytes], cut: 1 + Int(random.next() % 40)).jsonText == whole)
            }
        }
    }

    /// Absurd figures in every place are refused or bounded, never a trap.
    @Test func absurdFiguresNeverStopIt() {
        let figures = [
            "281474976710656", "281474976710655", "9223372036854775807", "99999999999999999999999999", "1e30", "1e999",
            "-5", "999999999999", "1000000000000",
        ]
        for figure in figures {
            var text = "date,model,requests,input_tokens,cached_tokens,output_tokens,cost,latency_ms,status\n"
            for day in 1...28 {
                text +=
                    "2026-02-\(day < 10 ? "0" : "")\(day),gpt-4o,\(figure),\(figure),\(figure),\(figure),\(figure),\(figure),\(figure)\n"
            }
            #expect(audit(text).parsed + audit(text).skipped == 28)
            let amounts =
                "user_id,utc_date,model,api_key_name,api_key,type,price,amount\nu,2026-01-01,deepseek-v4-pro,a,k,output_tokens,\(figure),\(figure)\n"
            #expect(audit(amounts).parsed + audit(amounts).skipped == 1)
            #expect(audit("date,model,cost\n2026-01-01T00:00:00+\(figure),m,1\n\(figure),m,1\n").parsed <= 2)
        }
    }

    /// Random tables, read by ours and by a slow second reader: the same rows and the same sum.
    @Test func randomTablesAgreeWithASecondReader() throws {
        var random = SplitMix(state: 11)
        for round in 0..<80 {
            let end = ["\n", "\r\n"][round % 2]
            var text = "note,date,model,cost,tail" + end
            for _ in 0..<(random.next() % 30) {
                let pieces = ["a", "\"\"", ",", "\n", "é", " ", ";", "\r\n"]
                let note = (0..<(random.next() % 6)).map { _ in pieces[Int(random.next() % 8)] }.joined()
                text +=
                    "\"\(note)\",2026-05-0\(1 + random.next() % 9),m,\(random.next() % 1000).\(random.next() % 1000),\"x\""
                    + end
            }
            var wanted = Decimal(0)
            let records = try CSV.parse(text)
            for record in records.dropFirst() { wanted += try #require(Decimal(string: record[3])) }
            let report = audit([Array(text.utf8)], cut: 1 + Int(random.next() % 50))
            #expect(report.parsed == Int64(max(0, records.count - 1)))
            #expect(Decimal(string: "\(report.pico)") == wanted * 1_000_000_000_000)
        }
    }

    /// JSONTestSuite: what is not JSON is never read as a row, and nothing stops the engine.
    @Test(.enabled(if: shared != nil, "needs TACET_SHARED")) func jsonTestSuite() throws {
        let folder = (shared ?? "") + "/corpora/jsontestsuite"
        var seen = 0
        for case let name as String in try #require(FileManager.default.enumerator(atPath: folder))
        where name.hasSuffix(".json") {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
            let leaf = (name as NSString).lastPathComponent
            #expect(audit([bytes]).parsed == 0)
            // Broken JSON in a row's member: the row is refused, the one after it read. A line end would end the row.
            if leaf.hasPrefix("n_"), !bytes.contains(0x0a), !bytes.contains(0), bytes.count < 10_000, !bytes.isEmpty {
                let good = Array(#"{"model":"m","timestamp":"2026-05-01","cost":1}"#.utf8)
                let bad = Array(#"{"model":"m","timestamp":"2026-05-01","cost":"#.utf8) + bytes + Array("}".utf8)
                let report = audit([good + [0x0a] + bad + [0x0a] + good])
                #expect(report.pico >= 2_000_000_000_000, "\(leaf)")
                seen += 1
            }
        }
        #expect(seen > 100)
    }

    /// csv-spectrum: every table's cells come through; two columns are put before them to make rows of usage.
    @Test(.enabled(if: shared != nil, "needs TACET_SHARED")) func csvSpectrum() throws {
        let folder = (shared ?? "") + "/corpora/csv-spectrum"
        var seen = 0
        for case let name as String in try #require(FileManager.default.enumerator(atPath: folder))
        where name.hasSuffix(".csv") {
            let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)), as: UTF8.self)
            let records = try CSV.parse(text).filter { $0 != [""] }
            guard records.count > 1 else { continue }
            let quoted = records.enumerated().map { index, record in
                (index == 0 ? ["x_date", "x_model", "x_cost"] : ["2026-05-01", "m", "1"])
                    + record.map { "\"" + $0.replacingOccurrences(of: "\"", with: "\"\"") + "\"" }
            }
            var options = AuditOptions()
            options.columns = [("x_date", "time"), ("x_model", "model"), ("x_cost", "cost")].map {
                (Array($0.0.utf8), Array($0.1.utf8))
            }
            let file = quoted.map { $0.joined(separator: ",") }.joined(separator: "\r\n")
            let report = audit([Array(file.utf8)], options: options)
            #expect(report.parsed == Int64(records.count - 1), "\(name)")
            seen += 1
        }
        #expect(seen > 5)
    }

    @Test(.enabled(if: shared != nil, "needs TACET_SHARED")) func theSharedSamplesAreAllTold() throws {
        let folder = (shared ?? "") + "/corpora/export-formats"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let report = audit([[UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))])
            #expect(report.files[0].isUnderstood && report.parsed > 0, "\(name)")
        }
    }
}

private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
