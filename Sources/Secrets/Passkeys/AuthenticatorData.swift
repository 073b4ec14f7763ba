import Crypto

/// What an authenticator says and signs: for which site, whether somebody was there and known, its counter, and, of a new
/// passkey, id and key.
struct AuthenticatorData {
    struct Credential {
        var id: [UInt8]
        var key: CBORValue
        /// As it stood there.
        var keyBytes: [UInt8]
    }

    private enum Flag {
        static let present: UInt8 = 0x01
        static let verified: UInt8 = 0x04
        static let credential: UInt8 = 0x40
        static let extensions: UInt8 = 0x80
    }

    private let site: [UInt8]
    private let flags: UInt8
    let counter: UInt32
    let credential: Credential?

    init(_ bytes: [UInt8]) throws(PasskeyFault) {
        guard bytes.count >= 37 else { throw .malformed }
        site = Array(bytes[..<32])
        flags = bytes[32]
        counter = bytes[33..<37].reduce(0) { $0 << 8 | UInt32($1) }
        var rest = bytes[37...]
        credential = flags & Flag.credential == 0 ? nil : try Self.credential(&rest)
        if flags & Flag.extensions != 0 {
            guard CBORValue(reading: &rest)?.map != nil else { throw .malformed }
        }
        guard rest.isEmpty else { throw .malformed }
    }

    private static func credential(_ rest: inout ArraySlice<UInt8>) throws(PasskeyFault) -> Credential {
        // Sixteen bytes name the model, which is nothing to us.
        let head = rest.prefix(18)
        guard head.count == 18 else { throw .malformed }
        let count = Int(head[head.endIndex - 2]) << 8 | Int(head[head.endIndex - 1])
        rest = rest.dropFirst(18)
        let id = Array(rest.prefix(count))
        guard (1...1023).contains(count), id.count == count else { throw .malformed }
        rest = rest.dropFirst(count)
        let start = rest
        guard let key = CBORValue(reading: &rest) else { throw .malformed }
        return Credential(id: id, key: key, keyBytes: Array(start[..<rest.startIndex]))
    }

    /// Whether it speaks of this site, and somebody was there whom it knows.
    func check(_ site: PasskeySite) throws(PasskeyFault) {
        guard self.site == Array(SHA256.hash(data: Array(site.party.utf8))) else { throw .foreign }
        guard flags & Flag.present != 0, flags & Flag.verified != 0 else { throw .notVerified }
    }
}
