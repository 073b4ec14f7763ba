public import Vocabulary

/// How a provider learns who calls. The key itself stays behind `Credentials`.
public enum Authentication: Sendable, Equatable {
    /// `Authorization: Bearer KEY`. A token that is fetched and renewed, such as Google's, is sent so too.
    case bearer
    /// The key alone in a header of this name, which is in lower case.
    case header([UInt8])
    /// AWS Signature Version 4 over head and body. The key is id and secret, parted by a line feed, and behind another
    /// the session's token where there is one.
    case signature(region: [UInt8], service: [UInt8])

    /// As the inventor of a dialect has it.
    public init(_ dialect: Dialect) {
        self =
            switch dialect {
            case .openAI, .openAIResponses: .bearer
            case .anthropic: .header(Array("x-api-key".utf8))
            case .gemini: .header(Array("x-goog-api-key".utf8))
            }
    }
}

/// A cloud that serves another's models in its own way.
public enum Cloud: Sendable {
    /// Model in the path, version in the body, streams in binary frames, errors without a type.
    case bedrock
    /// Model in the path, version in the body, errors in Google's shape.
    case vertex
}
