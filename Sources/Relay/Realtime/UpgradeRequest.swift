import NIOCore
import Secrets
import Wire

/// What a client says that wants to go on by WebSocket (RFC 6455 § 4.2.1).
struct UpgradeRequest {
    /// `Sec-WebSocket-Key`.
    let key: [UInt8]
    /// The client can speak the subprotocol `realtime`; it is told when that is spoken.
    let offersRealtime: Bool
    /// It wants the interface of before September 2025: `OpenAI-Beta: realtime=v1`.
    let isBeta: Bool

    /// `nil` for what is no such request, or one of another version.
    init?(_ head: RequestHead) {
        func holds(_ field: KnownField, _ word: StaticString) -> Bool {
            guard let place = head.field(field) else { return false }
            return head.withSpan(place) { $0.element { $0.equalsIgnoringCase(word) } != nil }
        }
        guard head.method == .get, !head.isHTTP10, holds(.upgrade, "websocket"), holds(.connection, "upgrade"),
            holds(.secWebSocketVersion, "13"), let place = head.field(.secWebSocketKey)
        else { return nil }
        key = head.withSpan(place) { value in value.indices.map { value[$0] } }
        guard WebSocketKey.isKey(key) else { return nil }
        offersRealtime = holds(.secWebSocketProtocol, "realtime")
        isBeta = holds(.openAIBeta, "realtime=v1") || holds(.secWebSocketProtocol, "openai-beta.realtime-v1")
    }

    /// How browsers, which cannot set header fields, show a key: as one of the subprotocols they offer.
    static let keyProtocol: StaticString = "openai-insecure-api-key."

    /// The answer that ends HTTP on the connection, but for the fields of ours.
    func accepted() -> ByteBuffer {
        var out = ByteBuffer()
        out.writeStaticString("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n")
        out.writeStaticString("sec-websocket-accept: ")
        out.writeBytes(WebSocketKey.accept(key))
        out.writeStaticString("\r\n")
        if offersRealtime { out.writeStaticString("sec-websocket-protocol: realtime\r\n") }
        return out
    }
}

/// The same towards a provider.
struct UpstreamUpgrade {
    let key = WebSocketKey.make()
    let offersRealtime: Bool
    let isBeta: Bool

    init(_ client: UpgradeRequest) {
        offersRealtime = client.offersRealtime
        isBeta = client.isBeta
    }

    /// Bytes that `write` needs at most.
    static let room = 220

    func write(_ out: inout OutputRawSpan) {
        out.text("connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ")
        out.bytes(key)
        out.text("\r\n")
        if offersRealtime { out.text("sec-websocket-protocol: realtime\r\n") }
        if isBeta { out.text("openai-beta: realtime=v1\r\n") }
    }
}

extension Span<UInt8> {
    /// Where the first element of a list with commas stands that fits, white space around it taken off.
    func element(where fits: (Span<UInt8>) -> Bool) -> Range<Int>? {
        var start = 0
        while start <= count {
            var end = start
            while end < count, self[end] != 0x2c { end += 1 }
            var (first, last) = (start, end)
            while first < last, self[first] == 0x20 || self[first] == 0x09 { first += 1 }
            while last > first, self[last - 1] == 0x20 || self[last - 1] == 0x09 { last -= 1 }
            if fits(extracting(first..<last)) { return first..<last }
            start = end + 1
        }
        return nil
    }
}
