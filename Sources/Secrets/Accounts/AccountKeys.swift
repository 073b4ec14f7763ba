import Crypto
import FoundationEssentials
import Vocabulary

/// What people's accounts are kept under: one file of 32 random bytes, `keys/accounts`, from which a key for each use is
/// derived, and for what is sealed a key of each person and organisation beside it. Who has the ledger without them finds no
/// address, no name, and no password that can be tried.
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
        case passkey
        case passkeyUser = "passkey-user"
    }

    /// The sealed cells. Raw values are authenticated with each cell: append, never renumber.
    public enum Cell: UInt64, Sendable {
        case person = 1
        case totp = 2
        case organisation = 3
        case invitation = 4
        case letter = 5
        case passkey = 6
    }

    private let root: SymmetricKey
    private let cells: SecretBytes
    /// Of people and organisations, each to be destroyed alone.
    public let own: ErasableKeys
    let pepper: SymmetricKey
    let tokens: SymmetricKey

    /// - Parameter secret: 32 random bytes of this installation.
    public init(_ secret: SecretBytes, _ own: ErasableKeys) {
        self.own = own
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
            try SecretFile.loadOrCreate(path: directory + "/accounts", count: 32) { randomBytes(32) },
            ErasableKeys(directory: directory))
    }

    /// 32 bytes.
    public func digest(_ kind: Digest, _ bytes: [UInt8]) -> [UInt8] {
        var code = HMAC<SHA256>(key: root)
        code.update(data: Array("\(kind.rawValue)\0".utf8))
        code.update(data: bytes)
        return Array(code.finalize())
    }

    public func seal(
        _ plain: [UInt8], _ cell: Cell, row: UInt64, of owner: ErasableKeys.Owner
    ) throws(VaultFault) -> [UInt8] {
        let key = cells.joined(with: try half { () throws(KeyFileFault) in try own.keyOrNew(of: owner) })
        return try SealedCell.seal(plain.span, under: key, for: context(cell, row), .erasable)
    }

    /// What was sealed; a fault also when the owner's key was destroyed. Cells of before are under the installation's key alone.
    public func open(
        _ sealed: [UInt8], _ cell: Cell, row: UInt64, of owner: ErasableKeys.Owner
    ) throws(VaultFault) -> [UInt8] {
        var key = cells
        if SealedCell.version(of: sealed) == .erasable {
            key = cells.joined(with: try half { () throws(KeyFileFault) in try own.key(of: owner) })
        }
        return try SealedCell.open(sealed, under: key, for: context(cell, row)).withBytes { bytes in
            bytes.indices.map { bytes[$0] }
        }
    }

    private func half(_ found: () throws(KeyFileFault) -> SecretBytes?) throws(VaultFault) -> SecretBytes {
        do throws(KeyFileFault) {
            if let half = try found() { return half }
        } catch {}
        throw .damaged
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
