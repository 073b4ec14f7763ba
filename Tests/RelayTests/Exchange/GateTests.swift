import Secrets
import Synchronization
import Testing
import Vocabulary
import Wire

@testable import Relay

@Suite struct GateTests {
    private let grant = KeyGrant(
        key: KeyID(9), organisation: .home, environment: .live, isRevoked: false, expiresAt: nil)
    private let digest = KeyDigest(words: (1, 2, 3, 4))

    private func decide(
        _ grant: KeyGrant?, _ credential: IncomingRequest.Credential, admission: Admission = .admitted(nil),
        address: Network.Address? = nil
    ) -> Gate.Decision {
        let gate = Gate(keys: OneKey(digest: digest, grant: grant), purse: FixedPurse(admission))
        return gate.decide(
            credential, .chatCompletions, counts: true, address: address, at: Moment(microseconds: 1000))
    }

    @Test func theOrderOfRefusals() {
        #expect(decide(grant, .missing) == .refused(.missingKey))
        #expect(decide(grant, .malformed) == .refused(.malformedKey))
        #expect(decide(nil, .key(digest, .live)) == .refused(.unknownKey))
        #expect(decide(grant, .key(digest, .live)) == .admitted(grant, nil))
        #expect(decide(grant, .key(digest, .test)) == .refused(.unknownKey))
        var revoked = grant
        revoked.isRevoked = true
        #expect(decide(revoked, .key(digest, .live)) == .refused(.revokedKey))
        var expired = grant
        expired.expiresAt = Moment(microseconds: 1000)
        #expect(decide(expired, .key(digest, .live)) == .refused(.expiredKey))
        var withdrawn = grant
        withdrawn.standing = .consentWithdrawn
        #expect(decide(withdrawn, .key(digest, .live)) == .refused(.consentWithdrawn))
        var locked = grant
        locked.standing = .locked
        #expect(decide(locked, .key(digest, .live)) == .refused(.accountLocked))
        let denial = RateDenial(.tokens, of: .key, limit: 9, retryAfterSeconds: 3)
        #expect(decide(grant, .key(digest, .live), admission: .limited(denial)) == .limited(denial))
        #expect(decide(grant, .key(digest, .live), admission: .busy) == .busy(grant))
        var scoped = grant
        scoped.scope = KeyScope(
            models: [], endpoints: [.chatCompletions],
            networks: [Network(address: Network.v4(0x0a00_0000), prefix: 104)])
        #expect(
            decide(scoped, .key(digest, .live), address: Network.v4(0x0aff_0001)) == .admitted(scoped, nil))
        #expect(
            decide(scoped, .key(digest, .live), address: Network.v4(0x0b00_0001)) == .refused(.networkNotAllowed))
        #expect(decide(scoped, .key(digest, .live)) == .refused(.networkNotAllowed))
        scoped.scope = KeyScope(models: [], endpoints: [.models], networks: [])
        #expect(decide(scoped, .key(digest, .live)) == .refused(.endpointNotAllowed))
    }

    /// `RULES.md` 35: while keys cannot be confirmed nobody is let in, not even who is known.
    @Test func aStaleDirectoryLetsNobodyIn() {
        let keys = OneKey(digest: digest, grant: grant)
        keys.isStale = true
        let gate = Gate(keys: keys, purse: FixedPurse(.admitted(nil)))
        let decision = gate.decide(
            .key(digest, .live), .chatCompletions, counts: true, address: nil, at: Moment(microseconds: 1000))
        #expect(decision == .refused(.keysUnconfirmed) && ErrorCode.keysUnconfirmed.status == 503)
    }

    @Test(
        arguments: [
            ("Bearer sk-own", "sk-own"), ("bearer sk-own", "sk-own"), ("sk-own", "sk-own"), ("Bearer ", nil),
            ("sk own", nil), ("", nil), ("Bearer sk\u{e9}", nil),
        ] as [(String, String?)]) func aProvidersKeyIsOneLineOfVisibleBytes(_ value: String, _ wanted: String?)
    {
        let read = IncomingRequest.providerKey(Array(value.utf8).span)?.withBytes { bytes in
            String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
        }
        #expect(read == wanted)
    }

    /// `RULES.md` 1: every ingress but health is gated, and all that reaches a provider is metered.
    @Test func everyRouteIsGatedAndEveryModelCallIsMetered() {
        for route in Route.table {
            #expect(route.isGated == (route.endpoint != .health))
            #expect(
                route.isMetered
                    == (route.endpoint.isPassed
                        || route.method == .post && route.isGated && route.endpoint != .outcome))
        }
        let covered = Set(Route.table.map(\.endpoint))
        #expect(covered == Set(Endpoint.allCases).subtracting([.unknown]))
    }

    @Test func headersSpeakTheClientsDialect() {
        let allowance = Allowance(
            requests: .init(limit: 60, left: 59, resets: 61_000_001), tokens: .init(limit: 1000, left: 0, resets: 0))
        let now = Moment(microseconds: 1_795_612_455_000_000)
        func lines(_ dialect: Dialect) -> [String] {
            RateFields(allowance, dialect: dialect, at: now)?.fields.map {
                "\($0.name): " + String(decoding: $0.value, as: UTF8.self)
            }
                ?? []
        }
        #expect(
            lines(.openAI) == [
                "x-ratelimit-limit-requests: 60", "x-ratelimit-remaining-requests: 59",
                "x-ratelimit-reset-requests: 1m2s", "x-ratelimit-limit-tokens: 1000",
                "x-ratelimit-remaining-tokens: 0", "x-ratelimit-reset-tokens: 0s",
            ])
        #expect(
            lines(.anthropic) == [
                "anthropic-ratelimit-requests-limit: 60", "anthropic-ratelimit-requests-remaining: 59",
                "anthropic-ratelimit-requests-reset: 2026-11-25T13:15:17Z", "anthropic-ratelimit-tokens-limit: 1000",
                "anthropic-ratelimit-tokens-remaining: 0", "anthropic-ratelimit-tokens-reset: 2026-11-25T13:14:15Z",
            ])
        #expect(RateFields(Allowance(), dialect: .openAI, at: now) == nil)
    }

    @Test func routesMatchWholePathsOnly() {
        func found(_ endpoint: Endpoint) -> Route { Route.table.first { $0.endpoint == endpoint }! }
        func match(_ method: HTTPMethod, _ path: String) -> Route.Match { Route.match(method, Array(path.utf8).span) }
        #expect(match(.post, "/v1/chat/completions") == .route(Route.table[0], nameOffset: nil))
        #expect(match(.get, "/v1/chat/completions") == .wrongMethod(allowed: [.post], .openAI))
        #expect(match(.post, "/v1/chat/completions/") == .unknown(nil))
        #expect(match(.post, "/v1/messages") == .route(Route.table[2], nameOffset: nil))
        #expect(match(.get, "/v1/models/") == .unknown(nil))
        #expect(match(.get, "/v1/models/openai/gpt-5") == .route(found(.model), nameOffset: 11))
        #expect(match(.head, "/healthz") == .route(found(.health), nameOffset: nil))
        #expect(match(.delete, "/v1/files") == .wrongMethod(allowed: [.post, .get], nil))
        #expect(match(.put, "/v1/files/file-1") == .wrongMethod(allowed: [.get, .delete], nil))
        #expect(match(.head, "/v1/files/file-1/content") == .wrongMethod(allowed: [.get], nil))
        #expect(match(.get, "/metrics") == .unknown(nil))
        #expect(match(.post, "/v1beta/models/a/b:generateContent") == .route(Route.table[4], nameOffset: 15))
        #expect(match(.post, "/v1/models/a:streamGenerateContent") == .route(Route.table[7], nameOffset: 11))
        #expect(match(.post, "/v1beta/models/:generateContent") == .wrongMethod(allowed: [.get], .gemini))
        #expect(match(.post, "/v1beta/models/a:fly") == .wrongMethod(allowed: [.get], .gemini))
        #expect(match(.post, "/v1beta/cachedContents") == .unknown(.gemini))
    }

    /// What stands between path and suffix is the object's name; a longer path is no other route's.
    @Test func objectsAreNamedInTheirPaths() {
        func isNamed(_ method: HTTPMethod, _ path: String, _ endpoint: Endpoint, _ object: String) -> Bool {
            let bytes = Array(path.utf8)
            guard case .route(let route, let offset?) = Route.match(method, bytes.span) else { return false }
            let end = bytes.count - route.suffix.utf8CodeUnitCount
            return route.endpoint == endpoint && bytes[offset..<end].elementsEqual(object.utf8)
        }
        #expect(isNamed(.get, "/v1/files/file-1.x", .file, "file-1.x"))
        #expect(isNamed(.get, "/v1/files/file-1.x/content", .fileContent, "file-1.x"))
        #expect(isNamed(.post, "/v1/batches/batch_1.x/cancel", .batchCancel, "batch_1.x"))
        #expect(isNamed(.get, "/v1/responses/resp_1.x/input_items", .storedResponseItems, "resp_1.x"))
        #expect(isNamed(.get, "/v1/messages/batches/b.x/results", .messageBatchResults, "b.x"))
        #expect(isNamed(.delete, "/v1/messages/batches/b.x", .messageBatch, "b.x"))
        #expect(Route.match(.get, Array("/v1/files/".utf8).span) == .unknown(nil))
    }
}

