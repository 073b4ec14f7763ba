import CryptoExtras
import Foundation
import Testing

@testable import Secrets

@Suite struct ServiceAccountTests {
    private func file(_ key: String, type: String = "service_account") throws -> [UInt8] {
        let members = [
            "type": type, "client_email": "a@p.iam.gserviceaccount.com", "private_key": key, "private_key_id": "k1",
            "token_uri": "https://oauth2.example/token",
        ]
        return Array(try JSONSerialization.data(withJSONObject: members))
    }

    private func decoded(_ part: Substring) throws -> Data {
        var text = part.replacing("-", with: "+").replacing("_", with: "/")
        while text.count % 4 != 0 { text += "=" }
        return try #require(Data(base64Encoded: String(text)))
    }

    @Test func anAssertionIsSignedByTheKey() throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let account = try ServiceAccount(json: try file(key.pkcs8PEMRepresentation))
        #expect(account.tokenAddress == "https://oauth2.example/token")
        let assertion = try account.assertion(scope: "s", seconds: 1_800_000_000)
        let parts = assertion.split(separator: ".")
        try #require(parts.count == 3)
        #expect(!assertion.contains("=") && !assertion.contains("+") && !assertion.contains("/"))
        let header = try #require(JSONSerialization.jsonObject(with: try decoded(parts[0])) as? [String: String])
        #expect(header == ["alg": "RS256", "typ": "JWT", "kid": "k1"])
        let claims = try #require(JSONSerialization.jsonObject(with: try decoded(parts[1])) as? [String: Any])
        #expect(claims["iss"] as? String == "a@p.iam.gserviceaccount.com" && claims["scope"] as? String == "s")
        #expect(claims["aud"] as? String == "https://oauth2.example/token")
        #expect(claims["iat"] as? Int == 1_800_000_000 && claims["exp"] as? Int == 1_800_003_600)
        let signature = _RSA.Signing.RSASignature(rawRepresentation: try decoded(parts[2]))
        let signed = Data("\(parts[0]).\(parts[1])".utf8)
        #expect(key.publicKey.isValidSignature(signature, for: signed, padding: .insecurePKCS1v1_5))
    }

    @Test func whatIsNoKeyIsRefused() throws {
        #expect(throws: ServiceAccount.Fault.notAnAccount) { try ServiceAccount(json: Array("{}".utf8)) }
        #expect(throws: ServiceAccount.Fault.notAnAccount) { try ServiceAccount(json: try file("x", type: "user")) }
        #expect(throws: ServiceAccount.Fault.notAKey) { try ServiceAccount(json: try file("x")) }
    }
}
