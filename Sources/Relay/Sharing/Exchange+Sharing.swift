import Metering
import NIOCore
import Planning
import Secrets
import Vocabulary
import Wire

/// recall (DESIGN §3.6): an answer that another request paid for, by the cache or by the client's `Idempotency-Key`.
extension Exchange {
    /// Bodies above this are not hashed on the loop (`RULES.md` 2).
    private static var hashedBody: Int { 256 << 10 }
    /// Answers above this are not kept.
    static var keptAnswer: Int { 1 << 20 }

    /// What an exchange has to do with a shared answer.
    struct Sharing {
        let key: CacheKey
        /// `none` where there is no `Idempotency-Key`.
        var mark = IdempotencyMark.none
        var isIdempotent: Bool { mark != .none }
        let directive: CacheDirective
        /// Of the request as it was written, where the key is of its meaning.
        var exact: CacheKey?
        /// Another's call is waited for.
        var isWaiting = false
        /// The answer that another question has, to be held against this one's own.
        var compared: KeptAnswer?
        /// What the client is sent of a stream; `nil` when it became too long.
        var recording: ByteBuffer? = ByteBuffer()
        var pace = Pace()
    }

    /// - Returns: `true` when the request is answered, refused, or waits for another's call.
    func recall(_ plan: Plan, _ request: ClientRequest) -> Bool {
        guard request.passed == nil, passed == nil, !receipt.endpoint.countsTokens else { return false }
        if let key = sharingHead.idempotencyKey { return recall(idempotent: key, plan, request) }
        let directive = sharingHead.directive.over(decided.cache)
        guard directive != .off, grant.cacheSharing != .nobody, request.samples == 1,
            body.readableBytes <= Self.hashedBody,
            directive == .asked || request.mayAskForTemperatureZero(body)
        else { return false }
        let first = plan.candidates[0]
        let isShared = serving.routing.cache.sharing == .organisation && grant.cacheSharing == .organisation
        let scope = CacheScope(
            organisation: grant.organisation, key: isShared ? nil : grant.key,
            deployment: serving.deployments[first.deployment].id,
            endpoint: receipt.endpoint, model: first.upstreamModel,
            headers: [
                request.isStreamed ? [1] : [0], [UInt8(request.framing == .events ? 1 : 0)],
                [UInt8(request.asksForUsage ? 1 : 0)], Self.bytes(anthropicVersion), Self.bytes(anthropicBeta),
            ])
        let isSimilar = decided.cache == .similar && directive == .asked
        guard let canonical = CanonicalRequest(body, in: scope, similar: isSimilar ? receipt.dialect : nil),
            directive.isEligible(temperatureIsZero: canonical.temperatureIsZero, samples: request.samples)
        else { return false }
        let key = loop.shared.answers.key(of: canonical.bytes, grant.organisation)
        receipt.cache = .miss
        var sharing = Sharing(key: key, directive: directive)
        if canonical.isSimilar, let exact = CanonicalRequest(body, in: scope) {
            sharing.exact = loop.shared.answers.key(of: exact.bytes, grant.organisation)
        }
        return ask(sharing, plan, mayRead: directive.mayRead)
    }

    /// The same key and body share one call and one charge; another body is refused (PAINS 21).
    private func recall(idempotent header: ByteBuffer, _ plan: Plan, _ request: ClientRequest) -> Bool {
        guard (1...255).contains(header.readableBytes), header.isVisible else {
            refuse(.malformedRequest)
            return true
        }
        let answers = loop.shared.answers
        var named = ByteBuffer()
        named.writeInteger(grant.key.value)
        named.writeInteger(receipt.endpoint.rawValue)
        named.writeImmutableBuffer(header)
        let mark = loop.shared.doors.hasher.mark(of: named.readableBytesUInt8Span, grant.organisation)
        let key = CacheKey(mark)
        let sharing = Sharing(key: key, mark: mark, directive: .asked)
        switch answers.use(key, body: answers.key(of: body, grant.organisation), by: id, at: receipt.openedAt) {
        case .first: return ask(sharing, plan, mayRead: false)
        case .same(let earlier):
            if ask(sharing, plan, mayRead: true) { return true }
            // The call was made and its answer is no longer there: never a second charge.
            self.sharing = nil
            answers.failed(key, idempotentBy: nil)
            refuse(.idempotencyAnswerGone, repeated(earlier))
        case .other(let earlier): refuse(.idempotencyKeyReused, repeated(earlier))
        }
        return true
    }

