import Foundation
import Planning
import Synchronization
import Testing
import Vocabulary

@testable import Relay

/// Fallbacks, retries, breakers and pings through a whole gateway.
@Suite(.serialized) struct ResilienceTests {
    private static let chat = #"{"model":"fast","messages":[{}]}"#
    private static let streamed = #"{"model":"fast","stream":true,"messages":[{}]}"#
    private static let role =
        #"data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"# + "\n\n"
    private static let word = #"data: {"id":"c","choices":[{"index":0,"delta":{"content":"word"}}]}"# + "\n\n"
    private static let error = #"data: {"error":{"message":"overloaded","type":"server_error","code":503}}"# + "\n\n"
    private static let end = "data: [DONE]\n\n"

    private static func stream(_ parts: String...) -> [ScriptedProvider.Step] {
        [.send(GatewayTests.streamHead)]
            + parts.flatMap { [.send(GatewayTests.chunk($0)), .pause(milliseconds: 5)] } + [.send("0\r\n\r\n")]
    }

    private static func limits(_ change: (inout RelayLimits) -> Void) -> RelayLimits {
        var limits = RelayLimits()
        change(&limits)
        return limits
    }

    private func ask(_ stand: Stand, _ body: String, until end: String) -> String {
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(body))
        return client.read(until: end)
    }

    // MARK: Before the first content

    @Test func anErrorHiddenInTheFirstEventsOfAGoodAnswerFallsBack() async throws {
        let stand = try await Stand(candidates: 2) { number, _ in
            number == 0 ? Self.stream(Self.role, Self.error) : Self.stream(Self.role, Self.word, Self.end)
        }
        let seen = ask(stand, Self.streamed, until: "0\r\n\r\n")
        #expect(seen.contains("word") && !seen.contains("overloaded"))
        #expect(seen.components(separatedBy: #""role":"assistant""#).count == 2)
        #expect(seen.contains("x-tacet-model: p1/model\r\n") && seen.contains("x-tacet-route: fallback\r\n"))
        let receipt = try #require(try stand.receipts().first)
        #expect(receipt.attempts == 2 && receipt.completion == .complete && receipt.route == .fallback)
        await stand.stop()
    }

    @Test func anErrorAfterContentStaysInTheStream() async throws {
        let stand = try await Stand(candidates: 2) { _, _ in Self.stream(Self.role, Self.word, Self.error, Self.end) }
        let seen = ask(stand, Self.streamed, until: "0\r\n\r\n")
        #expect(seen.contains("word") && seen.contains("overloaded"))
        let receipt = try #require(try stand.receipts().first)
        #expect(receipt.attempts == 1 && receipt.error == .upstreamErrorEvent && receipt.completion == .cut)
        await stand.stop()
    }

    @Test func aStreamCutBeforeItsContentFallsBack() async throws {
        let stand = try await Stand(candidates: 2) { number, _ in
            number == 0
                ? [.send(GatewayTests.streamHead + GatewayTests.chunk(Self.role)), .cut]
                : Self.stream(Self.role, Self.word, Self.end)
        }
        let seen = ask(stand, Self.streamed, until: "0\r\n\r\n")
        #expect(seen.contains("word") && seen.contains("[DONE]"))
        await stand.stop()
    }

    /// The last candidate's own words are the client's.
    @Test func whereNothingElseIsLeftTheProvidersErrorPasses() async throws {
        let stand = try await Stand(candidates: 2) { _, _ in Self.stream(Self.role, Self.error, Self.end) }
        let seen = ask(stand, Self.streamed, until: "0\r\n\r\n")
        #expect(seen.contains("overloaded"))
        #expect(try stand.receipts().first?.attempts == 2)
        await stand.stop()
    }

    // MARK: Retries

    @Test func aTroubledProviderIsAskedAgain() async throws {
        let stand = try await Stand(limits: Self.limits { $0.retryPercent = 10 }) { number, _ in
            number < 2
                ? [.send(GatewayTests.reply("{}", status: "503 Service Unavailable"))]
                : [.send(GatewayTests.reply(GatewayTests.answer))]
        }
        let seen = ask(stand, Self.chat, until: GatewayTests.answer)
        #expect(seen.hasPrefix("HTTP/1.1 200"))
        #expect(try stand.receipts().first?.attempts == 3)
        #expect(stand.purse.settled.load(ordering: .relaxed) == 1)
        await stand.stop()
    }

    @Test func whatAProviderAsksForIsWaitedFor() async throws {
        let stand = try await Stand(limits: Self.limits { $0.retryPercent = 10 }) { number, _ in
            number == 0
                ? [.send(GatewayTests.reply("{}", status: "429 Too Many Requests", head: "Retry-After: 1\r\n"))]
                : [.send(GatewayTests.reply(GatewayTests.answer))]
        }
        let start = Clock.instant()
        #expect(ask(stand, Self.chat, until: GatewayTests.answer).hasPrefix("HTTP/1.1 200"))
        #expect(Clock.instant() - start >= 1_000_000)
        await stand.stop()
    }

    @Test func aLongPauseIsTheClientsToWait() async throws {
        let stand = try await Stand(limits: Self.limits { $0.retryPercent = 10 }) { _, _ in
            [.send(GatewayTests.reply("{}", status: "429 Too Many Requests", head: "Retry-After: 60\r\n"))]
        }
        let seen = ask(stand, Self.chat, until: "{}")
        #expect(seen.hasPrefix("HTTP/1.1 429") && seen.contains("retry-after: 60\r\n"))
        #expect(stand.provider.requests.count == 1)
        await stand.stop()
    }

    @Test func inAnOutageRetriesStayAShareOfTraffic() async throws {
        let stand = try await Stand(limits: Self.limits { $0.retryPercent = 10 }) { _, _ in
            [.send(GatewayTests.reply("{}", status: "503 Service Unavailable"))]
        }
        await stand.gateway.eachLoop { loop in
            while loop.retries.take() {}
        }
        _ = ask(stand, Self.chat, until: "{}")
        #expect(stand.provider.requests.count == 1)
        await stand.stop()
    }

    @Test func aClientThatGoesWhileARetryWaitsEndsIt() async throws {
        let stand = try await Stand(limits: Self.limits { $0.retryPercent = 100 }) { _, _ in
            [.send(GatewayTests.reply("{}", status: "503 Service Unavailable", head: "Retry-After: 5\r\n"))]
        }
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(Self.chat))
        while stand.provider.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        client.disconnect()
        while stand.gateway.status().inFlight > 0 { try await Task.sleep(for: .milliseconds(5)) }
        let receipt = try #require(try stand.receipts().first)
        #expect(receipt.error == .clientGone && receipt.completion == .failed)
        await stand.stop()
    }

    // MARK: Breakers and affinity

    @Test func aDeploymentThatKeepsFailingIsLeftAlone() async throws {
        let stand = try await Stand(candidates: 2) { number, _ in
            // The first five requests meet both; from then on only the second is asked.
            number < 10 && number % 2 == 0
                ? [.send(GatewayTests.reply("{}", status: "500 Internal Server Error"))]
                : [.send(GatewayTests.reply(GatewayTests.answer))]
        }
        for _ in 0..<12 {
            let seen = ask(stand, Self.chat, until: GatewayTests.answer)
            #expect(seen.contains("x-tacet-model: p1/model\r\n"))
        }
        #expect(stand.provider.requests.count == 10 + 7)
        let states = await stand.gateway.deployments()
        #expect(states.map(\.circuit) == [.open, .closed])
        #expect(states.allSatisfy { $0.inFlight == 0 })
        await stand.stop()
    }

    @Test func theTurnsOfAConversationStayWithOneDeployment() async throws {
        let stand = try await Stand(candidates: 2, sharesOneRank: true) { _, _ in
            [.send(GatewayTests.reply(GatewayTests.answer))]
        }
        var served: Set<String> = []
        var text = String(repeating: "a", count: 8 << 10)
        for _ in 0..<8 {
            let seen = ask(
                stand, #"{"model":"fast","messages":[{"role":"user","content":"\#(text)"}]}"#,
                until: GatewayTests.answer)
            served.insert(String(seen.components(separatedBy: "x-tacet-model: ").last!.prefix(2)))
            #expect(seen.contains("x-tacet-route: balanced\r\n"))
            text += String(repeating: "b", count: 2 << 10)
        }
        #expect(served.count == 1)
        await stand.stop()
    }

    // MARK: Pings

    private static let quick = limits {
        $0.firstPing = 300
        $0.ping = 200
    }

    @Test func aSilentStreamIsKeptAliveBeforeAndAfterTheHead() async throws {
        let stand = try await Stand(limits: Self.quick) { _, _ in
            [.pause(milliseconds: 700), .send(GatewayTests.streamHead + GatewayTests.chunk(Self.word))]
                + [.pause(milliseconds: 500), .send(GatewayTests.chunk(Self.end) + "0\r\n\r\n")]
        }
        let seen = ask(stand, Self.streamed, until: "0\r\n\r\n")
        let parts = seen.components(separatedBy: "word")
        #expect(parts.count == 2)
        #expect(parts.allSatisfy { $0.contains(": ping\n\n") })
        #expect(seen.components(separatedBy: "HTTP/1.1 200 OK").count == 2)
        #expect(seen.contains("[DONE]"))
        let receipt = try #require(try stand.receipts().first)
        #expect(receipt.status == 200 && receipt.completion == .complete)
        #expect(receipt.firstByteMicroseconds >= 600_000)
        await stand.stop()
    }

    @Test func onceThePingsBeganErrorsAndFallbacksStayInTheStream() async throws {
        let stand = try await Stand(limits: Self.quick, candidates: 2) { number, _ in
            [.pause(milliseconds: 600), .send(GatewayTests.reply("{}", status: "500 Internal Server Error"))]
        }
        let seen = ask(stand, Self.streamed, until: "0\r\n\r\n")
        #expect(seen.hasPrefix("HTTP/1.1 200"))
        #expect(seen.components(separatedBy: "HTTP/1.1").count == 2)
        #expect(seen.contains("upstream_failed"))
        let receipt = try #require(try stand.receipts().first)
        #expect(receipt.attempts == 2 && receipt.status == 200 && receipt.completion == .failed)
        #expect(receipt.error == .upstreamFailed)
        await stand.stop()
    }

    @Test func aPlainAnswerGetsNoPing() async throws {
        let stand = try await Stand(limits: Self.quick) { _, _ in
            [.pause(milliseconds: 900), .send(GatewayTests.reply(GatewayTests.answer))]
        }
        let seen = ask(stand, Self.chat, until: GatewayTests.answer)
        #expect(seen.hasSuffix("\r\n\r\n" + GatewayTests.answer) && !seen.contains("ping"))
        await stand.stop()
    }

    @Test func everyDialectHasItsOwnPing() async throws {
        for (path, body, ping) in [
            ("/v1/messages", #"{"model":"fast","max_tokens":5,"stream":true,"messages":[]}"#, "event: ping\ndata: {"),
            ("/v1/responses", #"{"model":"fast","stream":true,"input":"a"}"#, ": ping\n\n"),
            ("/v1beta/models/fast:streamGenerateContent?alt=sse", #"{"contents":[]}"#, "\r\n\n\r\n"),
        ] {
            let stand = try await Stand(limits: Self.quick) { _, _ in
                [.pause(milliseconds: 800)] + Self.stream(Self.word, Self.end)
            }
            let client = RawClient(port: stand.gateway.port)
            client.send(Stand.request(body, path: path, head: "anthropic-version: 2023-06-01\r\n"))
            #expect(client.read(until: "0\r\n\r\n").contains(ping), "\(path)")
            await stand.stop()
        }
    }

    /// Events without content wait for the chance of another provider, but no longer than a client bears silence.
    @Test func whatIsHeldBackGoesOutWhenAPingIsDue() async throws {
        let stand = try await Stand(limits: Self.quick, candidates: 2) { _, _ in
            [.send(GatewayTests.streamHead + GatewayTests.chunk(Self.role)), .pause(milliseconds: 1500)]
                + [.send(GatewayTests.chunk(Self.word + Self.end) + "0\r\n\r\n")]
        }
        let seen = ask(stand, Self.streamed, until: "0\r\n\r\n")
        let role = try #require(seen.firstRange(of: "\"role\""))
        let ping = try #require(seen.firstRange(of: ": ping"))
        let word = try #require(seen.firstRange(of: "word"))
        #expect(role.lowerBound < ping.lowerBound && ping.lowerBound < word.lowerBound)
        #expect(stand.provider.requests.count == 1)
        await stand.stop()
    }
}
