public import Vocabulary

/// The members of a request that Tacet reads: the closed set a rejection may name.
public enum RequestMember: UInt8, Sendable, CaseIterable {
    case none
    case body
    case model
    case messages
    case stream
    case streamOptions
    case includeUsage
    case maxTokens
    case maxCompletionTokens
    case n
    case input
    case store
    case background
    case previousResponse
    case conversation
    case maxOutputTokens
    case contents
    case content
    case requests
    case generationConfig
    case generationMaxOutputTokens
    case candidateCount
    case prompt
    case cachedContent
    case bestOf
    case documents
    case inputFile
    case partialImages
    case batchModel
    case form
    case serviceTier
    case speed

    /// The member's path as OpenAI's `error.param` has it; empty for `none`.
    public var name: StaticString {
        switch self {
        case .none: ""
        case .body: "body"
        case .model: "model"
        case .messages: "messages"
        case .stream: "stream"
        case .streamOptions: "stream_options"
        case .includeUsage: "stream_options.include_usage"
        case .maxTokens: "max_tokens"
        case .maxCompletionTokens: "max_completion_tokens"
        case .n: "n"
        case .input: "input"
        case .store: "store"
        case .background: "background"
        case .previousResponse: "previous_response_id"
        case .conversation: "conversation"
        case .maxOutputTokens: "max_output_tokens"
        case .contents: "contents"
        case .content: "content"
        case .requests: "requests"
        case .generationConfig: "generationConfig"
        case .generationMaxOutputTokens: "generationConfig.maxOutputTokens"
        case .candidateCount: "generationConfig.candidateCount"
        case .prompt: "prompt"
        case .cachedContent: "cachedContent"
        case .bestOf: "best_of"
        case .documents: "documents"
        case .inputFile: "input_file_id"
        case .partialImages: "partial_images"
        case .batchModel: "requests.params.model"
        case .form: "form"
        case .serviceTier: "service_tier"
        case .speed: "speed"
        }
    }
}

/// Why a request was not taken: a code, the member it is about, and a byte offset in the body.
public struct RequestRejection: Error, Equatable {
    public var code: ErrorCode
    public var member: RequestMember
    public var offset: Int

    public init(code: ErrorCode, member: RequestMember, offset: Int) {
        self.code = code
        self.member = member
        self.offset = offset
    }

    init(_ fault: JSONFault) { self.init(code: fault.code, member: .body, offset: fault.offset) }
}
