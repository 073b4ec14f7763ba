public import Vocabulary

extension Dialect {
    /// Whether this version calls providers of the dialect.
    public var isServed: Bool {
        switch self {
        case .openAI, .anthropic: true
        case .openAIResponses, .gemini: false
        }
    }
}
