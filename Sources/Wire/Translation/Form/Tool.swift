public import Vocabulary

/// A tool the model may use.
public struct Tool: Sendable {
    public enum Kind: Sendable {
        /// The client runs it. The schema is as spelled; `nil` when the tool takes nothing.
        case function(Function)
        /// The provider runs it, or it is of a kind that one dialect alone has. Whole, as spelled.
        case foreign(Foreign)
    }

    public struct Function: Sendable {
        public var name: RawText
        public var description: RawText?
        public var schema: RawJSON?
        public var isStrict: Bool?
        /// The client declared a custom tool, which takes free text: here it takes `{"input":…}`, and a call of it is given
        /// back to the client as free text.
        public var isCustom = false

        public init(name: RawText, description: RawText? = nil, schema: RawJSON? = nil, isStrict: Bool? = nil) {
            self.name = name
            self.description = description
            self.schema = schema
            self.isStrict = isStrict
        }
    }

    public var kind: Kind
    public var place: Place
    public var cacheControl: RawJSON?

    public init(_ kind: Kind, at place: Place, cacheControl: RawJSON? = nil) {
        self.kind = kind
        self.place = place
        self.cacheControl = cacheControl
    }
}

/// A value that one dialect alone knows, whole.
public struct Foreign: Sendable {
    public var dialect: Dialect
    public var json: RawJSON
    /// The provider runs or ran it: never to be shown as a call for the client.
    public var isServerTool: Bool

    public init(_ dialect: Dialect, _ json: RawJSON, isServerTool: Bool) {
        self.dialect = dialect
        self.json = json
        self.isServerTool = isServerTool
    }
}

/// Which tools the model must or may use.
public enum ToolChoice: Sendable {
    case auto
    case none
    /// At least one call of any tool: OpenAI's `required`, Anthropic's and Gemini's `any`.
    case required
    case tool(RawText)
    /// One of these (OpenAI's `allowed_tools`, Gemini's `allowedFunctionNames`); with `isRequired`, a call must come.
    case allowed([RawText], isRequired: Bool)
}
