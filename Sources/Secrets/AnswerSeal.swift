import Crypto
import FoundationEssentials
public import Vocabulary

/// What guards cached answers: a secret of this boot, from which every organisation has its own. With the process both are
/// gone, and so is every answer.
public struct AnswerSeal: Sendable {
    private let boot: SymmetricKey
    private let sealing: SymmetricKey

    /// - Parameter secret: 32 random bytes of this boot.
    public init(secret: SecretBytes) {
        boot = secret.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe SymmetricKey(data: $0) } }
        sealing = HKDF<SHA256>.deriveKey(inputKeyMaterial: boot, info: Data("answer".utf8), outputByteCount: 32)
    }

    /// HMAC-SHA-256 of a canonical request under its organisation's secret, as four words.
    public func digest(of request: Span<UInt8>, _ organisation: OrganisationID) -> (UInt64, UInt64, UInt64, UInt64) {
        var own = HMAC<SHA256>(key: boot)
        unsafe withUnsafeBytes(of: organisation.value.littleEndian) { unsafe own.update(data: $0) }
        var state = HMAC<SHA256>(key: unsafe own.finalize().withUnsafeBytes { unsafe SymmetricKey(data: $0) })
        unsafe request.withUnsafeBytes { unsafe state.update(data: $0) }
        return unsafe state.finalize().withUnsafeBytes { code in
            func word(_ at: Int) -> UInt64 {
                unsafe UInt64(littleEndian: code.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            }
            return (word(0), word(8), word(16), word(24))
        }
    }

    /// Seals an answer under its key; another key does not open it. `nil` only if the library fails.
    public func seal(_ answer: Span<UInt8>, for key: (UInt64, UInt64, UInt64, UInt64)) -> SealedAnswer? {
        let sealed = unsafe answer.withUnsafeBytes { bytes in
            unsafe try? ChaChaPoly.seal(bytes, using: sealing, authenticating: Self.bytes(of: key))
        }
        return sealed.map { SealedAnswer($0.combined) }
    }

    /// The answer's bytes; `nil` when it was sealed under another key or is not whole.
    public func open(_ answer: SealedAnswer, for key: (UInt64, UInt64, UInt64, UInt64)) -> [UInt8]? {
        answer.memory.withBytes { bytes in
            guard let box = unsafe bytes.withUnsafeBytes({ unsafe try? ChaChaPoly.SealedBox(combined: Data($0)) }),
                let plain = try? ChaChaPoly.open(box, using: sealing, authenticating: Self.bytes(of: key))
            else { return nil }
            return [UInt8](plain)
        }
    }

    private static func bytes(of key: (UInt64, UInt64, UInt64, UInt64)) -> Data {
        var data = Data(capacity: 32)
        for word in [key.0, key.1, key.2, key.3] {
            unsafe withUnsafeBytes(of: word.littleEndian) { unsafe data.append(contentsOf: $0) }
        }
        return data
    }
}

/// An answer that only its seal opens; its memory is zeroed when the last who holds it lets go.
public final class SealedAnswer: Sendable {
    let memory: WipedBytes

    init(_ bytes: Data) { memory = WipedBytes(bytes) }

    /// What it takes in memory.
    public var count: Int { memory.count }
}

/// Bytes of the heap that are zeroed when released. Sealed bytes need no locked page of their own.
@safe final class WipedBytes: Sendable {
    private nonisolated(unsafe) let memory: UnsafeMutableRawBufferPointer

    init(_ bytes: Data) {
        unsafe memory = .allocate(byteCount: bytes.count, alignment: 16)
        for (index, byte) in bytes.enumerated() { unsafe memory[index] = byte }
    }

    var count: Int { unsafe memory.count }

    func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        let bytes = unsafe UnsafeBufferPointer(
            start: memory.baseAddress?.assumingMemoryBound(to: UInt8.self), count: memory.count)
        return unsafe body(Span(_unsafeElements: bytes))
    }

    deinit {
        unsafe wipe(memory)
        unsafe memory.deallocate()
    }
}
