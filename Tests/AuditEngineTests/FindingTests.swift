import AuditEngine
import Testing
import Vocabulary

@Suite struct FindingTests {
    private static func helicone(_ rows: [(String, String, Int)]) -> String {
        "response_id,response_created_at,response_status,request_created_at,request_body,request_properties,request_user_id,model,prompt_tokens,completion_tokens,latency,cost\n"
            + rows.enumerated().map { index, row in
                "r\(index),\(row.0),\(row.2),\(row.0),\"{\"\"temperature\"\":0,\"\"messages\"\":[{\"\"content\"\":\"\"\(row.1)\"\"}]}\",,u,gpt-4o,1000,10,900,0.01\n"
            }.joined()
    }

    @Test func repeatsAreCountedByTheirAge() throws {
        let report = audit(
            Self.helicone([
                ("2026-05-01T10:00:00Z", "a", 200), ("2026-05-01T10:04:00Z", "a", 200),
                ("2026-05-01T10:50:00Z", "a", 200),
                ("2026-05-01T20:00:00Z", "a", 200), ("2026-05-01T20:00:00Z", "b", 200),
            ]))
        let finding = try #require(report.finding("repeated_requests"))
        // Two of the hour: one cent each.
        #expect(finding.amount == 20_000_000_000_000_000)
        #expect(finding.confidence == .measured && finding.isSaving)
        #expect(report.evidence("repeated_requests")?.contains("$0.0200 of the hour's at temperature 0") == true)
    }

    @Test func withoutBodiesRepeatsAreNotGuessed() {
        let row = "2026-05-01T10:00:00Z,gpt-4o,100,10\n"
        let report = audit("timestamp,model,input_tokens,output_tokens\n" + row + row)
        #expect(report.finding("repeated_requests")?.confidence == .notDeterminable)
        #expect(report.finding("repeated_requests")?.amount == nil)
    }

    @Test func retriesAndErrorsAreSeen() {
        let report = audit(Self.helicone([("2026-05-01T10:00:00Z", "a", 500), ("2026-05-01T10:00:20Z", "a", 200)]))
        #expect(report.finding("failed_calls")?.amount == 10_000_000_000_000_000)
        #expect(report.finding("retries")?.amount == 10_000_000_000_000_000)
        #expect(report.failures == 1)
    }

