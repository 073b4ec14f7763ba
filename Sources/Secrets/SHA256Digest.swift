import Crypto

/// The SHA-256 of some bytes.
public enum SHA256Digest {
    /// - Returns: 32 bytes.
    public static func of(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}
