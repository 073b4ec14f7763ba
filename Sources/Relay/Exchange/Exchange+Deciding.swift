import Metering
import NIOCore
import Planning
import Vocabulary
import Wire

/// read → decide → hold (DESIGN §3.3 to 3.7). Nothing leaves the process before all three said yes.
extension Exchange {
    func decide() {
        guard resolveReferences() else { return refuse(.unknownObject) }
        read()
    }

    func read() {
        let request: ClientRequest
        do throws(RequestRejection) {
            request =
                receipt.endpoint == .completions
                ? ClientRequest(try ChatRequest.read(body, isCompletion: true))
                : try ClientRequest.read(
                    body, receipt.dialect, path: geminiPath, counts: receipt.endpoint.countsTokens, own: ownID)
        } catch {
            return refuse(error.code, ErrorMessage(error))
        }
        decide(request)
    }

    func decide(_ request: ClientRequest) {
        self.request = request
        if let scope = grant.scope, !scope.allows(model: request.model) {
            return refuse(.modelNotAllowed, ErrorMessage(model: request.model))
        }
        decided = serving.routing.decisions.decided(grant.decisions, model: request.model)
        if let work = compressing(request) { return shape(work) }
        switch serving.plan(request.model, sandboxOnly: grant.environment == .test, at: receipt.openedAt) {
        case .plan(let plan):
            guard let plan = passed == nil ? plan : ofOwnDialect(plan) else { return refuse(.notServedByProvider) }
            guard let plan = holdingReferences(plan) else { return refuse(.unknownObject) }
            if decided.breakpoints == .auto { watchPrefix(request) }
            let chosen = routed(plan, request)
            if !recall(chosen, request) { hold(chosen, request) }
        case .unknownModel(let near): refuse(.unknownModel, ErrorMessage(model: request.model, near: near))
        case .unpriced(let near): refuse(.unpricedModel, ErrorMessage(model: request.model, near: near))
        case .invalidName: refuse(.unknownModel, ErrorMessage(model: []))
        case .sandboxOnly: refuse(.testKeyOnLiveModel)
        }
    }

    /// - Parameter deadline: when a request that waits for credit gives up.
    func hold(_ plan: Plan, _ request: ClientRequest, waitsUntil deadline: Instant? = nil) {
        self.plan = plan
        if waiting != nil {
            waiting?.step = .hold
            return
        }
        // What it will have cost is told to nobody who still listens (`RULES.md` 8).
        if request.isBackground, plan.candidates.contains(where: { $0.price != .free }) {
            return refuse(.backgroundUnmetered)
        }
        if deadline == nil, !isSubstitute, plan.isAlias || plan.candidates[0].isCatalogued {
            // The operator's own names, or the price book's: no client's words.
            name(plan.requested, [], request.model)
            receipt.requestedModel = plan.requested
        }
        var maximum = NanoUSD.zero
        for candidate in plan.candidates where !receipt.endpoint.countsTokens {
            let bound = upperBound(request, candidate)
            maximum = max(maximum, serving.routing.tariff.charge(for: bound))
        }
        let purse = loop.shared.doors.purse
        let ask = HoldAsk(
            payer: grant.payer, amount: maximum, tokens: foreseenTokens(request),
            deployments: purse.watchesDeployments ? plan.candidates.map { serving.deployments[$0.deployment].id } : [],
            isSubstitute: isSubstitute)
        switch purse.hold(ask, at: receipt.openedAt) {
        case .held(let hold): open(hold, plan, request)
        case .refill(let milliseconds):
            let deadline = deadline ?? Clock.instant().after(milliseconds: milliseconds)
            guard Clock.instant() < deadline else { return refuse(.creditUnconfirmed) }
            let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
            loop.eventLoop.scheduleTask(in: .milliseconds(Self.refillMilliseconds)) {
                let exchange = bound.value
                guard let request = exchange.request, exchange.state.phase == .receiving else { return }
                exchange.hold(plan, request, waitsUntil: deadline)
            }
        case .limited(let denial): refuse(denial)
        case .downgrade(let substitute, let denial): downgrade(to: substitute, request, or: denial)
        case .denied(let denial): refuse(denial)
        }
    }

    /// How often a request that waits for credit looks again.
    private static var refillMilliseconds: Int64 { 4 }

    /// A used-up budget's substitute is an alias of the operator's; without it the budget refuses.
    private func downgrade(to substitute: [UInt8], _ request: ClientRequest, or denial: HoldDenial) {
        guard !isSubstitute,
            case .plan(let plan) = serving.plan(
                substitute, sandboxOnly: grant.environment == .test, at: receipt.openedAt)
        else { return refuse(denial) }
        isSubstitute = true
        hold(plan, request, waitsUntil: nil)
    }

    private func refuse(_ denial: HoldDenial) { refuse(denial.code, ErrorMessage(denial, at: receipt.openedAt)) }

    private func open(_ hold: Hold, _ plan: Plan, _ request: ClientRequest) {
        self.hold = hold
        let first = plan.candidates[0]
        let opened = OpenedRecord(
            id: id, hold: hold.number, openedAt: receipt.openedAt, organisation: grant.organisation, key: grant.key,
            deployment: serving.deployments[first.deployment].id,
            model: first.isCatalogued ? first.model : .other, maximum: hold.amount, dialect: receipt.dialect,
            endpoint: receipt.endpoint, route: isSubstitute ? .budget : plan.reason(for: 0, isFirst: true),
            streamed: request.isStreamed, mark: sharing?.mark ?? .none)
        guard loop.shared.journal.write(opened) else { return refuse(.journalFull) }
        receipt.hold = hold.number
        loop.retries.requestBegan()
        callUpstream(
            state.planned(first: nextCandidate(CandidateSet()) ?? 0, isReplayable: passed?.form?.isOpen != true))
    }

    private func upperBound(_ request: ClientRequest, _ candidate: Candidate) -> NanoUSD {
        if let passed = request.passed { return upperBound(passed, candidate.price) }
        return candidate.price.upperBound(
            inputBytes: Int64(body.readableBytes), maximumOutput: maximumOutput(request, candidate),
            samples: request.samples, level: request.level)
    }

    /// The input by its bytes and what the client lets be generated.
    private func foreseenTokens(_ request: ClientRequest) -> Int64 {
        if receipt.endpoint.countsTokens { return 0 }
        return TokenEstimate.tokens(visibleBytes: Int64(body.readableBytes))
            + min(request.maximumOutput ?? 0, 1 << 32) * min(request.samples, 1 << 16)
    }

    /// What the provider is told to stop at: the client's own limit, or for a key with a budget the model's cap
    /// (`RULES.md` 29).
    func maximumOutput(_ request: ClientRequest, _ candidate: Candidate) -> Int64 {
        request.maximumOutput ?? request.standardOutput ?? candidate.price.maximumOutput ?? candidate.price.context
            ?? Self.outputCap
    }

    /// For models whose cap nobody has published.
    static var outputCap: Int64 { 32_768 }

    /// The limit to send where the client named none: only a key with a budget needs one.
    func limit(_ request: ClientRequest, _ candidate: Candidate) -> Int64? {
        let mustStop = grant.isBudgeted && candidate.price != .free && request.maximumOutput == nil
        return mustStop ? maximumOutput(request, candidate) : nil
    }
}
