public import NIOCore

/// Reads the frames of one side of a WebSocket over any split of the bytes, and holds that side to RFC 6455: masks as its
/// role demands, no reserved bit or opcode, control frames whole and short, fragments in order, text in UTF-8.
///
/// No extension is ever agreed on, so a frame means what it says.
public struct WebSocketDecoder: Sendable {
    private let isFromClient: Bool
    private let limit: Int
    private var header: Header?
    /// A message in fragments is being read: whether it is text, and its bytes so far.
    private var message: (isText: Bool, bytes: Int)?
    private var text = UTF8Check()
    private var isClosed = false

    private struct Header {
        var isFinal: Bool
        var opcode: WebSocketOpcode
        var length: Int
        var mask: UInt32?
    }

    /// - Parameters:
    ///   - isFromClient: a client's frames are masked, a server's are not.
    ///   - limit: the longest message in bytes, all its fragments together.
    public init(isFromClient: Bool, limit: Int) {
        self.isFromClient = isFromClient
        self.limit = limit
    }

    /// Bytes of the frame that has begun to arrive, as its head declares; 0 between frames.
    public var expectedBytes: Int { header?.length ?? 0 }

    /// Whether a message has begun and its last fragment is still to come.
    public var isInsideMessage: Bool { message != nil }

    /// The next whole frame; `nil`: more bytes are needed. A frame that is too long is refused by its head. After a close
    /// frame nothing is read any more.
    public mutating func next(_ bytes: inout ByteBuffer) throws(WebSocketFault) -> WebSocketFrame? {
        guard !isClosed else {
            bytes.clear()
            return nil
        }
        if header == nil { header = try readHeader(&bytes) }
        guard let header, var payload = bytes.readSlice(length: header.length) else { return nil }
        self.header = nil
        if let mask = header.mask, header.length > 0 { payload.applyMask(mask, from: payload.readerIndex) }
        let frame = WebSocketFrame(header.opcode, isFinal: header.isFinal, payload)
        if frame.opcode.isControl { try checkControl(frame) } else { try checkData(frame) }
        return frame
    }

    private func readHeader(_ bytes: inout ByteBuffer) throws(WebSocketFault) -> Header? {
        var at = bytes.readerIndex
        func read<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
            defer { at += MemoryLayout<Number>.size }
            return bytes.getInteger(at: at)
        }
        guard let first = read(UInt8.self), let second = read(UInt8.self) else { return nil }
        guard first & 0x70 == 0, let opcode = WebSocketOpcode(rawValue: first & 0x0f),
            (second & 0x80 != 0) == isFromClient
        else { throw WebSocketFault(.protocolError) }
        let isFinal = first & 0x80 != 0
        var length = UInt64(second & 0x7f)
        guard !opcode.isControl || isFinal && length < 126 else { throw WebSocketFault(.protocolError) }
        guard opcode.isControl || (opcode == .continuation) == (message != nil) else {
            throw WebSocketFault(.protocolError)
        }
        if length == 126 {
            guard let long = read(UInt16.self) else { return nil }
            length = UInt64(long)
            guard length > 125 else { throw WebSocketFault(.protocolError) }
        } else if length == 127 {
            guard let long = read(UInt64.self) else { return nil }
            length = long
            guard length > UInt64(UInt16.max), length < 1 << 63 else { throw WebSocketFault(.protocolError) }
        }
        guard opcode.isControl || length <= UInt64(limit - (message?.bytes ?? 0)) else {
            throw WebSocketFault(.tooLarge)
        }
        var mask: UInt32?
        if isFromClient {
            guard let key = read(UInt32.self) else { return nil }
            mask = key
        }
        bytes.moveReaderIndex(to: at)
        return Header(isFinal: isFinal, opcode: opcode, length: Int(length), mask: mask)
    }

    private mutating func checkData(_ frame: WebSocketFrame) throws(WebSocketFault) {
        let isText = message?.isText ?? (frame.opcode == .text)
        if isText {
            text.take(frame.payload.readableBytesUInt8Span)
            guard frame.isFinal ? text.isWhole : !text.isBroken else { throw WebSocketFault(.invalidText) }
        }
        message = frame.isFinal ? nil : (isText, (message?.bytes ?? 0) + frame.payload.readableBytes)
    }

    /// A close frame says nothing, or a code that may be sent and a text.
    private mutating func checkControl(_ frame: WebSocketFrame) throws(WebSocketFault) {
        guard frame.opcode == .close else { return }
        isClosed = true
        guard frame.payload.readableBytes > 0 else { return }
        guard let code = frame.closeCode else { throw WebSocketFault(.protocolError) }
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw WebSocketFault(.protocolError)
        }
        var reason = UTF8Check()
        let bytes = frame.payload.readableBytesUInt8Span
        reason.take(bytes.extracting(droppingFirst: 2))
        guard reason.isWhole else { throw WebSocketFault(.invalidText) }
    }
}

/// Whether bytes that come in pieces are UTF-8 (Unicode 16, table 3-7).
struct UTF8Check: Sendable {
    /// Continuation bytes that are still to come.
    private var missing = 0
    /// What the next of them may be.
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xbf
    private(set) var isBroken = false

    /// Nothing is broken and no character is cut.
    var isWhole: Bool { !isBroken && missing == 0 }

    mutating func take(_ bytes: Span<UInt8>) {
        for index in bytes.indices {
            let byte = bytes[index]
            if missing > 0 {
                guard byte >= low, byte <= high else {
                    isBroken = true
                    return
                }
                missing -= 1
                (low, high) = (0x80, 0xbf)
            } else if byte >= 0x80 {
                guard begin(byte) else {
                    isBroken = true
                    return
                }
            }
        }
    }

    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0xc2...0xdf: missing = 1
        case 0xe0...0xef:
            missing = 2
            if byte == 0xe0 { low = 0xa0 }
            if byte == 0xed { high = 0x9f }
        case 0xf0...0xf4:
            missing = 3
            if byte == 0xf0 { low = 0x90 }
            if byte == 0xf4 { high = 0x8f }
        default: return false
        }
        return true
    }
}