    private func repeated(_ earlier: RequestID) -> ErrorMessage {
        var message = ErrorMessage()
        message.receipt = earlier
        return message
    }

    private func ask(_ sharing: Sharing, _ plan: Plan, mayRead: Bool) -> Bool {
        let waiter = AnswerStore.Waiter(
            id: ObjectIdentifier(self), exchange: NIOLoopBound(self, eventLoop: loop.eventLoop))
        let found = loop.shared.answers.ask(
            sharing.key, waiter, mayRead: mayRead, keysVersion: loop.shared.doors.keys.version, at: receipt.openedAt)
        self.plan = plan
        switch found {
        case .hit(let answer) where answer.exact != sharing.exact:
            // Some ask the provider all the same, and are held against what was kept.
            let isSampled = Int64(loop.random.next() % 100) < serving.routing.cache.samplePercent
            guard isSampled, !answer.isStream, request?.isStreamed == false else {
                return replay(answer, sharing, as: .similar)
            }
            self.sharing = sharing
            self.sharing?.compared = answer
        case .hit(let answer): return replay(answer, sharing, as: .hit)
        case .lead:
            self.sharing = sharing
            if !sharing.isIdempotent { loop.shared.counters.count(.miss) }
        case .wait:
            self.sharing = sharing
            self.sharing?.isWaiting = true
            return true
        case .alone: break
        }
        return false
    }

    private static func bytes(_ header: ByteBuffer?) -> [UInt8] { header.map { Array($0.readableBytesView) } ?? [] }

    // MARK: Those who wait

    func sharedAnswerCame(_ answer: KeptAnswer) {
        guard let sharing, sharing.isWaiting, !isFinished else { return }
        self.sharing = nil
        if !replay(answer, sharing, as: answer.exact == sharing.exact ? .shared : .similar) { goOnAlone(sharing) }
    }

    func sharedAnswerFailed() {
        guard let sharing, sharing.isWaiting, !isFinished else { return }
        self.sharing = nil
        goOnAlone(sharing)
    }

    private func goOnAlone(_ sharing: Sharing) {
        guard let plan, let request else { return }
        // Of those who share a key one alone may call.
        if sharing.isIdempotent, recall(plan, request) { return }
        hold(plan, request)
    }

    // MARK: Answers

    /// - Returns: `false` when the answer does not open.
    private func replay(_ answer: KeptAnswer, _ sharing: Sharing, as outcome: CacheOutcome) -> Bool {
        guard let client, var bytes = loop.shared.answers.open(answer, for: sharing.key),
            sharing.isIdempotent || pay(for: answer)
        else { return false }
        // A retry gets the very answer; another request gets its own.
        if !sharing.isIdempotent { FreshIdentity.renew(&bytes, using: &loop.random) }
        state.finished()
        receipt.cache = outcome
        receipt.status = 200
        receipt.completion = .complete
        receipt.deployment = answer.deployment
        receipt.servedModel = answer.servedModel
        if receipt.requestedModel == .other { receipt.requestedModel = plan?.requested ?? .other }
        if !sharing.isIdempotent {
            receipt.tokens = answer.tokens
            receipt.baseline = answer.price
            receipt.savedByCache = answer.price - receipt.charge
            loop.shared.counters.count(outcome)
        }
        var head = AnswerHead(status: 200)
        head.contentType = answer.isEvents ? .eventStream : .json
        head.request = id
        head.provider = answer.provider
        head.model = answer.model
        head.cache = outcome
        head.rates = rates
        clocks.answered()
        if answer.isStream, serving.routing.cache.isPaced, !sharing.isIdempotent, answer.pace.steps.count > 1 {
            client.begin(head)
            replaying = Replaying(bytes: bytes, pace: answer.pace, beganAt: Clock.instant())
            sendPaced()
            return true
        }
        if answer.isStream {
            client.prepare(&part)
            part.writeImmutableBuffer(bytes)
            var whole = part
            part = ByteBuffer()
            close()
            client.begin(head)
            client.send(part: &whole)
            client.end()
        } else {
            close()
            client.send(head, body: bytes)
        }
        client.flush()
        return true
    }

