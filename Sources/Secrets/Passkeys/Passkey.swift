import Crypto
import FoundationEssentials

/// Why what a browser handed over is no proof.
public enum PasskeyFault: Error, Sendable, Equatable {
    case malformed
    /// Made for another act, challenge or address than the one asked for, or within a frame of another page.
    case foreign
    /// Nobody touched the authenticator, or it did not ask who is there.
    case notVerified
    case unknownAlgorithm
    case badSignature
    /// The counter did not go on: there is a copy of the authenticator.
    case copied
}

/// The address that passkeys are made for: they answer no other, which is why nobody can be lured into showing one.
public struct PasskeySite: Sendable, Equatable {
    public let origin: String
    /// The host's name, which a browser calls the relying party's id.
    public let party: String

    /// - Parameter address: `https://console.example`; `nil` for a host in numbers, which has no passkeys.
    public init?(address: String) {
        guard let scheme = address.firstRange(of: "://") else { return nil }
        let host = address[scheme.upperBound...].prefix { $0 != ":" }
        guard !host.isEmpty, !host.hasPrefix("["), !host.allSatisfy({ $0 == "." || ("0"..."9").contains($0) }) else {
            return nil
        }
        origin = address
        party = String(host)
    }
}

/// A passkey (W3C Web Authentication, level 2): what is kept of one, and whether an answer was signed by it. The browser's
/// word about the maker of an authenticator is neither asked for nor believed.
public struct Passkey: Sendable, Equatable {
    /// As the authenticator names it: at most 1,023 bytes.
    public var id: [UInt8]
    /// The public key in COSE.
    public var key: [UInt8]
    /// How often it signed, where it counts; 0 where it does not.
    public var counter: UInt32

    public init(id: [UInt8], key: [UInt8], counter: UInt32) {
        self.id = id
        self.key = key
        self.counter = counter
    }

    /// The algorithms that may be asked for, by their COSE numbers.
    public static var algorithms: [Int64] { PasskeyKey.algorithms }

    /// Reads what the browser gives for a new passkey.
    /// - Parameters:
    ///   - client: `clientDataJSON`.
    ///   - attestation: `attestationObject`.
    public init(
        client: [UInt8], attestation: [UInt8], challenge: [UInt8], site: PasskeySite
    ) throws(PasskeyFault) {
        try Self.check(client, "webauthn.create", challenge, site)
        guard let object = CBORValue(attestation)?.map, case .text = object[.text("fmt")],
            object[.text("attStmt")]?.map != nil, let data = object[.text("authData")]?.bytes
        else { throw .malformed }
        let authenticator = try AuthenticatorData(data)
        try authenticator.check(site)
        guard let made = authenticator.credential else { throw .malformed }
        guard PasskeyKey(made.key) != nil else { throw .unknownAlgorithm }
        self.init(id: made.id, key: made.keyBytes, counter: authenticator.counter)
    }

    /// Whether an answer is this passkey's, for this challenge and address, by somebody it knows.
    /// - Returns: the counter to keep from now on.
    public func verify(_ answer: PasskeyAnswer, challenge: [UInt8], site: PasskeySite) throws(PasskeyFault) -> UInt32 {
        try Self.check(answer.client, "webauthn.get", challenge, site)
        let authenticator = try AuthenticatorData(answer.authenticator)
        try authenticator.check(site)
        guard let value = CBORValue(key), let key = PasskeyKey(value) else { throw .unknownAlgorithm }
        guard key.isValid(answer.signature, of: answer.authenticator + Array(SHA256.hash(data: answer.client))) else {
            throw .badSignature
        }
        guard authenticator.counter > counter || authenticator.counter == 0 && counter == 0 else { throw .copied }
        return authenticator.counter
    }

    private struct ClientData: Decodable {
        var type: String
        var challenge: String
        var origin: String
        var crossOrigin: Bool?
    }

    private static func check(
        _ client: [UInt8], _ type: String, _ challenge: [UInt8], _ site: PasskeySite
    ) throws(PasskeyFault) {
        guard let data = try? JSONDecoder().decode(ClientData.self, from: Data(client)) else { throw .malformed }
        guard data.type == type, data.origin == site.origin, data.crossOrigin != true,
            let answered = SessionToken.bytes(base64url: data.challenge), isEqualInConstantTime(answered, challenge)
        else { throw .foreign }
    }
}

/// What the browser gives when a passkey is shown.
public struct PasskeyAnswer: Sendable, Equatable {
    /// The passkey's id.
    public var id: [UInt8]
    /// `clientDataJSON`.
    public var client: [UInt8]
    /// `authenticatorData`.
    public var authenticator: [UInt8]
    public var signature: [UInt8]

    public init(id: [UInt8], client: [UInt8], authenticator: [UInt8], signature: [UInt8]) {
        self.id = id
        self.client = client
        self.authenticator = authenticator
        self.signature = signature
    }
}
