import CAllocations
import Testing

@testable import Relay

/// Allocation budgets of the request path, counted on the gateway's event loop alone (STYLE 4.3). A budget may be
/// tightened; loosening one needs a written reason. Debug code allocates more than release code, so each has its own.
@Suite(.serialized) struct AllocationTests {
    #if DEBUG
    private static let perRequest = 380
    private static let perStreamRead = 10
    private static let perTranslatedEvent = 60
    #else
    private static let perRequest = 45
    private static let perStreamRead = 4
    private static let perTranslatedEvent = 6
    #endif

    private func allocations(_ stand: Stand) async -> Int {
        let total = Total()
        await stand.gateway.eachLoop { _ in total.value = Int(tacet_thread_allocations()) }
        return total.value
    }

    @Test func aProxiedChatStaysInItsBudget() async throws {
        let stand = try await Stand { _, _ in [.send(GatewayTests.reply(GatewayTests.answer))] }
        let client = RawClient(port: stand.gateway.port)
        let text = String(repeating: "A sentence that stands for a prompt. ", count: 50)
        let request = Stand.request(#"{"model":"p0/model","messages":[{"role":"user","content":"\#(text)"}]}"#)
        func serve(_ count: Int) {
            for _ in 0..<count {
                client.send(request)
                _ = client.read(until: GatewayTests.answer)
            }
        }
        serve(100)
        let before = await allocations(stand)
        serve(500)
        let each = Double(await allocations(stand) - before) / 500
        #expect(each <= Double(Self.perRequest), "\(each) allocations a request")
        await stand.stop()
    }

    @Test func aRelayedStreamReadStaysInItsBudget() async throws {
        let event =
            #"data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"word "}}]}"#
        let reads = 200
        let stand = try await Stand { _, request in
            let long = request.contains("long")
            return [.send(GatewayTests.streamHead)]
                + (0..<(long ? reads + 1 : 1)).flatMap { _ -> [ScriptedProvider.Step] in
                    [.send(GatewayTests.chunk(event + "\n\n")), .pause(milliseconds: 1)]
                } + [.send(GatewayTests.chunk("data: [DONE]\n\n") + "0\r\n\r\n")]
        }
        let client = RawClient(port: stand.gateway.port)
        func serve(_ name: String) {
            client.send(Stand.request(#"{"model":"p0/model","stream":true,"messages":["\#(name)"]}"#))
            _ = client.read(until: "0\r\n\r\n")
        }
        for _ in 0..<20 { serve("short") }
        let start = await allocations(stand)
        serve("short")
        let middle = await allocations(stand)
        serve("long")
        let end = await allocations(stand)
        let each = Double((end - middle) - (middle - start)) / Double(reads)
        #expect(each <= Double(Self.perStreamRead), "\(each) allocations a read")
        await stand.stop()
    }

    /// Events of a chat provider for clients of the other dialects; all of a stream come in one read.
    @Test(arguments: [
        "/v1/messages", "/v1/responses", "/v1beta/models/p0/model:streamGenerateContent?alt=sse",
    ])
    func aTranslatedEventStaysInItsBudget(path: String) async throws {
        let event = "data: " + #"{"id":"c","choices":[{"index":0,"delta":{"content":"word "}}]}"# + "\n\n"
        let end = "data: " + #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"# + "\n\ndata: [DONE]\n\n"
        let events = 400
        let stand = try await Stand { _, request in
            let text = String(repeating: event, count: request.contains("long") ? events + 1 : 1) + end
            return [.send(GatewayTests.streamHead + GatewayTests.chunk(text) + "0\r\n\r\n")]
        }
        let client = RawClient(port: stand.gateway.port)
        func serve(_ word: String) {
            let body =
                #"{"model":"p0/model","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"\#(word)"}],"#
                + #""input":"\#(word)","contents":[{"parts":[{"text":"\#(word)"}]}]}"#
            client.send(Stand.request(body, path: path))
            _ = client.read(until: "0\r\n\r\n")
        }
        for _ in 0..<20 { serve("long") }
        let start = await allocations(stand)
        for _ in 0..<5 { serve("short") }
        let middle = await allocations(stand)
        for _ in 0..<5 { serve("long") }
        let long = await allocations(stand)
        let each = Double((long - middle) - (middle - start)) / Double(5 * events)
        #expect(each > 0)
        #expect(each <= Double(Self.perTranslatedEvent), "\(each) allocations an event")
        await stand.stop()
    }
}

private final class Total: @unchecked Sendable {
    var value = 0
}
