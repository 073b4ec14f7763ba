/// One piece of a turn, in order.
public struct Block: Sendable {
    public enum Kind: Sendable {
        case text(RawText)
        case media(Media)
        case toolCall(ToolCall)
        case toolResult(ToolResult)
        case thinking(Thinking)
        case refusal(RawText)
        /// A block that only its own dialect knows: a server tool's call or result, a container upload. Whole, with the
        /// dialect it is of; every other dialect counts it as a loss.
        case foreign(Foreign)
    }

    public var kind: Kind
    public var place: Place
    /// Anthropic's `cache_control` on this block, as spelled.
    public var cacheControl: RawJSON?
    /// `citations` that stand on a text, or the switch for them on a document, as spelled.
    public var citations: RawJSON?

    public init(_ kind: Kind, at place: Place, cacheControl: RawJSON? = nil, citations: RawJSON? = nil) {
        self.kind = kind
        self.place = place
        self.cacheControl = cacheControl
        self.citations = citations
    }
}

/// A picture, document, sound or film.
public struct Media: Sendable {
    public enum Kind: UInt8, Sendable {
        case image
        case document
        case audio
        case video
    }

    public enum Source: Sendable {
        /// `mediaType` like `image/png`; empty when the source did not say.
        case base64(mediaType: RawText, data: RawText)
        case url(RawText)
        /// A file that the provider holds. Ids of one provider mean nothing to another.
        case file(RawText)
        /// A document that is plain text.
        case text(RawText)
        /// A document given as blocks (Anthropic's `source.type: content`).
        case blocks([Block])
    }

    public var kind: Kind
    public var source: Source
    /// The file's name or title.
    public var title: RawText?
    /// OpenAI's `detail` of an image: low, high, auto.
    public var detail: RawText?
    /// Anthropic's `context` of a document.
    public var context: RawText?

    public init(_ kind: Kind, _ source: Source, title: RawText? = nil, detail: RawText? = nil, context: RawText? = nil)
    {
        self.kind = kind
        self.source = source
        self.title = title
        self.detail = detail
        self.context = context
    }
}

/// A call that the model asked the client to run.
public struct ToolCall: Sendable {
    /// As the provider named it. Empty when the dialect has none (Gemini): the writer makes one from its position.
    public var id: RawText
    public var name: RawText
    public var arguments: Arguments
    /// OpenAI's custom tools take free text: `arguments` is then that text, not JSON.
    public var isCustom: Bool
    /// Gemini's thought signature on the call, byte-identical.
    public var signature: RawText?

    public init(id: RawText, name: RawText, arguments: Arguments, isCustom: Bool = false, signature: RawText? = nil) {
        self.id = id
        self.name = name
        self.arguments = arguments
        self.isCustom = isCustom
        self.signature = signature
    }
}

/// What a tool answered.
public struct ToolResult: Sendable {
    public var callID: RawText
    /// The tool's name where the dialect says it (Gemini); `Conversation.toolName(of:)` finds it otherwise.
    public var name: RawText?
    /// Text, media, and what only the source dialect knows.
    public var content: [Block]
    public var isError: Bool

    public init(callID: RawText, name: RawText? = nil, content: [Block], isError: Bool = false) {
        self.callID = callID
        self.name = name
        self.content = content
        self.isError = isError
    }
}

/// What a model thought, with what proves it. Signature and encrypted content pass byte-identical (`PAINS.md` 5).
public struct Thinking: Sendable {
    /// The thoughts in the clear; empty when they are only encrypted.
    public var text: RawText
    /// What the provider signed `text` with, or, for a Responses item, its `encrypted_content`.
    public var signature: RawText?
    /// Anthropic's `redacted_thinking.data`: thoughts that are encrypted alone.
    public var redacted: RawText?
    /// The item's id where the dialect has one (Responses).
    public var id: RawText?

    public init(text: RawText, signature: RawText? = nil, redacted: RawText? = nil, id: RawText? = nil) {
        self.text = text
        self.signature = signature
        self.redacted = redacted
        self.id = id
    }
}
