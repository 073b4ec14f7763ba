import Crypto
import FoundationEssentials
public import Vocabulary

/// What a cell was sealed for. It is authenticated with the cell, so that one cannot stand in another's place.
public struct SealContext: Equatable, Sendable {
    public enum Purpose: UInt8, Sendable {
        case dataKey = 1
        case providerKey = 2
        case field = 3
    }

    public var purpose: Purpose
    public var organisation: OrganisationID
    /// The row's number.
    public var row: UInt64
    /// The data key's number; of a wrapped data key its own.
    public var key: UInt64

    public init(_ purpose: Purpose, organisation: OrganisationID, row: UInt64, key: UInt64) {
        self.purpose = purpose
        self.organisation = organisation
        self.row = row
        self.key = key
    }

    var bytes: [UInt8] {
        var out = Array("TACETSEA".utf8)
        out.append(purpose.rawValue)
        out.appendLittleEndian(organisation.value)
        out.appendLittleEndian(row)
        out.appendLittleEndian(key)
        return out
    }
}

/// A cell sealed with AES-256-GCM: a version byte, 12 bytes of nonce, the ciphertext, 16 bytes of tag.
enum SealedCell {
    /// Which key a cell is under.
    enum Version: UInt8 {
        /// One of which a copy of the ledger, with the installation's key, holds everything.
        case whole = 1
        /// One of which half stands outside of the ledger (`ErasableKeys`).
        case erasable = 2
    }

    static let overhead = 1 + 12 + 16

    static func seal(
        _ plain: Span<UInt8>, under key: SecretBytes, for context: SealContext, _ version: Version
    ) throws(VaultFault) -> [UInt8] {
        let key = symmetric(key)
        let version = version.rawValue
        let sealed = unsafe plain.withUnsafeBytes { memory in
            unsafe try? AES.GCM.seal(memory, using: key, authenticating: [version] + context.bytes)
        }
        guard let combined = sealed?.combined else { throw .damaged }
        return [version] + combined
    }

    static func open(_ cell: [UInt8], under key: SecretBytes, for context: SealContext) throws(VaultFault) -> Plaintext
    {
        guard let version = version(of: cell) else { throw .damaged }
        return try open(
            combined: cell[1...], under: symmetric(key), authenticating: [version.rawValue] + context.bytes)
    }

    /// `nil` for what is no cell.
    static func version(of cell: [UInt8]) -> Version? { cell.count > overhead ? Version(rawValue: cell[0]) : nil }

    /// - Parameter combined: nonce, ciphertext and tag.
    static func open(
        combined: some DataProtocol, under key: SymmetricKey, authenticating context: [UInt8]
    ) throws(VaultFault) -> Plaintext {
        guard let box = try? AES.GCM.SealedBox(combined: combined),
            var opened = try? AES.GCM.open(box, using: key, authenticating: context)
        else { throw .damaged }
        let kept = unsafe opened.withUnsafeBytes { memory in
            let bytes = unsafe memory.bindMemory(to: UInt8.self)
            return unsafe SecretBytes(copying: Span(_unsafeElements: bytes))
        }
        // The library's own copy: `opened` is its only owner, so it is overwritten where it stands.
        unsafe opened.withUnsafeMutableBytes { unsafe wipe($0) }
        return Plaintext(kept)
    }

    static func symmetric(_ key: SecretBytes) -> SymmetricKey {
        key.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe SymmetricKey(data: $0) } }
    }
}
