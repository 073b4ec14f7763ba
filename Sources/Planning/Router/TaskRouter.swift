public import Vocabulary

/// The router as it is configured: the models it may choose from, what the operator allows, and what tells hard prompts
/// from easy ones.
public struct TaskRouter: Sendable {
    /// The name under which a client leaves the choice to the router.
    public static let alias = Array("auto".utf8)

    /// In the order of the alias's targets.
    public let options: [RouteOption]
    /// The mode is the request's own.
    public let policy: RoutePolicy
    /// The checksum of the weights, which says what outcomes taught something about; 0 without any.
    public let base: UInt32
    private let classifier: Classifier?
    private let positions: [ModelID: Int]

    /// - Parameter weights: as `tacet router train` writes them. Without any, longer prompts count as harder: the baseline
    ///   that a classifier has to beat.
    public init(_ options: [RouteOption], _ policy: RoutePolicy, weights: ClassifierWeights?) {
        self.options = options
        self.policy = policy
        classifier = weights.map(Classifier.init)
        base = weights.map { unsafe CRC32C.of($0.bytes.span.bytes) } ?? 0
        positions = Dictionary(options.enumerated().map { ($1.model, $0) }) { first, _ in first }
    }

    /// The position of a model among the options.
    public func position(of model: ModelID) -> Int? { positions[model] }

    public func classify(_ prompt: Span<UInt8>, using reader: inout PromptReader) -> Classification {
        if let classifier { return classifier.classify(prompt, using: &reader) }
        reader.read(prompt)
        return Classification(
            category: TaskCategory(reader.counts), difficulty: min(1, Float(prompt.count) / Self.longPrompt))
    }

    /// A prompt of so many bytes counts as hard where nothing was learned.
    private static let longPrompt: Float = 4096

    /// What moving a request from one option to another is expected to save, and what of its quality it may lose, in
    /// thousandths.
    public func expectation(_ from: Int, _ to: Int, _ needs: RouteNeeds) -> (saving: NanoUSD, loss: Int64) {
        let (old, new) = (options[from], options[to])
        let gap = max(0, old.strength - new.strength)
        return (
            max(.zero, needs.cost(at: old.price) - needs.cost(at: new.price)),
            Int64(needs.difficulty * gap / max(old.strength, 1))
        )
    }

    /// The part of one option's strength that another lacks.
    public func gap(_ from: Int, _ to: Int) -> Float {
        Float(max(0, options[from].strength - options[to].strength)) / Float(max(options[from].strength, 1))
    }

    public func choose(
        _ mode: RouterMode, requested: Int, _ needs: RouteNeeds, session: SessionState?, dice: Int
    ) -> RouteChoice {
        var policy = policy
        policy.mode = mode
        return Router(options, policy).choose(requested: requested, needs, session: session, dice: dice)
    }
}

/// Which model serves which session, so that a conversation does not lose its provider's prompt cache without reason. Kept
/// are hashes under a secret of the process, in two generations of five minutes, as long as providers keep a cache.
public struct RouteSessions: Sendable {
    static let generation: Int64 = 300_000
    static let entries = 8192

    private struct Session {
        var model: ModelID
        var calls: Int64
        var tokens: Int64
    }

    private var young: [Int: Session] = [:]
    private var old: [Int: Session] = [:]
    private var turnsAt = Instant(microseconds: 0)

    public init() {}

    /// What is known of a session; as many calls are expected to follow as there were.
    public mutating func state(of session: Int, _ router: TaskRouter, at now: Instant) -> SessionState? {
        turn(at: now)
        guard let known = young[session] ?? old[session], let option = router.position(of: known.model) else {
            return nil
        }
        return SessionState(option: option, cachedTokens: known.tokens, remainingCalls: known.calls)
    }

    /// A call of a session was served.
    /// - Parameter tokens: of its whole input, which the provider has cached now.
    public mutating func served(_ session: Int, by model: ModelID, tokens: Int64, at now: Instant) {
        turn(at: now)
        let calls = (young[session] ?? old[session]).map { $0.model == model ? $0.calls : 0 } ?? 0
        young[session] = Session(model: model, calls: calls + 1, tokens: tokens)
    }

    private mutating func turn(at now: Instant) {
        guard now >= turnsAt || young.count >= Self.entries else { return }
        old = now >= turnsAt.after(milliseconds: Self.generation) ? [:] : young
        young = [:]
        turnsAt = now.after(milliseconds: Self.generation)
    }
}
