import Vocabulary

// How providers report the use of what is not a conversation, in one table.
//
// OpenAI embeddings, Jina, Voyage, Mistral   prompt_tokens, total_tokens; some total_tokens alone
// OpenAI images                              input_tokens, output_tokens, input_tokens_details.{text,image}_tokens
// OpenAI transcription, by the token         input_tokens, output_tokens, input_token_details.{text,audio}_tokens
// OpenAI transcription, by the time          type: duration, seconds
// Mistral transcription                      prompt_audio_seconds beside tokens
// OpenAI speech, streamed                    input_tokens, output_tokens
// Cohere                                     meta.billed_units.{search_units,input_tokens}, meta.tokens.input_tokens
// Gemini embeddings                          usageMetadata.promptTokenCount
// OpenAI realtime                            as transcription, and input_token_details.cached_tokens_details

/// A `usage` or `meta` object.
struct UsageReport {
    private var input: Int64?
    private var output: Int64?
    private var total: Int64?
    private var cached: Int64 = 0
    /// How much of what was cached is sound and pictures.
    private var cachedAudio: Int64 = 0
    private var cachedImage: Int64 = 0
    private var inputImage: Int64 = 0
    private var inputAudio: Int64 = 0
    private var outputImage: Int64 = 0
    private var outputAudio: Int64 = 0
    private var searches: Int64?
    private(set) var milliseconds: Int64?

    private enum Group { case top, input, cached, output }

    /// Reads the object ahead, through its end.
    mutating func object(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        try object(.top, &cursor, b)
    }

    private mutating func object(
        _ group: Group, _ cursor: inout JSONCursor, _ b: Span<UInt8>
    ) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            if try cursor.peek(b) == .object, let inner = Self.group(name, in: group, b) {
                try object(inner, &cursor, b)
            } else {
                take(group, name, try cursor.value(b), b)
            }
            more = try cursor.nextMember(b)
        }
    }

    private static func group(_ name: JSONText, in outer: Group, _ b: Span<UInt8>) -> Group? {
        guard outer == .top else {
            return outer == .input && name.equals("cached_tokens_details", in: b) ? .cached : nil
        }
        if name.equals("input_tokens_details", in: b) || name.equals("input_token_details", in: b)
            || name.equals("prompt_tokens_details", in: b)
        {
            return .input
        }
        if name.equals("output_tokens_details", in: b) || name.equals("output_token_details", in: b) { return .output }
        return name.equals("billed_units", in: b) || name.equals("tokens", in: b) ? .top : nil
    }

    private mutating func take(_ group: Group, _ name: JSONText, _ value: JSONValue, _ b: Span<UInt8>) {
        if name.equals("seconds", in: b) || name.equals("prompt_audio_seconds", in: b) {
            milliseconds = PassedUsage.milliseconds(value, b) ?? milliseconds
            return
        }
        guard value.kind == .number, let number = JSONNumber(b, value.range) else { return }
        let count = number.isNegative ? 0 : Int64(min(number.magnitude, UInt64(TokenUsage.ceiling)))
        switch group {
        case .top:
            if name.equals("prompt_tokens", in: b) || name.equals("input_tokens", in: b)
                || name.equals("promptTokenCount", in: b)
            {
                input = max(input ?? 0, count)
            } else if name.equals("completion_tokens", in: b) || name.equals("output_tokens", in: b) {
                output = max(output ?? 0, count)
            } else if name.equals("total_tokens", in: b) {
                total = count
            } else if name.equals("search_units", in: b) {
                searches = count
            }
        case .input:
            if name.equals("image_tokens", in: b) { inputImage = count }
            if name.equals("audio_tokens", in: b) { inputAudio = count }
            if name.equals("cached_tokens", in: b) { cached = count }
        case .cached:
            if name.equals("image_tokens", in: b) { cachedImage = count }
            if name.equals("audio_tokens", in: b) { cachedAudio = count }
        case .output:
            if name.equals("image_tokens", in: b) { outputImage = count }
            if name.equals("audio_tokens", in: b) { outputAudio = count }
        }
    }

    /// In disjoint classes; `nil` when nothing is counted but time.
    var usage: TokenUsage? {
        guard input != nil || output != nil || total != nil || searches != nil else { return nil }
        var usage = TokenUsage()
        var left = input ?? max(0, (total ?? 0) - (output ?? 0))
        func part(_ count: Int64, of whole: inout Int64) -> Int64 {
            let part = min(count, whole)
            whole -= part
            return part
        }
        usage[.inputImage] = part(max(0, inputImage - cachedImage), of: &left)
        usage[.inputAudio] = part(max(0, inputAudio - cachedAudio), of: &left)
        usage[.cacheRead] = part(cached, of: &left)
        usage[.input] = left
        left = output ?? 0
        usage[.outputImage] = part(outputImage, of: &left)
        usage[.outputAudio] = part(outputAudio, of: &left)
        usage[.output] = left
        usage[.searches] = searches ?? 0
        return usage
    }
}

/// The end of the last cue of an SRT or WebVTT text: `00:01:02,500 --> 00:01:04,000`.
enum Subtitles {
    /// In milliseconds; `nil` when there is no cue.
    static func end(_ b: Span<UInt8>) -> Int64? {
        let arrow: StaticString = "--> "
        var at = b.count - arrow.utf8CodeUnitCount
        while at >= 0 {
            if JSONText(start: at, end: at + arrow.utf8CodeUnitCount, isEscaped: false).equals(arrow, in: b) {
                return time(b, from: at + arrow.utf8CodeUnitCount)
            }
            at -= 1
        }
        return nil
    }

    private static func time(_ b: Span<UInt8>, from start: Int) -> Int64? {
        var parts: [Int64] = [0]
        var at = start
        while at < b.count, at < start + 16 {
            switch b[at] {
            case .zero ... .nine: parts[parts.count - 1] = parts[parts.count - 1] * 10 + Int64(b[at] &- .zero)
            case .colon, .comma, .point: parts.append(0)
            default: at = b.count
            }
            at += 1
        }
        guard parts.count >= 3 else { return nil }
        var milliseconds = parts.removeLast()
        for (place, value) in parts.reversed().enumerated().prefix(3) {
            milliseconds += value * [1000, 60_000, 3_600_000][place]
        }
        return milliseconds
    }
}
