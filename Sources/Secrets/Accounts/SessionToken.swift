import Crypto
import FoundationEssentials

/// The text of a session (`RULES.md` 41): an HS256 JWT that carries only the session's id. The row behind the id decides;
/// the signature lets junk be refused without asking for one.
public struct SessionToken: Sendable {
    /// A session's id: 16 random bytes.
    public static func freshID() -> [UInt8] { randomBytes(16) }

    /// `{"alg":"HS256","typ":"JWT"}`: no other head is read, so there is nothing to choose for whoever forges one.
    private static let head = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
    private let key: SymmetricKey

    public init(_ keys: AccountKeys) { key = keys.tokens }

    public func text(of id: [UInt8]) -> String {
        let signed = Self.head + "." + Self.base64url(Array(#"{"sid":"\#(Self.base64url(id))"}"#.utf8))
        return signed + "." + Self.base64url(signature(of: signed))
    }

    /// The id in a token of ours; `nil` for anything else.
    public func id(in text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.head, text.utf8.count < 256 else { return nil }
        let signature = Self.base64url(signature(of: "\(parts[0]).\(parts[1])"))
        guard isEqualInConstantTime(Array(parts[2].utf8), Array(signature.utf8)),
            let claims = Self.bytes(base64url: parts[1])
        else { return nil }
        // What we signed, we wrote: the claims have one form.
        let claim = String(decoding: claims, as: UTF8.self).dropFirst(8).dropLast(2)
        guard let id = Self.bytes(base64url: claim), id.count == 16, self.text(of: id) == text else { return nil }
        return id
    }

    private func signature(of text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key))
    }

    /// Without padding.
    public static func base64url(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// `nil` for text that is not base64url.
    public static func bytes(base64url text: some StringProtocol) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let text = String(text).replacing("-", with: "+").replacing("_", with: "/") + padding
        return Data(base64Encoded: text).map { Array($0) }
    }
}
