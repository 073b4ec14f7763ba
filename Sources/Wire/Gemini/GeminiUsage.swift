import NIOCore
import Vocabulary

// How Gemini and Vertex report usage (`usageMetadata`), seen in 867 recordings. Each report is the running total.
//
// promptTokenCount              what was sent, cached content included
// cachedContentTokenCount       part of the prompt that was read from a cache
// toolUsePromptTokenCount       what server tools put in; beside the prompt
// candidatesTokenCount          what was generated, without thoughts
// thoughtsTokenCount            thoughts, beside the candidates
// promptTokensDetails, cacheTokensDetails, toolUsePromptTokensDetails, candidatesTokensDetails
//                               the same counts by modality
// serviceTier, trafficType      what it was served at
// The SDKs print the same names in snake case; with `enum-encoding=int` a modality is a number.
private enum GeminiCount: Int, CaseIterable {
    case prompt, cached, toolUse, candidates, thoughts
    case promptAudio, promptImage, cachedAudio, cachedImage, toolAudio, toolImage, outputAudio, outputImage

    /// Camel and snake case; empty for what stands in a list of details.
    var names: (StaticString, StaticString) {
        switch self {
        case .prompt: ("promptTokenCount", "prompt_token_count")
        case .cached: ("cachedContentTokenCount", "cached_content_token_count")
        case .toolUse: ("toolUsePromptTokenCount", "tool_use_prompt_token_count")
        case .candidates: ("candidatesTokenCount", "candidates_token_count")
        case .thoughts: ("thoughtsTokenCount", "thoughts_token_count")
        default: ("", "")
        }
    }
}

/// A `usageMetadata` object, mapped to Tacet's disjoint classes.
struct GeminiUsage {
    private var counts: [13 of Int64] = .init(repeating: -1)
    private var level = ServiceLevel.standard

