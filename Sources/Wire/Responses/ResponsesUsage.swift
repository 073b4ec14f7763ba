import NIOCore
import Vocabulary

/// A `usage` object of the Responses dialect, mapped to Tacet's disjoint classes.
///
///     input_tokens                                all of the input
///     input_tokens_details.cached_tokens          the part of it that was read from a cache
///     input_tokens_details.cache_write_tokens     the part of it that was written to one
///     input_tokens_details.audio_tokens, image_tokens    parts of it
///     output_tokens                               all that was generated
///     output_tokens_details.reasoning_tokens      the part of it that is reasoning
///     output_tokens_details.audio_tokens, image_tokens   parts of it
///     server_side_tool_usage_details.web_search_calls    xAI, billed by the search
struct ResponsesUsage {
    private enum Group {
        case top
        case input
        case output
        case tools
    }

    private var input: Int64?
    private var output: Int64?
    private var cached: Int64 = 0
    private var written: Int64 = 0
    private var inputAudio: Int64 = 0
    private var inputImage: Int64 = 0
    private var reasoning: Int64 = 0
    private var outputAudio: Int64 = 0
    private var outputImage: Int64 = 0
    private var searches: Int64 = 0

    /// Reads the `usage` object ahead, through its end; `nil` for null, another type, or one that counts no token.
    ///
    /// What is no number is as good as absent; a negative counts as 0, an absurd one is clamped to `TokenUsage.ceiling`.
    static func read(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) -> TokenUsage? {
        guard try cursor.peek(b) == .object else {
            _ = try cursor.value(b)
            return nil
        }
        var usage = ResponsesUsage()
        try usage.object(.top, &cursor, b)
        return usage.mapped
    }

    private mutating func object(_ group: Group, _ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let kind = try cursor.peek(b)
            if group == .top, kind == .object, let inner = Self.group(name, b) {
                try object(inner, &cursor, b)
            } else {
                let value = try cursor.value(b)
                if kind == .number, let number = JSONNumber(b, value.range) {
                    let ceiling = UInt64(TokenUsage.ceiling)
                    take(group, name, number.isNegative ? 0 : Int64(min(number.magnitude, ceiling)), b)
                }
            }
            more = try cursor.nextMember(b)
        }
    }

    private static func group(_ name: JSONText, _ b: Span<UInt8>) -> Group? {
        if name.equals("input_tokens_details", in: b) { return .input }
        if name.equals("output_tokens_details", in: b) { return .output }
        if name.equals("server_side_tool_usage_details", in: b) { return .tools }
        return nil
    }

    private mutating func take(_ group: Group, _ name: JSONText, _ count: Int64, _ b: Span<UInt8>) {
        switch group {
        case .top:
            if name.equals("input_tokens", in: b) { input = count }
            if name.equals("output_tokens", in: b) { output = count }
        case .input:
            if name.equals("cached_tokens", in: b) { cached = count }
            if name.equals("cache_write_tokens", in: b) { written = count }
            if name.equals("audio_tokens", in: b) { inputAudio = count }
            if name.equals("image_tokens", in: b) { inputImage = count }
        case .output:
            if name.equals("reasoning_tokens", in: b) { reasoning = count }
            if name.equals("audio_tokens", in: b) { outputAudio = count }
            if name.equals("image_tokens", in: b) { outputImage = count }
        case .tools: if name.equals("web_search_calls", in: b) { searches = count }
        }
    }

    private var mapped: TokenUsage? {
        guard input != nil || output != nil else { return nil }
        var usage = TokenUsage()
        // Parts are taken off in this order and never exceed what is left: the classes sum up to what was reported.
        func part(_ count: Int64, of whole: inout Int64) -> Int64 {
            let part = min(count, whole)
            whole -= part
            return part
        }
        var input = input ?? 0
        usage[.cacheRead] = part(cached, of: &input)
        usage[.cacheWrite5m] = part(written, of: &input)
        usage[.inputAudio] = part(inputAudio, of: &input)
        usage[.inputImage] = part(inputImage, of: &input)
        usage[.input] = input
        var output = output ?? 0
        usage[.outputAudio] = part(outputAudio, of: &output)
        usage[.outputImage] = part(outputImage, of: &output)
        usage[.output] = output
        usage[.reasoning] = min(reasoning, output)
        usage[.searches] = searches
        return usage
    }

    /// Writes a `usage` object: the disjoint classes added up again.
    static func write(_ usage: TokenUsage?, _ out: inout ByteBuffer) {
        let usage = usage ?? TokenUsage()
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.number("input_tokens", usage.totalInput, &out)
        members.name("input_tokens_details", &out)
        var input = JSONMembers()
        out.writeInteger(UInt8.brace)
        input.number("cached_tokens", usage[.cacheRead], &out)
        let written = usage[.cacheWrite5m] + usage[.cacheWrite1h]
        if written > 0 { input.number("cache_write_tokens", written, &out) }
        if usage[.inputAudio] > 0 { input.number("audio_tokens", usage[.inputAudio], &out) }
        if usage[.inputImage] > 0 { input.number("image_tokens", usage[.inputImage], &out) }
        out.writeInteger(UInt8.braceEnd)
        members.number("output_tokens", usage.totalOutput, &out)
        members.name("output_tokens_details", &out)
        var output = JSONMembers()
        out.writeInteger(UInt8.brace)
        output.number("reasoning_tokens", usage[.reasoning], &out)
        if usage[.outputAudio] > 0 { output.number("audio_tokens", usage[.outputAudio], &out) }
        if usage[.outputImage] > 0 { output.number("image_tokens", usage[.outputImage], &out) }
        out.writeInteger(UInt8.braceEnd)
        members.number("total_tokens", usage.totalInput + usage.totalOutput, &out)
        out.writeInteger(UInt8.braceEnd)
    }
}

extension JSONTape {
    /// Usage in the Responses dialect at `index`, in our classes.
    func responsesUsage(_ index: Index) -> TokenUsage? {
        let bytes = source.readableBytesUInt8Span
        var cursor = JSONCursor(at: offset(index), end: bytes.count)
        do throws(JSONFault) { return try ResponsesUsage.read(&cursor, bytes) } catch { return nil }
    }
}
