import AuditEngine
import Testing
import Vocabulary

/// The rules that make totals right.
@Suite struct RuleTests {
    /// Images, characters and seconds that the book has no price for are told, not taken for free.
    @Test func unpricedMediaIsTold() {
        let report = audit(
            "start_time,model,num_model_requests,images\n1759622400,dall-e-3,1,2\n1759622400,gpt-4o,1,7\n")
        #expect(report.pico == 80_000_000_000)
        #expect(report.unpricedTokens == 7)
    }

    private static func request(_ day: String, _ tokens: Int, model: String = "claude-sonnet-4-6") -> String {
        "timestamp,model,input_tokens,output_tokens\n\(day),\(model),\(tokens),1000\n"
    }

    /// 200,001 tokens are priced whole at the higher rate; 200,000 are not; after 2026-03-13 the tier is gone.
    @Test func theCliffPricesTheWholeRequestAndDatesMatter() {
        #expect(audit(Self.request("2026-03-01T10:00:00Z", 200_000)).pico == 200_000 * 3_000_000 + 1000 * 15_000_000)
        #expect(audit(Self.request("2026-03-01T10:00:00Z", 200_001)).pico == 200_001 * 6_000_000 + 1000 * 22_500_000)
        #expect(audit(Self.request("2026-03-13T00:00:00Z", 200_001)).pico == 200_001 * 3_000_000 + 1000 * 15_000_000)
        let premium = audit(Self.request("2026-03-01T10:00:00Z", 200_001)).finding("long_context")?.amount
        #expect(premium == Int128(200_001 * 3_000_000 + 1000 * 7_500_000) * 1_000_000)
    }

    @Test func thePeriodExportedTwiceCountsOnce() {
        for sample in Samples.files where sample.cost > 0 {
            let bytes = Array(sample.text.utf8)
            let report = audit([bytes, bytes])
            #expect(report.pico == sample.cost, "\(sample.format)")
        }
    }

    @Test func equalRowsOfOneFileAllCount() {
        let row = "2026-05-01T10:00:00Z,gpt-4o,100,10\n"
        #expect(audit("timestamp,model,input_tokens,output_tokens\n" + row + row + row).parsed == 3)
    }

    /// A bill and the tokens behind it are one spend.
    @Test func theBillTakesThePlaceOfListPrices() {
        let bill = """
            start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id,organization_id,organization_name
            1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,0.25,usd,"gpt-4o-2024-08-06, input",,org-A,P
            """
        let usage = Samples.files.first { $0.format == "openai_activity_csv" }?.text ?? ""
        for files in [[bill, usage], [usage, bill]] {
            let report = audit(files.map { Array($0.utf8) })
            #expect(report.pico == 250_000_000_000)
            #expect(report.tokens[UsageClass.output.rawValue] == 10_646)
        }
    }

    @Test(
        arguments: [
            ("0.8958740000000000", 895_874_000_000), ("1.2e-05", 12_000_000), ("\"1,234.5\"", 1_234_500_000_000_000),
            ("$3", 3_000_000_000_000), ("0.0000000000005", 1), ("\"(2.50)\"", -2_500_000_000_000),
            ("1E2", 100_000_000_000_000),
            ("123456789.123456789012", 123_456_789_123_456_789_012), ("\"1'234.50\"", 1_234_500_000_000_000),
        ] as [(String, Int128)])
    func amountsAreExact(_ text: String, _ pico: Int128) {
        #expect(audit("date,model,cost\n2026-05-01,m,\(text)\n").pico == pico)
    }

    @Test(arguments: ["abc", "1.2.3x", "--", "1e", "0x10", "NaN"])
    func whatIsNoNumberIsRefused(_ text: String) {
        let report = audit("date,model,cost\n2026-05-01,m,\(text)\n2026-05-02,m,1\n")
        #expect(report.parsed == 1 && report.skipped == 1)
    }

    @Test func rowsThatDoNotFitAreRefusedWithTheirLine() {
        let report = audit("date,model,cost\n2026-05-01,m,1\n2026-05-01,m\n\n2026-05-01,m,1,9\nnonsense,m,1\n")
        #expect(report.parsed == 1)
        #expect(report.files[0].skipLines[Int(SkipReason.tooFewCells.rawValue)] == [3])
        #expect(report.files[0].skipLines[Int(SkipReason.tooManyCells.rawValue)] == [5])
        #expect(report.files[0].skipLines[Int(SkipReason.badTime.rawValue)] == [6])
    }

    @Test func anotherTableInTheSameFileIsReadToo() {
        let first = Samples.files.first { $0.format == "openai_cost_csv" }!
        let second = Samples.files.first { $0.format == "openai_activity_csv" }!
        let report = audit(first.text + "\n" + second.text + "\n")
        #expect(report.parsed == first.parsed + second.parsed)
    }

    @Test func sinceLeavesOutWhatIsOlder() {
        var options = AuditOptions()
        options.since = Moment(microseconds: 1_777_680_000_000_000)  // 2026-05-02
        let text = "date,model,cost\n2026-05-01,m,1\n2026-05-02,m,2\n"
        let report = audit([Array(text.utf8)], options: options)
        #expect(report.pico == 2_000_000_000_000)
    }

    @Test func columnsCanBeTold() {
        let text = Array("wann,was,rein,raus\n2026-05-01,gpt-4o,100,10\n".utf8)
        let unknown = audit([text])
        #expect(!unknown.isReadable)
        #expect(
            unknown.files[0].columns.map { String(decoding: $0, as: UTF8.self) } == ["wann", "was", "rein", "raus"])
        var options = AuditOptions()
        options.columns = [("wann", "time"), ("was", "model"), ("rein", "input"), ("raus", "output")].map {
            (Array($0.0.utf8), Array($0.1.utf8))
        }
        #expect(audit([text], options: options).pico == 100 * 2_500_000 + 10 * 10_000_000)
    }
}