    /// Reads the object ahead, through its end; `nil` for another type, or one that counts no token.
    static func read(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) -> TokenUsage? {
        guard try cursor.peek(b) == .object else {
            _ = try cursor.value(b)
            return nil
        }
        var usage = GeminiUsage()
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            if try cursor.peek(b) == .array, let (audio, image) = details(name, b) {
                try usage.modalities(audio, image, &cursor, b)
            } else {
                let value = try cursor.value(b)
                for field in GeminiCount.allCases.prefix(5)
                where name.equals(field.names.0, in: b) || name.equals(field.names.1, in: b) {
                    usage.set(field, count(value, b))
                }
                if value.kind == .string, isLevel(name, b) { usage.level = value.text.serviceLevel(in: b) }
            }
            more = try cursor.nextMember(b)
        }
        return usage.mapped
    }

    private static func isLevel(_ name: JSONText, _ b: Span<UInt8>) -> Bool {
        for word: StaticString in ["serviceTier", "service_tier", "trafficType", "traffic_type"]
        where name.equals(word, in: b) {
            return true
        }
        return false
    }

    /// Where the audio and image counts of a list of details go.
    private static func details(_ name: JSONText, _ b: Span<UInt8>) -> (GeminiCount, GeminiCount)? {
        func isNamed(_ camel: StaticString, _ snake: StaticString) -> Bool {
            name.equals(camel, in: b) || name.equals(snake, in: b)
        }
        if isNamed("promptTokensDetails", "prompt_tokens_details") { return (.promptAudio, .promptImage) }
        if isNamed("cacheTokensDetails", "cache_tokens_details") { return (.cachedAudio, .cachedImage) }
        if isNamed("toolUsePromptTokensDetails", "tool_use_prompt_tokens_details") { return (.toolAudio, .toolImage) }
        if isNamed("candidatesTokensDetails", "candidates_tokens_details") { return (.outputAudio, .outputImage) }
        return nil
    }

    private mutating func modalities(
        _ audio: GeminiCount, _ image: GeminiCount, _ cursor: inout JSONCursor, _ b: Span<UInt8>
    ) throws(JSONFault) {
        var more = try cursor.beginArray(b)
        while more {
            if try cursor.peek(b) == .object {
                var field: GeminiCount?
                var tokens: Int64?
                var inner = try cursor.beginObject(b)
                while inner {
                    let name = try cursor.name(b)
                    let value = try cursor.value(b)
                    if name.equals("modality", in: b) {
                        let number = value.kind == .number ? JSONNumber(b, value.range)?.magnitude : nil
                        if number == 4 || value.kind == .string && value.text.equals("AUDIO", in: b) { field = audio }
                        if number == 2 || value.kind == .string && value.text.equals("IMAGE", in: b) { field = image }
                    } else if name.equals("tokenCount", in: b) || name.equals("token_count", in: b) {
                        tokens = Self.count(value, b)
                    }
                    inner = try cursor.nextMember(b)
                }
                if let field, let tokens { set(field, (self[field] ?? 0) + tokens) }
            } else {
                _ = try cursor.value(b)
            }
            more = try cursor.nextElement(b)
        }
    }

    /// A count, in a string too; `nil` for what is none. A negative counts as 0.
    private static func count(_ value: JSONValue, _ b: Span<UInt8>) -> Int64? {
        guard value.kind == .number || value.kind == .string else { return nil }
        let range = value.kind == .string ? value.text.range : value.range
        guard let number = JSONNumber(b, range) else { return nil }
        return number.isNegative ? 0 : Int64(min(number.magnitude, UInt64(TokenUsage.ceiling)))
    }

    private mutating func set(_ field: GeminiCount, _ count: Int64?) {
        if let count { counts[field.rawValue] = min(count, TokenUsage.ceiling) }
    }

    private subscript(_ field: GeminiCount) -> Int64? {
        let count = counts[field.rawValue]
        return count < 0 ? nil : count
    }

    private var mapped: TokenUsage? {
        guard self[.prompt] != nil || self[.candidates] != nil || self[.thoughts] != nil else { return nil }
        func of(_ field: GeminiCount) -> Int64 { self[field] ?? 0 }
        // Parts are taken off and never exceed what is left: the classes sum up to what was reported.
        func part(_ count: Int64, of whole: inout Int64) -> Int64 {
            let part = min(max(0, count), whole)
            whole -= part
            return part
        }
        var usage = TokenUsage()
        var input = of(.prompt)
        usage[.cacheRead] = part(of(.cached), of: &input)
        input += of(.toolUse)
        usage[.inputAudio] = part(of(.promptAudio) - of(.cachedAudio) + of(.toolAudio), of: &input)
        usage[.inputImage] = part(of(.promptImage) - of(.cachedImage) + of(.toolImage), of: &input)
        usage[.input] = input
        var output = of(.candidates)
        usage[.outputAudio] = part(of(.outputAudio), of: &output)
        usage[.outputImage] = part(of(.outputImage), of: &output)
        usage[.output] = output + of(.thoughts)
        usage[.reasoning] = of(.thoughts)
        usage.level = level
        return usage
    }

    /// Writes a `usageMetadata` object.
    static func write(_ usage: TokenUsage, _ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.number("promptTokenCount", usage.totalInput, &out)
        members.number("candidatesTokenCount", usage.totalOutput - usage[.reasoning], &out)
        members.number("totalTokenCount", usage.totalInput + usage.totalOutput, &out)
        if usage[.cacheRead] > 0 { members.number("cachedContentTokenCount", usage[.cacheRead], &out) }
        if usage[.reasoning] > 0 { members.number("thoughtsTokenCount", usage[.reasoning], &out) }
        let plain = usage.totalInput - usage[.inputAudio] - usage[.inputImage]
        if usage[.inputAudio] + usage[.inputImage] > 0 {
            details("promptTokensDetails", plain, usage[.inputAudio], usage[.inputImage], &members, &out)
        }
        if usage[.outputAudio] + usage[.outputImage] > 0 {
            details(
                "candidatesTokensDetails", usage[.output] - usage[.reasoning], usage[.outputAudio],
                usage[.outputImage], &members, &out)
        }
        out.writeInteger(UInt8.braceEnd)
    }

    private static func details(
        _ name: StaticString, _ text: Int64, _ audio: Int64, _ image: Int64, _ members: inout JSONMembers,
        _ out: inout ByteBuffer
    ) {
        members.name(name, &out)
        out.writeInteger(UInt8.bracket)
        var elements = JSONElements()
        let counts: [(StaticString, Int64)] = [("TEXT", text), ("AUDIO", audio), ("IMAGE", image)]
        for (modality, count) in counts where count > 0 {
            elements.next(&out)
            var entry = JSONMembers()
            out.writeInteger(UInt8.brace)
            entry.text("modality", modality, &out)
            entry.number("tokenCount", count, &out)
            out.writeInteger(UInt8.braceEnd)
        }
        out.writeInteger(UInt8.bracketEnd)
    }
}

extension JSONTape {
    /// Gemini's usage at `index`, in our classes.
    func geminiUsage(_ index: Index) -> TokenUsage? {
        let bytes = source.readableBytesUInt8Span
        var cursor = JSONCursor(at: offset(index), end: bytes.count)
        do throws(JSONFault) { return try GeminiUsage.read(&cursor, bytes) } catch { return nil }
    }
}
