import Crypto
import CryptoExtras
import Foundation
import Testing

@testable import Secrets

/// Passkeys against an authenticator of the test's own, and against bytes that no authenticator writes.
@Suite struct PasskeyTests {
    private let site: PasskeySite

    init() throws { site = try #require(PasskeySite(address: "http://localhost:8401")) }

    private static let challenge = [UInt8](repeating: 7, count: 32)

    /// Writes CBOR in its shortest form.
    static func cbor(_ major: UInt8, _ number: Int, _ rest: [UInt8] = []) -> [UInt8] {
        if number < 24 { return [major << 5 | UInt8(number)] + rest }
        if number < 256 { return [major << 5 | 24, UInt8(number)] + rest }
        return [major << 5 | 25, UInt8(number >> 8), UInt8(number & 255)] + rest
    }
    static func text(_ text: String) -> [UInt8] { cbor(3, text.utf8.count, Array(text.utf8)) }
    static func bytes(_ bytes: [UInt8]) -> [UInt8] { cbor(2, bytes.count, bytes) }
    static func number(_ number: Int) -> [UInt8] { number >= 0 ? cbor(0, number) : cbor(1, -1 - number) }
    static func map(_ pairs: [([UInt8], [UInt8])]) -> [UInt8] { cbor(5, pairs.count, pairs.flatMap { $0 + $1 }) }

    enum Algorithm: CaseIterable { case es256, ed25519, rs256 }

    /// Makes passkeys and shows them, as a device does.
    struct Device {
        var cose: [UInt8]
        var sign: ([UInt8]) throws -> [UInt8]
        var id: [UInt8] = Array(1...32)
        var party = "localhost"
        var origin = "http://localhost:8401"
        var flags: UInt8 = 0x05
        var counter: UInt32 = 1
        var challenge = PasskeyTests.challenge
        var isFramed = false
        var type: String?

        init(_ algorithm: Algorithm) throws {
            switch algorithm {
            case .es256:
                let key = P256.Signing.PrivateKey()
                let point = Array(key.publicKey.x963Representation)
                cose = map([
                    (number(1), number(2)), (number(3), number(-7)), (number(-1), number(1)),
                    (number(-2), bytes(Array(point[1..<33]))), (number(-3), bytes(Array(point[33...]))),
                ])
                sign = { Array(try key.signature(for: $0).derRepresentation) }
            case .ed25519:
                let key = Curve25519.Signing.PrivateKey()
                cose = map([
                    (number(1), number(1)), (number(3), number(-8)), (number(-1), number(6)),
                    (number(-2), bytes(Array(key.publicKey.rawRepresentation))),
                ])
                sign = { Array(try key.signature(for: $0)) }
            case .rs256:
                let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
                let parts = try key.publicKey.getKeyPrimitives()
                cose = map([
                    (number(1), number(3)), (number(3), number(-257)), (number(-1), bytes(Array(parts.modulus))),
                    (number(-2), bytes(Array(parts.publicExponent))),
                ])
                sign = {
                    Array(try key.signature(for: SHA256.hash(data: $0), padding: .insecurePKCS1v1_5).rawRepresentation)
                }
            }
        }

        func client(_ type: String) -> [UInt8] {
            Array(
                """
                {"type":"\(self.type ?? type)","challenge":"\(SessionToken.base64url(challenge))","origin":"\(origin)",\
                "crossOrigin":\(isFramed),"other":[1]}
                """.utf8)
        }

        func data(_ rest: [UInt8] = [], more: UInt8 = 0) -> [UInt8] {
            let count = (0..<4).reversed().map { UInt8(truncatingIfNeeded: counter >> (8 * UInt32($0))) }
            return sha256(Array(party.utf8)) + [flags | more] + count + rest
        }

        func attested() -> [UInt8] {
            data(
                [UInt8](repeating: 0, count: 16) + [UInt8(id.count >> 8), UInt8(id.count & 255)] + id + cose, more: 0x40
            )
        }

        func attestation(_ data: [UInt8]? = nil) -> [UInt8] {
            map([
                (text("fmt"), text("none")), (text("attStmt"), map([])), (text("authData"), bytes(data ?? attested())),
            ])
        }

        func made(_ site: PasskeySite) throws -> Passkey {
            try Passkey(client: client("webauthn.create"), attestation: attestation(), challenge: challenge, site: site)
        }

        func answer() throws -> PasskeyAnswer {
            let client = client("webauthn.get")
            return PasskeyAnswer(
                id: id, client: client, authenticator: data(), signature: try sign(data() + sha256(client)))
        }
    }

    @Test(arguments: Algorithm.allCases) func aPasskeyIsMadeAndShown(_ algorithm: Algorithm) throws {
        var device = try Device(algorithm)
        let passkey = try device.made(site)
        #expect(passkey.id == device.id && passkey.key == device.cose && passkey.counter == 1)
        device.counter = 9
        let answer = try device.answer()
        #expect(try passkey.verify(answer, challenge: Self.challenge, site: site) == 9)
        // Another device's signature, and one flipped bit anywhere.
        let other = try Device(algorithm).answer()
        var forged = answer
        forged.signature = other.signature
        #expect(throws: PasskeyFault.badSignature) {
            try passkey.verify(forged, challenge: Self.challenge, site: site)
        }
        for index in stride(from: 0, to: answer.signature.count, by: 7) {
            forged = answer
            forged.signature[index] ^= 1
            #expect(throws: PasskeyFault.badSignature) {
                try passkey.verify(forged, challenge: Self.challenge, site: site)
            }
        }
    }

    private static let foreign: [(PasskeyFault, @Sendable (inout Device) -> Void)] = [
        (.foreign, { $0.party = "evil.example" }), (.foreign, { $0.origin = "https://localhost:8401" }),
        (.foreign, { $0.origin = "http://localhost:8401.evil.example" }), (.foreign, { $0.challenge[0] ^= 1 }),
        (.foreign, { $0.challenge = [] }), (.foreign, { $0.isFramed = true }),
        (.foreign, { $0.type = "payment.get" }), (.notVerified, { $0.flags = 0x01 }),
        (.notVerified, { $0.flags = 0x04 }), (.notVerified, { $0.flags = 0 }),
    ]

    @Test(arguments: foreign.indices) func whatWasMadeForAnotherIsRefused(_ index: Int) throws {
        let (fault, change) = Self.foreign[index]
        var device = try Device(.es256)
        let passkey = try device.made(site)
        device.counter = 2
        change(&device)
        let (client, attestation, answer) = (
            device.client("webauthn.create"), device.attestation(), try device.answer()
        )
        #expect(throws: fault) {
            try Passkey(client: client, attestation: attestation, challenge: Self.challenge, site: site)
        }
        #expect(throws: fault) { try passkey.verify(answer, challenge: Self.challenge, site: site) }
    }

    @Test func oneActsWordsAreNotTheOthers() throws {
        var device = try Device(.es256)
        let passkey = try device.made(site)
        let attestation = device.attestation()
        let showing = device.client("webauthn.get")
        #expect(throws: PasskeyFault.foreign) {
            try Passkey(client: showing, attestation: attestation, challenge: Self.challenge, site: site)
        }
        device.type = "webauthn.create"
        let answer = try device.answer()
        #expect(throws: PasskeyFault.foreign) {
            try passkey.verify(answer, challenge: Self.challenge, site: site)
        }
    }

    @Test(
        arguments: [(0, 0, true), (0, 1, true), (5, 6, true), (5, 5, false), (5, 4, false), (5, 0, false)]
            as [(UInt32, UInt32, Bool)])
    func theCounterGoesOn(_ before: UInt32, _ now: UInt32, _ isTaken: Bool) throws {
        var device = try Device(.ed25519)
        device.counter = before
        let passkey = try device.made(site)
        device.counter = now
        let answer = try device.answer()
        if isTaken {
            #expect(try passkey.verify(answer, challenge: Self.challenge, site: site) == now)
        } else {
            #expect(throws: PasskeyFault.copied) {
                try passkey.verify(answer, challenge: Self.challenge, site: site)
            }
        }
    }

    @Test func whatIsNoAttestationIsMalformed() throws {
        let device = try Device(.es256)
        let good = device.attestation()
        let client = device.client("webauthn.create")
        let cut = device.attested()
        var wrong: [[UInt8]] = (0..<good.count).map { Array(good[..<$0]) }
        wrong += [good + [0], device.attestation(cut + [0]), device.attestation(Array(cut[..<36])), [], Self.number(1)]
        wrong.append(device.attestation(device.data()))
        wrong.append(Self.map([(Self.text("fmt"), Self.text("none")), (Self.text("authData"), Self.bytes(cut))]))
        for attestation in wrong {
            #expect(throws: PasskeyFault.malformed) {
                try Passkey(client: client, attestation: attestation, challenge: Self.challenge, site: site)
            }
        }
        for client in ["", "{}", "[]", "null", #"{"type":"webauthn.create"}"#] {
            #expect(throws: PasskeyFault.malformed) {
                try Passkey(
                    client: Array(client.utf8), attestation: good, challenge: Self.challenge, site: site)
            }
        }
    }

    @Test func keysOfOtherKindsAreUnknown() throws {
        let n = { Self.number($0) }
        let zero = Self.bytes([UInt8](repeating: 0, count: 32))
        let keys: [[UInt8]] = [
            // No point of the curve; another curve; another algorithm for the kind; a short modulus; nothing.
            Self.map([(n(1), n(2)), (n(3), n(-7)), (n(-1), n(1)), (n(-2), zero), (n(-3), Self.bytes(Array(0..<32)))]),
            Self.map([(n(1), n(2)), (n(3), n(-7)), (n(-1), n(2)), (n(-2), zero), (n(-3), zero)]),
            Self.map([(n(1), n(2)), (n(3), n(-8)), (n(-1), n(1)), (n(-2), zero), (n(-3), zero)]),
            Self.map([(n(1), n(1)), (n(3), n(-8)), (n(-1), n(6)), (n(-2), Self.bytes([1, 2, 3]))]),
            Self.map([(n(1), n(3)), (n(3), n(-257)), (n(-1), zero), (n(-2), Self.bytes([1, 0, 1]))]),
            Self.map([(n(1), n(3)), (n(3), n(-65535)), (n(-1), zero), (n(-2), Self.bytes([1, 0, 1]))]),
            Self.map([]), n(1), Self.text("key"),
        ]
        for key in keys {
            var device = try Device(.es256)
            device.cose = key
            #expect(throws: PasskeyFault.unknownAlgorithm, "\(key)") { try device.made(site) }
        }
    }

    /// What RFC 8949 allows and an authenticator does not write.
    @Test func cborIsReadInOneFormAlone() {
        let refused: [[UInt8]] = [
            [], [0x18, 23], [0x19, 0, 255], [0x1a, 0, 0, 255, 255], [0x1b, 0, 0, 0, 0, 255, 255, 255, 255],
            [0x1b, 255, 255, 255, 255, 255, 255, 255, 255], [0x1c], [0x1f], [0x5f, 0x41, 0, 0xff], [0x9f, 0xff],
            [0xbf, 0xff], [0xc0, 0], [0xf0], [0xf7], [0xf9, 0, 0], [0xfb, 0, 0, 0, 0, 0, 0, 0, 0], [0xff], [0, 0],
            [0x42, 1], [0x61, 0xff], [0x62, 0xc3, 0x28], [0x81], [0x9a, 255, 255, 255, 255],
            [0xba, 255, 255, 255, 255],
            [0xa2, 1, 1, 1, 2], [0xa1, 1], [UInt8](repeating: 0x81, count: 100) + [0],
        ]
        for bytes in refused { #expect(CBORValue(bytes) == nil, "\(bytes)") }
        let read: [([UInt8], CBORValue)] = [
            ([0], .integer(0)), ([23], .integer(23)), ([0x18, 24], .integer(24)), ([0x20], .integer(-1)),
            ([0x39, 1, 0], .integer(-257)), ([0x1b, 127, 255, 255, 255, 255, 255, 255, 255], .integer(.max)),
            ([0x3b, 127, 255, 255, 255, 255, 255, 255, 255], .integer(.min)), ([0x40], .bytes([])),
            ([0x62, 0xc3, 0xa9], .text("é")), ([0x82, 1, 0x80], .list([.integer(1), .list([])])),
            ([0xa1, 0x61, 0x61, 0xf5], .map([.text("a"): .flag(true)])), ([0xf6], .null), ([0xf4], .flag(false)),
        ]
        for (bytes, value) in read { #expect(CBORValue(bytes) == value, "\(bytes)") }
    }

    /// A hundred thousand damaged attestations: none traps, none is taken for another passkey's.
    @Test func damagedAttestationsNeverTrap() throws {
        let device = try Device(.es256)
        let good = device.attestation()
        let client = device.client("webauthn.create")
        var random = SystemRandomNumberGenerator()
        var taken = 0
        for _ in 0..<100_000 {
            var bytes = good
            for _ in 0...Int.random(in: 0...3, using: &random) where bytes.count > 1 {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch UInt8.random(in: 0...3, using: &random) {
                case 0: bytes[index] = .random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(.random(in: 0...255, using: &random), at: index)
                default: bytes = Array(bytes[..<max(1, index)])
                }
            }
            if let made = try? Passkey(client: client, attestation: bytes, challenge: Self.challenge, site: site) {
                taken += 1
                #expect(PasskeyKey(try #require(CBORValue(made.key))) != nil)
            }
        }
        #expect(taken < 100_000)
    }

    @Test(
        arguments: [
            ("https://console.example", "console.example"), ("http://localhost:8401", "localhost"),
            ("http://127.0.0.1:8401", nil), ("http://[::1]:8401", nil), ("https://", nil), ("console.example", nil),
        ] as [(String, String?)])
    func sitesHaveNames(_ address: String, _ party: String?) {
        #expect(PasskeySite(address: address)?.party == party)
    }
}
