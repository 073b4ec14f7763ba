import Crypto
import FoundationEssentials
public import Vocabulary

/// HMAC-SHA-256 of gateway keys under the installation's pepper. A key has 190 random bits, so a fast hash is right.
public struct KeyHasher: Sendable {
    /// Keyed once: both pads are absorbed, a digest only clones the state.
    private let keyed: HMAC<SHA256>

    /// - Parameter pepper: 32 random bytes of this installation.
    public init(pepper: SecretBytes) {
        let key = pepper.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { unsafe SymmetricKey(data: $0) }
        }
        keyed = HMAC<SHA256>(key: key)
    }

    /// What the journal has of a client's `Idempotency-Key`: its MAC under a secret of the installation and organisation.
    public func mark(of key: Span<UInt8>, _ organisation: OrganisationID) -> IdempotencyMark {
        var own = keyed
        own.update(data: Array("idempotency".utf8))
        unsafe withUnsafeBytes(of: organisation.value.littleEndian) { unsafe own.update(data: $0) }
        var state = HMAC<SHA256>(key: unsafe own.finalize().withUnsafeBytes { unsafe SymmetricKey(data: $0) })
        unsafe key.withUnsafeBytes { unsafe state.update(data: $0) }
        return unsafe state.finalize().withUnsafeBytes { code in
            IdempotencyMark(
                high: unsafe UInt64(littleEndian: code.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                low: unsafe UInt64(littleEndian: code.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    /// The digest under which a presented key is looked up.
    public func digest(of key: Span<UInt8>) -> KeyDigest {
        var state = keyed
        unsafe key.withUnsafeBytes { unsafe state.update(data: $0) }
        return unsafe state.finalize().withUnsafeBytes { code in
            KeyDigest(
                words: (
                    unsafe UInt64(littleEndian: code.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                    unsafe UInt64(littleEndian: code.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                    unsafe UInt64(littleEndian: code.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
                    unsafe UInt64(littleEndian: code.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
                ))
        }
    }
}

extension KeyDigest {
    /// The 32 bytes of the digest, as stored.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(32)
        for word in [words.0, words.1, words.2, words.3] {
            for shift in 0..<8 { out.append(UInt8(truncatingIfNeeded: word >> UInt64(shift * 8))) }
        }
        return out
    }
}
