import Crypto
import Foundation
import Testing
import Vocabulary

@testable import Secrets

@Suite struct VaultTests {
    private static let secret = Array("sk-a-provider-key-of-some-length".utf8)
    private let folder: TemporaryFolder
    private let own: ErasableKeys

    init() throws {
        folder = try TemporaryFolder()
        own = ErasableKeys(directory: folder.path)
    }

    @Test func whatIsSealedOpensUnderItsKeyAndInItsPlaceOnly() throws {
        let key = try DataKey.fresh(for: .home, own)
        let cell = try key.seal(Self.secret.span, .providerKey, row: 7)
        #expect(try key.open(cell, .providerKey, row: 7).text == "sk-a-provider-key-of-some-length")
        #expect(try key.seal(Self.secret.span, .providerKey, row: 7) != cell, "a nonce was used twice")
        #expect(cell.count == Self.secret.count + SealedCell.overhead)
        let moved = DataKey(
            id: key.id, organisation: OrganisationID(2), stored: key.stored, bytes: key.bytes)
        let renumbered = DataKey(id: key.id + 1, organisation: .home, stored: key.stored, bytes: key.bytes)
        for (reader, purpose, row) in [
            (key, SealContext.Purpose.providerKey, UInt64(8)), (key, .field, 7), (moved, .providerKey, 7),
            (renumbered, .providerKey, 7), (try DataKey.fresh(for: .home, own), .providerKey, 7),
        ] {
            #expect(throws: VaultFault.damaged) { try reader.opens(cell, purpose, row) }
        }
    }

    @Test func everyChangedOrCutByteIsSeen() throws {
        let key = try DataKey.fresh(for: .home, own)
        let cell = try key.seal(Self.secret.span, .providerKey, row: 7)
        for index in cell.indices {
            for bit in 0..<8 {
                var changed = cell
                changed[index] ^= 1 << UInt8(bit)
                #expect(throws: VaultFault.damaged) { try key.opens(changed, .providerKey, 7) }
            }
            let cut = Array(cell[..<index])
            #expect(throws: VaultFault.damaged) { try key.opens(cut, .providerKey, 7) }
        }
        #expect(throws: VaultFault.damaged) { try key.opens(cell + [0], .providerKey, 7) }
    }

