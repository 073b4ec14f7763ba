public import Vocabulary

/// The most that a passed request can use (`RULES.md` 29). Text is bounded by its bytes, other media by a table.
public struct PassedBound: Sendable, Equatable {
    /// Tokens, of whatever class is the dearest.
    public var input: Int64 = 0
    public var output: Int64 = 0
    public var samples: Int64 = 1
    /// What is counted otherwise than in tokens.
    public var units = TokenUsage()

    // The table of maxima.

    /// Tokens of one image in: what OpenAI's image models take at high fidelity is 6,240 (4,160 + 2,080 for a side ratio).
    static var imageInput: Int64 { 8_192 }
    /// Tokens of one image out: the largest published figure is 6,240 (1,024 × 1,536 at high quality).
    static var imageOutput: Int64 { 8_192 }
    /// Tokens that each partial image adds (OpenAI's guide to image generation).
    static var partialImage: Int64 { 100 }
    /// Images that an edit takes.
    static var imageLimit: Int64 { 16 }
    /// `n` and `partial_images` where a form may still name them.
    static var sampleLimit: Int64 { 10 }
    static var partialLimit: Int64 { 3 }
    /// Milliseconds of sound in one byte: 2 are a bit rate of 4 kbit/s, below that of any speech codec in use.
    static var millisecondsPerByte: Int64 { 2 }
    /// Milliseconds of sound in one token: OpenAI's transcription counts ten a second.
    static var millisecondsPerToken: Int64 { 100 }
    /// Tokens and milliseconds of speech for one byte of text: English takes 1.4 and 67 at normal speed, and a fourth of
    /// it is the slowest that can be asked for.
    static var speechTokensPerByte: Int64 { 8 }
    static var speechMillisecondsPerByte: Int64 { 400 }

    /// Tokens of the largest realtime model's window, for models whose own nobody has published.
    static var realtimeContext: Int64 { 128_000 }

    /// - Parameters:
    ///   - context: the most tokens the model reads, where known.
    ///   - maximumOutput: the most tokens the model answers with, where known.
    public init(_ request: PassedRequest, context: Int64?, maximumOutput: Int64?) {
        switch request.endpoint {
        case .embeddings, .moderations, .embedContent, .batchEmbedContents: input = request.textBytes
        case .rerank:
            input = request.textBytes
            // A search is a query with up to 100 documents; one of more than 500 tokens counts as several (Cohere).
            units[.searches] = 1 + (request.texts + request.textBytes / 500) / 100
        case .imageGenerations, .imageEdits, .imageVariations:
            input = request.textBytes + request.files * Self.imageInput
            output = Self.imageOutput + request.partialImages * Self.partialImage
            samples = request.samples
            units[.images] = request.samples
        case .speech:
            input = request.textBytes
            output = request.textBytes * Self.speechTokensPerByte
            units[.characters] = request.characters
            units[.milliseconds] = request.textBytes * Self.speechMillisecondsPerByte
        case .transcriptions, .translations:
            let milliseconds = request.fileBytes * Self.millisecondsPerByte
            units[.milliseconds] = milliseconds
            input = min(request.textBytes + milliseconds / Self.millisecondsPerToken, context ?? .max)
            // Fast speech is 30 characters a second, and no character is more than 4 tokens.
            output = min(maximumOutput ?? .max, milliseconds * 120 / 1000)
        case .realtime:
            // Of one response: the session holds as many as may be on their way.
            input = context ?? Self.realtimeContext
            output = maximumOutput ?? Self.realtimeContext
        default: break
        }
    }
}
