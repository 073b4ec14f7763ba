/// Everything that can go wrong with a request, closed and stable: clients match on the name, receipts keep the number.
/// Append, never renumber.
public enum ErrorCode: UInt16, Sendable, CaseIterable {
    case none = 0

    // The caller's.
    case unknownHedge = 9
    case missingKey = 10
    case malformedKey = 11
    case unknownKey = 12
    case revokedKey = 13
    case expiredKey = 14
    case testKeyOnLiveModel = 15
    case consentWithdrawn = 16
    case accountLocked = 17
    case endpointNotAllowed = 18
    case networkNotAllowed = 19
    case compressionNotAllowed = 49

    case malformedRequest = 20
    case malformedJSON = 21
    case invalidUTF8 = 22
    case tooDeep = 23
    case duplicateMember = 24
    case wrongType = 25
    case missingMember = 26
    case outOfRange = 27
    case bodyTooLarge = 28
    case unsupportedContentType = 29
    case unsupportedContentEncoding = 30
    case untranslatable = 31
    case backgroundUnmetered = 32
    case upgradeRequired = 33
    case unknownCompression = 35
    case malformedForm = 36
    case providerNotNamed = 37
    case notServedByProvider = 38
    case providerKeyMissing = 39

    case unknownModel = 40
    case unpricedModel = 41
    case unknownRoute = 42
    case methodNotAllowed = 43
    case unknownReceipt = 44
    case unknownObject = 45
    case needsOwnKey = 46
    case needsUnlimitedKey = 47
    case modelNotAllowed = 48

    case rateLimited = 50
    case budgetExhausted = 51
    case requestTimeout = 52
    case clientGone = 53
    case tooManyTokens = 54
    case tooManyInFlight = 55
    case insufficientCredit = 56
    case idempotencyKeyReused = 57
    case idempotencyAnswerGone = 58
    case unknownCacheDirective = 59
    case unknownOutcome = 34

    // Ours.
    case draining = 60
    case outOfMemory = 61
    case journalFull = 62
    case internalError = 63
    case crashed = 64
    case creditUnconfirmed = 65
    case keysUnconfirmed = 66

    // The provider's.
    case upstreamUnreachable = 80
    case upstreamTimeout = 81
    case upstreamSilent = 82
    case upstreamCut = 83
    case upstreamMalformed = 84
    case upstreamRefusedKey = 85
    case upstreamRateLimited = 86
    case upstreamRejected = 87
    case upstreamFailed = 88
    case upstreamErrorEvent = 89
    case upstreamTooLarge = 90
    case egressRefused = 91

