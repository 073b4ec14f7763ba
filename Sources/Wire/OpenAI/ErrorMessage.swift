public import Vocabulary

/// Human sentences for every error code: what was wrong and what is allowed. They go to the client and nowhere else.
///
/// The parameters are closed: numbers, a member, names the client or the configuration knows. Nothing of a body is quoted.
public struct ErrorMessage {
    /// The member the error is about.
    public var member = RequestMember.none
    /// The byte of the body at which it was noticed.
    public var offset: Int?
    /// The limit that was passed: bytes, requests a minute, levels.
    public var limit: Int64?
    /// When to try again, in seconds.
    public var retryAfter: Int64?
    /// The model name asked for.
    public var model: [UInt8] = []
    /// Names of models that come near the one asked for.
    public var near: [[UInt8]] = []
    /// Paths of what a translation cannot carry, in the client's own words.
    public var losses: [[UInt8]] = []
    /// The status the provider answered with.
    public var upstreamStatus: UInt16?
    /// Whose budget or rate is used up.
    public var owner: BudgetOwner.Kind?
    /// The answer has begun and ends with this error.
    public var isUnderWay = false
    /// What is left of a budget or of an organisation's credit.
    public var left: NanoUSD?
    /// Seconds until a budget begins anew.
    public var resetsIn: Int64?
    /// Of the request that this one repeats.
    public var receipt: RequestID?

    public init() {}

    public init(_ rejection: RequestRejection) {
        member = rejection.member
        offset = rejection.offset
    }

    /// The sentence for `code`, UTF-8.
    public func text(for code: ErrorCode) -> [UInt8] {
        var out = MessageText()
        caller(code, &out)
        if out.bytes.isEmpty { other(code, &out) }
        return out.bytes
    }

    private func earlier(_ out: inout MessageText) {
        guard let receipt else { return }
        out.add(" by the request ")
        out.bytes += receipt.text
    }

