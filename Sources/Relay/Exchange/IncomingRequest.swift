import NIOCore
import Planning
import Secrets
import Vocabulary
import Wire

/// What the gate and the exchange need to know of a request's head, whatever HTTP version it came by. Never copied: a
/// copy would count a dozen references up and down on every request.
struct IncomingRequest: ~Copyable {
    var method: HTTPMethod
    var match: Route.Match
    /// The part of the path a route takes as a name, percent-decoded; empty for others.
    var name: [UInt8] = []
    /// Model and action of a request in Gemini's dialect, which stand in its path.
    var geminiPath: GeminiPath?
    var credential: Credential
    /// The provider's own key, sent beside `x-tacet-key` (`RULES.md` 9).
    var providerKey: SecretBytes?
    /// Declared length of the body; `nil` when it is not known beforehand.
    var length: Int?
    /// `false` for a body that says it is something other than JSON.
    var mayBeJSON = true
    /// A body under a content encoding; refused, because decisions need to read it.
    var isEncoded = false
    /// Anthropic's own headers, which its providers need; visible ASCII only.
    var anthropicVersion: ByteBuffer?
    var anthropicBeta: ByteBuffer?
    /// What a request that is passed on says beside; `nil` for others.
    var passed: PassedHead?
    /// `x-tacet-translation: strict`: what a translation cannot carry is refused instead of told.
    var isStrictTranslation = false
    /// What `x-tacet-compress` says; `nil` when there is none.
    var compression: CompressionMode?
    /// `false` when it says something that is no mode.
    var isCompressionKnown = true
    /// What `x-tacet-hedge` says: after how many milliseconds a second deployment is asked.
    var hedge: Int64?
    /// `false` when it says something that is no delay.
    var isHedgeKnown = true
    /// `nil` when `x-tacet-cache` says something that is none of its words.
    var sharing: SharingHead? = SharingHead()

    /// By path, then `anthropic-version`, else OpenAI (`RULES.md` 9).
    var dialect: Dialect {
        let ofPath: Dialect? =
            switch match {
            case .route(let route, _): route.dialect
            case .wrongMethod(_, let dialect), .unknown(let dialect): dialect
            }
        return ofPath ?? (anthropicVersion == nil ? .openAI : .anthropic)
    }

    /// The provider's own key as a client writes it: `Bearer …`, or bare.
    static func providerKey(_ value: Span<UInt8>) -> SecretBytes? {
        let key = value.beginsIgnoringCase("bearer ") ? value.extracting(droppingFirst: 7) : value
        guard (1...8192).contains(key.count), key.indices.allSatisfy({ (0x21...0x7e).contains(key[$0]) }) else {
            return nil
        }
        return SecretBytes(copying: key)
    }

    enum Credential: Equatable {
        case missing
        case malformed
        case key(KeyDigest, GatewayKey.Environment)

        /// Syntax and checksum come first, the digest only of what can be a key (DESIGN §3.2).
        init(key: Span<UInt8>, hasher: KeyHasher) {
            guard let environment = GatewayKey.environment(of: key) else {
                self = .malformed
                return
            }
            self = .key(hasher.digest(of: key), environment)
        }

        /// Reads `Bearer <key>`, the scheme in any case.
        init(authorization value: Span<UInt8>, hasher: KeyHasher) {
            let scheme: StaticString = "bearer "
            guard value.count > scheme.utf8CodeUnitCount, value.extracting(first: 7).equalsIgnoringCase(scheme) else {
                self = .malformed
                return
            }
            self.init(key: value.extracting(droppingFirst: 7), hasher: hasher)
        }
    }
}

/// Who may come in. One function decides for every gated route (DESIGN §3.2); it reads memory only.
struct Gate {
    let keys: any KeyDirectory
    let purse: any Purse

    enum Decision: Equatable {
        /// With what is left of the key's rates, where it has any.
        case admitted(KeyGrant, Allowance?)
        /// As soon as others have ended.
        case busy(KeyGrant)
        case refused(ErrorCode)
        case limited(RateDenial)
    }

    /// - Parameters:
    ///   - counts: whether this request counts against the key's rates; then `leave` must follow its end.
    ///   - address: the client's, asked for only where the key is bound to networks.
    func decide(
        _ credential: IncomingRequest.Credential, _ endpoint: Endpoint, counts: Bool,
        address: @autoclosure () -> Network.Address?, at now: Moment
    ) -> Decision {
        switch credential {
        case .missing: return .refused(.missingKey)
        case .malformed: return .refused(.malformedKey)
        case .key(let digest, let environment):
            if keys.isStale { return .refused(.keysUnconfirmed) }
            guard let grant = keys.grant(for: digest), grant.environment == environment else {
                return .refused(.unknownKey)
            }
            if grant.isRevoked { return .refused(.revokedKey) }
            if let end = grant.expiresAt, end <= now { return .refused(.expiredKey) }
            if grant.standing == .locked { return .refused(.accountLocked) }
            if counts, grant.standing == .consentWithdrawn { return .refused(.consentWithdrawn) }
            if let scope = grant.scope {
                guard scope.allows(endpoint) else { return .refused(.endpointNotAllowed) }
                if !scope.networks.isEmpty, !scope.allows(address: address()) { return .refused(.networkNotAllowed) }
            }
            guard counts else { return .admitted(grant, nil) }
            switch purse.admit(grant.payer, at: now) {
            case .admitted(let allowance): return .admitted(grant, allowance)
            case .busy: return .busy(grant)
            case .limited(let denial): return .limited(denial)
            }
        }
    }
}

extension Span<UInt8> {
    /// - Parameter text: lower-case ASCII.
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count {
            let byte = self[index]
            let lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
            if unsafe lower != text.utf8Start[index] { return false }
        }
        return true
    }
}

extension Int64 {
    /// Reads `x-tacet-hedge`: `250ms` or `2s`, from a millisecond to a minute; `nil` for anything else.
    init?(hedge value: Span<UInt8>) {
        let digits = value.indices.first { !(0x30...0x39).contains(value[$0]) } ?? value.count
        guard (1...5).contains(digits) else { return nil }
        var number: Int64 = 0
        for index in 0..<digits { number = number * 10 + Int64(value[index] - 0x30) }
        let unit = value.extracting(droppingFirst: digits)
        if unit.equalsIgnoringCase("s") { number *= 1000 } else if !unit.equalsIgnoringCase("ms") { return nil }
        guard (1...60_000).contains(number) else { return nil }
        self = number
    }
}

extension CompressionMode {
    /// Reads the header's value, letter case aside.
    init?(header value: Span<UInt8>) {
        for mode in Self.allCases where value.equalsIgnoringCase(mode.name) {
            self = mode
            return
        }
        return nil
    }
}
