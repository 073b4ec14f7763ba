import Foundation
import Testing
import Vocabulary

@testable import Console

struct StatusPageTests {
    private func status(model: String = "openai/gpt-5-mini", isDraining: Bool = false) -> ConsoleStatus {
        var receipt = Receipt(
            id: RequestID(high: 1, low: 2), served: NodeEpoch(node: 1, epoch: 1), openedAt: Moment(microseconds: 0),
            organisation: .home, key: KeyID(1), dialect: .openAI, endpoint: .chatCompletions)
        receipt.completion = .complete
        receipt.providerCost = NanoUSD(18_400_000)
        return ConsoleStatus(
            version: "1", profile: .strict, apiAddress: "http://127.0.0.1:8400", isDraining: isDraining,
            startedAt: Moment(microseconds: 0), now: Moment(microseconds: 61_000_000),
            traffic: TrafficStatus(
                inFlight: 1, openConnections: 2, successes: 3, clientErrors: 4, serverErrors: 5, bodyBytes: 6,
                bodyBytesLimit: 7),
            totals: TotalStatus(
                receipts: 184_206, failed: 2, inputTokens: 1000, outputTokens: 234,
                providerCost: NanoUSD(412_080_000_000),
                charge: .zero), chain: ChainStatus(batches: 3, head: "0123456789abcdef0123"), liveKeys: 2,
            revokedKeys: 1,
            providers: [
                ProviderStatus(name: "openai", address: "https://a", health: .answers, microseconds: 200_000),
                ProviderStatus(name: "b", address: "https://b", health: .unreachable, microseconds: nil),
            ], latest: [ReceiptLine(receipt: receipt, model: model, provider: "openai")])
    }

    @Test func thePageSaysWhatRuns() throws {
        let page = try StatusPage().html(status())
        for text in [
            "184,206", "2 failed · 1 under way", "1,234", "$412.08", "1 of 2 answer.", "openai/gpt-5-mini", "$0.0184",
            "0 words stored", "0123456789abcdef.", "serving", "up 1 min", "http://127.0.0.1:8400/v1/chat/completions",
        ] { #expect(page.contains(text), "\(text) is not there") }
        #expect(!page.contains("{{"))
        #expect(!page.contains("<script"))
        #expect(!page.contains("style="))
        #expect(try StatusPage().html(status(isDraining: true)).contains("draining"))
    }

    /// Names come from configuration and providers: they are text, never markup.
    @Test func everyNameIsEscaped() throws {
        let page = try StatusPage().html(status(model: "<img src=x onerror=1>\"'&"))
        #expect(!page.contains("<img"))
        #expect(page.contains("&lt;img"))
    }

    @Test func metricsHaveClosedLabels() {
        let text = MetricsPage.text(status())
        #expect(text.contains("tacet_requests_total{class=\"client_error\"} 4\n"))
        #expect(text.contains("tacet_receipts_total{outcome=\"failed\"} 2\n"))
        #expect(text.contains("tacet_providers{health=\"unreachable\"} 1\n"))
        #expect(!text.contains("gpt-5-mini"))
        #expect(!text.contains("openai"))
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            #expect(line.wholeMatch(of: /tacet_[a-z_]+(\{[a-z]+="[a-z_]+"\})? -?[0-9]+/) != nil, "\(line)")
        }
    }

    @Test(
        arguments: [
            (0, "$0.00"), (412_080_000_000, "$412.08"), (1_234_567_000_000_000, "$1,234,567.00"),
            (18_400_000, "$0.0184"),
            (12_000, "$0.000012000"), (999_999_999, "$1.0000"), (-5_000_000_000, "−$5.00"),
        ] as [(Int64, String)])
    func money(nano: Int64, text: String) { #expect(Figures.dollars(NanoUSD(nano)) == text) }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000"), (-100, "-100"),
    ])
    func counts(value: Int, text: String) { #expect(Figures.count(value) == text) }

    @Test(
        arguments: [
            (200, "0.2 ms"), (6200, "6.2 ms"), (740_000, "740 ms"), (2_310_000, "2.31 s"), (120_000_000, "2 min"),
        ] as [(Int64, String)])
    func times(microseconds: Int64, text: String) { #expect(Figures.time(microseconds: microseconds) == text) }
}
