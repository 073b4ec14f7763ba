import Synchronization
import Testing
import Vocabulary

@testable import Relay

/// `--verify-streams`: a violation is told once, counted, and changes nothing of the stream.
@Suite struct VerifyingTests {
    private final class KeptLog: EventLog {
        private let kept = Mutex<[LogEvent]>([])
        var violations: [LogEvent] {
            kept.withLock { $0.filter { if case .streamViolation = $0 { true } else { false } } }
        }
        func record(_ event: LogEvent) { kept.withLock { $0.append(event) } }
    }

    private static func chunk(_ index: Int, _ rest: String) -> String {
        #"data: {"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":\#(index),\#(rest)}]}}]}"# + "\n\n"
    }

    private static let last =
        #"data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"# + "\n\ndata: [DONE]\n\n"
    private static let good =
        #"data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"hi"}}]}"# + "\n\n" + last
    /// The first call has index 1, and there is a second mistake behind it.
    private static let bad =
        chunk(1, #""id":"x","function":{"name":"f","arguments":"{}"}"#) + chunk(9, #""function":{}"#) + last
    private static let request =
        #"{"model":"p0/model","stream":true,"stream_options":{"include_usage":true},"max_tokens":9,"messages":[{"role":"user","content":"hey"}]}"#

    private func run(_ stream: String, path: String, verifies: Bool) async throws -> (String, [LogEvent], Int) {
        let log = KeptLog()
        let stand = try await Stand(verifiesStreams: verifies, log: log) { _, _ in
            let half = stream.index(stream.startIndex, offsetBy: 40)
            return [
                .send(GatewayTests.streamHead + GatewayTests.chunk(String(stream[..<half]))),
                .pause(milliseconds: 10), .send(GatewayTests.chunk(String(stream[half...])) + "0\r\n\r\n"),
            ]
        }
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(Self.request, path: path))
        let seen = DialectTests().unchunked(client.read(until: "0\r\n\r\n"))
        let count = stand.gateway.status().streamViolations
        await stand.stop()
        return (seen, log.violations, count)
    }

    @Test func aViolationIsToldAndTheStreamGoesOn() async throws {
        let (seen, told, count) = try await run(Self.bad, path: "/v1/chat/completions", verifies: true)
        #expect(seen == Self.bad)
        #expect(count == 1)
        guard case .streamViolation(_, .openAI, .notDense, false, let deployment)? = told.first, told.count == 1 else {
            Issue.record("\(told)")
            return
        }
        #expect(deployment != .none)
    }

    @Test func whatIsWrittenHereBreaksNothing() async throws {
        for stream in [Self.good, Self.bad] {
            let (seen, told, count) = try await run(stream, path: "/v1/messages", verifies: true)
            #expect(seen.contains("event: message_stop\n"))
            #expect(told.isEmpty && count == 0)
        }
        let (_, told, _) = try await run(Self.good, path: "/v1/chat/completions", verifies: true)
        #expect(told.isEmpty)
    }

    @Test func nobodyLooksUnasked() async throws {
        let (seen, told, count) = try await run(Self.bad, path: "/v1/chat/completions", verifies: false)
        #expect(seen == Self.bad && told.isEmpty && count == 0)
    }
}
