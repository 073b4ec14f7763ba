import NIOCore
import Planning
import Synchronization
import Vocabulary

/// Which provider is called, and what its calls teach about it.
extension Exchange {
    /// One call, from its start to its end.
    struct Attempt {
        let pool: UpstreamPool
        let began: Instant
        let isProbe: Bool
        var outcome = CallOutcome.unknown
        /// Its place among the deployment's calls; `nil` where they are not limited.
        var turn: DeploymentID?
    }

    // MARK: What to try

    /// The candidate to call; `nil` when all have failed this request.
    func nextCandidate(_ tried: CandidateSet) -> Int? {
        guard let plan else { return nil }
        guard plan.candidates.count > 1 else { return tried.contains(0) ? nil : 0 }
        let preferred = cacheHolder(plan)
        return Balancer.next(
            of: plan.candidates, tried: tried, preferred: preferred, at: Clock.instant(), using: &loop.random
        ) { serving.deployments[$0.deployment].pool.health }
    }

    /// The candidate that was sent the beginning of this request before.
    private func cacheHolder(_ plan: Plan) -> Int? {
        guard plan.isBalanced, passed == nil else { return nil }
        if beginnings.isEmpty {
            beginnings = PrefixAffinity.beginnings(body, grant.organisation, plan.requested)
        }
        guard !beginnings.isEmpty,
            let holder = loop.shared.affinity.table.withLock({ $0.holder(of: beginnings) })
        else { return nil }
        return plan.candidates.firstIndex { serving.deployments[$0.deployment].id == holder }
    }

    /// Milliseconds after which the same candidate may be called again; takes the retry out of the budget.
    func retryDelay(_ number: Int) -> Int64? {
        guard number < Backoff.retries else { return nil }
        let pause = head.flatMap(retryAfterSeconds).map { $0 * 1000 }
        guard let delay = Backoff.delay(number, pause: pause, using: &loop.random), loop.retries.take() else {
            return nil
        }
        return delay
    }

    /// Calls the same candidate again after a pause.
    func callAgain(afterMilliseconds delay: Int64) {
        clocks.pausing()
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        loop.eventLoop.scheduleTask(in: .milliseconds(delay)) {
            let exchange = bound.value
            guard exchange.state.phase == .attempting else { return }
            exchange.callUpstream(exchange.state.candidate)
        }
    }

    // MARK: What a call taught

    func begin(_ request: UpstreamRequest) {
        endAttempt()
        clocks.called(limits, streams: isKeptAlive)
        let pool = loop.pool(of: request.deployment, for: grant.organisation)
        let now = clocks.callBegan
        attempt = Attempt(pool: pool, began: now, isProbe: pool.health.began(at: now), turn: turn)
        turn = nil
        call = pool.start(request, self)
    }

    /// A head came: how long it took, and what its status says.
    func learn(from head: UpstreamHead) {
        guard let pool = attempt?.pool, let began = attempt?.began else { return }
        let now = Clock.instant()
        switch head.status {
        case 200..<300:
            pool.health.answered(after: now - began, at: now)
            attempt?.outcome = .success
            if !beginnings.isEmpty {
                loop.shared.affinity.table.withLock { $0.sent(beginnings, to: receipt.deployment, at: now) }
            }
        case 429: pool.health.pause(milliseconds: (retryAfterSeconds(head) ?? 1) * 1000, at: now)
        case let status where ExchangeState.mayFallBack(status): attempt?.outcome = .failure
        default: break
        }
    }

    func attemptFailed() { attempt?.outcome = .failure }

    /// Lets the deployment know how the call went; once for each.
    func endAttempt() {
        guard let attempt else { return }
        self.attempt = nil
        end(attempt)
    }

    func end(_ attempt: Attempt) {
        attempt.pool.health.ended(
            attempt.outcome, isProbe: attempt.isProbe, at: loop.soon, random: loop.random.next())
        if let turn = attempt.turn { loop.shared.doors.purse.endCall(to: turn) }
    }
}

/// Who was sent which beginnings, for all loops: a client's connections come by any of them. Asked only where several
/// deployments share an alias and the request is long enough to be cached.
final class AffinityTable: Sendable {
    let table = Mutex(PrefixAffinity())
}

extension ErrorCode {
    /// Whether it speaks of the deployment's health, and not of the request or of us.
    var isDeploymentsTrouble: Bool {
        switch self {
        case .upstreamUnreachable, .upstreamTimeout, .upstreamSilent, .upstreamCut, .upstreamMalformed,
            .upstreamErrorEvent:
            true
        default: false
        }
    }
}
