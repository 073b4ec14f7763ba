import Metering
import NIOCore
import Planning
import Synchronization
import Vocabulary

/// decide, where the choice of a model is left to the router (DESIGN §3.4). Whatever is in its way, the requested model
/// serves.
extension Exchange {
    /// What the router said of this request.
    struct Routing {
        /// What the client asked for.
        let asked: Candidate
        let session: Int
        /// `nil` where nothing better was found.
        var note: RouteNote?
        /// What is learned from its outcome; `nil` where nothing is.
        var features: OutcomeLearning.Features?
    }

    func routed(_ plan: Plan, _ request: ClientRequest) -> Plan {
        guard let router = serving.routing.router, request.passed == nil, passed == nil, referenced == nil,
            !receipt.endpoint.countsTokens, !plan.isBalanced, grant.environment == .live
        else { return plan }
        let isOpen = request.model == TaskRouter.alias
        let mode = decided.router ?? (isOpen ? .autopilot : .off)
        let asked = plan.candidates[0]
        guard mode != .off, let requested = router.position(of: asked.model),
            case .plan(let all) = serving.plan(TaskRouter.alias, sandboxOnly: false, at: receipt.openedAt),
            all.candidates.count == router.options.count,
            let prompt = RoutePrompt(body, receipt.dialect, grant.key)
        else { return plan }
        var found = router.classify(prompt.text.span, using: &loop.promptReader)
        receipt.category = found.category
        let alone = found.difficulty
        let learns = router.policy.learns && grant.mayLearn
        if learns {
            found.difficulty += loop.shared.doors.learner.correction(
                loop.promptReader.seen, grant.organisation, base: router.base)
        }
        let needs = RouteNeeds(
            inputTokens: TokenEstimate.tokens(visibleBytes: Int64(body.readableBytes)),
            expectedOutput: min(request.maximumOutput ?? Self.usualOutput, Self.usualOutput),
            abilities: prompt.abilities, classification: found)
        let book = loop.shared.doors.decisions
        let now = Clock.instant()
        let hasStopped = book?.hasStopped(.routing, grant.organisation) ?? false
        let choice = router.choose(
            hasStopped ? .shadow : mode, requested: requested, needs,
            session: loop.shared.sessions.table.withLock { $0.state(of: prompt.session, router, at: now) },
            dice: Int(UInt(bitPattern: prompt.session) % 1000))
        routing = Routing(asked: asked, session: prompt.session)
        guard choice.proposed != requested, isOpen || mayUse(all.candidates[choice.proposed]) else {
            return choice.why == .nothingAllowed ? plan.kept(.unrouted) : plan
        }
        let move = RouteMove(
            category: found.category, from: asked.model, to: router.options[choice.proposed].model)
        let isApproved =
            mode == .advise && !hasStopped && (book?.isApproved(move, of: grant.organisation) ?? false)
        let isRouted = choice.why == .routed || isApproved
        let expected = router.expectation(requested, choice.proposed, needs)
        routing?.note = RouteNote(
            id: id, organisation: grant.organisation, move: move,
            arm: isRouted ? .routed : choice.why == .control ? .control : .watched, saving: expected.saving,
            loss: expected.loss, charge: .zero)
        if learns, isRouted || choice.why == .control {
            routing?.features = OutcomeLearning.Features(
                base: router.base, buckets: loop.promptReader.seen, difficulty: alone,
                gap: router.gap(requested, choice.proposed))
        }
        if isRouted { return plan.led(by: all.candidates[choice.proposed], .routed) }
        switch choice.why {
        case .control: return plan.kept(.control)
        case .session:
            return choice.option == requested
                ? plan.kept(.session) : plan.led(by: all.candidates[choice.option], .session)
        default: return plan.kept(.watched)
        }
    }

    /// What most answers have, where the client lets more be generated.
    private static var usualOutput: Int64 { 500 }

    /// A key that is bound to some models is not led to others.
    private func mayUse(_ candidate: Candidate) -> Bool {
        guard let scope = grant.scope, !scope.models.isEmpty else { return true }
        return scope.allows(model: serving.deployments[candidate.deployment].name + [0x2f] + candidate.upstreamModel)
    }

    /// The request has ended: what its session and the book learn of it.
    func noteDecisions() {
        if let isControl = isCompressionControl, receipt.completion == .complete {
            loop.shared.doors.decisions?.compressed(
                id, of: grant.organisation, isControl: isControl, charge: receipt.charge)
        }
        guard let routing, receipt.completion == .complete, !receipt.cache.isFromMemory else {
            return
        }
        loop.shared.sessions.table.withLock {
            $0.served(
                routing.session, by: receipt.servedModel, tokens: receipt.tokens.totalInput, at: Clock.instant())
        }
        guard var note = routing.note else { return }
        note.charge = receipt.charge
        // Where the chosen model failed, another served: it tells nothing of the move.
        if note.arm == .routed, receipt.servedModel != note.move.to { return }
        loop.shared.doors.decisions?.note(note)
        if let features = routing.features {
            loop.shared.doors.learner.expect(
                id, grant.organisation, isControl: note.arm == .control, features, at: Clock.instant())
        }
    }
}

extension Exchange {
    /// Tells the book when a session's request does not begin as the one before did: the provider has to read it anew.
    func watchPrefix(_ request: ClientRequest) {
        guard passed == nil, request.passed == nil, let prompt = RoutePrompt(body, receipt.dialect, grant.key) else {
            return
        }
        let print = prompt.print(receipt.dialect)
        let now = Clock.instant()
        let broke = loop.shared.sessions.prefixes.withLock { $0.take(print, of: prompt.session, at: now) }
        if let broke { loop.shared.doors.decisions?.prefixBroke(broke, grant.key, of: grant.organisation) }
    }
}

/// Who serves which session and how it began, for all loops. Asked only where a decision is on.
final class SessionTable: Sendable {
    let table = Mutex(RouteSessions())
    let prefixes = Mutex(PrefixWatch())
}
