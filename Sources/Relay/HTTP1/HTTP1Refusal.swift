import Vocabulary

/// Why a message was refused. Closed, and without a byte of the message (`RULES.md` 11).
enum HTTP1Refusal: Error, Equatable, CaseIterable {
    // Size.
    case headTooLarge
    case tooManyFields
    case bodyTooLarge
    case trailersTooLarge
    // Lines.
    case bareLF
    case bareCR
    case obsFold
    case malformedRequestLine
    case malformedStatusLine
    case unsupportedVersion
    case tooManyEmptyLines
    // Request line.
    case unsupportedMethod
    case methodNotAllowed
    case invalidTarget
    // Fields.
    case emptyFieldName
    case invalidFieldName
    case spaceBeforeColon
    case invalidFieldValue
    case duplicateField
    case missingHost
    case invalidHost
    case hostMismatch
    case unsupportedExpectation
    // Framing.
    case badLength
    case lengthWithTransferCoding
    case unsupportedTransferCoding
    case transferCodingInHTTP10
    case badChunk
    case chunkLineTooLong
    case framingInTrailer
    // Responses.
    case unexpectedUpgrade
    case tooManyInterimResponses

    /// The status a client is answered with; the connection then closes.
    var status: UInt16 {
        switch self {
        case .headTooLarge, .tooManyFields, .trailersTooLarge: 431
        case .bodyTooLarge: 413
        case .unsupportedVersion: 505
        case .unsupportedMethod, .unsupportedTransferCoding: 501
        case .methodNotAllowed: 405
        case .unsupportedExpectation: 417
        default: 400
        }
    }

    /// The code of a refused request.
    var requestCode: ErrorCode {
        switch self {
        case .bodyTooLarge: .bodyTooLarge
        case .unsupportedMethod, .methodNotAllowed: .methodNotAllowed
        default: .malformedRequest
        }
    }

    /// The code of a refused answer of a provider.
    var upstreamCode: ErrorCode {
        switch self {
        case .headTooLarge, .tooManyFields, .bodyTooLarge, .trailersTooLarge: .upstreamTooLarge
        default: .upstreamMalformed
        }
    }
}

/// How much of a message is read before it is refused.
struct HTTP1Limits: Sendable, Equatable {
    /// Bytes of a head, request or status line included; at most 65,535 (offsets are kept in 16 bits).
    var head = 32 * 1024
    /// Fields of a head, and of the trailers.
    var fields = 100
    /// Bytes of one chunk-size line with its extensions.
    var chunkLine = 256
    /// Bytes of the trailers.
    var trailers = 8 * 1024
    /// Empty lines before a request line (RFC 9112 §2.2 asks to skip at least one).
    var emptyLines = 4
    /// Interim (1xx) responses before the final one.
    var interim = 8
}
