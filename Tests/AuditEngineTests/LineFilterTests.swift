import AuditEngine
import Testing
import Vocabulary

/// A filter may change how long an audit takes, and nothing that it says.
@Suite struct LineFilterTests {
    private struct Draw: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ state >> 33) &* 0xff51_afd7_ed55_8ccd
        }
    }

    /// A session of a coding agent with lines of every kind, some broken, some empty, some long.
    private static func session(_ draw: inout Draw, isCodex: Bool, end: String) -> [UInt8] {
        var lines: [String] = []
        var running = 0
        for number in 0..<400 {
            let words = String(repeating: "so \\\"usage\\\" ", count: Int.random(in: 0...200, using: &draw))
            let time = "2026-03-01T10:\(number / 60 % 60 < 10 ? "0" : "")\(number / 60 % 60):00.000Z"
            switch Int.random(in: 0...9, using: &draw) {
            case 0 where number > 3: lines.append("")
            case 1 where number > 3: lines.append(#"{"type":"assistant","usage":"broken"#)
            case 2 where number > 3: lines.append("x")
            case 3...6 where isCodex:
                running += 100
                lines.append(
                    #"{"timestamp":"\#(time)","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":\#(running),"output_tokens":\#(number)},"last_token_usage":{"input_tokens":100,"output_tokens":1}}}}"#
                )
            case 3...6:
                lines.append(
                    #"{"sessionId":"s","type":"assistant","uuid":"u\#(number)","cwd":"/p","timestamp":"\#(time)","requestId":"r\#(number)","message":{"id":"m\#(number / 2)","model":"claude-opus-4-6","content":"\#(words)","usage":{"input_tokens":\#(number),"output_tokens":3}}}"#
                )
            default:
                lines.append(
                    isCodex
                        ? #"{"timestamp":"\#(time)","type":"turn_context","payload":{"model":"gpt-5-codex","text":"\#(words)"}}"#
                        : #"{"sessionId":"s","type":"user","uuid":"u\#(number)","message":{"content":"\#(words)"}}"#)
            }
        }
        return Array((lines.joined(separator: end) + (Bool.random(using: &draw) ? end : "")).utf8)
    }

    @Test(arguments: [false, true]) func siftedOrNotTheReportIsTheSame(_ isCodex: Bool) throws {
        for seed in 0..<12 as Range<UInt64> {
            var draw = Draw(state: seed)
            let files = (0..<2).map { _ in
                Self.session(&draw, isCodex: isCodex, end: seed % 3 == 0 ? "\r\n" : "\n")
            }
            var engine = AuditEngine(book: TestBook.make(), key: AuditKey(low: 1, high: 2), options: AuditOptions())
            var passed = 0
            for file in files {
                engine.beginFile()
                let window = LineFilter.window
                let head = file.span.extracting(0..<window)
                let told = LineFilter(head: head, formats: engine.formats)
                let filter = try #require(told)
                engine.feed(head)
                var at = window
                while at < file.count {
                    let end = min(file.count, at + Int.random(in: 1...60_000, using: &draw))
                    let piece = file.span.extracting(at..<end)
                    var covered = 0
                    for part in filter.parts(of: piece) {
                        switch part {
                        case .kept(let range):
                            #expect(range.lowerBound == covered)
                            engine.feed(piece.extracting(range))
                            covered = range.upperBound
                        case .passed(let lines, let bytes):
                            engine.passLines(lines, bytes: bytes)
                            covered += bytes
                            passed += lines
                        }
                    }
                    #expect(covered == piece.count)
                    at = end
                }
                engine.endFile()
            }
            let sifted = String(decoding: engine.report().json(Languages.english), as: UTF8.self)
            #expect(sifted == audit(files).jsonText, "seed \(seed)")
            #expect(passed > 0)
        }
    }

    /// Where every line may be a row there is nothing to pass over.
    @Test func otherFormatsHaveNoFilter() {
        let formats = AuditEngine(book: TestBook.make(), key: AuditKey(low: 1, high: 2), options: AuditOptions())
            .formats
        for line in [
            #"{"timestamp":"2026-05-01T00:00:00Z","model":"gpt-4o","cost":1}"#, "date,model,cost\n2026-05-01,m,1",
            #"{"what":"nothing known"}"#, "[{}]",
        ] {
            let text = String(repeating: line + "\n", count: 1 + LineFilter.window / line.utf8.count)
            let head = Array(text.utf8.prefix(LineFilter.window))
            let told = LineFilter(head: head.span, formats: formats)
            #expect(told == nil)
        }
        let short = Array(#"{"sessionId":"s","type":"user","uuid":"u"}"#.utf8)
        let told = LineFilter(head: short.span, formats: formats)
        #expect(told == nil)
    }
}
