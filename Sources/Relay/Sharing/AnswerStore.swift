import NIOCore
import Planning
import Secrets
import Synchronization
import Vocabulary

/// Answers that more than one request may have: kept under their keys, sealed, in memory only; and the calls under way that
/// others wait for. One for all loops, asked only by requests that may share.
final class AnswerStore: Sendable {
    /// Who waits for another's call.
    struct Waiter: Sendable {
        let id: ObjectIdentifier
        let exchange: NIOLoopBound<Exchange>
    }

    private struct State {
        var cache: AnswerCache<KeptAnswer, Waiter>
        var book: IdempotencyBook
        var keysVersion: UInt64 = 0
    }

    private static let idempotencyKeys = 1 << 18

    private let state: Mutex<State>
    private let seal: AnswerSeal

    /// - Parameters:
    ///   - bytes: of all kept answers.
    ///   - lifetime: how long one is used, in microseconds.
    ///   - usedKeys: before this start, the oldest first.
    init(bytes: Int, lifetime: Int64, secret: SecretBytes, usedKeys: [UsedIdempotencyKey]) {
        seal = AnswerSeal(secret: secret)
        var book = IdempotencyBook(most: Self.idempotencyKeys)
        for used in usedKeys { book.restore(CacheKey(used.mark), by: used.request, at: used.usedAt) }
        state = Mutex(
            State(cache: AnswerCache(AnswerCache.Limits(bytes: bytes, lifetime: lifetime)), book: book))
    }

    /// For answers that come from now on.
    func setLifetime(_ lifetime: Int64) { state.withLock { $0.cache.limits.lifetime = lifetime } }

    /// How many answers there are and what they take.
    var filling: (answers: Int, bytes: Int) { state.withLock { ($0.cache.count, $0.cache.bytes) } }

    /// The keyed hash of what a request shares, under its organisation's secret.
    func key(of bytes: ByteBuffer, _ organisation: OrganisationID) -> CacheKey {
        CacheKey(words: seal.digest(of: bytes.readableBytesUInt8Span, organisation))
    }

    /// - Parameter keysVersion: of the key directory: when a key changed, somebody may have been deleted or withdrawn, and
    ///   every answer goes.
    func ask(
        _ key: CacheKey, _ waiter: Waiter, mayRead: Bool, keysVersion: UInt64, at now: Moment
    ) -> AnswerCache<KeptAnswer, Waiter>.Found {
        state.withLock { state in
            if state.keysVersion != keysVersion {
                state.keysVersion = keysVersion
                state.cache.forgetAll()
            }
            return state.cache.ask(key, waiter, mayRead: mayRead, at: now)
        }
    }

    func use(_ key: CacheKey, body: CacheKey, by request: RequestID, at now: Moment) -> IdempotencyBook.Use {
        state.withLock { $0.book.use(key, body: body, by: request, at: now) }
    }

    /// Seals an answer; `nil` only if the library fails.
    func sealed(_ answer: ByteBuffer, for key: CacheKey) -> SealedAnswer? {
        seal.seal(answer.readableBytesUInt8Span, for: key.words)
    }

    func open(_ answer: KeptAnswer, for key: CacheKey) -> ByteBuffer? {
        seal.open(answer.sealed, for: key.words).map { ByteBuffer(bytes: $0) }
    }

    /// The call has its answer: those who waited get it, kept or not.
    func landed(_ key: CacheKey, _ answer: KeptAnswer, isKept: Bool, at now: Moment) {
        let kept = isKept ? (answer: answer, bytes: answer.sealed.count, organisation: answer.organisation) : nil
        let waiters = state.withLock { $0.cache.landed(key, keeping: kept, at: now) }
        for waiter in waiters {
            waiter.exchange.eventLoop.execute { waiter.exchange.value.sharedAnswerCame(answer) }
        }
    }

    /// The call failed, and whoever waited makes an own one.
    func failed(_ key: CacheKey, idempotentBy request: RequestID?) {
        let waiters = state.withLock { state in
            if let request { state.book.release(key, by: request) }
            return state.cache.failed(key)
        }
        for waiter in waiters {
            waiter.exchange.eventLoop.execute { waiter.exchange.value.sharedAnswerFailed() }
        }
    }

    /// One who led or waited has gone.
    func left(_ key: CacheKey, _ id: ObjectIdentifier) -> AnswerCache<KeptAnswer, Waiter>.Departure {
        state.withLock { $0.cache.left(key) { $0.id == id } }
    }

    /// Lets go of what is past its time.
    func expire(at now: Moment) { state.withLock { $0.cache.expire(at: now) } }
}

extension CacheKey {
    /// The answer to a request with an `Idempotency-Key`.
    init(_ mark: IdempotencyMark) { self.init(words: (mark.high, mark.low, 0, 0)) }
}

/// A good answer as its client got it, sealed, and what its receipt said.
struct KeptAnswer: Sendable {
    let sealed: SealedAnswer
    let organisation: OrganisationID
    /// The request as it was written, where others that mean the same have its answer too.
    let exact: CacheKey?
    let isStream: Bool
    let isEvents: Bool
    let provider: [UInt8]
    let model: [UInt8]
    let deployment: DeploymentID
    let servedModel: ModelID
    let tokens: TokenUsage
    /// What the wallet would pay for it again.
    let price: NanoUSD
    let pace: Pace
}

/// Takes the place of a client that has gone while others, or its own retry, still want the answer.
final class AbsentClient: ClientSide {
    var isWritable: Bool { true }
    var address: Network.Address? { nil }
    var page: [UInt8]? { nil }
    func send(_ head: borrowing AnswerHead, body: ByteBuffer) {}
    func begin(_ head: borrowing AnswerHead) {}
    func prepare(_ part: inout ByteBuffer) { part.clear() }
    func send(part: inout ByteBuffer) {}
    func flush() {}
    func end() {}
    func abort() {}
    func setReading(_ isReading: Bool) {}
    func upgrade(_ answer: ByteBuffer, to handler: WebSocketHandler) -> Bool { false }
}
