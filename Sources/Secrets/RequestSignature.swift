import Crypto
import FoundationEssentials

/// The SHA-256 of a request's body, fed piece by piece.
public struct BodyDigest {
    private var state = SHA256()

    public init() {}

    public mutating func add(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe state.update(bufferPointer: $0) }
    }

    /// 64 hexadecimal digits.
    public var hexadecimal: [UInt8] { RequestSignature.hexadecimal(state.finalize()) }
}

/// A request signed with AWS Signature Version 4: what its head gets. Signed are method, path, host, date and body; a query
/// is not, for Bedrock has none.
public struct RequestSignature {
    /// `x-amz-date`: `20150830T123600Z`.
    public let date: [UInt8]
    /// `authorization`.
    public let authorization: [UInt8]
    /// `x-amz-security-token`, for keys of a session.
    public let token: [UInt8]?

    /// - Parameters:
    ///   - path: as sent, percent-encoded; it is encoded once more for the signature, as all services but S3 have it.
    ///   - host: as in the `host` header.
    ///   - seconds: since 1970.
    ///   - key: id and secret, parted by a line feed, and a session's token behind another.
    /// - Returns: `nil` when the key has no secret.
    public init?(
        method: StaticString, path: [UInt8], host: [UInt8], body: BodyDigest, seconds: Int64, region: [UInt8],
        service: [UInt8], key: Span<UInt8>
    ) {
        let parts = Self.split(key)
        guard parts.count >= 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        let token = parts.count > 2 && !parts[2].isEmpty ? parts[2] : nil
        date = Self.date(seconds)
        let day = Array(date.prefix(8))
        let signedHeaders = Array("host;x-amz-date".utf8) + Array((token == nil ? "" : ";x-amz-security-token").utf8)

        var request: [UInt8] = []
        request += Array("\(method)\n".utf8) + Self.encoded(path) + Array("\n\nhost:".utf8) + host
        request += Array("\nx-amz-date:".utf8) + date + Array("\n".utf8)
        if let token { request += Array("x-amz-security-token:".utf8) + token + Array("\n".utf8) }
        request += Array("\n".utf8) + signedHeaders + Array("\n".utf8) + body.hexadecimal

        let scope = day + Array("/".utf8) + region + Array("/".utf8) + service + Array("/aws4_request".utf8)
        let text =
            Array("AWS4-HMAC-SHA256\n".utf8) + date + Array("\n".utf8) + scope + Array("\n".utf8)
            + Self.hexadecimal(SHA256.hash(data: request))
        var secret = Array("AWS4".utf8) + parts[1]
        defer { wipe(&secret) }
        var signing = SymmetricKey(data: secret)
        for step in [day, region, service, Array("aws4_request".utf8)] {
            signing = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: step, using: signing))
        }
        authorization =
            Array("AWS4-HMAC-SHA256 Credential=".utf8) + parts[0] + Array("/".utf8) + scope
            + Array(", SignedHeaders=".utf8) + signedHeaders + Array(", Signature=".utf8)
            + Self.hexadecimal(HMAC<SHA256>.authenticationCode(for: text, using: signing))
        self.token = token
    }

    private static func split(_ key: Span<UInt8>) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        for index in key.indices {
            if key[index] == 0x0a { parts.append([]) } else { parts[parts.count - 1].append(key[index]) }
        }
        return parts
    }

    /// Everything but unreserved characters and slashes.
    private static func encoded(_ path: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(path.count + 16)
        for byte in path {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e, 0x2f: out.append(byte)
            default: out += [0x25, digit(byte >> 4, "0123456789ABCDEF"), digit(byte & 15, "0123456789ABCDEF")]
            }
        }
        return out
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(64)
        for byte in bytes {
            out.append(digit(byte >> 4, "0123456789abcdef"))
            out.append(digit(byte & 15, "0123456789abcdef"))
        }
        return out
    }

    private static func digit(_ value: UInt8, _ digits: StaticString) -> UInt8 {
        unsafe digits.utf8Start[Int(value)]
    }

    /// `20150830T123600Z` (civil from days, by H. Hinnant).
    static func date(_ seconds: Int64) -> [UInt8] {
        let time = seconds % 86_400
        let shifted = seconds / 86_400 + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
        func digits(_ value: Int64, _ count: Int) -> [UInt8] {
            var out: [UInt8] = []
            var rest = value
            for _ in 0..<count {
                out.append(0x30 + UInt8(rest % 10))
                rest /= 10
            }
            return out.reversed()
        }
        return digits(year, 4) + digits(civilMonth, 2) + digits(day, 2) + [0x54] + digits(time / 3600, 2)
            + digits(time / 60 % 60, 2) + digits(time % 60, 2) + [0x5a]
    }
}
