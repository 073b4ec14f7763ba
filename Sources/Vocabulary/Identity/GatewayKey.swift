/// The written form of a gateway key: `tct_live_` or `tct_test_`, 32 base62 characters (190 bits), 6 base62 characters
/// of CRC-32 over all before. The checksum refuses typing mistakes before any look-up.
public enum GatewayKey {
    public static let length = 47
    /// The bytes before the checksum.
    public static let bodyLength = 41
    public static let alphabet: [UInt8] = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    public static let livePrefix: [UInt8] = Array("tct_live_".utf8)
    public static let testPrefix: [UInt8] = Array("tct_test_".utf8)

    public enum Environment: UInt8, Sendable {
        case live = 0
        case test = 1
    }

    /// What the syntax says of a presented key; `nil` when it is not one.
    public static func environment(of key: Span<UInt8>) -> Environment? {
        guard key.count == length else { return nil }
        let environment: Environment
        if begins(key, with: livePrefix) {
            environment = .live
        } else if begins(key, with: testPrefix) {
            environment = .test
        } else {
            return nil
        }
        var crc = CRC32.start
        for index in 0..<bodyLength { crc = CRC32.next(crc, key[index]) }
        let expected = checksum(CRC32.end(crc))
        for index in 0..<6 where key[bodyLength + index] != expected[index] { return nil }
        return environment
    }

    /// Makes a key's text from 32 characters of the alphabet.
    public static func text(_ environment: Environment, secret: [UInt8]) -> [UInt8] {
        var key = (environment == .live ? livePrefix : testPrefix) + secret
        var crc = CRC32.start
        for byte in key { crc = CRC32.next(crc, byte) }
        let tail = checksum(CRC32.end(crc))
        for index in 0..<6 { key.append(tail[index]) }
        return key
    }

    private static func begins(_ key: Span<UInt8>, with prefix: [UInt8]) -> Bool {
        for index in prefix.indices where key[index] != prefix[index] { return false }
        return true
    }

    private static func checksum(_ crc: UInt32) -> [6 of UInt8] {
        var rest = crc
        var digits: [6 of UInt8] = .init(repeating: 0x30)
        for index in (0..<6).reversed() {
            digits[index] = alphabet[Int(rest % 62)]
            rest /= 62
        }
        return digits
    }
}

/// HMAC-SHA-256 of a gateway key under the installation's pepper: all that is kept of it.
public struct KeyDigest: Hashable, Sendable {
    public var words: (UInt64, UInt64, UInt64, UInt64)

    public init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Reads 32 bytes, little-endian words.
    public init?(bytes: Span<UInt8>) {
        guard bytes.count == 32 else { return nil }
        func word(_ at: Int) -> UInt64 {
            var value: UInt64 = 0
            for index in 0..<8 { value |= UInt64(bytes[at + index]) << UInt64(index * 8) }
            return value
        }
        words = (word(0), word(8), word(16), word(24))
    }

    /// Equal in constant time; also what `Hashable` uses.
    public static func == (a: KeyDigest, b: KeyDigest) -> Bool {
        (a.words.0 ^ b.words.0) | (a.words.1 ^ b.words.1) | (a.words.2 ^ b.words.2) | (a.words.3 ^ b.words.3) == 0
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
