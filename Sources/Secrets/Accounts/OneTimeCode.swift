import Crypto
import FoundationEssentials

/// Time-based one-time codes (RFC 6238): HMAC-SHA-1, six digits, steps of 30 seconds, as every authenticator reads them.
public enum OneTimeCode {
    public static let period: Int64 = 30

    public static func step(atSeconds seconds: Int64) -> Int64 { seconds / period }

    /// The code of a step; `digits` is six, eight only in the vectors of the standard.
    public static func code(_ secret: [UInt8], step: Int64, digits: Int = 6) -> String {
        let counter = (0..<8).reversed().map { UInt8(truncatingIfNeeded: step >> Int64($0 * 8)) }
        let key = SymmetricKey(data: secret)
        let hash = Array(HMAC<Insecure.SHA1>.authenticationCode(for: Data(counter), using: key))
        let at = Int(hash[19] & 15)
        let word = UInt32(hash[at] & 0x7f) << 24 | UInt32(hash[at + 1]) << 16 | UInt32(hash[at + 2]) << 8
        var value = UInt64(word | UInt32(hash[at + 3]))
        var text = ""
        for _ in 0..<digits {
            text = "\(value % 10)" + text
            value /= 10
        }
        return text
    }

    /// The step whose code this is: now or the one before, and later than the last one used, so that none counts twice.
    public static func accepted(
        _ code: String, _ secret: [UInt8], atSeconds seconds: Int64, after last: Int64
    ) -> Int64? {
        let now = step(atSeconds: seconds)
        var found: Int64?
        for step in [now, now - 1] where step > last {
            if isEqualInConstantTime(Array(code.utf8), Array(self.code(secret, step: step).utf8)) { found = step }
        }
        return found
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

    /// RFC 4648, without padding.
    public static func base32(_ bytes: [UInt8]) -> String {
        var out = ""
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                out.append(alphabet[Int(bits >> UInt32(count) & 31)])
            }
        }
        if count > 0 { out.append(alphabet[Int(bits << UInt32(5 - count) & 31)]) }
        return out
    }

    /// A number of `digits` digits, each as likely as any other.
    public static func random(digits: Int) -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<digits).map { _ in "\(UInt8.random(in: 0...9, using: &random))" }.joined()
    }
}
