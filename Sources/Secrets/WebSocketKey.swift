import Crypto

/// The values by which both sides of a WebSocket's handshake know that they mean it (RFC 6455 § 4). They protect nothing.
public enum WebSocketKey {
    /// `Sec-WebSocket-Key` of a new handshake: 16 random bytes in base64.
    public static func make() -> [UInt8] { base64(randomBytes(16)) }

    /// `Sec-WebSocket-Accept` for a key.
    public static func accept(_ key: [UInt8]) -> [UInt8] {
        var hash = Insecure.SHA1()
        hash.update(data: key)
        hash.update(data: Array("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        return base64(Array(hash.finalize()))
    }

    /// Whether a key is 16 bytes in base64: 22 digits and two signs of equality.
    public static func isKey(_ key: [UInt8]) -> Bool {
        key.count == 24 && key.suffix(2) == [0x3d, 0x3d] && key.dropLast(2).allSatisfy(digits.contains)
    }

    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static func base64(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                out.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : 0x3d)
            }
        }
        return out
    }
}
