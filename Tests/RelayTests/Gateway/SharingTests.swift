import Foundation
import Synchronization
import Testing
import Vocabulary

@testable import Relay

/// One call for several requests: the cache and `Idempotency-Key`, through a whole gateway.
@Suite(.serialized) struct SharingTests {
    private static let cold = #"{"model":"p0/model","temperature":0,"messages":[{"role":"user","content":"a"}]}"#
    private static let streamed =
        #"{"model":"p0/model","temperature":0,"stream":true,"messages":[{"role":"user","content":"a"}]}"#
    private static let kept = GatewayTests.answer.replacing(#""id":"c""#, with: #""id":"chatcmpl-0123456789""#)
    private static let events =
        [#"{"role":"assistant","content":"wo"}"#, #"{"content":"rd"}"#].map {
            #"data: {"id":"chatcmpl-0123456789","choices":[{"index":0,"delta":\#($0)}]}"# + "\n\n"
        }.joined() + "data: [DONE]\n\n"

    private func ask(_ stand: Stand, _ body: String, _ head: String = "", until end: String = "}}") -> String {
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(body, head: head))
        return client.read(until: end)
    }

    private func content(_ seen: String) -> String { seen.components(separatedBy: "\r\n\r\n").last ?? "" }

    // MARK: The cache

