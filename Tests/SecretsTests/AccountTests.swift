import Foundation
import Testing
import Vocabulary

@testable import Secrets

@Suite struct AccountTests {
    private let folder: TemporaryFolder
    private let keys: AccountKeys

    init() throws {
        folder = try TemporaryFolder()
        keys = Self.keys(7, folder)
    }

    private static func keys(_ byte: UInt8, _ folder: TemporaryFolder) -> AccountKeys {
        AccountKeys(
            SecretBytes(copying: [UInt8](repeating: byte, count: 32).span), ErasableKeys(directory: folder.path))
    }

    /// The vectors of RFC 6238, appendix B.
    @Test(
        arguments: [
            (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
        ] as [(Int64, String)])
    func oneTimeCodes(_ seconds: Int64, _ code: String) {
        let secret = Array("12345678901234567890".utf8)
        #expect(OneTimeCode.code(secret, step: OneTimeCode.step(atSeconds: seconds), digits: 8) == code)
        #expect(OneTimeCode.accepted(String(code.suffix(6)), secret, atSeconds: seconds, after: 0) == seconds / 30)
        #expect(OneTimeCode.accepted(String(code.suffix(6)), secret, atSeconds: seconds + 30, after: 0) == seconds / 30)
        #expect(OneTimeCode.accepted(String(code.suffix(6)), secret, atSeconds: seconds + 60, after: 0) == nil)
        #expect(OneTimeCode.accepted(String(code.suffix(6)), secret, atSeconds: seconds, after: seconds / 30) == nil)
    }

    @Test func base32() {
        #expect(OneTimeCode.base32(Array("foobar".utf8)) == "MZXW6YTBOI")
        #expect(OneTimeCode.base32([]) == "")
    }

    @Test func passwords() throws {
        let hasher = PasswordHasher(keys, cost: 4)
        let stored = try #require(hasher.hash("correct horse"))
        #expect(stored.count == 60 && stored.starts(with: "$2b$04$".utf8))
        #expect(hasher.verify("correct horse", stored))
        #expect(!hasher.verify("correct horsE", stored) && !hasher.verify("", stored))
        #expect(!hasher.verify("correct horse", nil))
        #expect(hasher.hash("correct horse") != stored, "salted")
        // Neither bcrypt's 72 bytes nor a NUL ends a password.
        let long = String(repeating: "a", count: 72)
        let longStored = try #require(hasher.hash(long))
        #expect(!hasher.verify(long + "b", longStored))
        let nulStored = try #require(hasher.hash("a\0b"))
        #expect(!hasher.verify("a\0c", nulStored) && hasher.verify("a\0b", nulStored))
        // One text, written in two ways.
        let composed = try #require(hasher.hash("caf\u{e9}"))
        #expect(hasher.verify("cafe\u{301}", composed))
        #expect(!hasher.isOutdated(stored) && PasswordHasher(keys, cost: 5).isOutdated(stored))
        let other = PasswordHasher(Self.keys(8, folder), cost: 4)
        #expect(!other.verify("correct horse", stored), "another pepper")
    }

    @Test func cellsStandInTheirPlace() throws {
        let cell = try keys.seal(Array("ada".utf8), .person, row: 1, of: .person(1))
        #expect(try keys.open(cell, .person, row: 1, of: .person(1)) == Array("ada".utf8))
        _ = try keys.seal(Array("grace".utf8), .person, row: 2, of: .person(2))
        for (kind, row, owner) in [
            (AccountKeys.Cell.person, 2, .person(1)), (.organisation, 1, .person(1)), (.person, 1, .person(2)),
            (.person, 1, .organisation(.home)),
        ] as [(AccountKeys.Cell, UInt64, ErasableKeys.Owner)] {
            #expect(throws: VaultFault.self) { try keys.open(cell, kind, row: row, of: owner) }
        }
        #expect(throws: VaultFault.self, "another installation") {
            try Self.keys(8, folder).open(cell, .person, row: 1, of: .person(1))
        }
    }

    /// Once its key is destroyed nothing of an owner opens, and others' cells do.
    @Test func whatAnOwnerSealedGoesWithItsKey() throws {
        let mine = try keys.seal(Array("ada".utf8), .person, row: 1, of: .person(1))
        let other = try keys.seal(Array("grace".utf8), .person, row: 2, of: .person(2))
        #expect(try keys.own.destroy(.person(1))?.count == 16)
        #expect(throws: VaultFault.self) { try keys.open(mine, .person, row: 1, of: .person(1)) }
        // A fresh key of the same owner is another key.
        _ = try keys.seal(Array("ada".utf8), .person, row: 1, of: .person(1))
        #expect(throws: VaultFault.self) { try keys.open(mine, .person, row: 1, of: .person(1)) }
        #expect(try keys.open(other, .person, row: 2, of: .person(2)) == Array("grace".utf8))
    }

    @Test func digestsAreOfOneKind() {
        #expect(keys.digest(.mailbox, [1]) != keys.digest(.session, [1]))
        #expect(keys.digest(.mailbox, [1]).count == 32)
    }

    @Test func tokensCarryTheIDAlone() throws {
        let tokens = SessionToken(keys)
        let id = SessionToken.freshID()
        let text = tokens.text(of: id)
        #expect(tokens.id(in: text) == id)
        let claims = try #require(SessionToken.bytes(base64url: text.split(separator: ".")[1]))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(claims)) as? [String: String])
        #expect(object == ["sid": SessionToken.base64url(id)])
        #expect(text.utf8.count < 200)
    }
}