    private func caller(_ code: ErrorCode, _ out: inout MessageText) {
        switch code {
        case .missingKey:
            out.add("No API key was sent. Put a Tacet key in the header 'Authorization: Bearer tct_live_…'.")
        case .malformedKey:
            out.add(
                "The API key is not a Tacet key: one is 'tct_live_' or 'tct_test_' and 38 letters and digits. Check that it was copied whole."
            )
        case .unknownKey: out.add("This API key is not known here.")
        case .revokedKey: out.add("This API key was revoked. Ask whoever runs this gateway for a new one.")
        case .expiredKey: out.add("This API key has expired. Ask whoever runs this gateway for a new one.")
        case .testKeyOnLiveModel:
            out.add("A test key (tct_test_…) reaches only models of the sandbox. Use a live key for this model.")
        case .consentWithdrawn:
            out.add(
                "Consent to processing was withdrawn for this organisation, so nothing is forwarded. Receipts and exports stay available; `tacet rights set give-consent` ends it."
            )
        case .accountLocked: out.add("This organisation is being deleted; its keys are dead.")
        case .endpointNotAllowed:
            out.add("This API key may not use this endpoint. Use a key whose endpoints include it.")
        case .networkNotAllowed: out.add("This API key may not be used from this network.")
        case .modelNotAllowed:
            out.add("This API key may not use ")
            modelName(&out)
            out.add(". Use a key whose models include it.")
        case .malformedRequest: out.add("The request is not valid HTTP/1.1 or HTTP/2 as this gateway takes it.")
        case .malformedJSON:
            out.add("The body is not valid JSON")
            place(&out)
        case .invalidUTF8:
            out.add("The body is not valid UTF-8")
            place(&out)
        case .tooDeep:
            out.add("The JSON is nested too deeply: at most ")
            out.add(limit ?? Int64(JSONCursor.depthLimit))
            out.add(" levels are allowed; passed")
            place(&out)
        case .duplicateMember:
            out.add("The member ")
            named(&out)
            out.add(" stands twice in the body; send it once. The second one was noticed")
            place(&out)
        case .wrongType: wrongType(&out)
        case .missingMember:
            out.add("The body lacks the required member ")
            named(&out)
            out.add(".")
        case .outOfRange: outOfRange(&out)
        case .bodyTooLarge:
            out.add("The body is too large")
            most(" bytes are allowed", &out)
            out.add(".")
        case .unsupportedContentType:
            out.add("The content type must be application/json, or multipart/form-data where this path takes files.")
        case .unsupportedContentEncoding: out.add("The body must be sent without a content encoding.")
        case .untranslatable: untranslatable(&out)
        case .backgroundUnmetered:
            out.add(
                "Nobody is told what an answer made in the background will have cost, so for models with a price it is refused. Leave 'background' out."
            )
        case .providerKeyMissing:
            out.add(
                "This provider is called with your own key. Send the gateway's key as 'x-tacet-key' and the provider's as 'authorization', 'x-api-key' or 'x-goog-api-key'."
            )
        case .compressionNotAllowed:
            out.add("The profile of this organisation lets no prompt be shortened. Leave 'x-tacet-compress' out.")
        case .keysUnconfirmed:
            out.add("Keys cannot be confirmed at present, so no request is taken. Try again later.")
        case .unknownCompression:
            out.add("The header 'x-tacet-compress' is none of off, lossless, balanced and strong.")
        case .unknownHedge: out.add("The header 'x-tacet-hedge' is no delay from 1ms to 60s, such as 500ms or 2s.")
        case .unknownCacheDirective: out.add("The header 'x-tacet-cache' is none of on, off, refresh and auto.")
        case .idempotencyKeyReused:
            out.add("This Idempotency-Key was used for another body")
            earlier(&out)
            out.add(". Send the body that was sent then, or another key.")
        case .idempotencyAnswerGone:
            out.add("This request was answered before, and its answer is no longer in memory")
            earlier(&out)
            out.add(". It is not charged again: ask under another key.")
        case .unknownModel: unknownModel(&out)
        case .unpricedModel:
            out.add("There is no price for ")
            modelName(&out)
            out.add(", so it is refused. Whoever runs this gateway can set 'pricing.unknown'.")
        case .unknownRoute: out.add("There is nothing at this path. See GET /v1/models and POST /v1/chat/completions.")
        case .methodNotAllowed: out.add("This path does not take this method.")
        case .unknownReceipt: out.add("There is no receipt with this id for this key.")
        case .unknownObject: out.add("There is no such object for this key.")
        case .unknownOutcome:
            out.add("The router had no say in this request, or its outcome was told before or came too late.")
        case .upgradeRequired:
            out.add(
                "This path speaks WebSocket, version 13, over HTTP/1.1. Open it as wss://…/v1/realtime?model=… with a WebSocket client."
            )
        case .needsOwnKey:
            out.add(
                "Lists are not served: the provider's key is shared, and its lists would show what others have. Ask for an object by the id you were given."
            )
        case .needsUnlimitedKey:
            out.add(
                "A batch is billed after the request has ended, so that a key with a budget cannot start one. Use a key without a budget."
            )
        case .malformedForm: malformedForm(&out)
        case .providerNotNamed:
            out.add("More than one provider could take this. Name one in the header x-tacet-route: ")
            names(&out)
            out.add(".")
        case .notServedByProvider:
            out.add(
                "This path is passed to providers of its own dialect, without translation, and none of those configured serves this request."
            )
        case .rateLimited:
            out.add("Too many requests ")
            out.add(ofOwner)
            most(" a minute are allowed", &out)
            retry(&out)
        case .tooManyTokens:
            out.add("Too many tokens ")
            out.add(ofOwner)
            most(" a minute are allowed", &out)
            retry(&out)
        case .tooManyInFlight:
            out.add("Too many requests at the same time ")
            out.add(ofOwner)
            most(" are allowed", &out)
            retry(&out)
        case .budgetExhausted:
            out.add("The budget ")
            out.add(ofOwner)
            uncovered(&out)
            if let resetsIn {
                out.add(" It begins anew in ")
                out.add(resetsIn)
                out.add(" seconds.")
            }
            out.add(" Whoever runs this gateway can raise it.")
        case .insufficientCredit:
            out.add("The organisation's credit")
            uncovered(&out)
            out.add(" Top up to go on.")
        case .requestTimeout: out.add("The request did not arrive in time.")
        case .clientGone: out.add("The client closed the connection.")
        default: break
        }
    }

    private func other(_ code: ErrorCode, _ out: inout MessageText) {
        switch code {
        case .draining:
            out.add("This gateway is shutting down and takes no new requests")
            retry(&out)
        case .outOfMemory:
            out.add("This gateway has no memory left for another request at the moment")
            retry(&out)
        case .journalFull:
            out.add("This gateway cannot write receipts at the moment, so it takes no requests")
            retry(&out)
        case .creditUnconfirmed:
            out.add("This gateway cannot confirm the credit for this request at the moment")
            retry(&out)
        case .internalError, .crashed:
            out.add("Something went wrong in this gateway. Quote the request id to whoever runs it.")
        case .upstreamUnreachable: out.add("The provider could not be reached.")
        case .upstreamTimeout: out.add("The provider did not begin to answer in time.")
        case .upstreamSilent: out.add("The provider stopped sending before its answer was whole.")
        case .upstreamCut: out.add("The provider closed the connection before its answer was whole.")
        case .upstreamMalformed: out.add("The provider's answer is not valid HTTP, or none of its dialect.")
        case .upstreamRefusedKey:
            out.add("The provider refused this gateway's credentials. Whoever runs the gateway has to look into it.")
        case .upstreamRateLimited:
            out.add("The provider's rate limit or quota is used up")
            retry(&out)
        case .upstreamRejected: provider("The provider rejected the request", &out)
        case .upstreamFailed: provider("The provider failed", &out)
        case .upstreamErrorEvent: out.add("The provider ended the stream with an error.")
        case .upstreamTooLarge: out.add("The provider's answer was larger than this gateway passes on.")
        case .egressRefused: out.add("This gateway may not connect to the provider's address.")
        default: out.add("No error.")
        }
    }

