import Metering
import NIOCore
import Planning
import Vocabulary
import Wire

/// read → decide → hold (DESIGN §3.3 to 3.7). Nothing leaves the process before all three said yes.
extension Exchange {
    func decide() {
        let chat: ChatRequest
        do throws(RequestRejection) {
            chat = try ChatRequest.read(body)
        } catch {
            return refuse(error.code, ErrorMessage(error))
        }
        self.chat = chat
        switch serving.plan(chat.model, sandboxOnly: grant.environment == .test, at: receipt.openedAt) {
        case .plan(let plan): hold(plan, chat)
        case .unknownModel(let near): refuse(.unknownModel, ErrorMessage(model: chat.model, near: near))
        case .unpriced(let near): refuse(.unpricedModel, ErrorMessage(model: chat.model, near: near))
        case .invalidName: refuse(.unknownModel, ErrorMessage(model: []))
        case .sandboxOnly: refuse(.testKeyOnLiveModel)
        }
    }

    private func hold(_ plan: Plan, _ chat: ChatRequest) {
        self.plan = plan
        if plan.reason(for: 0) == .alias || plan.candidates[0].isCatalogued {
            // The operator's own names, or the price book's: no client's words.
            name(plan.requested, [], chat.model)
            receipt.requestedModel = plan.requested
        }
        var maximum = NanoUSD.zero
        for candidate in plan.candidates {
            let bound = candidate.price.upperBound(
                inputBytes: Int64(body.readableBytes), maximumOutput: maximumOutput(chat, candidate),
                samples: chat.samples)
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
            model: first.isCatalogued ? first.model : .other, maximum: maximum, dialect: .openAI,
            endpoint: receipt.endpoint, route: plan.reason(for: 0), streamed: chat.isStreamed)
        guard loop.shared.journal.write(.opened(opened)) else {
            loop.shared.doors.purse.settle(grant.key, held: maximum, charge: .zero)
            return refuse(.journalFull)
        }
        held = maximum
        receipt.hold = hold
        callUpstream(state.planned(candidates: plan.candidates.count))
    }

    /// What the provider is told to stop at: the client's own limit, or for a key with a budget the model's cap
    /// (`RULES.md` 29).
    func maximumOutput(_ chat: ChatRequest, _ candidate: Candidate) -> Int64 {
        chat.maximumOutput ?? candidate.price.maximumOutput ?? candidate.price.context ?? Self.outputCap
    }

    /// For models whose cap nobody has published.
    static var outputCap: Int64 { 32_768 }

    func forwardedBody(
        _ chat: ChatRequest, _ candidate: Candidate, _ outputMember: ChatRequest.OutputMember
    ) -> [ByteBuffer] {
        let mustStop = grant.isBudgeted && candidate.price != .free && chat.maximumOutput == nil
        return chat.forwarded(
            body, model: candidate.upstreamModel == chat.model ? nil : candidate.upstreamModel,
            askingForUsage: chat.isStreamed && !chat.asksForUsage,
            maximumOutput: mustStop ? maximumOutput(chat, candidate) : nil,
            outputMember: outputMember)
    }
}
