public import Vocabulary

/// What happens in an answer, in no dialect. A plain answer is the same events in one go, each block's content as one
/// delta.
///
/// The grammar, which `AnswerGrammar` checks and every stream reader keeps:
///
///     answer = start (block | usage | logprobs)* [stop] usage* (end | failure)
///     block  = blockStart(n) (text | thinking | arguments | signature | citation | refusal)* blockStop(n)
///
/// Blocks are ordered: one is open at a time and `n` counts 0, 1, 2 … without gaps. Providers that interleave the
/// arguments of parallel calls are put in order by `BlockSequence` (`PAINS.md` 3).
///
/// What is rare or large is kept apart, so that the pieces that come by the hundred are small to move.
public enum AnswerEvent: Sendable {
    case start(id: RawText, model: RawText)
    case blockStart(Int, BlockKind)
    case text(RawText)
    case thinking(RawText)
    /// A piece of a call's JSON text, escaped for a string.
    case arguments(RawText)
    /// The signature of the thinking block or call that is open, whole.
    case signature(RawText)
    case refusal(RawText)
    indirect case citation(Citation)
    case blockStop(Int)
    /// Running totals of the whole answer: the last one holds.
    indirect case usage(TokenUsage)
    /// Log probabilities of the text, an array in OpenAI's form, as spelled.
    case logprobs(RawJSON)
    case stop(StopReason)
    /// The provider ended with an error inside its 200. Nothing follows.
    indirect case failure(ProviderError)
    case end
}

/// What a block of an answer is.
public enum BlockKind: Sendable {
    case text
    case thinking
    /// Thoughts that are encrypted alone (Anthropic's `redacted_thinking`): whole, no deltas.
    case redactedThinking(RawText)
    /// A Responses reasoning item: its id, for the way back. Its `encrypted_content` follows as `signature`.
    case reasoningItem(id: RawText)
    case toolCall(id: RawText, name: RawText, isCustom: Bool)
    case refusal
    /// Generated media, whole.
    indirect case media(Media)
    /// A server tool's call or result, whole: other dialects leave it out, for it is no call of the client's.
    indirect case foreign(Foreign)

    /// Whether a piece belongs into a block of this kind.
    func takes(_ piece: AnswerEvent) -> Bool {
        switch (piece, self) {
        case (.text, .text), (.citation, .text), (.thinking, .thinking), (.thinking, .reasoningItem),
            (.signature, .thinking), (.signature, .reasoningItem), (.signature, .toolCall), (.arguments, .toolCall),
            (.refusal, .refusal):
            true
        default: false
        }
    }
}

/// Why generation ended.
public enum StopReason: Sendable, Equatable {
    case endTurn
    case toolUse
    case maximumOutput
    /// The context window is full.
    case contextWindow
    /// A stop sequence; empty where the provider does not say which.
    case stopSequence
    /// The provider's filter, or a refusal.
    case filtered
    /// The model paused a long turn of server tools and wants to be called again.
    case paused
    /// A word of the provider's that is not known here.
    case other
}

/// Where generated text leans on a source.
public struct Citation: Sendable {
    /// The dialect `json` is of.
    public var dialect: Dialect
    /// The citation or annotation, whole, as spelled.
    public var json: RawJSON
    public var url: RawText?
    public var title: RawText?
    /// The cited words, where the dialect repeats them.
    public var citedText: RawText?
    /// Character range in the answer's text, where the dialect has one, as spelled.
    public var start: RawJSON?
    public var end: RawJSON?

    public init(_ dialect: Dialect, _ json: RawJSON, url: RawText? = nil, title: RawText? = nil) {
        self.dialect = dialect
        self.json = json
        self.url = url
        self.title = title
    }
}

/// A provider's error, in no dialect.
public struct ProviderError: Sendable {
    public enum Kind: UInt8, Sendable, CaseIterable {
        case invalidRequest
        case authentication
        case permission
        case notFound
        case tooLarge
        case rateLimit
        /// Out of quota or credit.
        case billing
        case overloaded
        case timeout
        case server
    }

    public var kind: Kind
    /// The HTTP status, or the one that fits `kind` for an error inside a stream.
    public var status: UInt16
    /// The provider's sentence, as spelled. Whoever sends it on has checked it for our key (`RULES.md` 14).
    public var message: RawText
    /// The provider's own type and code words, as spelled.
    public var type: RawText?
    public var code: RawText?
    /// The member it is about, in the provider's words.
    public var member: RawText?

    public init(_ kind: Kind, status: UInt16, message: RawText) {
        self.kind = kind
        self.status = status
        self.message = message
    }

    /// The kind that a bare status tells.
    public static func kind(of status: UInt16) -> Kind {
        switch status {
        case 401: .authentication
        case 402: .billing
        case 403: .permission
        case 404: .notFound
        case 408, 504: .timeout
        case 413: .tooLarge
        case 429: .rateLimit
        case 503, 529: .overloaded
        case 500...: .server
        default: .invalidRequest
        }
    }

    /// The status that fits a kind.
    public static func status(of kind: Kind) -> UInt16 {
        switch kind {
        case .invalidRequest: 400
        case .authentication: 401
        case .billing: 402
        case .permission: 403
        case .notFound: 404
        case .tooLarge: 413
        case .rateLimit: 429
        case .server: 500
        case .overloaded: 529
        case .timeout: 504
        }
    }
}
