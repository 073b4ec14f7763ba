import NIOCore
import Secrets
import Wire

/// Marked words in realtime sessions.
extension CanaryTraffic {
    /// A session with every kind of frame a client may send, one that breaks the rules, and one that is refused.
    mutating func speak(_ marks: inout CanaryMarks) {
        if var session = session(realtimeModel, &marks) {
            let about = marks.mark("instructions")
            session.send(.text, #"{"type":"session.update","session":{"type":"realtime","instructions":"\#(about)"}}"#)
            session.send(.text, #"{"type":"conversation.item.create","item":{"type":"message","#, isFinal: false)
            let part = #"{"type":"input_text","text":"\#(marks.mark("said"))"}"#
            session.send(.continuation, #""role":"user","content":[\#(part)]}}"#)
            session.send(.binary, marks.mark("sound"))
            session.send(.ping, marks.mark("ping"))
            session.send(.text, #"{"type":"\#(marks.mark("event"))"}"#)
            session.send(.text, "\(marks.mark("nojson"))")
            session.send(.text, #"{"type":"response.create","response":{"instructions":"\#(marks.mark("wish"))"}}"#)
            session.read(to: "response.done")
            session.close(marks.mark("reason"))
            session.read()
        }
        if var session = session(realtimeModel, &marks) {
            session.send(.text, marks.mark("unmasked"), isMasked: false)
            session.read()
        }
        if var session = session(marks.mark("model"), &marks) { session.read() }
    }

    /// A session that stays open in the middle of a message.
    mutating func speakHalf(_ marks: inout CanaryMarks) -> CanarySession? {
        let session = session(realtimeModel, &marks)
        session?.send(.text, #"{"type":"response.create","#, isFinal: false)
        session?.send(.continuation, marks.mark("half"), isFinal: false)
        return session
    }

    /// `nil` when the gateway does not agree to one.
    private mutating func session(_ model: String, _ marks: inout CanaryMarks) -> CanarySession? {
        sent += 1
        guard let connection = CanaryConnection(host: host, port: port) else { return nil }
        let fields = [
            "host: \(host):\(port)", "authorization: Bearer \(key)", "connection: upgrade", "upgrade: websocket",
            "sec-websocket-version: 13", "sec-websocket-key: " + String(decoding: WebSocketKey.make(), as: UTF8.self),
            "x-\(marks.mark("header")): \(marks.mark("value"))",
        ]
        let lines = ["GET /v1/realtime?model=\(model) HTTP/1.1"] + fields + ["", ""]
        connection.send(lines.joined(separator: "\r\n").utf8)
        guard let (head, rest) = connection.head() else { return nil }
        answered += 1
        guard head.hasPrefix("HTTP/1.1 101 ") else { return nil }
        sessions += 1
        return CanarySession(connection, isClient: true, rest: rest)
    }
}