    private func wrongType(_ out: inout MessageText) {
        switch member {
        case .none, .body: out.add("The body must be one JSON object")
        default:
            out.add("The member ")
            named(&out)
            out.add(" must be ")
            out.add(expected)
        }
        out.add("; it is something else")
        place(&out)
    }

    private var expected: StaticString {
        switch member {
        case .model, .inputFile, .batchModel, .serviceTier, .speed: "a string"
        case .messages, .contents, .requests, .documents: "an array"
        case .input: "a string or an array"
        case .previousResponse: "a string or null"
        case .conversation: "a string, an object or null"
        case .stream, .includeUsage, .store, .background: "true, false or null"
        case .streamOptions, .generationConfig: "an object or null"
        case .maxTokens, .maxCompletionTokens, .maxOutputTokens, .n, .generationMaxOutputTokens, .candidateCount,
            .bestOf, .partialImages:
            "a whole number or null"
        case .none, .body, .content, .prompt: "an object"
        case .cachedContent: "a string"
        case .form: "a form"
        }
    }

    private func untranslatable(_ out: inout MessageText) {
        out.add("This model's provider speaks another dialect, which cannot carry ")
        guard !losses.isEmpty else {
            named(&out)
            return out.add(": what it names is kept by the provider that made it. Leave it out.")
        }
        for (index, path) in losses.prefix(10).enumerated() {
            if index > 0 { out.add(", ") }
            out.quote(path)
        }
        out.add(". Leave it out, or leave out the header x-tacet-translation: strict.")
    }

    private func outOfRange(_ out: inout MessageText) {
        out.add("The member ")
        named(&out)
        switch member {
        case .model, .batchModel: out.add(" must not be empty")
        case .n, .candidateCount, .bestOf: out.add(" must be from 1 to 128")
        case .maxTokens, .maxCompletionTokens, .maxOutputTokens, .generationMaxOutputTokens:
            out.add(" must not be negative or absurdly large")
        default: out.add(" is out of range")
        }
        out.add("; see")
        place(&out)
    }

    private func unknownModel(_ out: inout MessageText) {
        out.add("There is no model ")
        modelName(&out)
        out.add(" here.")
        if near.isEmpty { return out.add(" GET /v1/models lists those there are.") }
        out.add(" Did you mean ")
        names(&out)
        out.add("?")
    }

    private func names(_ out: inout MessageText) {
        for (index, name) in near.enumerated() {
            if index > 0 { out.add(index + 1 == near.count ? " or " : ", ") }
            out.quote(name)
        }
    }

    private func malformedForm(_ out: inout MessageText) {
        out.add("The body is not a whole multipart/form-data form with the boundary its header names")
        place(&out)
    }

    private func modelName(_ out: inout MessageText) {
        if model.isEmpty { out.add("of this name") } else { out.quote(model) }
    }

    private func named(_ out: inout MessageText) {
        out.add("'")
        out.add(member.name)
        out.add("'")
    }

    private func place(_ out: inout MessageText) {
        if let offset {
            out.add(" at byte ")
            out.add(Int64(offset))
        }
        out.add(".")
    }

    private func retry(_ out: inout MessageText) {
        out.add(".")
        guard let retryAfter else { return }
        out.add(" Try again in ")
        out.add(retryAfter)
        out.add(retryAfter == 1 ? " second." : " seconds.")
    }

    private func most(_ unit: StaticString, _ out: inout MessageText) {
        guard let limit else { return }
        out.add(": at most ")
        out.add(limit)
        out.add(unit)
    }

    private var ofOwner: StaticString {
        switch owner {
        case .key, nil: "of this API key"
        case .member: "of the member whose API key this is"
        case .organisation: "of this organisation, all its API keys together"
        case .deployment: "for this model's provider"
        case .installation: "of this gateway as a whole"
        }
    }

    /// What credit or a budget does not cover, and what the client can do.
    private func uncovered(_ out: inout MessageText) {
        if isUnderWay { return out.add(" is used up, so the answer ends here.") }
        out.add(" does not cover the request's highest possible cost")
        if let left {
            out.add(": $")
            out.add(max(.zero, left))
            out.add(" is left")
        }
        out.add(". Ask for fewer output tokens.")
    }

    private func provider(_ sentence: StaticString, _ out: inout MessageText) {
        out.add(sentence)
        if let upstreamStatus {
            out.add(" with status ")
            out.add(Int64(upstreamStatus))
        }
        out.add(".")
    }
}