    @Test func aSecondRequestAtTemperatureNoughtIsAnsweredFromMemory() async throws {
        let stand = try await Stand { _, _ in [.send(GatewayTests.reply(Self.kept))] }
        let first = ask(stand, Self.cold)
        let second = ask(stand, Self.cold.replacing(#""temperature":0"#, with: #""user":"u", "temperature": 0.0"#))
        let third = ask(stand, Self.cold)
        #expect(!first.contains("x-tacet-cache"))
        #expect(third.contains("x-tacet-cache: hit\r\n") && third.contains("x-tacet-model: p0/model\r\n"))
        // An id of its own, and nothing else.
        #expect(content(third) != Self.kept && content(third).contains(#""id":"chatcmpl-"#))
        #expect(content(third).count == Self.kept.count && content(third).hasSuffix(String(Self.kept.suffix(150))))
        // Another number is another request; that one is kept too.
        #expect(!second.contains("x-tacet-cache"))
        #expect(stand.provider.requests.count == 2)
        let receipts = try stand.receipts()
        #expect(receipts.map(\.cache) == [.miss, .miss, .hit])
        #expect(receipts[2].tokens.totalInput == 5 && receipts[2].charge == .zero && receipts[2].attempts == 0)
        #expect(stand.purse.holds.load(ordering: .relaxed) == 2)
        await stand.stop()
    }

    @Test func aStreamComesAgainAsAStream() async throws {
        let stand = try await Stand { _, _ in
            [.send(GatewayTests.streamHead + GatewayTests.chunk(Self.events) + "0\r\n\r\n")]
        }
        let first = ask(stand, Self.streamed, until: "0\r\n\r\n")
        let second = ask(stand, Self.streamed, until: "0\r\n\r\n")
        #expect(second.contains("x-tacet-cache: hit\r\n") && second.contains("content-type: text/event-stream\r\n"))
        #expect(second.contains("wo") && second.contains("[DONE]") && !second.contains("chatcmpl-0123456789"))
        #expect(first.contains("chatcmpl-0123456789"))
        #expect(stand.provider.requests.count == 1)
        // A plain request of the same words is another call.
        _ = ask(stand, Self.cold, until: "0\r\n\r\n")
        #expect(stand.provider.requests.count == 2)
        await stand.stop()
    }

    @Test(arguments: [
        (#","temperature":1"#, "", 2), ("", "", 2), ("", "x-tacet-cache: on\r\n", 1),
        (#","temperature":0"#, "x-tacet-cache: off\r\n", 2), (#","temperature":0"#, "Cache-Control: no-store\r\n", 2),
        (#","temperature":0"#, "Cache-Control: no-cache\r\n", 2), (#","temperature":0,"n":2"#, "", 2),
    ])
    func whatTheClientSaysDecides(member: String, head: String, calls: Int) async throws {
        let stand = try await Stand { _, _ in [.send(GatewayTests.reply(Self.kept))] }
        for _ in 0..<2 {
            let seen = ask(stand, #"{"model":"p0/model","messages":[{}]\#(member)}"#, head)
            #expect(seen.hasPrefix("HTTP/1.1 200"))
        }
        #expect(stand.provider.requests.count == calls)
        await stand.stop()
    }

    @Test(arguments: [
        (#""finish_reason":"stop""#, #""finish_reason":"length""#, "200 OK"),
        (#""content":"hi""#, #""tool_calls":[{"function":{"name":"f","arguments":"{}"}}]"#, "200 OK"),
        ("x", "x", "400 Bad Request"),
    ])
    func whatIsNoWholeAnswerIsNotKept(old: String, new: String, status: String) async throws {
        let stand = try await Stand { _, _ in
            [.send(GatewayTests.reply(Self.kept.replacing(old, with: new), status: status))]
        }
        for _ in 0..<2 { #expect(!ask(stand, Self.cold).contains("x-tacet-cache")) }
        #expect(stand.provider.requests.count == 2)
        await stand.stop()
    }

    @Test func aWrongDirectiveIsTold() async throws {
        let stand = try await Stand { _, _ in [.send(GatewayTests.reply(Self.kept))] }
        let seen = ask(stand, Self.cold, "x-tacet-cache: maybe\r\n")
        #expect(seen.hasPrefix("HTTP/1.1 400") && seen.contains("unknown_cache_directive"))
        await stand.stop()
    }

    // MARK: One call for many

    @Test func manyAtOnceMakeOneCall() async throws {
        let stand = try await Stand { _, _ in [.pause(milliseconds: 300), .send(GatewayTests.reply(Self.kept))] }
        let clients = (0..<20).map { _ in RawClient(port: stand.gateway.port) }
        for client in clients { client.send(Stand.request(Self.cold)) }
        let seen = clients.map { $0.read(until: "}}") }
        #expect(seen.allSatisfy { $0.hasPrefix("HTTP/1.1 200") })
        #expect(Set(seen.map(content)).count == 20)
        #expect(stand.provider.requests.count == 1)
        let receipts = try stand.receipts()
        #expect(receipts.count { $0.cache == .shared } == 19)
        await stand.stop()
    }

    @Test func whoWaitsForACallThatFailsMakesItsOwn() async throws {
        let stand = try await Stand { number, _ in
            number == 0
                ? [.pause(milliseconds: 200), .send(GatewayTests.reply("{}", status: "500 Internal Server Error"))]
                : [.send(GatewayTests.reply(Self.kept))]
        }
        let clients = (0..<3).map { _ in RawClient(port: stand.gateway.port) }
        for client in clients {
            client.send(Stand.request(Self.cold))
            try await Task.sleep(for: .milliseconds(30))
        }
        #expect(clients[0].read(until: "{}").hasPrefix("HTTP/1.1 500"))
        #expect(clients[1].read(until: "}}").hasPrefix("HTTP/1.1 200"))
        #expect(clients[2].read(until: "}}").hasPrefix("HTTP/1.1 200"))
        await stand.stop()
    }

    @Test func theCallLivesWhileOneWaits() async throws {
        let stand = try await Stand { _, _ in [.pause(milliseconds: 400), .send(GatewayTests.reply(Self.kept))] }
        let (first, second) = (RawClient(port: stand.gateway.port), RawClient(port: stand.gateway.port))
        first.send(Stand.request(Self.cold))
        while stand.provider.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        second.send(Stand.request(Self.cold))
        while stand.gateway.status().inFlight < 2 { try await Task.sleep(for: .milliseconds(5)) }
        try await Task.sleep(for: .milliseconds(50))
        first.disconnect()
        #expect(second.read(until: "}}").contains("x-tacet-cache: shared\r\n"))
        #expect(stand.provider.requests.count == 1 && stand.provider.cancelled == 0)
        await stand.stop()
    }

    // MARK: Idempotency-Key

    private static let plain = #"{"model":"p0/model","messages":[{"role":"user","content":"pay"}]}"#

    @Test func theSameKeyAndBodyIsOneCallAndOneCharge() async throws {
        let stand = try await Stand { _, _ in [.pause(milliseconds: 50), .send(GatewayTests.reply(Self.kept))] }
        let head = "Idempotency-Key: order-1\r\n"
        let clients = (0..<5).map { _ in RawClient(port: stand.gateway.port) }
        for client in clients { client.send(Stand.request(Self.plain, head: head)) }
        for client in clients { #expect(content(client.read(until: "}}")) == Self.kept) }
        let later = ask(stand, Self.plain, head)
        #expect(content(later) == Self.kept && later.contains("x-tacet-cache: hit\r\n"))
        #expect(stand.provider.requests.count == 1)
        #expect(stand.purse.holds.load(ordering: .relaxed) == 1)
        #expect(try stand.receipts().filter { $0.tokens.totalInput > 0 }.count == 1)
        await stand.stop()
    }

    @Test func anotherBodyUnderTheKeyIsRefused() async throws {
        let stand = try await Stand { _, _ in [.send(GatewayTests.reply(Self.kept))] }
        _ = ask(stand, Self.plain, "Idempotency-Key: k\r\n")
        let seen = ask(stand, Self.plain.replacing("pay", with: "pay twice"), "Idempotency-Key: k\r\n")
        #expect(seen.hasPrefix("HTTP/1.1 409") && seen.contains("idempotency_key_reused") && seen.contains("req_"))
        let other = ask(stand, Self.plain, "Idempotency-Key: l\r\n")
        #expect(other.hasPrefix("HTTP/1.1 200"))
        #expect(stand.provider.requests.count == 2)
        await stand.stop()
    }

    @Test func aRetryAfterAFailureIsACallOfItsOwn() async throws {
        let stand = try await Stand { number, _ in
            number == 0
                ? [.send(GatewayTests.reply("{}", status: "500 Internal Server Error"))]
                : [.send(GatewayTests.reply(Self.kept))]
        }
        #expect(ask(stand, Self.plain, "Idempotency-Key: k\r\n", until: "{}").hasPrefix("HTTP/1.1 500"))
        #expect(ask(stand, Self.plain, "Idempotency-Key: k\r\n").hasPrefix("HTTP/1.1 200"))
        await stand.stop()
    }

    /// The usual case: a client whose patience ended asks again, and must not pay twice.
    @Test func aClientThatHungUpGetsTheAnswerOfItsFirstCall() async throws {
        let stand = try await Stand { _, _ in [.pause(milliseconds: 400), .send(GatewayTests.reply(Self.kept))] }
        let first = RawClient(port: stand.gateway.port)
        first.send(Stand.request(Self.plain, head: "Idempotency-Key: k\r\n"))
        while stand.provider.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        first.disconnect()
        let again = ask(stand, Self.plain, "Idempotency-Key: k\r\n")
        #expect(content(again) == Self.kept)
        #expect(stand.provider.requests.count == 1 && stand.provider.cancelled == 0)
        await stand.stop()
    }

    @Test func anAnswerThatIsGoneIsNotPaidForAgain() async throws {
        let large = Self.kept.replacing("hi", with: String(repeating: "x", count: 200_000))
        let stand = try await Stand(bodyBudget: 1 << 20) { _, _ in [.send(GatewayTests.reply(large))] }
        #expect(ask(stand, Self.plain, "Idempotency-Key: k\r\n").hasPrefix("HTTP/1.1 200"))
        let again = ask(stand, Self.plain, "Idempotency-Key: k\r\n")
        #expect(again.hasPrefix("HTTP/1.1 409") && again.contains("idempotency_answer_gone"))
        #expect(stand.provider.requests.count == 1)
        await stand.stop()
    }
}