    /// What the operator takes for a hit; `false` where nothing stands behind it, and the request goes on as any other.
    private func pay(for answer: KeptAnswer) -> Bool {
        let part = Int128(max(.zero, answer.price).value) * Int128(serving.routing.cache.hitPercent)
        let charge = NanoUSD(Int64(clamping: (part + 99) / 100))
        guard charge > .zero else { return true }
        let purse = loop.shared.doors.purse
        let ask = HoldAsk(
            payer: grant.payer, amount: charge, deployments: purse.watchesDeployments ? [answer.deployment] : [])
        guard case .held(let hold) = purse.hold(ask, at: receipt.openedAt) else { return false }
        purse.settle(hold, charge: charge, tokens: 0, at: receipt.openedAt)
        receipt.hold = hold.number
        receipt.charge = charge
        return true
    }

    /// The call went well: its answer is kept, where it may be, and whoever waits gets it.
    func share(_ answer: ByteBuffer?, isStream: Bool, _ candidate: Candidate) {
        guard let sharing, let plan else { return }
        guard let answer, answer.readableBytes <= Self.keptAnswer,
            sharing.isIdempotent || candidate.rank == plan.candidates[0].rank,
            let sealed = loop.shared.answers.sealed(answer, for: sharing.key)
        else { return }
        self.sharing = nil
        if let other = sharing.compared, let kept = loop.shared.answers.open(other, for: sharing.key) {
            loop.shared.counters.countSample(agrees: AnswerText.agree(kept, answer))
        }
        let unkept = Unkept(
            status: 200, isComplete: receipt.completion == .complete, isLengthStopped: answer.isLengthStopped,
            hasToolCall: answer.hasToolCall, directive: sharing.directive)
        let kept = KeptAnswer(
            sealed: sealed, organisation: grant.organisation, exact: sharing.exact, isStream: isStream,
            isEvents: isStream && request?.framing == .events, provider: serving.deployments[candidate.deployment].name,
            model: candidate.upstreamModel, deployment: receipt.deployment, servedModel: receipt.servedModel,
            tokens: receipt.tokens, price: receipt.charge, pace: sharing.pace)
        loop.shared.answers.landed(
            sharing.key, kept, isKept: sharing.isIdempotent || unkept == nil, at: Clock.moment())
    }

    // MARK: Leaving

    /// Whether the call goes on without the client: others wait for it, or its own retry will.
    func outlivesClient() -> Bool {
        guard let sharing, !sharing.isWaiting, state.phase != .receiving, !isFinished else { return false }
        if !sharing.isIdempotent {
            guard loop.shared.answers.left(sharing.key, ObjectIdentifier(self)) == .goesOn else {
                self.sharing = nil
                return false
            }
        }
        client = AbsentClient()
        call?.setReading(true)
        return true
    }

    /// At the end of every exchange: a call that brought nothing to share has failed.
    func leaveShared() {
        guard let sharing else { return }
        self.sharing = nil
        if sharing.isWaiting {
            _ = loop.shared.answers.left(sharing.key, ObjectIdentifier(self))
        } else {
            // What was charged is not charged again: only a call that cost nothing makes room for another.
            let isFree = receipt.charge == .zero && receipt.completion == .failed
            loop.shared.answers.failed(sharing.key, idempotentBy: sharing.isIdempotent && isFree ? id : nil)
        }
    }
}

/// What a request's head says of shared answers.
struct SharingHead {
    let idempotencyKey: ByteBuffer?
    let directive: CacheDirective

    init() {
        idempotencyKey = nil
        directive = .automatic
    }

    /// `nil` when `x-tacet-cache` says something that is none of its words.
    init?(idempotencyKey: ByteBuffer?, tacet: ByteBuffer?, control: ByteBuffer?) {
        func bytes(_ value: ByteBuffer?) -> [UInt8]? { value.map { Array($0.readableBytesView) } }
        guard let directive = CacheDirective(tacet: bytes(tacet), control: bytes(control)) else { return nil }
        self.idempotencyKey = idempotencyKey
        self.directive = directive
    }
}

extension ByteBuffer {
    /// Whether a text of a dialect says, quoted, that the answer was stopped by its limit. One that is not sure is not kept.
    fileprivate var isLengthStopped: Bool {
        holds("\"length\"") || holds("\"max_tokens\"") || holds("\"MAX_TOKENS\"") || holds("\"incomplete\"")
    }

    fileprivate var hasToolCall: Bool {
        holds("\"arguments\"") || holds("\"tool_use\"") || holds("\"functionCall\"")
    }
}
