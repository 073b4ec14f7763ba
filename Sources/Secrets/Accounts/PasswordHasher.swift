import CCrypt
import Crypto
import Foundation

/// Passwords as they are kept (AU-1): bcrypt over HMAC-SHA-384 under the installation's pepper, in base64. The HMAC lifts
/// bcrypt's limits of 72 bytes and of no NUL, and without the pepper a stolen ledger holds nothing to try passwords on.
public struct PasswordHasher: Sendable {
    private let pepper: SymmetricKey
    private let cost: Int

    /// - Parameter cost: the binary logarithm of bcrypt's rounds, 4 to 31; each step doubles the time.
    public init(_ keys: AccountKeys, cost: Int) {
        pepper = keys.pepper
        self.cost = cost
    }

    /// 60 bytes of ASCII; `nil` when libcrypt refuses, which it does not for a lawful cost.
    public func hash(_ password: String) -> [UInt8]? {
        let salt = randomBytes(16)
        var setting = [CChar](repeating: 0, count: 30)
        guard unsafe tacet_bcrypt_setting(Int32(cost), salt, &setting) == 1 else { return nil }
        return bcrypt(password, setting)
    }

    /// Whether `password` made `stored`. With none stored as much work is done, so that the time tells nothing.
    public func verify(_ password: String, _ stored: [UInt8]?) -> Bool {
        guard let stored, stored.count == 60 else {
            _ = hash(password)
            return false
        }
        let made = bcrypt(password, stored.map(CChar.init(bitPattern:)) + [0])
        return made.map { isEqualInConstantTime($0, stored) } ?? false
    }

    /// Whether a hash was made with another cost than is used now.
    public func isOutdated(_ stored: [UInt8]) -> Bool {
        let cost = cost < 10 ? "0\(cost)" : "\(cost)"
        return !stored.starts(with: "$2b$\(cost)$".utf8)
    }

    private func bcrypt(_ password: String, _ setting: [CChar]) -> [UInt8]? {
        // One text can be written in several ways; all are the same password (NIST SP 800-63B-4).
        let text = Data(password.precomposedStringWithCanonicalMapping.utf8)
        let code = HMAC<SHA384>.authenticationCode(for: text, using: pepper)
        let phrase = Data(code).base64EncodedString().utf8.map(CChar.init(bitPattern:)) + [0]
        var out = [CChar](repeating: 0, count: 61)
        guard unsafe tacet_bcrypt(phrase, setting, &out) == 1 else { return nil }
        return out.dropLast().map(UInt8.init(bitPattern:))
    }
}
