import Crypto
import FoundationEssentials

/// HMAC-SHA-256 of messages that others verify: webhooks.
public struct MessageSigner: Sendable {
    private let key: SymmetricKey

    public init(secret: SecretBytes) {
        key = secret.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe SymmetricKey(data: $0) } }
    }

    /// 64 lower-case hexadecimal digits.
    public func hex(_ message: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: message, using: key)
        return code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
