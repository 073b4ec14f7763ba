import Glibc
import Secrets
import Testing
import Vocabulary

@Suite struct SecretTests {
    @Test func digestIsHMACUnderThePepper() {
        let pepper = (0..<32).map { UInt8($0) }
        let hasher = KeyHasher(pepper: SecretBytes(copying: pepper.span))
        for length in [0, 1, 47, 63, 64, 65, 200] {
            let key = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7) }
            // Twice: the keyed state must not be used up.
            for _ in 0..<2 { #expect(hasher.digest(of: key.span).bytes == hmacSHA256(key: pepper, key)) }
        }
    }

    @Test func secretsAreLentAndThePlainCopyIsWiped() {
        var plain = Array("provider-key".utf8)
        let secret = SecretBytes(taking: &plain)
        #expect(plain.allSatisfy { $0 == 0 })
        #expect(secret.withBytes { bytes in bytes.count } == 12)
        #expect(secret.withBytes { bytes in bytes[0] } == 0x70)
        #expect(!String(describing: secret).contains("provider"))
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("provider-key"))
    }

    @Test func credentialsAreFoundByDeployment() {
        let key = Array("sk-1".utf8)
        let store = CredentialStore([(DeploymentID(5), SecretBytes(copying: key.span))])
        var seen: [UInt8] = []
        #expect(
            store.withKey(of: DeploymentID(5), for: .home) { bytes in
                for index in bytes.indices { seen.append(bytes[index]) }
            })
        #expect(seen == key)
        #expect(!store.withKey(of: DeploymentID(6), for: .home) { _ in Issue.record("no such key") })
    }

    @Test func madeKeysAreWellFormedAndUseTheWholeAlphabet() {
        var counts: [UInt8: Int] = [:]
        var seen: Set<[UInt8]> = []
        for _ in 0..<2000 {
            let key = GatewayKeyMaker.make(.live)
            #expect(GatewayKey.environment(of: key.span) == .live)
            seen.insert(key)
            for byte in key[9..<41] { counts[byte, default: 0] += 1 }
        }
        #expect(seen.count == 2000)
        #expect(counts.count == 62)
        // 64,000 draws over 62: about 1,032 each; 8 standard deviations are 257.
        #expect(counts.values.allSatisfy { abs($0 - 1032) < 257 })
        #expect(GatewayKey.environment(of: GatewayKeyMaker.make(.test).span) == .test)
    }

    @Test func keyFilesAreMadeOnceAndRefusedWhenOpenOrCut() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/pepper"
        let first = try SecretFile.loadOrCreate(path: path, count: 32) { randomBytes(32) }
        let again = try SecretFile.loadOrCreate(path: path, count: 32) {
            Issue.record("made twice")
            return []
        }
        let same = first.withBytes { a in again.withBytes { b in a.indices.allSatisfy { a[$0] == b[$0] } } }
        #expect(same)
        var facts = stat()
        #expect(unsafe stat(path, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o600)
        #expect(throws: KeyFileFault.wrongLength) {
            _ = try SecretFile.loadOrCreate(path: path, count: 16) { randomBytes(16) }
        }
        #expect(throws: KeyFileFault.wrongLength) {
            _ = try SecretFile.loadOrCreate(path: path, count: 33) { randomBytes(33) }
        }
        unsafe chmod(path, 0o640)
        #expect(throws: KeyFileFault.openToOthers) {
            _ = try SecretFile.loadOrCreate(path: path, count: 32) { randomBytes(32) }
        }
    }

    @Test func identitiesLastAndDiffer() throws {
        let folder = try TemporaryFolder()
        let other = try TemporaryFolder()
        let first = try InstallationIdentity(directory: folder.path)
        #expect(try InstallationIdentity(directory: folder.path).publicKey == first.publicKey)
        #expect(try InstallationIdentity(directory: other.path).publicKey != first.publicKey)
        let node = try NodeIdentity(directory: folder.path, node: 1, installation: first)
        #expect(node.certificate.isValid(for: first.publicKey))
        #expect(
            try NodeIdentity(directory: folder.path, node: 1, installation: first).certificate.publicKey
                == node.certificate.publicKey)
    }
}

@Suite struct WebSocketKeyTests {
    /// The example of RFC 6455 § 1.3.
    @Test func acceptsByTheKey() {
        let key = Array("dGhlIHNhbXBsZSBub25jZQ==".utf8)
        #expect(WebSocketKey.accept(key) == Array("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".utf8))
        #expect(WebSocketKey.isKey(key))
    }

    @Test func keysAreSixteenBytes() {
        #expect(WebSocketKey.isKey(WebSocketKey.make()))
        #expect(WebSocketKey.make() != WebSocketKey.make())
        for bad in ["", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25j*Q==", "dGhlIHNhbXBsZSBub25jZQAA"] {
            #expect(!WebSocketKey.isKey(Array(bad.utf8)), "\(bad)")
        }
    }
}

@Suite struct ObjectTagTests {
    private let hasher = KeyHasher(pepper: SecretBytes(copying: Array(repeating: 7, count: 32).span))
    private let file = Array("file-1".utf8)

    /// RFC 2104 by hand over 0x00 ‖ organisation ‖ deployment ‖ id, with Python's hmac and base64.
    @Test func isTheFirstHalfOfTheMAC() {
        let tag = hasher.tag(of: file, OrganisationID(1), DeploymentID(2))
        #expect(String(decoding: tag, as: UTF8.self) == "gn-OF_UR6wSJaVupCaQfIw")
        #expect(hasher.isTag(tag, of: file, OrganisationID(1), DeploymentID(2)))
    }

    @Test func belongsToOneOrganisationDeploymentAndObject() {
        let tag = hasher.tag(of: file, OrganisationID(1), DeploymentID(2))
        #expect(!hasher.isTag(tag, of: file, OrganisationID(2), DeploymentID(2)))
        #expect(!hasher.isTag(tag, of: file, OrganisationID(1), DeploymentID(1)))
        #expect(!hasher.isTag(tag, of: Array("file-2".utf8), OrganisationID(1), DeploymentID(2)))
        for index in tag.indices {
            var other = tag
            other[index] = other[index] == 0x41 ? 0x42 : 0x41
            #expect(!hasher.isTag(other, of: file, OrganisationID(1), DeploymentID(2)))
        }
        #expect(!hasher.isTag([], of: file, OrganisationID(1), DeploymentID(2)))
    }
}
