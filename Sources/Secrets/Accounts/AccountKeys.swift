import Crypto
import FoundationEssentials
import Vocabulary

/// What people's accounts are kept under: one file of 32 random bytes, `keys/accounts`, from which a key for each use is
/// derived. Who has the ledger without it finds no address, no name, and no password that can be tried.
public struct AccountKeys: Sendable {
    /// What a digest is of, so that none can stand for another.
    public enum Digest: String, Sendable {
        case mailbox
        case session
        case invitation
        case recovery
        case mailCode = "mail-code"
        case formToken = "form-token"
        case actor
    }

    /// The sealed cells. Raw values are authenticated with each cell: append, never renumber.
    public enum Cell: UInt64, Sendable {
        case person = 1
        case totp = 2
        case organisation = 3
        case invitation = 4
        case letter = 5
    }

    private let root: SymmetricKey
    private let cells: SecretBytes
    let pepper: SymmetricKey
    let tokens: SymmetricKey

    /// - Parameter secret: 32 random bytes of this installation.
    public init(_ secret: SecretBytes) {
        let root = secret.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe SymmetricKey(data: $0) } }
        func derived(_ name: String) -> SymmetricKey {
            SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Data("tacet accounts \(name)".utf8), using: root))
        }
        self.root = derived("digests")
        pepper = derived("passwords")
        tokens = derived("tokens")
        var cellKey = unsafe derived("cells").withUnsafeBytes { unsafe Array($0) }
        cells = SecretBytes(taking: &cellKey)
    }

    /// The keys of a data directory, made on first use.
    public static func load(directory: String) throws(KeyFileFault) -> AccountKeys {
        AccountKeys(
            try SecretFile.loadOrCreate(path: directory + "/accounts", count: 32) { randomBytes(32) })
    }

    /// 32 bytes.
    public func digest(_ kind: Digest, _ bytes: [UInt8]) -> [UInt8] {
        var code = HMAC<SHA256>(key: root)
        code.update(data: Array("\(kind.rawValue)\0".utf8))
        code.update(data: bytes)
        return Array(code.finalize())
    }

    public func seal(_ plain: [UInt8], _ cell: Cell, row: UInt64) throws(VaultFault) -> [UInt8] {
        try SealedCell.seal(plain.span, under: cells, for: context(cell, row))
    }

    public func open(_ sealed: [UInt8], _ cell: Cell, row: UInt64) throws(VaultFault) -> [UInt8] {
        try SealedCell.open(sealed, under: cells, for: context(cell, row)).withBytes { bytes in
            bytes.indices.map { bytes[$0] }
        }
    }

    private func context(_ cell: Cell, _ row: UInt64) -> SealContext {
        SealContext(.field, organisation: OrganisationID(0), row: row, key: cell.rawValue)
    }
}

/// Compares in a time that tells nothing of where two differ.
public func isEqualInConstantTime(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    var difference: UInt8 = 0
    for index in a.indices { difference |= a[index] ^ b[index] }
    return difference == 0
}