    @Test func aDataKeyIsWrappedUnderOneMasterAndBoundToItsRow() throws {
        let master = try Self.master(1)
        let key = try DataKey.fresh(for: OrganisationID(3), own)
        let wrapped = try master.wrap(key)
        #expect(wrapped.count == 61)
        let again = try #require(try master.unwrap(wrapped, id: key.id, organisation: OrganisationID(3), own))
        #expect(again.fingerprint == key.fingerprint)
        #expect(try again.open(key.seal(Self.secret.span, .field, row: 1), .field, row: 1).text.hasPrefix("sk-a"))
        #expect(throws: VaultFault.damaged) {
            _ = try master.unwrap(wrapped, id: key.id + 1, organisation: .init(3), own)
        }
        #expect(throws: VaultFault.damaged) { _ = try master.unwrap(wrapped, id: key.id, organisation: .init(4), own) }
        #expect(throws: VaultFault.damaged) {
            _ = try Self.master(2).unwrap(wrapped, id: key.id, organisation: OrganisationID(3), own)
        }
    }

    /// The master key and the ledger open nothing once the half beside them is gone.
    @Test func aKeyWithoutItsOtherHalfIsGone() throws {
        let master = try Self.master(1)
        let key = try DataKey.fresh(for: .home, own)
        let wrapped = try master.rewrap(
            try master.wrap(key), id: key.id, organisation: .home, under: try Self.master(2))
        let fingerprint = try #require(try own.destroy(.dataKey(key.id)))
        #expect(fingerprint.count == 16 && fingerprint != key.fingerprint)
        #expect(try Self.master(2).unwrap(wrapped, id: key.id, organisation: .home, own) == nil)
        #expect(try own.destroy(.dataKey(key.id)) == nil)
    }

    /// What was wrapped whole by an earlier version still opens, and a rotation makes halves of it.
    @Test func aWholeKeyOfBeforeOpens() throws {
        let master = try Self.master(1)
        let context = SealContext(.dataKey, organisation: .home, row: 9, key: 9)
        let raw = [UInt8](repeating: 3, count: 32)
        let masterBytes = SecretBytes(copying: ([1] + [UInt8](repeating: 9, count: 31)).span)
        let wrapped = try SealedCell.seal(raw.span, under: masterBytes, for: context, .whole)
        let key = try #require(try master.unwrap(wrapped, id: 9, organisation: .home, own))
        let sealed = try SealedCell.seal(
            Self.secret.span, under: SecretBytes(copying: raw.span),
            for: SealContext(.providerKey, organisation: .home, row: 1, key: 9), .whole)
        #expect(try key.open(sealed, .providerKey, row: 1).text.hasPrefix("sk-a"))
    }

    @Test func aMasterKeyIsReadInThreeFormsAndItsTextWiped() throws {
        let raw = (0..<32).map { UInt8($0 + 1) }
        let wanted = try MasterKey(SecretBytes(copying: raw.span)).id
        let forms = [
            raw, Array(raw.map { String(format: "%02x", $0) }.joined().utf8) + [0x0a],
            Array(Data(raw).base64EncodedString().utf8) + [0x0d, 0x0a],
        ]
        for form in forms {
            var text = form
            #expect(try MasterKey(reading: &text).id == wanted)
            #expect(text.allSatisfy { $0 == 0 })
        }
        for wrong in [[], [1, 2, 3], Array("zz".utf8) + raw, Array(repeating: UInt8(ascii: "g"), count: 64)] {
            var text = wrong
            #expect(throws: VaultFault.badMaster) { _ = try MasterKey(reading: &text) }
        }
    }

    /// Project Wycheproof's vectors for AES-GCM with 256-bit keys and 96-bit nonces, where they are at hand.
    @Test(.enabled(if: Self.vectors != nil, "TACET_SHARED names no corpora"))
    func wycheproofVectorsPass() throws {
        let file = try JSONDecoder().decode(WycheproofFile.self, from: try #require(Self.vectors))
        var counts = (valid: 0, invalid: 0)
        for group in file.testGroups where group.keySize == 256 && group.ivSize == 96 && group.tagSize == 128 {
            for test in group.tests {
                let key = SymmetricKey(data: Self.bytes(test.key))
                let combined = Self.bytes(test.iv) + Self.bytes(test.ct) + Self.bytes(test.tag)
                let opened: [UInt8]?
                do {
                    let plain = try SealedCell.open(
                        combined: combined, under: key, authenticating: Self.bytes(test.aad))
                    opened = plain.withBytes { bytes in bytes.indices.map { bytes[$0] } }
                } catch {
                    opened = nil
                }
                #expect(opened == (test.result == "valid" ? Self.bytes(test.msg) : nil), "\(test.tcId)")
                if opened == nil { counts.invalid += 1 } else { counts.valid += 1 }
            }
        }
        #expect(counts.valid > 30 && counts.invalid > 20)
    }

    static let vectors = ProcessInfo.processInfo.environment["TACET_SHARED"].flatMap {
        FileManager.default.contents(atPath: $0 + "/corpora/wycheproof/aes_gcm_test.json")
    }

    private struct WycheproofFile: Decodable {
        var testGroups: [Group]

        struct Group: Decodable {
            var keySize: Int
            var ivSize: Int
            var tagSize: Int
            var tests: [Vector]
        }

        struct Vector: Decodable {
            var tcId: Int
            var key: String
            var iv: String
            var aad: String
            var msg: String
            var ct: String
            var tag: String
            var result: String
        }
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }

    private static func master(_ first: UInt8) throws -> MasterKey {
        let bytes = [first] + [UInt8](repeating: 9, count: 31)
        return try MasterKey(SecretBytes(copying: bytes.span))
    }
}

extension Plaintext {
    fileprivate var text: String {
        withBytes { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
    }
}

extension DataKey {
    /// `Plaintext` cannot be copied out of an expectation.
    fileprivate func opens(_ cell: [UInt8], _ purpose: SealContext.Purpose, _ row: UInt64) throws {
        _ = try open(cell, purpose, row: row)
    }
}
