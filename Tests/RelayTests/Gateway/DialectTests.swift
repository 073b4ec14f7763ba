import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Relay

/// Messages and chat, each in front of each, over real sockets.
@Suite struct DialectTests {
    private static let message =
        #"{"id":"msg_1","type":"message","role":"assistant","model":"model","content":[{"type":"text","text":"hi"}],"#
        + #""stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":5,"cache_read_input_tokens":3,"output_tokens":2}}"#
    private static let request = #"{"model":"p0/model","max_tokens":9,"messages":[{"role":"user","content":"hey"}]}"#
    private static let events =
        """
        event: message_start
        data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"model","content":[],"stop_reason":null,"usage":{"input_tokens":7,"output_tokens":1}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hello"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4}}

        event: message_stop
        data: {"type":"message_stop"}


        """

    private func streamed() -> String { Self.request.replacing(#""max_tokens""#, with: #""stream":true,"max_tokens""#) }

    @Test func messagesPassByteForByte() async throws {
        let stand = try await Stand(dialect: .anthropic) { _, _ in [.send(GatewayTests.reply(Self.message))] }
        let client = RawClient(port: stand.gateway.port)
        client.send(
            Stand.request(
                Self.request, path: "/v1/messages?beta=true",
                head: "anthropic-version: 2024-01-01\r\nanthropic-beta: a-1,b-2\r\n"))
        #expect(client.read(until: Self.message).hasSuffix("\r\n\r\n" + Self.message))
        let sent = try #require(stand.provider.requests.first)
        #expect(sent.hasPrefix("POST /v1/messages HTTP/1.1\r\n"))
        #expect(sent.hasSuffix("\r\n\r\n" + Self.request.replacing("p0/model", with: "model")))
        #expect(sent.contains("\r\nx-api-key: sk-provider-secret-key\r\n") && !sent.contains("authorization"))
        #expect(sent.contains("anthropic-version: 2024-01-01\r\nanthropic-beta: a-1,b-2\r\n"))
        let receipt = try #require(try stand.receipts().first)
        #expect(receipt.dialect == .anthropic && receipt.endpoint == .messages)
        #expect(receipt.tokens[.input] == 5 && receipt.tokens[.cacheRead] == 3 && receipt.tokens[.output] == 2)
        await stand.stop()
    }

    @Test func aMessagesStreamPassesByteForByte() async throws {
        let stand = try await Stand(dialect: .anthropic) { _, _ in
            [.send(GatewayTests.streamHead + GatewayTests.chunk(Self.events) + "0\r\n\r\n")]
        }
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(streamed(), path: "/v1/messages"))
        let seen = client.read(until: "0\r\n\r\n")
        #expect(unchunked(seen) == Self.events)
        let receipt = try #require(try stand.receipts().first)
        #expect(receipt.tokens.totalInput == 7 && receipt.tokens.totalOutput == 4 && receipt.completion == .complete)
        await stand.stop()
    }

    @Test func aChatClientReachesAMessagesProvider() async throws {
        let stand = try await Stand(dialect: .anthropic) { number, _ in
            number == 0
                ? [.send(GatewayTests.reply(Self.message))]
                : [.send(GatewayTests.streamHead + GatewayTests.chunk(Self.events) + "0\r\n\r\n")]
        }
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(#"{"model":"p0/model","messages":[{"role":"user","content":"hey"}]}"#))
        let plain = client.read(until: "}}")
        #expect(plain.contains(#""object":"chat.completion""#) && plain.contains(#""content":"hi""#))
        #expect(plain.contains(#""prompt_tokens":8"#))
        #expect(stand.provider.requests[0].contains(#""max_tokens":"#))
        client.send(Stand.request(#"{"model":"p0/model","stream":true,"messages":[{"role":"user","content":"hey"}]}"#))
        let stream = unchunked(client.read(until: "0\r\n\r\n"))
        #expect(stream.contains(#""content":"hello""#) && stream.hasSuffix("data: [DONE]\n\n"))
        #expect(try stand.receipts().map(\.tokens.totalInput) == [8, 7])
        await stand.stop()
    }

    @Test func aMessagesClientReachesAChatProvider() async throws {
        let chunk = #"data: {"id":"c","model":"model","choices":[{"index":0,"delta":{"content":"hello"}}]}"# + "\n\n"
        let last = #"data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"# + "\n\n"
        let usage = #"data: {"id":"c","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3}}"# + "\n\n"
        let stand = try await Stand { number, _ in
            number == 0
                ? [.send(GatewayTests.reply(GatewayTests.answer))]
                : [
                    .send(GatewayTests.streamHead + GatewayTests.chunk(chunk)), .pause(milliseconds: 10),
                    .send(GatewayTests.chunk(last + usage + "data: [DONE]\n\n") + "0\r\n\r\n"),
                ]
        }
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(Self.request, path: "/v1/messages"))
        let plain = client.read(until: "}}")
        #expect(plain.contains(#""type":"message""#) && plain.contains(#""text":"hi""#))
        client.send(Stand.request(streamed(), path: "/v1/messages"))
        let stream = unchunked(client.read(until: "0\r\n\r\n"))
        #expect(stream.hasPrefix("event: message_start\n") && stream.contains("event: message_stop\n"))
        #expect(stream.contains(#""text":"hello""#))
        #expect(try stand.receipts().map(\.tokens.totalInput) == [5, 9])
        await stand.stop()
    }

    @Test func errorsSpeakTheClientsDialect() async throws {
        let refusal = #"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#
        let stand = try await Stand(dialect: .anthropic) { _, _ in
            [.send(GatewayTests.reply(refusal, status: "529 Overloaded"))]
        }
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request("{}", path: "/v1/messages"))
        #expect(client.read(until: "}").contains(#"{"type":"error","error":{"type":"invalid_request_error""#))
        client.send(Stand.request(#"{"model":"p0/model","messages":[{"role":"user","content":"hey"}]}"#))
        let translated = client.read(until: "}}")
        #expect(translated.hasPrefix("HTTP/1.1 529") && translated.contains("busy"))
        #expect(!translated.contains(#""type":"error""#))
        await stand.stop()
    }

    /// PAINS 7: what cannot be carried is told, or refused when the client is strict.
    @Test func lossesAreToldOrRefused() async throws {
        let stand = try await Stand(dialect: .anthropic) { _, _ in [.send(GatewayTests.reply(Self.message))] }
        let body = #"{"model":"p0/model","logit_bias":{"5":1},"messages":[{"role":"user","content":"hey"}]}"#
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(body))
        #expect(client.read(until: "}}").contains("x-tacet-warnings: logit_bias\r\n"))
        client.send(Stand.request(body, head: "x-tacet-translation: strict\r\n"))
        let refused = client.read(until: "}}")
        #expect(
            refused.hasPrefix("HTTP/1.1 400") && refused.contains("cannot_translate") && refused.contains("logit_bias"))
        #expect(stand.provider.requests.count == 1)
        await stand.stop()
    }

    func unchunked(_ answer: String) -> String {
        let body = answer.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n")
        var rest = ByteBuffer(string: body)
        var decoder = BodyDecoder(.chunked, limit: nil)
        var out = ""
        while let part = try? decoder.next(&rest), case .bytes(let bytes) = part { out += String(buffer: bytes) }
        return out
    }
}
