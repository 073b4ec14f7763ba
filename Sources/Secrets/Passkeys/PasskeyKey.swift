import Crypto
import CryptoExtras
import FoundationEssentials

/// The public key of a passkey, as COSE (RFC 9053) writes it: ES256, EdDSA with Ed25519, or RS256.
struct PasskeyKey {
    /// The numbers of the algorithms taken, best first.
    static let algorithms: [Int64] = [-7, -8, -257]

    private enum Key {
        case es256(P256.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
        case rs256(_RSA.Signing.PublicKey)
    }

    private let key: Key

    /// `nil` for another algorithm, a point that is on no curve, and members that do not belong together.
    init?(_ value: CBORValue) {
        guard let map = value.map else { return nil }
        func bytes(_ label: Int64, _ count: ClosedRange<Int>) -> [UInt8]? {
            map[.integer(label)]?.bytes.flatMap { count.contains($0.count) ? $0 : nil }
        }
        switch (map[.integer(1)]?.integer, map[.integer(3)]?.integer, map[.integer(-1)]?.integer) {
        case (2, -7, 1):
            guard let x = bytes(-2, 32...32), let y = bytes(-3, 32...32),
                let key = try? P256.Signing.PublicKey(x963Representation: [4] + x + y)
            else { return nil }
            self.key = .es256(key)
        case (1, -8, 6):
            guard let x = bytes(-2, 32...32), let key = try? Curve25519.Signing.PublicKey(rawRepresentation: x) else {
                return nil
            }
            self.key = .ed25519(key)
        case (3, -257, nil):
            // The label -1 is the modulus here: 2,048 to 4,096 bits.
            guard let n = bytes(-1, 256...512), let e = bytes(-2, 3...4),
                let key = try? _RSA.Signing.PublicKey(n: n, e: e)
            else { return nil }
            self.key = .rs256(key)
        default: return nil
        }
    }

    func isValid(_ signature: [UInt8], of signed: [UInt8]) -> Bool {
        switch key {
        case .es256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: signed)
        case .ed25519(let key): return key.isValidSignature(signature, for: signed)
        case .rs256(let key):
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: signed),
                padding: .insecurePKCS1v1_5)
        }
    }
}