    /// The stable name sent as `error.code`.
    public var name: StaticString {
        switch self {
        case .none: "none"
        case .missingKey: "missing_api_key"
        case .malformedKey: "malformed_api_key"
        case .unknownKey: "invalid_api_key"
        case .revokedKey: "revoked_api_key"
        case .expiredKey: "expired_api_key"
        case .testKeyOnLiveModel: "test_key_on_live_model"
        case .needsOwnKey: "needs_own_key"
        case .needsUnlimitedKey: "needs_key_without_budget"
        case .consentWithdrawn: "consent_withdrawn"
        case .accountLocked: "account_locked"
        case .endpointNotAllowed: "endpoint_not_allowed"
        case .networkNotAllowed: "network_not_allowed"
        case .modelNotAllowed: "model_not_allowed"
        case .compressionNotAllowed: "compression_not_allowed"
        case .keysUnconfirmed: "keys_unconfirmed"
        case .malformedRequest: "malformed_request"
        case .malformedJSON: "malformed_json"
        case .invalidUTF8: "invalid_utf8"
        case .tooDeep: "json_too_deep"
        case .duplicateMember: "duplicate_member"
        case .wrongType: "wrong_type"
        case .missingMember: "missing_member"
        case .outOfRange: "out_of_range"
        case .bodyTooLarge: "body_too_large"
        case .unsupportedContentType: "unsupported_content_type"
        case .unsupportedContentEncoding: "unsupported_content_encoding"
        case .untranslatable: "cannot_translate"
        case .backgroundUnmetered: "background_not_metered"
        case .upgradeRequired: "upgrade_required"
        case .unknownCompression: "unknown_compression"
        case .unknownHedge: "unknown_hedge"
        case .malformedForm: "malformed_form"
        case .providerNotNamed: "provider_not_named"
        case .notServedByProvider: "not_served_by_provider"
        case .providerKeyMissing: "missing_provider_key"
        case .unknownModel: "model_not_found"
        case .unpricedModel: "model_not_priced"
        case .unknownRoute: "unknown_route"
        case .methodNotAllowed: "method_not_allowed"
        case .unknownReceipt: "receipt_not_found"
        case .unknownObject: "object_not_found"
        case .rateLimited: "rate_limit_exceeded"
        case .budgetExhausted: "budget_exhausted"
        case .requestTimeout: "request_timeout"
        case .clientGone: "client_gone"
        case .tooManyTokens: "token_rate_limit_exceeded"
        case .tooManyInFlight: "too_many_in_flight"
        case .insufficientCredit: "insufficient_credit"
        case .idempotencyKeyReused: "idempotency_key_reused"
        case .idempotencyAnswerGone: "idempotency_answer_gone"
        case .unknownCacheDirective: "unknown_cache_directive"
        case .unknownOutcome: "outcome_not_expected"
        case .draining: "draining"
        case .outOfMemory: "out_of_memory_budget"
        case .journalFull: "journal_full"
        case .internalError: "internal_error"
        case .crashed: "crashed"
        case .creditUnconfirmed: "credit_unconfirmed"
        case .upstreamUnreachable: "upstream_unreachable"
        case .upstreamTimeout: "upstream_timeout"
        case .upstreamSilent: "upstream_silent"
        case .upstreamCut: "upstream_cut"
        case .upstreamMalformed: "upstream_malformed"
        case .upstreamRefusedKey: "upstream_refused_key"
        case .upstreamRateLimited: "upstream_rate_limited"
        case .upstreamRejected: "upstream_rejected"
        case .upstreamFailed: "upstream_failed"
        case .upstreamErrorEvent: "upstream_error_event"
        case .upstreamTooLarge: "upstream_too_large"
        case .egressRefused: "egress_refused"
        }
    }

    /// The HTTP status Tacet answers with when the error is its own to tell. Provider statuses pass as they are.
    public var status: UInt16 {
        switch self {
        case .none: 200
        case .missingKey, .malformedKey, .unknownKey, .revokedKey, .expiredKey, .providerKeyMissing: 401
        case .testKeyOnLiveModel, .backgroundUnmetered, .needsOwnKey, .needsUnlimitedKey, .consentWithdrawn,
            .accountLocked, .endpointNotAllowed, .networkNotAllowed, .modelNotAllowed, .compressionNotAllowed:
            403
        case .malformedRequest, .malformedJSON, .invalidUTF8, .tooDeep, .duplicateMember, .wrongType, .missingMember,
            .outOfRange, .malformedForm, .providerNotNamed, .notServedByProvider, .untranslatable, .unknownCompression,
            .unknownCacheDirective, .unknownHedge, .upstreamRejected:
            400
        case .bodyTooLarge: 413
        case .upgradeRequired: 426
        case .unsupportedContentType, .unsupportedContentEncoding: 415
        case .unknownModel, .unpricedModel, .unknownRoute, .unknownReceipt, .unknownObject, .unknownOutcome: 404
        case .methodNotAllowed: 405
        case .idempotencyKeyReused, .idempotencyAnswerGone: 409
        case .rateLimited, .tooManyTokens, .tooManyInFlight, .upstreamRateLimited: 429
        case .budgetExhausted, .insufficientCredit: 402
        case .requestTimeout: 408
        case .clientGone: 499
        case .draining, .outOfMemory, .journalFull, .creditUnconfirmed, .keysUnconfirmed: 503
        case .internalError, .crashed: 500
        case .upstreamUnreachable, .upstreamCut, .upstreamMalformed, .upstreamRefusedKey, .upstreamFailed,
            .upstreamErrorEvent, .upstreamTooLarge, .egressRefused:
            502
        case .upstreamTimeout, .upstreamSilent: 504
        }
    }

    /// Whose fault it is.
    public enum Fault: Sendable {
        case caller
        case tacet
        case provider
    }

    public var fault: Fault {
        switch rawValue {
        case 0..<60: .caller
        case 60..<80: .tacet
        default: .provider
        }
    }
}
