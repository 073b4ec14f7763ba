import Testing
import Vocabulary

@testable import Relay

/// `x-tacet-compress` over real sockets: tools' answers shrink, nothing else moves, and the receipt has the counts.
@Suite struct CompressionWireTests {
    private static let answer =
        #"{"id":"c","object":"chat.completion","model":"model","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"ok"}}],"usage":{"prompt_tokens":5,"completion_tokens":1}}"#
    private static let request =
        #"{"model": "p0/model", "messages":[{"role":"user","content":"[ 1 ]"},{"role":"tool","tool_call_id":"t","content":"{ \"name\" : [ 1, 2 ],  \"more\" : null }"}]}"#
    private static let small = #"{\"name\":[1,2],\"more\":null}"#

    private func exchange(
        _ head: String, _ body: String = request
    ) async throws -> (sent: String?, seen: String, receipts: [Receipt]) {
        let stand = try await Stand { _, _ in [.send(GatewayTests.reply(Self.answer))] }
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(body, head: head))
        let seen = client.read(until: "}}")
        let sent = stand.provider.requests.first
        let receipts = try stand.receipts()
        await stand.stop()
        return (sent, seen, receipts)
    }

    @Test(arguments: ["lossless", "Strong"]) func aToolsAnswerShrinks(mode: String) async throws {
        let found = try await exchange("x-tacet-compress: \(mode)\r\n")
        let sent = try #require(found.sent)
        #expect(
            sent.contains(Self.small) && sent.contains(#""content":"[ 1 ]""#) && sent.contains(#"{"model": "model", "#))
        let receipt = try #require(found.receipts.first)
        #expect(receipt.tokensBeforeCompression > receipt.tokensAfterCompression && receipt.tokensAfterCompression > 0)
    }

    @Test(arguments: ["", "x-tacet-compress: off\r\n"]) func offLeavesEveryByte(head: String) async throws {
        let found = try await exchange(head)
        #expect(found.sent?.hasSuffix(Self.request.replacing("p0/model", with: "model")) == true)
        #expect(found.receipts.first?.tokensBeforeCompression == 0)
    }

    @Test func anUnknownModeIsToldSo() async throws {
        let found = try await exchange("x-tacet-compress: zip\r\n")
        #expect(found.seen.hasPrefix("HTTP/1.1 400 ") && found.seen.contains("unknown_compression"))
        #expect(found.seen.contains("off, lossless, balanced and strong"))
        #expect(found.sent == nil)
    }

    /// More than one turn of the loop takes.
    @Test func aLongRequest() async throws {
        let block =
            #"{"role":"tool","tool_call_id":"t","content":"[ "#
            + Array(repeating: "1", count: 40_000).joined(separator: " , ") + #" ]"}"#
        let body =
            #"{"model":"p0/model","messages":["# + Array(repeating: block, count: 5).joined(separator: ",") + "]}"
        let found = try await exchange("x-tacet-compress: lossless\r\n", body)
        #expect(found.seen.hasPrefix("HTTP/1.1 200 "))
        #expect(found.sent?.contains(" , ") == false)
        #expect(found.receipts.first.map { $0.tokensBeforeCompression > $0.tokensAfterCompression } == true)
    }
}
