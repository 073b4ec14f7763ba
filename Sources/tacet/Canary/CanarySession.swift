import NIOCore
import Wire

/// One end of a realtime session over the canary's own connection.
struct CanarySession {
    private let connection: CanaryConnection
    /// A client masks what it sends.
    private let isClient: Bool
    private var decoder: WebSocketDecoder
    private var received: ByteBuffer

    /// - Parameter rest: what came behind the handshake.
    init(_ connection: CanaryConnection, isClient: Bool, rest: [UInt8]) {
        self.connection = connection
        self.isClient = isClient
        decoder = WebSocketDecoder(isFromClient: !isClient, limit: 1 << 20)
        received = ByteBuffer(bytes: rest)
    }

    func send(_ opcode: WebSocketOpcode, _ text: String, isFinal: Bool = true, isMasked: Bool = true) {
        send(WebSocketFrame(opcode, isFinal: isFinal, ByteBuffer(string: text)), isMasked: isMasked)
    }

    func close(_ reason: String) {
        var frame = WebSocketFrame(close: .normal)
        frame.payload.writeString(reason)
        send(frame)
    }

    func send(_ frame: WebSocketFrame, isMasked: Bool = true) {
        var out = ByteBuffer()
        out.writeWebSocketFrame(frame, mask: isClient && isMasked ? 0x1234_5678 : nil)
        connection.send(out.readableBytesView)
    }

    /// The other end's next frame; `nil` when it is gone, silent or wrong.
    mutating func next() -> WebSocketFrame? {
        while true {
            guard let frame = try? decoder.next(&received) else {
                let more = connection.receive()
                guard !more.isEmpty else { return nil }
                received.writeBytes(more)
                continue
            }
            return frame
        }
    }

    /// Reads to the end, or to a text that says `word`.
    mutating func read(to word: String? = nil) {
        while let frame = next(), frame.opcode != .close {
            if let word, String(buffer: frame.payload).contains(word) { return }
        }
    }
}
