import Foundation
import Synchronization
import Testing
import Vocabulary

@testable import Relay

/// The console's playground reads answers in a browser; no other page may (`RULES.md` 22).
@Suite(.serialized) struct PageOriginTests {
    private static let origin = "https://console.example"

    private static func stand() async throws -> Stand {
        try await Stand(pageOrigins: [Array(origin.utf8)]) { _, _ in
            [.send(GatewayTests.reply(GatewayTests.answer))]
        }
    }

    private static func head(_ answer: String) -> [String] {
        (answer.components(separatedBy: "\r\n\r\n").first ?? "").components(separatedBy: "\r\n")
    }

    @Test func theConsoleMayReadAnAnswer() async throws {
        let stand = try await Self.stand()
        let client = RawClient(port: stand.gateway.port)
        client.send(
            Stand.request(#"{"model":"p0/model","messages":[{}]}"#, head: "Origin: \(Self.origin)\r\n"))
        let lines = Self.head(client.read(until: GatewayTests.answer))
        #expect(lines.first == "HTTP/1.1 200 OK")
        #expect(lines.contains("access-control-allow-origin: \(Self.origin)") && lines.contains("vary: origin"))
        #expect(lines.contains { $0.hasPrefix("access-control-expose-headers: x-tacet-request-id") })
        #expect(!lines.contains { $0.hasPrefix("access-control-allow-credentials") })
        // The next request of the connection comes from no page.
        client.send(Stand.request(#"{"model":"p0/model","messages":[{}]}"#))
        #expect(!client.read(until: GatewayTests.answer).contains("access-control"))
        await stand.stop()
    }

    @Test(arguments: [
        "https://console.example.evil.example", "http://console.example", "https://console.example:444", "null",
        "https://CONSOLE.example", "https://console.exampl", "",
    ])
    func otherPagesMayNot(_ origin: String) async throws {
        let stand = try await Self.stand()
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(#"{"model":"p0/model","messages":[{}]}"#, head: "Origin: \(origin)\r\n"))
        #expect(!client.read(until: GatewayTests.answer).contains("access-control"))
        client.send("OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: tacet\r\nOrigin: \(origin)\r\n\r\n")
        let answer = client.read(until: "}}")
        #expect(answer.hasPrefix("HTTP/1.1 405") && !answer.contains("access-control"))
        await stand.stop()
    }

    @Test func aBrowserAsksBefore() async throws {
        let stand = try await Self.stand()
        let client = RawClient(port: stand.gateway.port)
        func ask(_ path: String) -> String {
            client.send(
                "OPTIONS \(path) HTTP/1.1\r\nHost: tacet\r\nOrigin: \(Self.origin)\r\n"
                    + "Access-Control-Request-Method: POST\r\n\r\n")
            return client.read(until: "\r\n\r\n")
        }
        let lines = Self.head(ask("/v1/chat/completions"))
        #expect(lines.first == "HTTP/1.1 200 OK" && lines.contains("content-length: 0"))
        #expect(lines.contains("access-control-allow-methods: POST"))
        #expect(lines.contains("access-control-allow-headers: authorization, content-type"))
        #expect(ask("/nothing").hasPrefix("HTTP/1.1 404"))
        #expect(stand.purse.holds.load(ordering: .relaxed) == 0)
        await stand.stop()
    }

    /// A refusal is read by the page, too: it must be able to say what was wrong.
    @Test func refusalsAreReadable() async throws {
        let stand = try await Self.stand()
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request("{}", key: "tct_live_wrong", head: "Origin: \(Self.origin)\r\n"))
        let answer = client.read(until: "}}")
        #expect(answer.hasPrefix("HTTP/1.1 401") && answer.contains("access-control-allow-origin: \(Self.origin)"))
        await stand.stop()
    }
}
