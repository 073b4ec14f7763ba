import Foundation
import NIOCore
import Synchronization
import Testing
import Vocabulary

@testable import Relay

@Suite struct GatewayTests {
    static let answer =
        #"{"id":"c","object":"chat.completion","model":"model","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}"#

    static func reply(
        _ body: String, status: String = "200 OK", type: String = "application/json", head: String = ""
    )
        -> String
    {
        "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\(head)\r\n\(body)"
    }

    static func chunk(_ text: String) -> String { String(text.utf8.count, radix: 16) + "\r\n\(text)\r\n" }

    static let streamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test func aPlainChatPassesByteForByteAndLeavesAReceipt() async throws {
        let stand = try await Stand { _, _ in [.send(Self.reply(Self.answer, head: "Set-Cookie: a=b\r\n"))] }
        let client = RawClient(port: stand.gateway.port)
        let body = #"{ "model" : "p0/model","messages":[{"role":"user","content":"1.0e0"}] , "x":1.50 }"#
        client.send(Stand.request(body, head: "X-Secret: s\r\nCookie: c=d\r\n"))
        let seen = client.read(until: Self.answer)
        #expect(seen.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(seen.hasSuffix("\r\n\r\n" + Self.answer))
        #expect(!seen.lowercased().contains("set-cookie"))
        #expect(seen.contains("x-tacet-model: p0/model\r\n"))
        let sent = try #require(stand.provider.requests.first)
        #expect(sent.hasSuffix("\r\n\r\n" + body.replacing("p0/model", with: "model")))
        #expect(sent.contains("authorization: Bearer sk-provider-secret-key\r\n"))
        #expect(!sent.lowercased().contains("cookie") && !sent.contains("X-Secret") && !sent.contains(Stand.key))
        let receipt = try #require(try stand.receipts().first)
        #expect(receipt.tokens.totalInput == 5 && receipt.tokens.totalOutput == 2)
        #expect(receipt.status == 200 && receipt.completion == .complete && receipt.attempts == 1)
        #expect(stand.purse.settled.load(ordering: .relaxed) == 1)
        await stand.stop()
    }