private final class OneKey: KeyDirectory {
    let digest: KeyDigest
    let found: KeyGrant?
    let version: UInt64 = 1

    init(digest: KeyDigest, grant: KeyGrant?) {
        self.digest = digest
        found = grant
    }

    func grant(for digest: KeyDigest) -> KeyGrant? { digest == self.digest ? found : nil }
    func isLive(_ key: KeyID) -> Bool { found?.key == key }
    private let stale = Atomic<Bool>(false)
    var isStale: Bool {
        get { stale.load(ordering: .relaxed) }
        set { stale.store(newValue, ordering: .relaxed) }
    }
}

private final class FixedPurse: Purse {
    let admission: Admission

    init(_ admission: Admission) { self.admission = admission }

    let watchesDeployments = false
    func admit(_ payer: Payer, at now: Moment) -> Admission { admission }
    func leave(_ payer: Payer) {}
    let limitsCalls = false
    func take(_ ask: TurnAsk, for waiter: any TurnWaiter, at now: Moment) -> TurnAnswer { .admitted(Allowance()) }
    func giveUp(_ number: UInt64) {}
    func endCall(to deployment: DeploymentID) {}
    func hold(_ ask: HoldAsk, at now: Moment) -> HoldAnswer { .refill(milliseconds: 1) }
    func extend(_ hold: inout Hold, by amount: NanoUSD, at now: Moment) -> HoldDenial? { nil }
    func settle(_ hold: Hold, charge: NanoUSD, tokens: Int64, at now: Moment) {}
    func balance(of payer: Payer, at now: Moment) -> PurseBalance {
        PurseBalance(billing: .none, available: nil, budgets: [], allowance: Allowance())
    }
}
