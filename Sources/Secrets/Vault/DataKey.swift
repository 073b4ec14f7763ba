import Crypto
import FoundationEssentials
public import Vocabulary

/// The key of one organisation's sealed cells. Destroying it destroys what was sealed, also in copies of the ledger that lack the
/// row in which it is wrapped; whoever has that row and the master key can still open it.
public struct DataKey: Sendable {
    public let id: UInt64
    public let organisation: OrganisationID
    let bytes: SecretBytes

    /// A fresh key of 256 random bits.
    public static func fresh(for organisation: OrganisationID) -> DataKey {
        var random = SystemRandomNumberGenerator()
        var bytes = randomBytes(32)
        return DataKey(
            id: random.next() >> 1, organisation: organisation, bytes: SecretBytes(taking: &bytes))
    }

    init(id: UInt64, organisation: OrganisationID, bytes: SecretBytes) {
        self.id = id
        self.organisation = organisation
        self.bytes = bytes
    }

    /// 16 bytes that name the key in a proof of deletion and tell nothing of it.
    public var fingerprint: [UInt8] { SealedCell.symmetric(bytes).fingerprint(of: "tacet data key") }

    public func seal(_ plain: Span<UInt8>, _ purpose: SealContext.Purpose, row: UInt64) throws(VaultFault) -> [UInt8] {
        try SealedCell.seal(plain, under: bytes, for: context(purpose, row))
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
        return try key.bytes.withBytes { plain throws(VaultFault) in
            try SealedCell.seal(plain, under: bytes, for: context)
        }
    }

    public func unwrap(_ cell: [UInt8], id: UInt64, organisation: OrganisationID) throws(VaultFault) -> DataKey {
        let plain = try SealedCell.open(cell, under: bytes, for: context(id, organisation))
        let key = plain.withBytes { SecretBytes(copying: $0) }
        guard key.withBytes({ $0.count }) == 32 else { throw .damaged }
        return DataKey(id: id, organisation: organisation, bytes: key)
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
    fileprivate func fingerprint(of name: StaticString) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Data("\(name)".utf8), using: self).prefix(16))
    }
}
