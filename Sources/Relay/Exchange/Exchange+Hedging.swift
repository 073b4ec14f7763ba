import Metering
import NIOCore
import Planning
import Vocabulary
import Wire

/// A second deployment is asked when the first is slow (`x-tacet-hedge`): whichever answers first serves and is charged, the
/// other call is cancelled, and what it takes all the same stands in the provider cost (`RULES.md` 26).
extension Exchange {
    func hedgeIfSlow(_ now: Instant) {
        guard let delay = hedgeAfter, state.phase == .attempting, head == nil, call != nil,
            now > clocks.callBegan.after(milliseconds: delay)
        else { return }
        hedgeAfter = nil
        guard let plan, let request, passed == nil, !receipt.endpoint.countsTokens,
            let index = nextCandidate(state.tried)
        else { return }
        let candidate = plan.candidates[index]
        let runtime = serving.deployments[candidate.deployment]
        let dialect = runtime.dialect(for: request.dialect)
        let pool = loop.pool(of: runtime, for: grant.organisation)
        guard pool.health.isWell(at: now), mayHaveKey(runtime),
            let path = path(request, candidate, runtime, dialect),
            let conversation = try? conversation(request, candidate, runtime, dialect, path: path),
            !isStrictTranslation || conversation.losses.isEmpty, takesHedgeTurn(runtime.id)
        else { return }
        state.hedged(with: index)
        receipt.flags.insert(.hedged)
        receipt.attempts = UInt8(clamping: state.attempts)
        let attempt = Attempt(pool: pool, began: now, isProbe: pool.health.began(at: now), turn: turn)
        turn = nil
        let hedge = Hedge(self, candidate: index, dialect, conversation, attempt)
        self.hedge = hedge
        hedge.start(on: pool)
    }

    /// A hedge does not stand in line.
    private func takesHedgeTurn(_ deployment: DeploymentID) -> Bool {
        let purse = loop.shared.doors.purse
        guard purse.limitsCalls else { return true }
        switch purse.take(.call([deployment], for: grant.organisation), for: Turn(self), at: Clock.moment()) {
        case .called: turn = deployment
        case .waits(let number, _): purse.giveUp(number)
        case .admitted, .limited: break
        }
        return turn != nil
    }

    /// The first has a head while the second still is asked.
    /// - Returns: whether that head is of no use, and the second one's answer is waited for instead.
    func hedgeTakesOver(from head: UpstreamHead) -> Bool {
        guard ExchangeState.mayFallBack(head.status) || !head.isUsable else {
            hedge?.lose()
            hedge = nil
            return false
        }
        learn(from: head)
        call?.cancel()
        takeOver()
        return true
    }

    /// The first has failed or is given up: the second is this exchange's call from now on.
    func takeOver() {
        guard let hedge else { return }
        self.hedge = nil
        endAttempt()
        state.tookOver(hedge.candidate)
        dialect = hedge.dialect
        losses = hedge.conversation.losses
        customTools = hedge.conversation.customTools
        receipt.deployment = hedge.conversation.request.deployment.id
        receipt.route = .hedged
        clocks.called(limits, streams: isKeptAlive)
        if hedge.hasStarted { clocks.started(limits, loop.soon) }
        attempt = hedge.attempt
        call = hedge.serve()
    }

    /// The second answers while the first is still silent.
    fileprivate func hedgeWon() {
        if clocks.isSent { book(lost: state.candidate) }
        call?.cancel()
        takeOver()
    }

    /// A call that nobody waits for any more takes what it was sent, as a plain answer that is cut does (`RULES.md` 32).
    fileprivate func book(lost candidate: Int) {
        guard let price = plan?.candidates[candidate].price else { return }
        var usage = TokenUsage()
        usage[.input] = inputEstimate
        lost += price.cost(of: usage)
    }
}

extension UpstreamHead {
    /// Neither under an encoding nobody asked for, nor a redirect (`RULES.md` 4).
    var isUsable: Bool { !isEncoded && (200..<600).contains(status) && !(300..<400).contains(status) }
}

/// The second call of a hedged request. It waits for a good head; from then on it hands everything to the exchange.
final class Hedge: UpstreamObserver {
    private let exchange: Exchange
    let candidate: Int
    let dialect: Dialect
    let conversation: Exchange.Conversation
    private(set) var attempt: Exchange.Attempt
    private var call: (any UpstreamCall)?
    private(set) var hasStarted = false
    private var isServing = false

    init(
        _ exchange: Exchange, candidate: Int, _ dialect: Dialect, _ conversation: Exchange.Conversation,
        _ attempt: Exchange.Attempt
    ) {
        self.exchange = exchange
        self.candidate = candidate
        self.dialect = dialect
        self.conversation = conversation
        self.attempt = attempt
    }

    func start(on pool: UpstreamPool) { call = pool.start(conversation.request, self) }

    /// This is the exchange's call from now on.
    func serve() -> (any UpstreamCall)? {
        isServing = true
        defer { call = nil }
        return call
    }

    /// The first one has answered.
    func lose() {
        if hasStarted { exchange.book(lost: candidate) }
        drop()
    }

    /// The call is over, whatever it would have said.
    func drop() {
        call?.cancel()
        call = nil
        exchange.end(attempt)
    }

    func upstreamStarted(_ call: any UpstreamCall) {
        hasStarted = true
        if isServing { exchange.upstreamStarted(call) }
    }

    func upstreamHead(_ head: UpstreamHead) {
        if !isServing {
            // What the request itself is told, the first will be told too.
            guard head.isUsable, (200..<300).contains(head.status) else { return fail(head.status) }
            exchange.hedgeWon()
        }
        exchange.upstreamHead(head)
    }

    func upstreamBody(_ bytes: ByteBuffer) { if isServing { exchange.upstreamBody(bytes) } }
    func upstreamReadCompleted() { if isServing { exchange.upstreamReadCompleted() } }
    func upstreamEnded() { if isServing { exchange.upstreamEnded() } }
    func upstreamWritabilityChanged(_ isWritable: Bool) {}
    func upstreamUpgraded(_ connection: UpgradedConnection) { connection.channel.close(promise: nil) }

    func upstreamFailed(_ code: ErrorCode, onReusedConnection: Bool) {
        if isServing { return exchange.upstreamFailed(code, onReusedConnection: onReusedConnection) }
        if code.isDeploymentsTrouble, !onReusedConnection { attempt.outcome = .failure }
        drop()
        exchange.hedge = nil
    }

    private func fail(_ status: UInt16) {
        if ExchangeState.mayFallBack(status) { attempt.outcome = .failure }
        drop()
        exchange.hedge = nil
    }
}
