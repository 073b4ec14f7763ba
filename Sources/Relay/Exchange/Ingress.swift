import NIOCore
import Planning
import Vocabulary
import Wire

/// Where a request goes once its head is read: refused, answered at once, or given to an exchange. Both HTTP versions
/// come through here, so that no ingress can go around the gate (`RULES.md` 1).
enum Ingress {
    /// - Returns: the exchange that wants the body; `nil` when the client is or will be answered without one.
    static func begin(_ request: borrowing IncomingRequest, client: any ClientSide, loop: LoopContext) -> Exchange? {
        let route: Route
        switch request.match {
        case .route(let found, _): route = found
        case .wrongMethod(let allowed, _):
            if request.method == .options, client.page != nil {
                answerPreflight(allowed, client)
                return nil
            }
            ErrorReply.send(.methodNotAllowed, allow: allowed, dialect: request.dialect, to: client, loop: loop)
            return nil
        case .unknown:
            ErrorReply.send(.unknownRoute, dialect: request.dialect, to: client, loop: loop)
            return nil
        }
        guard route.isGated else {
            answerHealth(client, loop)
            return nil
        }
        let now = Clock.moment()
        let decision = loop.shared.gate.decide(
            request.credential, route.endpoint, counts: route.isMetered, address: client.address, at: now)
        switch decision {
        case .refused(let code):
            ErrorReply.send(code, dialect: request.dialect, to: client, loop: loop)
            return nil
        case .limited(let denial):
            ErrorReply.send(
                denial.kind.code, ErrorMessage(denial), dialect: request.dialect,
                rates: RateFields(denial.allowance, dialect: request.dialect, at: now), to: client, loop: loop)
            return nil
        case .busy(let grant):
            return beginExchange(request, route.endpoint, grant, nil, client, loop, at: now, isBusy: true)
        case .admitted(let grant, let allowance):
            switch route.endpoint {
            case let endpoint where endpoint.isPassed:
                return beginExchange(request, endpoint, grant, allowance, client, loop, at: now)
            case .chatCompletions, .responses, .messages, .generateContent, .streamGenerateContent,
                .countMessageTokens, .countTokens:
                return beginExchange(request, route.endpoint, grant, allowance, client, loop, at: now)
            case .models: answerModels(request, client, loop)
            case .model: answerModel(request, client, loop)
            case .balance: BalanceReply.send(grant, to: client, loop: loop)
            case .receipt: answerReceipt(request, grant, client, loop)
            case .outcome: takeOutcome(request, route, grant, client, loop)
            default: ErrorReply.send(.unknownRoute, dialect: request.dialect, to: client, loop: loop)
            }
            return nil
        }
    }

    private static func beginExchange(
        _ request: borrowing IncomingRequest, _ endpoint: Endpoint, _ grant: KeyGrant, _ allowance: Allowance?,
        _ client: any ClientSide, _ loop: LoopContext, at now: Moment, isBusy: Bool = false
    ) -> Exchange? {
        let refusal: ErrorCode? =
            loop.isDraining
            ? .draining
            : !loop.shared.journal.hasRoom
                ? .journalFull
                : request.isEncoded
                    ? .unsupportedContentEncoding
                    : !takes(request, endpoint)
                        ? .unsupportedContentType
                        : !request.isCompressionKnown
                            ? .unknownCompression
                            : !request.isHedgeKnown
                                ? .unknownHedge
                                : grant.mayCompress == .nobody && request.compression ?? .off != .off
                                    ? .compressionNotAllowed : request.sharing == nil ? .unknownCacheDirective : nil
        if let refusal {
            if allowance != nil { loop.shared.doors.purse.leave(grant.payer) }
            ErrorReply.send(refusal, dialect: request.dialect, to: client, loop: loop)
            return nil
        }
        let exchange = Exchange(
            request, endpoint: endpoint, grant: grant, allowance: allowance, client: client, loop: loop, at: now)
        if grant.origins != .none, let book = loop.shared.doors.origins,
            let origin = client.address.flatMap({ grant.origins.kept(of: $0) })
        {
            book.note(exchange.id, of: grant.organisation, at: now, from: origin)
        }
        if isBusy { exchange.awaitAdmission() }
        if !exchange.isFinished { exchange.expectBody(request.length) }
        return exchange.isFinished ? nil : exchange
    }