    @Test func oneConnectionServesManyRequestsAndSoDoesThePool() async throws {
        let stand = try await Stand { _, _ in [.send(Self.reply(Self.answer))] }
        let client = RawClient(port: stand.gateway.port)
        let request = Stand.request(#"{"model":"p0/model","messages":[{}]}"#)
        for _ in 0..<20 {
            client.send(request)
            #expect(client.read(until: Self.answer).hasPrefix("HTTP/1.1 200"))
        }
        // Pipelined: both in one write.
        client.send(request + request)
        var both = ""
        while both.components(separatedBy: Self.answer).count < 3 { both += client.read(until: Self.answer) }
        #expect(try stand.receipts().count == 22)
        #expect(stand.provider.connections == 1)
        await stand.stop()
    }

    /// What a connection showed before does not speak for another key.
    @Test func everyRequestIsJudgedByItsOwnKey() async throws {
        let stand = try await Stand { _, _ in [.send(Self.reply(Self.answer))] }
        let client = RawClient(port: stand.gateway.port)
        let body = #"{"model":"p0/model","messages":[{}]}"#
        let other = String(
            decoding: GatewayKey.text(.live, secret: Array(repeating: 0x42, count: 32)), as: UTF8.self)
        client.send(Stand.request(body))
        #expect(client.read(until: Self.answer).hasPrefix("HTTP/1.1 200"))
        client.send(Stand.request(body))
        #expect(client.read(until: Self.answer).hasPrefix("HTTP/1.1 200"))
        client.send(Stand.request(body, key: other))
        #expect(client.read(until: "}}").hasPrefix("HTTP/1.1 401"))
        await stand.stop()
    }

    @Test func aStreamPassesEventByEventAndItsUsageIsAskedForAndTakenOut() async throws {
        let first = #"data: {"id":"c","model":"model","choices":[{"index":0,"delta":{"content":"he"}}]}"# + "\n\n"
        let second =
            #"data: {"id":"c","choices":[{"index":0,"delta":{"content":"llo"},"finish_reason":"stop"}]}"# + "\n\n"
        let usage = #"data: {"id":"c","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3}}"# + "\n\n"
        let done = "data: [DONE]\n\n"
        let stand = try await Stand { _, _ in
            [
                .send(Self.streamHead + Self.chunk(first)), .pause(milliseconds: 20),
                .send(Self.chunk(second + usage)), .send(Self.chunk(done) + "0\r\n\r\n"),
            ]
        }
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(#"{"model":"p0/model","stream":true,"messages":[{}]}"#))
        let seen = client.read(until: "0\r\n\r\n")
        let body = seen.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n")
        #expect(unchunked(body) == first + second + done)
        #expect(stand.provider.requests[0].contains(#""stream_options":{"include_usage":true}"#))
        let receipt = try #require(try stand.receipts().first)
        #expect(receipt.tokens.totalInput == 9 && receipt.tokens.totalOutput == 3)
        #expect(receipt.completion == .complete && receipt.firstByteMicroseconds > 0)
        // The provider's connection serves again.
        client.send(Stand.request(#"{"model":"p0/model","stream":true,"messages":[{}]}"#))
        #expect(client.read(until: "0\r\n\r\n").contains("[DONE]"))
        #expect(stand.provider.connections == 1)
        await stand.stop()
    }

    /// A read from the provider that brings no whole event sends nothing, and nothing twice.
    @Test func framingAndHalfEventsAloneSendNothing() async throws {
        let event = #"data: {"choices":[{"index":0,"delta":{"content":"he"}}]}"# + "\n\n"
        let pieces = [
            Self.streamHead, "\(String(event.utf8.count, radix: 16))\r\n", String(event.prefix(20)),
            String(event.dropFirst(20)), "\r\n", "e\r\n", "data: [DONE]\n\n", "\r\n", "0\r\n", "\r\n",
        ]
        let stand = try await Stand { _, _ in
            pieces.flatMap { [ScriptedProvider.Step.send($0), .pause(milliseconds: 10)] }
        }
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(#"{"model":"p0/model","stream":true,"messages":[{}]}"#))
        let seen = client.read(until: "0\r\n\r\n")
        let body = seen.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n")
        #expect(unchunked(body) == event + "data: [DONE]\n\n")
        await stand.stop()
    }

    @Test func aProviderThatCutsAStreamEndsInAnErrorEvent() async throws {
        let event = #"data: {"choices":[{"index":0,"delta":{"content":"he"}}]}"# + "\n\n"
        let stand = try await Stand { _, _ in
            [.send(Self.streamHead + Self.chunk(event)), .pause(milliseconds: 20), .cut]
        }
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(#"{"model":"p0/model","stream":true,"messages":[{}]}"#))
        let seen = client.read(until: "0\r\n\r\n")
        #expect(seen.contains(#""code":"upstream_cut""#) && !seen.contains("[DONE]"))
        let receipt = try #require(try stand.receipts().first)
        #expect(receipt.completion == .cut && receipt.error == .upstreamCut && receipt.flags.contains(.estimated))
        await stand.stop()
    }

    @Test func aClientThatGoesCancelsTheProviderAtOnce() async throws {
        let event = #"data: {"choices":[{"index":0,"delta":{"content":"he"}}]}"# + "\n\n"
        let stand = try await Stand { _, _ in
            [.send(Self.streamHead + Self.chunk(event)), .pause(milliseconds: 60_000)]
        }
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(#"{"model":"p0/model","stream":true,"messages":[{}]}"#))
        _ = client.read(until: "he")
        client.disconnect()
        // The provider would go on for a minute.
        let start = Clock.instant()
        while stand.provider.cancelled == 0, Clock.instant() - start < 30_000_000 { await Task.yield() }
        #expect(stand.provider.cancelled == 1)
        while try stand.receipts().isEmpty, Clock.instant() - start < 30_000_000 { await Task.yield() }
        let receipt = try #require(try stand.receipts().first)
        #expect(receipt.completion == .cut && receipt.error == .clientGone)
        await stand.stop()
    }

    @Test func anAliasFallsBackBeforeTheFirstByte() async throws {
        let stand = try await Stand(candidates: 2) { number, _ in
            number == 0 ? [.send(Self.reply("{}", status: "503 Busy"))] : [.send(Self.reply(Self.answer))]
        }
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(#"{"model":"fast","messages":[{}]}"#))
        #expect(client.read(until: Self.answer).contains("x-tacet-route: fallback\r\n"))
        let receipt = try #require(try stand.receipts().first)
        #expect(receipt.attempts == 2 && receipt.route == .fallback)
        await stand.stop()
    }

    @Test func aProvidersErrorPassesUnlessItSpeaksOfOurAccount() async throws {
        let bodies = [
            ("400 Bad Request", #"{"error":{"message":"bad tool","type":"invalid_request_error"}}"#, true),
            ("401 Unauthorized", #"{"error":{"message":"Incorrect API key: sk-pro...-key"}}"#, false),
            ("500 Oops", #"{"error":{"message":"key sk-provider-secret-key is odd"}}"#, false),
            ("429 Slow", #"{"error":{"message":"slow down"}}"#, true),
        ]
        let stand = try await Stand { number, _ in
            [.send(Self.reply(bodies[number].1, status: bodies[number].0, head: "Retry-After: 7\r\n"))]
        }
        for (status, body, passes) in bodies {
            let client = RawClient(port: stand.gateway.port)
            client.send(Stand.request(#"{"model":"p0/model","messages":[{}]}"#))
            let seen = client.read(until: "}}")
            #expect(seen.contains(body) == passes, "\(status)")
            #expect(!seen.contains("sk-pro"))
            if passes { #expect(seen.hasPrefix("HTTP/1.1 \(status.prefix(3))") && seen.contains("retry-after: 7\r\n")) }
        }
        await stand.stop()
    }

    /// A message that is not one chunked body in order is a failure by itself.
    private func unchunked(_ text: String) -> String {
        var rest = ByteBuffer(string: text)
        var decoder = BodyDecoder(.chunked, limit: nil)
        var out = ""
        while let part = try? decoder.next(&rest), case .bytes(let bytes) = part { out += String(buffer: bytes) }
        return out
    }
}
