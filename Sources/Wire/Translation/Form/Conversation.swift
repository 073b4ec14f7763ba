public import Vocabulary

/// A request in no dialect: what every reader gives and every writer takes, so that N dialects need N readers and N
/// writers. What is only passed on stays as the bytes it came in.
public struct Conversation: Sendable {
    /// The dialect it was read from.
    public var dialect: Dialect
    /// The model's name as spelled. The relay puts the deployment's own name in its place before a writer runs.
    public var model: RawText
    public var isStreamed: Bool
    /// A chat client's `stream_options.include_usage`; other dialects always report usage and set it.
    public var asksForUsage: Bool
    /// System and developer texts stand where they were said; a dialect with one system member gives one turn in front.
    public var turns: [Turn]
    public var tools: [Tool]
    public var toolChoice: ToolChoice?
    /// `false`: at most one call at a time.
    public var parallelToolCalls: Bool?
    public var format: OutputFormat?
    public var reasoning: ReasoningRequest?
    public var stop: [RawText]
    /// The largest number of tokens to generate, as spelled.
    public var maximumOutput: RawJSON?
    /// All that is one value and is carried or lost as one.
    public var settings: [Setting]
    /// What the reader already could not carry: unknown members.
    public var losses: [Loss]

    public init(dialect: Dialect, model: RawText) {
        self.dialect = dialect
        self.model = model
        isStreamed = false
        asksForUsage = dialect != .openAI
        turns = []
        tools = []
        stop = []
        settings = []
        losses = []
    }

    public func setting(_ parameter: Parameter) -> RawJSON? { settings.last { $0.parameter == parameter }?.value }

    /// Names of tools that take free text in the client's dialect, for the writers of its answers.
    public var customTools: [RawText] {
        tools.compactMap { tool in
            guard case .function(let function) = tool.kind, function.isCustom else { return nil }
            return function.name
        }
    }

    /// The name of the tool that a result answers, from the call before it; `nil` when there was none.
    public func toolName(of callID: RawText) -> RawText? {
        for turn in turns {
            for block in turn.blocks {
                if case .toolCall(let call) = block.kind, call.id.isSpelled(like: callID) { return call.name }
            }
        }
        return nil
    }
}

/// What one side said at a time.
public struct Turn: Sendable {
    public enum Role: UInt8, Sendable {
        case system
        case developer
        /// Tool results are blocks of the user's turn, as in Anthropic's and Gemini's dialects.
        case user
        case assistant
    }

    public var role: Role
    public var blocks: [Block]
    public var place: Place
    /// OpenAI's `name` of a participant.
    public var name: RawText?

    public init(_ role: Role, _ blocks: [Block], at place: Place, name: RawText? = nil) {
        self.role = role
        self.blocks = blocks
        self.place = place
        self.name = name
    }
}

/// A member that is one value: carried as spelled where the target has it, else a loss at `body`.
public struct Setting: Sendable {
    public var parameter: Parameter
    public var value: RawJSON
    /// Its path in the client's request.
    public var member: StaticString

    public init(_ parameter: Parameter, _ value: RawJSON, _ member: StaticString) {
        self.parameter = parameter
        self.value = value
        self.member = member
    }
}

/// Parameters by meaning, whatever a dialect calls them.
public enum Parameter: UInt8, Sendable, CaseIterable {
    case temperature, topP, topK, minP, frequencyPenalty, presencePenalty, repetitionPenalty, seed
    case logitBias, logprobs, topLogprobs
    /// How many answers: chat's `n`, Gemini's `candidateCount`.
    case samples
    /// The end user: chat's `user`, Anthropic's `metadata.user_id`.
    case user
    case safetyIdentifier
    /// Free key-value data for the provider's console.
    case metadata
    case store, serviceTier
    case promptCacheKey, promptCacheRetention
    /// Anthropic's top-level `cache_control`.
    case cacheControl
    case verbosity
    /// Output kinds asked for, and how audio shall sound.
    case modalities, audio
    case prediction, webSearch
    /// The rest of one dialect alone, passed back only into it.
    case container, mcpServers, contextManagement, safetySettings, cachedContent, mediaResolution
    case previousResponse, conversation, background, truncation, include, maxToolCalls, prompt
    case topLevelExtension
}

/// How answers shall be formed.
public enum OutputFormat: Sendable {
    case text
    /// Any JSON object.
    case jsonObject
    /// JSON by a schema, which is as spelled.
    case jsonSchema(name: RawText?, description: RawText?, schema: RawJSON, isStrict: Bool?)
}

/// How much a model shall think.
public struct ReasoningRequest: Sendable {
    public enum Mode: UInt8, Sendable {
        case unspecified
        case off
        /// As much as the model thinks right (Anthropic's `adaptive`, Gemini's budget -1).
        case adaptive
        case on
    }

    public var mode: Mode
    /// `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`, as spelled.
    public var effort: RawText?
    /// Tokens for thinking, as spelled.
    public var budget: RawJSON?
    /// Responses' `summary`, Anthropic's `display`, Gemini's `includeThoughts`: how thoughts are shown, as spelled.
    public var display: RawText?

    public init(mode: Mode = .unspecified, effort: RawText? = nil, budget: RawJSON? = nil, display: RawText? = nil) {
        self.mode = mode
        self.effort = effort
        self.budget = budget
        self.display = display
    }
}
