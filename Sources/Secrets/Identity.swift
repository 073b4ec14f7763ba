import Crypto
import FoundationEssentials

/// The installation's Ed25519 key, which certifies the keys of its nodes (`RULES.md` 28).
public struct InstallationIdentity: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// Reads `installation.key` in `directory` (`data/keys`), made on first start.
    public init(directory: String) throws(KeyFileFault) {
        key = try signingKey(path: directory + "/installation.key")
    }

    /// 32 bytes: what a verifier must know.
    public var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }

    /// Signs a statement; 64 bytes. The caller sets a prefix before it that no other kind of statement has.
    public func sign(_ statement: [UInt8]) throws(KeyFileFault) -> [UInt8] {
        guard let signature = try? key.signature(for: statement) else { throw .unreadable }
        return Array(signature)
    }

    /// Whether the installation with this public key signed the statement.
    public static func isSigned(_ statement: [UInt8], by publicKey: [UInt8], _ signature: [UInt8]) -> Bool {
        Secrets.isSigned(statement, by: publicKey, signature)
    }

    func certify(node: UInt32, publicKey nodeKey: [UInt8]) throws(KeyFileFault) -> NodeCertificate {
        let body = NodeCertificate.body(node: node, publicKey: nodeKey)
        guard let signature = try? key.signature(for: body) else { throw .unreadable }
        return NodeCertificate(
            node: node, publicKey: nodeKey, installationKey: publicKey, signature: Array(signature))
    }
}

/// A node's Ed25519 key, which signs the heads of its batches.
public struct NodeIdentity: Sendable {
    private let key: Curve25519.Signing.PrivateKey
    /// The installation's word for this key.
    public let certificate: NodeCertificate

    /// Reads `node.key` in `directory` (`data/nodes/<n>`), made on first start.
    public init(
        directory: String, node: UInt32, installation: borrowing InstallationIdentity
    ) throws(KeyFileFault) {
        key = try signingKey(path: directory + "/node.key")
        certificate = try installation.certify(node: node, publicKey: Array(key.publicKey.rawRepresentation))
    }

    public var node: UInt32 { certificate.node }

    /// Signs a head's canonical bytes; 64 bytes.
    public func sign(_ head: MerkleHead) throws(KeyFileFault) -> SignedHead {
        let bytes = head.canonicalBytes
        guard let signature = try? key.signature(for: bytes) else { throw .unreadable }
        return SignedHead(head: head, signature: Array(signature))
    }
}

/// What ties a node's key to its installation: `TACETNOD`, version, node, key, signed.
public struct NodeCertificate: Equatable, Sendable {
    public var node: UInt32
    public var publicKey: [UInt8]
    public var installationKey: [UInt8]
    public var signature: [UInt8]

    public init(node: UInt32, publicKey: [UInt8], installationKey: [UInt8], signature: [UInt8]) {
        self.node = node
        self.publicKey = publicKey
        self.installationKey = installationKey
        self.signature = signature
    }

    /// The 48 bytes that are signed.
    static func body(node: UInt32, publicKey: [UInt8]) -> [UInt8] {
        var out = Array("TACETNOD".utf8)
        out.appendLittleEndian(UInt32(1))
        out.appendLittleEndian(node)
        return out + publicKey
    }

    /// Whether `installation` (32 bytes) certified this key.
    public func isValid(for installation: [UInt8]) -> Bool {
        installationKey == installation && publicKey.count == 32
            && isSigned(Self.body(node: node, publicKey: publicKey), by: installation, signature)
    }
}

/// Checks an Ed25519 signature; `false` for keys and signatures of a wrong form too.
func isSigned(_ bytes: [UInt8], by publicKey: [UInt8], _ signature: [UInt8]) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
    return key.isValidSignature(signature, for: bytes)
}

private func signingKey(path: String) throws(KeyFileFault) -> Curve25519.Signing.PrivateKey {
    let seed = try SecretFile.loadOrCreate(path: path, count: 32) { randomBytes(32) }
    let key = seed.withBytes { bytes in
        unsafe bytes.withUnsafeBytes { unsafe try? Curve25519.Signing.PrivateKey(rawRepresentation: $0) }
    }
    guard let key else { throw .wrongLength }
    return key
}

extension Array where Element == UInt8 {
    mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        unsafe Swift.withUnsafeBytes(of: value.littleEndian) { unsafe append(contentsOf: $0) }
    }
}