    /// Whether the body may be what its content type says.
    private static func takes(_ request: borrowing IncomingRequest, _ endpoint: Endpoint) -> Bool {
        guard let passed = request.passed, request.method == .post else { return request.mayBeJSON }
        if passed.isForm { return endpoint.takesForm && passed.boundary != nil }
        return endpoint.takesJSON && request.mayBeJSON
    }

    private static func answerHealth(_ client: any ClientSide, _ loop: LoopContext) {
        let isReady = !loop.isDraining && loop.shared.doors.isReady()
        var body = ByteBuffer()
        body.writeStaticString(isReady ? "ok\n" : "draining\n")
        let head = AnswerHead(status: isReady ? 200 : 503, contentType: .text)
        client.send(head, body: body)
        client.flush()
    }

    private static func answerPreflight(_ allowed: [HTTPMethod], _ client: any ClientSide) {
        var head = AnswerHead(status: 200, contentType: .text)
        head.allow = allowed
        head.isPreflight = true
        client.send(head, body: ByteBuffer())
        client.flush()
    }

    private static func answerModels(
        _ request: borrowing IncomingRequest, _ client: any ClientSide, _ loop: LoopContext
    ) {
        let body = loop.serving.modelList(request.dialect)
        client.send(AnswerHead(status: 200), body: body)
        client.flush()
    }

    private static func answerModel(_ request: borrowing IncomingRequest, _ client: any ClientSide, _ loop: LoopContext)
    {
        let name = request.name
        guard let owner = loop.serving.owners[name] else {
            var message = ErrorMessage(model: name)
            if case .unknownModel(let near) = loop.serving.routing.table.plan(
                name, sandboxOnly: false, at: Clock.moment())
            {
                message.near = near
            }
            return ErrorReply.send(.unknownModel, message, dialect: request.dialect, to: client, loop: loop)
        }
        var body = ByteBuffer()
        switch request.dialect {
        case .openAI, .openAIResponses:
            OpenAIReply.model(id: name, ownedBy: owner, created: loop.serving.created, into: &body)
        case .anthropic: AnthropicReply.model(id: name, created: loop.serving.created, into: &body)
        case .gemini: GeminiReply.model(id: name, into: &body)
        }
        client.send(AnswerHead(status: 200), body: body)
        client.flush()
    }

    /// How a request turned out: a member of the path and no body, so that there is no place for words.
    private static func takeOutcome(
        _ request: borrowing IncomingRequest, _ route: Route, _ grant: KeyGrant, _ client: any ClientSide,
        _ loop: LoopContext
    ) {
        guard let id = RequestID(text: request.name), let book = loop.shared.doors.decisions,
            book.outcome(of: id, grant.organisation, isGood: route.isGood)
        else { return ErrorReply.send(.unknownOutcome, dialect: request.dialect, to: client, loop: loop) }
        loop.shared.doors.learner.take(id, isGood: route.isGood)
        var body = ByteBuffer()
        body.writeStaticString("{\"taken\":true}\n")
        client.send(AnswerHead(status: 200), body: body)
        client.flush()
    }

    private static func answerReceipt(
        _ request: borrowing IncomingRequest, _ grant: KeyGrant, _ client: any ClientSide, _ loop: LoopContext
    ) {
        guard let id = RequestID(text: request.name) else {
            return ErrorReply.send(.unknownReceipt, dialect: request.dialect, to: client, loop: loop)
        }
        let archive = loop.shared.doors.receipt
        let dialect = request.dialect
        let promise = loop.eventLoop.makePromise(of: [UInt8]?.self)
        promise.completeWithTask { await archive(id, grant.organisation) }
        promise.futureResult.assumeIsolated().whenComplete { result in
            guard case .success(let json?) = result else {
                return ErrorReply.send(.unknownReceipt, dialect: dialect, to: client, loop: loop)
            }
            let body = ByteBuffer(bytes: json)
            client.send(AnswerHead(status: 200), body: body)
            client.flush()
        }
    }
}
