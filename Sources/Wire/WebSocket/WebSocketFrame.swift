public import NIOCore

/// One frame (RFC 6455 § 5.2), its payload unmasked.
public struct WebSocketFrame: Sendable {
    /// The last, or only, frame of its message.
    public var isFinal: Bool
    public var opcode: WebSocketOpcode
    public var payload: ByteBuffer

    public init(_ opcode: WebSocketOpcode, isFinal: Bool = true, _ payload: ByteBuffer) {
        self.isFinal = isFinal
        self.opcode = opcode
        self.payload = payload
    }

    /// A close frame. Its reason is left out: it would be read by nobody.
    public init(close code: WebSocketClose) {
        var payload = ByteBuffer()
        payload.writeInteger(code.rawValue)
        self.init(.close, payload)
    }

    /// Of a close frame that says one.
    public var closeCode: UInt16? {
        opcode == .close ? payload.getInteger(at: payload.readerIndex, as: UInt16.self) : nil
    }
}

public enum WebSocketOpcode: UInt8, Sendable, CaseIterable {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    public var isControl: Bool { rawValue >= 8 }
}

/// Codes that Tacet closes with (RFC 6455 § 7.4).
public enum WebSocketClose: UInt16, Sendable, CaseIterable {
    case normal = 1000
    case goingAway = 1001
    case protocolError = 1002
    case invalidText = 1007
    case policy = 1008
    case tooLarge = 1009
    case internalError = 1011
    case tryAgainLater = 1013
}

/// Why what came is no WebSocket traffic that can go on: the code to close with.
public struct WebSocketFault: Error, Equatable {
    public var code: WebSocketClose

    init(_ code: WebSocketClose) { self.code = code }
}

extension ByteBuffer {
    /// Appends a frame, its length in the shortest form.
    ///
    /// - Parameter mask: the key of a client's frame, in network order; `nil` for a server's, which has none.
    public mutating func writeWebSocketFrame(_ frame: WebSocketFrame, mask: UInt32?) {
        let count = frame.payload.readableBytes
        reserveCapacity(minimumWritableBytes: count + 14)
        writeInteger(frame.opcode.rawValue | (frame.isFinal ? 0x80 : 0))
        let bit: UInt8 = mask == nil ? 0 : 0x80
        switch count {
        case ..<126: writeInteger(UInt8(count) | bit)
        case ..<65_536:
            writeInteger(126 | bit)
            writeInteger(UInt16(count))
        default:
            writeInteger(127 | bit)
            writeInteger(UInt64(count))
        }
        if let mask { writeInteger(mask) }
        let start = writerIndex
        writeImmutableBuffer(frame.payload)
        if let mask { applyMask(mask, from: start) }
    }

    /// Masks or unmasks what stands from an index on (RFC 6455 § 5.3).
    mutating func applyMask(_ mask: UInt32, from start: Int) {
        let key = mask.bigEndian
        let offset = start - readerIndex
        unsafe withUnsafeMutableReadableBytes { memory in
            let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[offset...])
            let words = bytes.count / 4
            for word in 0..<words {
                let value = unsafe bytes.loadUnaligned(fromByteOffset: word * 4, as: UInt32.self)
                unsafe bytes.storeBytes(of: value ^ key, toByteOffset: word * 4, as: UInt32.self)
            }
            for index in words * 4..<bytes.count {
                unsafe bytes[index] ^= UInt8(truncatingIfNeeded: mask >> UInt32(24 - index % 4 * 8))
            }
        }
    }
}
