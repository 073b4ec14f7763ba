import Crypto
import CryptoExtras
import FoundationEssentials

/// A Google service account's key, as the JSON file of its console. It signs requests for access tokens (RFC 7523).
public struct ServiceAccount: Sendable {
    /// Why a key file was refused.
    public enum Fault: Error, Sendable {
        case notAnAccount
        case notAKey
    }

    private struct File: Decodable {
        var type: String
        var client_email: String
        var private_key: String
        var private_key_id: String?
        var token_uri: String
    }

    private let email: String
    private let keyID: String?
    private let key: _RSA.Signing.PrivateKey
    /// Where tokens are asked for.
    public let tokenAddress: String

    public init(json: [UInt8]) throws(Fault) {
        guard let file = try? JSONDecoder().decode(File.self, from: Data(json)), file.type == "service_account" else {
            throw .notAnAccount
        }
        guard let key = try? _RSA.Signing.PrivateKey(pemRepresentation: file.private_key) else { throw .notAKey }
        email = file.client_email
        keyID = file.private_key_id
        self.key = key
        tokenAddress = file.token_uri
    }

    /// The signed assertion to ask a token with: RS256, good for an hour.
    ///
    /// - Parameter seconds: now, since 1970.
    public func assertion(scope: String, seconds: Int64) throws(Fault) -> String {
        struct Header: Encodable {
            var alg = "RS256"
            var typ = "JWT"
            var kid: String?
        }
        struct Claims: Encodable {
            var iss: String
            var scope: String
            var aud: String
            var iat: Int64
            var exp: Int64
        }
        let claims = Claims(iss: email, scope: scope, aud: tokenAddress, iat: seconds, exp: seconds + 3600)
        guard let header = try? JSONEncoder().encode(Header(kid: keyID)), let body = try? JSONEncoder().encode(claims)
        else { throw .notAnAccount }
        let text = Self.base64URL(header) + "." + Self.base64URL(body)
        guard let signature = try? key.signature(for: Data(text.utf8), padding: .insecurePKCS1v1_5) else {
            throw .notAKey
        }
        return text + "." + Self.base64URL(signature.rawRepresentation)
    }

    private static func base64URL(_ data: Data) -> String {
        String(
            data.base64EncodedString().compactMap { character in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }
}
