import Metering
import NIOCore
import Planning
import Vocabulary
import Wire

/// read → decide → hold (DESIGN §3.3 to 3.7). Nothing leaves the process before all three said yes.
extension Exchange {
    func decide() {
        guard resolveReferences() else { return refuse(.unknownObject) }
        let request: ClientRequest
        do throws(RequestRejection) {
            request =
                receipt.endpoint == .completions
                ? ClientRequest(try ChatRequest.read(body, isCompletion: true))
                : try ClientRequest.read(
                    body, receipt.dialect, path: geminiPath, counts: receipt.endpoint.countsTokens)
        } catch {
            return refuse(error.code, ErrorMessage(error))
        }
        decide(request)
    }

    func decide(_ request: ClientRequest) {
        self.request = request
        switch serving.plan(request.model, sandboxOnly: grant.environment == .test, at: receipt.openedAt) {
        case .plan(let plan):
            guard let plan = passed == nil ? plan : ofOwnDialect(plan) else { return refuse(.notServedByProvider) }
            guard let plan = holdingReferences(plan) else { return refuse(.unknownObject) }
            hold(plan, request)
        case .unknownModel(let near): refuse(.unknownModel, ErrorMessage(model: request.model, near: near))
        case .unpriced(let near): refuse(.unpricedModel, ErrorMessage(model: request.model, near: near))
        case .invalidName: refuse(.unknownModel, ErrorMessage(model: []))
        case .sandboxOnly: refuse(.testKeyOnLiveModel)
        }
    }

    func hold(_ plan: Plan, _ request: ClientRequest) {
        self.plan = plan
        // What it will have cost is told to nobody who still listens (`RULES.md` 8).
        if request.isBackground, plan.candidates.contains(where: { $0.price != .free }) {
            return refuse(.backgroundUnmetered)
        }
        if plan.reason(for: 0) == .alias || plan.candidates[0].isCatalogued {
            // The operator's own names, or the price book's: no client's words.
            name(plan.requested, [], request.model)
            receipt.requestedModel = plan.requested
        }
        var maximum = NanoUSD.zero
        for candidate in plan.candidates where !receipt.endpoint.countsTokens {
            let bound = upperBound(request, candidate)
            maximum = max(maximum, serving.routing.tariff.charge(for: bound))
        }
        let hold: UInt64
        switch loop.shared.doors.purse.hold(grant.key, maximum) {
        case .held(let number): hold = number
        case .denied: return refuse(.budgetExhausted)
        }
        let first = plan.candidates[0]
        let opened = OpenedRecord(
            id: id, hold: hold, openedAt: receipt.openedAt, organisation: grant.organisation, key: grant.key,
            deployment: serving.deployments[first.deployment].id,
            model: first.isCatalogued ? first.model : .other, maximum: maximum, dialect: receipt.dialect,
            endpoint: receipt.endpoint, route: plan.reason(for: 0), streamed: request.isStreamed)
        guard loop.shared.journal.write(.opened(opened)) else {
            loop.shared.doors.purse.settle(grant.key, held: maximum, charge: .zero)
            return refuse(.journalFull)
        }
        held = maximum
        receipt.hold = hold
        callUpstream(
            state.planned(candidates: plan.candidates.count, isReplayable: passed?.form?.isOpen != true))
    }

    private func upperBound(_ request: ClientRequest, _ candidate: Candidate) -> NanoUSD {
        if let passed = request.passed { return upperBound(passed, candidate.price) }
        return candidate.price.upperBound(
            inputBytes: Int64(body.readableBytes), maximumOutput: maximumOutput(request, candidate),
            samples: request.samples)
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
