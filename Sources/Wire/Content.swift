public import NIOCore

/// What people wrote and what models answered: words, as a list of buffers.
///
/// It cannot be encoded and says nothing of itself but its byte count (DESIGN §2, rule 4; `RULES.md` 11). It is
/// deliberately not `Codable`, `CustomStringConvertible`, `Equatable` or `Hashable`.
public struct Content: Sendable, CustomReflectable {
    /// The words, in order, for whoever relays them.
    public private(set) var pieces: [ByteBuffer]
    /// The sum of the pieces' readable bytes.
    public private(set) var byteCount: Int

    public init() {
        pieces = []
        byteCount = 0
    }

    public init(_ buffer: ByteBuffer) {
        pieces = [buffer]
        byteCount = buffer.readableBytes
    }

    public init(_ pieces: [ByteBuffer]) {
        self.pieces = pieces
        byteCount = pieces.reduce(0) { $0 + $1.readableBytes }
    }

    public mutating func append(_ buffer: ByteBuffer) {
        pieces.append(buffer)
        byteCount += buffer.readableBytes
    }

    /// What descriptions, interpolation and a debugger see.
    public var customMirror: Mirror { Mirror(self, children: ["bytes": byteCount], displayStyle: .struct) }
}
