import NIOCore

/// What of a conversation counts as input, for `count_tokens` of models whose provider does not count and for limits.
extension Conversation {
    /// How many of what no text stands for.
    public struct MediaCounts: Sendable, Equatable {
        public var images: Int64 = 0
        /// PDFs and others, whole.
        public var documents: Int64 = 0
        public var audio: Int64 = 0
    }

    /// Hands out every text a model is sent: instructions, turns, calls, results, tool names, descriptions and schemas.
    ///
    /// - Parameter take: gets characters with escapes resolved.
    public func eachText(_ take: ([UInt8]) -> Void) -> MediaCounts {
        var counts = MediaCounts()
        for turn in turns {
            for block in turn.blocks { Self.count(block, &counts, take) }
        }
        for tool in tools {
            switch tool.kind {
            case .function(let function):
                take(function.name.unescaped)
                if let description = function.description { take(description.unescaped) }
                if let schema = function.schema { take(Array(buffer: schema.bytes)) }
            case .foreign(let foreign): take(Array(buffer: foreign.json.bytes))
            }
        }
        if case .jsonSchema(_, _, let schema, _) = format { take(Array(buffer: schema.bytes)) }
        return counts
    }

    private static func count(_ block: Block, _ counts: inout MediaCounts, _ take: ([UInt8]) -> Void) {
        switch block.kind {
        case .text(let text), .refusal(let text): take(text.unescaped)
        case .thinking(let thinking): take(thinking.text.unescaped)
        case .toolCall(let call):
            take(call.name.unescaped)
            take(call.arguments.encoded.unescaped)
        case .toolResult(let result): for inner in result.content { count(inner, &counts, take) }
        case .foreign(let foreign): take(Array(buffer: foreign.json.bytes))
        case .media(let media):
            switch (media.source, media.kind) {
            case (.text(let text), _): take(text.unescaped)
            case (.blocks(let blocks), _): for inner in blocks { count(inner, &counts, take) }
            case (_, .image): counts.images += 1
            case (_, .audio): counts.audio += 1
            case (_, .document), (_, .video): counts.documents += 1
            }
        }
    }
}