    /// A one-hour write at twice the input price and one read at a tenth: 2.1 for 2.0, a loss of 0.1 of the price.
    @Test func aWriteReadOnceInAnHourLoses() {
        let text = """
            usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count,inference_geo,speed
            2026-05-01,claude-haiku-4-5-20251001,k,Default,standard,≤ 200k,0,0,1000000,1000000,0,0,global,
            """
        #expect(audit(text).finding("unread_cache_writes")?.amount == Int128(100_000_000_000) * 1_000_000)
        #expect(
            audit(text.replacing(",1000000,1000000,", with: ",1000000,2000000,")).finding("unread_cache_writes") == nil)
    }

    @Test func theReconciliationTellsTheGap() throws {
        let report = audit("date,model,input_tokens,output_tokens,cost\n2026-05-01,gpt-4o,1000000,0,5.00\n")
        let finding = try #require(report.finding("reconciliation"))
        #expect(finding.amount == 2_500_000_000_000_000_000)
        #expect(report.evidence("reconciliation")?.contains("gpt-4o") == true)
    }

    @Test func burstsCouldBeBatches() {
        let rows = (0..<60).map { "2026-05-01T10:00:\($0 < 10 ? "0" : "")\($0)Z,gpt-4o,1000,1000,1\n" }.joined()
        let report = audit("timestamp,model,input_tokens,output_tokens,cost\n" + rows)
        #expect(report.finding("batchable")?.amount == 30_000_000_000_000_000_000)
        let few = audit(
            "timestamp,model,input_tokens,output_tokens,cost\n"
                + rows.split(separator: "\n").prefix(49).joined(separator: "\n"))
        #expect(few.finding("batchable") == nil)
    }

    @Test func aDayOutOfLineIsNamed() {
        var text = "date,model,api_key,cost\n"
        for day in 1...20 {
            text += "2026-05-\(day < 10 ? "0" : "")\(day),gpt-4o,leaked,\(day == 18 ? 40 : 1 + day % 2).00\n"
        }
        #expect(audit(text).evidence("anomaly")?.contains("May 18, 2026") == true)
        #expect(audit(text.replacing("40.00", with: "1.00")).finding("anomaly") == nil)
    }

    /// The test's book ends gpt-4o-mini on 2027-02-01 and gpt-4o on 2026-06-01, and dates a price of haiku later.
    @Test func endsAndPricesAheadAreTold() throws {
        var options = AuditOptions()
        options.today = Moment(microseconds: 1_795_219_200_000_000)  // 2026-11-21
        func report(_ model: String, _ day: String) -> AuditReport {
            audit([Array("date,model,cost\n\(day),\(model),1.5\n".utf8)], options: options)
        }
        #expect(
            report("gpt-4o-mini", "2026-11-01").evidence("model_retires")
                == "gpt-4o-mini is announced to end on Feb 1, 2027; $1.50 went to it in these files.")
        #expect(report("gpt-4o", "2026-11-01").evidence("model_retires")?.contains("was announced") == true)
        #expect(report("gpt-4o-mini", "2026-05-01").finding("model_retires") == nil)
        #expect(report("claude-opus-4-6", "2026-11-01").finding("model_retires") == nil)
        #expect(
            report("claude-haiku-4-5", "2026-11-01").evidence("price_change")
                == "claude-haiku-4-5 has another price from Jan 1, 2027 on.")
    }

    /// Every setting a finding names, and none where there is none.
    @Test func findingsNameTheirSettings() throws {
        func setting(_ id: String, _ text: String, today: Int64 = 1_795_219_200_000_000) throws -> String {
            var options = AuditOptions()
            options.today = Moment(microseconds: today)
            let report = audit([Array(text.utf8)], options: options)
            return String(decoding: try #require(report.finding(id)).setting, as: UTF8.self)
        }
        var days = "date,model,api_key,cost\n"
        for day in 10...29 { days += "2026-05-\(day),gpt-4o,k,\(day == 28 ? 40 : 1 + day % 2).00\n" }
        #expect(try setting("anomaly", days) == "alerts: { anomalies: on }")
        let long = "timestamp,model,input_tokens,output_tokens\n2026-02-01T10:00:00Z,claude-sonnet-4-6,300000,10\n"
        #expect(try setting("long_context", long) == "models: { long: [anthropic/claude-haiku-4-5] }")
        let ending = "date,model,cost\n2026-11-01,gpt-4o,1.5\n"
        #expect(try setting("model_retires", ending) == "models: { main: [openai/gpt-4o-mini] }")
        let before = 1_779_100_000_000_000 as Int64
        #expect(
            try setting("model_retires", ending.replacing("2026-11", with: "2026-05"), today: before)
                == "models: { main: [openai/gpt-4o, openai/gpt-4o-mini] }")
        #expect(try setting("reconciliation", ending).isEmpty)
        let rows = (0..<20).map {
            "2026-05-01T10:00:0\($0 % 10)Z,gpt-4o,4000,100,1,\($0 < 10 ? "same prompt" : "words \($0)")\n"
        }
        let repeated = "timestamp,model,input_tokens,output_tokens,cost,prompt\n"
        #expect(try setting("repeated_requests", repeated + rows.joined()) == "decisions: { all: { cache: on } }")
        #expect(try setting("repeated_requests", repeated + rows.dropFirst(9).joined()).isEmpty)
        #expect(try setting("prompt_cache_misses", long) == "decisions: { all: { prompt_cache: auto } }")
    }

    /// What may be added is never more than what was spent.
    @Test func savingsDoNotOverlap() {
        let rows = (0..<200).map {
            "2026-05-01T10:0\($0 % 5):0\($0 % 10)Z,gpt-4o,400,100,1,same prompt of some length\n"
        }.joined()
        let report = audit("timestamp,model,input_tokens,output_tokens,cost,prompt\n" + rows)
        let sum = report.findings.reduce(Int128(0)) { $0 + ($1.monthlyAfterOthers ?? 0) }
        #expect(sum > 0 && sum <= report.cost * 30)
        #expect(report.findings.filter { $0.isSaving && ($0.monthlyAfterOthers ?? 0) > 0 }.count >= 2)
    }
}
