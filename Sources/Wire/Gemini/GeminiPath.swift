/// What is asked of a Gemini model, from the path: `…/models/<model>:<action>`.
public enum GeminiAction: UInt8, Sendable, CaseIterable {
    case generateContent
    case streamGenerateContent
    case countTokens
    case embedContent
    case batchEmbedContents

    /// As it stands behind the colon.
    public var name: StaticString {
        switch self {
        case .generateContent: "generateContent"
        case .streamGenerateContent: "streamGenerateContent"
        case .countTokens: "countTokens"
        case .embedContent: "embedContent"
        case .batchEmbedContents: "batchEmbedContents"
        }
    }

    /// An answer is generated, so that there is output to hold, meter and translate.
    public var isGeneration: Bool { self == .generateContent || self == .streamGenerateContent }
}

/// How a stream is framed: the client chooses by `alt`.
public enum GeminiFraming: UInt8, Sendable, CaseIterable {
    /// `alt=sse`: server-sent events.
    case events
    /// One JSON array that grows.
    case array
}

/// The path of a Gemini request: the model's name stands in it, not in the body.
public struct GeminiPath: Sendable, Equatable {
    /// The name as the client spelled it, percent escapes resolved: `gemini-3-flash`, `oai/gpt-5`.
    public var model: [UInt8]
    public var action: GeminiAction
    public var framing: GeminiFraming

    public init(model: [UInt8], action: GeminiAction, framing: GeminiFraming = .events) {
        self.model = model
        self.action = action
        self.framing = framing
    }

    /// Reads what follows the version: `/v1beta/models/<model>:<action>?alt=sse`, `/v1/…`, and Vertex'
    /// `/v1/projects/…/publishers/google/models/<model>:<action>`.
    ///
    /// - Parameter target: the request target, query included.
    /// - Returns: `nil` when it is no such path, or its escapes are broken.
    public static func read(_ target: Span<UInt8>) -> GeminiPath? {
        var end = 0
        while end < target.count, target[end] != UInt8(ascii: "?"), target[end] != UInt8(ascii: "#") { end += 1 }
        guard let start = modelStart(target, end: end) else { return nil }
        // Model names may hold colons (`llama3:8b`): the action is behind the last one.
        var colon = end - 1
        while colon > start, target[colon] != .colon { colon -= 1 }
        guard colon > start else { return nil }
        let action = GeminiAction.allCases.first { equals(target, colon + 1..<end, $0.name) }
        guard let action, let model = unescaped(target, start..<colon) else { return nil }
        return GeminiPath(model: model, action: action, framing: asksForEvents(target, from: end) ? .events : .array)
    }

    /// Behind the first `/models/`: a model's name may hold slashes itself.
    private static func modelStart(_ b: Span<UInt8>, end: Int) -> Int? {
        let mark: StaticString = "/models/"
        let count = mark.utf8CodeUnitCount
        var at = 0
        while at + count < end {
            if equals(b, at..<at + count, mark) { return at + count }
            at += 1
        }
        return nil
    }

    private static func asksForEvents(_ b: Span<UInt8>, from start: Int) -> Bool {
        var at = start
        while at < b.count {
            at += 1
            let parameter = at
            while at < b.count, b[at] != UInt8(ascii: "&"), b[at] != UInt8(ascii: "#") { at += 1 }
            if equals(b, parameter..<at, "alt=sse") || equals(b, parameter..<at, "%24alt=sse")
                || equals(b, parameter..<at, "$alt=sse")
            {
                return true
            }
        }
        return false
    }

    private static func equals(_ b: Span<UInt8>, _ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for index in 0..<range.count where b[range.lowerBound + index] != text.byte(index) { return false }
        return true
    }

    private static func unescaped(_ b: Span<UInt8>, _ range: Range<Int>) -> [UInt8]? {
        var out: [UInt8] = []
        out.reserveCapacity(range.count)
        var at = range.lowerBound
        while at < range.upperBound {
            guard b[at] == UInt8(ascii: "%") else {
                out.append(b[at])
                at += 1
                continue
            }
            guard at + 2 < range.upperBound, let high = b[at + 1].hexDigit, let low = b[at + 2].hexDigit else {
                return nil
            }
            out.append(UInt8(high << 4 | low))
            at += 3
        }
        return out
    }
}
