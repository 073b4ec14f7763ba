import Foundation
import Glibc
import NIOCore
import Secrets
import Wire

/// A provider of realtime sessions behind the canary's own gateway: what it says is marked too. It serves one session after
/// the other.
struct CanaryProvider {
    let port: UInt16
    private let file: Int32

    init(words: String) throws(Failure) {
        (file, port) = try CanaryConnection.bound()
        listen(file, 64)
        Thread.detachNewThread { [file] in
            while case let client = accept(file, nil, nil), client >= 0 {
                Self.serve(CanaryConnection(client), words)
            }
            close(file)
        }
    }

    func stop() { shutdown(file, Int32(SHUT_RDWR)) }

    private static func serve(_ connection: CanaryConnection, _ words: String) {
        guard let (head, rest) = connection.head() else { return }
        let name = "sec-websocket-key:"
        let key = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name) }?.dropFirst(name.count)
        guard let key = key?.trimmingCharacters(in: .whitespaces), !key.isEmpty else {
            let text = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            connection.send(text.utf8)
            return
        }
        let accepted = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        connection.send("\(accepted)sec-websocket-accept: ".utf8)
        connection.send(WebSocketKey.accept(Array(key.utf8)) + "\r\n\r\n".utf8)
        var session = CanarySession(connection, isClient: false, rest: rest)
        session.send(.text, #"{"type":"session.created","session":{"instructions":"\#(words)"}}"#)
        while let frame = session.next() {
            switch frame.opcode {
            case .close: return session.send(frame)
            case .ping: session.send(WebSocketFrame(.pong, frame.payload))
            case .text where String(buffer: frame.payload).contains("response.create"): answer(session, words)
            case .text, .continuation, .binary, .pong: break
            }
        }
    }

    private static func answer(_ session: CanarySession, _ words: String) {
        session.send(.text, #"{"type":"response.created","response":{"id":"resp_1"}}"#)
        session.send(.text, #"{"type":"response.output_text.delta","#, isFinal: false)
        session.send(.continuation, #""delta":"\#(words)"}"#)
        session.send(.binary, words)
        session.send(.ping, words)
        session.send(.text, #"{"type":"error","error":{"message":"\#(words)"}}"#)
        let item = #"{"type":"message","content":[{"type":"output_text","text":"\#(words)"}]}"#
        session.send(.text, #"{"type":"response.done","response":{"id":"resp_1","output":[\#(item)]}}"#)
    }
}
