import Crypto
import FoundationEssentials
public import Vocabulary

/// The key of an organisation's provider keys. One half is wrapped in the ledger, the other stands in a file: destroying that
/// destroys what was sealed, also in copies of the ledger, whoever has the master key.
public struct DataKey: Sendable {
    public let id: UInt64
    public let organisation: OrganisationID
    /// The half that is wrapped.
    let stored: SecretBytes
    /// What seals.
    let bytes: SecretBytes

    /// A fresh key of 256 random bits; its other half is put among `own`.
    public static func fresh(for organisation: OrganisationID, _ own: ErasableKeys) throws(KeyFileFault) -> DataKey {
        var random = SystemRandomNumberGenerator()
        let id = random.next() >> 1
        var bytes = randomBytes(32)
        let stored = SecretBytes(taking: &bytes)
        let half = try own.keyOrNew(of: .dataKey(id))
        return DataKey(id: id, organisation: organisation, stored: stored, bytes: stored.joined(with: half))
    }

    init(id: UInt64, organisation: OrganisationID, stored: SecretBytes, bytes: SecretBytes) {
        self.id = id
        self.organisation = organisation
        self.stored = stored
        self.bytes = bytes
    }

    /// 16 bytes that name the key in a proof of deletion and tell nothing of it.
    public var fingerprint: [UInt8] { SealedCell.symmetric(bytes).fingerprint(of: "tacet data key") }

    public func seal(_ plain: Span<UInt8>, _ purpose: SealContext.Purpose, row: UInt64) throws(VaultFault) -> [UInt8] {
        try SealedCell.seal(plain, under: bytes, for: context(purpose, row), .whole)
    }

    public func open(_ cell: [UInt8], _ purpose: SealContext.Purpose, row: UInt64) throws(VaultFault) -> Plaintext {
        try SealedCell.open(cell, under: bytes, for: context(purpose, row))
    }

    private func context(_ purpose: SealContext.Purpose, _ row: UInt64) -> SealContext {
        SealContext(purpose, organisation: organisation, row: row, key: id)
    }
}

/// The key that wraps the data keys. It is the operator's, and stands in no ledger and no backup of one.
public struct MasterKey: Sendable {
    private let bytes: SecretBytes
    /// 16 bytes that tell which master key wrapped a data key, and nothing of the key.
    public let id: [UInt8]

    /// - Parameter bytes: 32.
    public init(_ bytes: SecretBytes) throws(VaultFault) {
        guard bytes.withBytes({ $0.count }) == 32 else { throw .badMaster }
        self.bytes = bytes
        id = SealedCell.symmetric(bytes).fingerprint(of: "tacet master key")
    }

    /// Reads 32 bytes, 64 hexadecimal digits, or base64 of 32 bytes, with or without a line's end; wipes what it was given.
    public init(reading text: inout [UInt8]) throws(VaultFault) {
        defer { wipe(&text) }
        var key = text
        if key.count != 32 {
            while let last = key.last, last == 0x0a || last == 0x0d || last == 0x20 { key.removeLast() }
            if key.count == 64 {
                key = Self.hexadecimal(key) ?? []
            } else if key.count == 44 {
                key = Data(base64Encoded: Data(key)).map { Array($0) } ?? []
            }
        }
        guard key.count == 32 else {
            wipe(&key)
            throw .badMaster
        }
        try self.init(SecretBytes(taking: &key))
    }

    public func wrap(_ key: DataKey) throws(VaultFault) -> [UInt8] {
        let context = context(key.id, key.organisation)
        return try key.stored.withBytes { plain throws(VaultFault) in
            try SealedCell.seal(plain, under: bytes, for: context, .erasable)
        }
    }

    /// `nil` when the key's other half was destroyed.
    public func unwrap(
        _ cell: [UInt8], id: UInt64, organisation: OrganisationID, _ own: ErasableKeys
    ) throws(VaultFault) -> DataKey? {
        let plain = try SealedCell.open(cell, under: bytes, for: context(id, organisation))
        let stored = plain.withBytes { SecretBytes(copying: $0) }
        guard stored.withBytes({ $0.count }) == 32 else { throw .damaged }
        // Data keys of before were whole in the ledger; the next rotation makes halves of them.
        guard SealedCell.version(of: cell) == .erasable else {
            return DataKey(id: id, organisation: organisation, stored: stored, bytes: stored)
        }
        do throws(KeyFileFault) {
            guard let half = try own.key(of: .dataKey(id)) else { return nil }
            return DataKey(id: id, organisation: organisation, stored: stored, bytes: stored.joined(with: half))
        } catch {
            throw .damaged
        }
    }

    /// What is wrapped in `cell`, wrapped under another master key.
    public func rewrap(
        _ cell: [UInt8], id: UInt64, organisation: OrganisationID, under master: MasterKey
    ) throws(VaultFault) -> [UInt8] {
        let context = context(id, organisation)
        guard let version = SealedCell.version(of: cell) else { throw .damaged }
        let plain = try SealedCell.open(cell, under: bytes, for: context)
        return try plain.withBytes { bytes throws(VaultFault) in
            try SealedCell.seal(bytes, under: master.bytes, for: context, version)
        }
    }

    private func context(_ id: UInt64, _ organisation: OrganisationID) -> SealContext {
        SealContext(.dataKey, organisation: organisation, row: id, key: id)
    }

    private static func hexadecimal(_ digits: [UInt8]) -> [UInt8]? {
        var out: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
                return nil
            }
            out.append(byte)
        }
        return out
    }
}

extension SymmetricKey {
    /// The first 16 bytes of an HMAC of a fixed name.
    func fingerprint(of name: StaticString) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Data("\(name)".utf8), using: self).prefix(16))
    }
}
