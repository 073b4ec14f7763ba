import Testing

@testable import Secrets

/// AWS's own Signature Version 4 test suite, as far as it has no query and no headers of its own.
@Suite struct RequestSignatureTests {
    private static let key = "AKIDEXAMPLE\nwJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

    private func sign(_ method: StaticString, _ path: String, key: String = key, body: String = "") -> RequestSignature?
    {
        var digest = BodyDigest()
        digest.add(Array(body.utf8).span)
        return RequestSignature(
            method: method, path: Array(path.utf8), host: Array("example.amazonaws.com".utf8), body: digest,
            seconds: 1_440_938_160, region: Array("us-east-1".utf8), service: Array("service".utf8),
            key: Array(key.utf8).span)
    }

    @Test(arguments: [
        ("GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ])
    func vanilla(method: String, signature: String) throws {
        let signed = try #require(sign(method == "GET" ? "GET" : "POST", "/"))
        #expect(String(decoding: signed.date, as: UTF8.self) == "20150830T123600Z")
        #expect(
            String(decoding: signed.authorization, as: UTF8.self)
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=host;x-amz-date, Signature=" + signature)
        #expect(signed.token == nil)
    }

    /// `post-sts-header-before` and `get-vanilla` differ in the token: it is signed, so the signature changes with it.
    @Test func aSessionsTokenIsSigned() throws {
        let token =
            "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflf"
            + "KD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlR"
            + "d8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx"
            + "3iSIlTJabIQwj2ICCR/oLxBA=="
        let signed = try #require(sign("POST", "/", key: Self.key + "\n" + token))
        #expect(signed.token == Array(token.utf8))
        #expect(
            String(decoding: signed.authorization, as: UTF8.self).hasSuffix(
                "SignedHeaders=host;x-amz-date;x-amz-security-token, "
                    + "Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"))
    }

    @Test func bodyAndPathAreSigned() throws {
        let plain = try #require(sign("POST", "/model/a%3A0/invoke", body: "{}"))
        #expect(plain.authorization != sign("POST", "/model/a%3A0/invoke", body: "{ }")?.authorization)
        #expect(plain.authorization != sign("POST", "/model/a:0/invoke", body: "{}")?.authorization)
    }

    @Test(arguments: ["", "id", "id\n", "\nsecret"]) func aKeyNeedsBothParts(key: String) {
        #expect(sign("GET", "/", key: key) == nil)
    }

    @Test(arguments: [
        (Int64(0), "19700101T000000Z"), (951_782_399, "20000228T235959Z"), (951_782_400, "20000229T000000Z"),
        (1_795_219_199, "20261120T235959Z"), (4_102_444_800, "21000101T000000Z"),
    ])
    func dates(seconds: Int64, text: String) {
        #expect(String(decoding: RequestSignature.date(seconds), as: UTF8.self) == text)
    }
}
