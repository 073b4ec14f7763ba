import NIOCore
import Vocabulary

// The words of OpenAI's chat dialect that both directions use.
enum ChatWords {
    /// What a `finish_reason` says; `nil` for null.
    static func stopReason(_ tape: JSONTape, _ choice: JSONTape.Index) -> StopReason? {
        guard let reason = tape.present(choice, "finish_reason"), tape.kind(reason) == .string else { return nil }
        if tape.equals(reason, "stop") || tape.equals(reason, "eos") || tape.equals(reason, "") { return .endTurn }
        if tape.equals(reason, "length") || tape.equals(reason, "max_tokens") { return .maximumOutput }
        if tape.equals(reason, "tool_calls") || tape.equals(reason, "function_call") { return .toolUse }
        if tape.equals(reason, "content_filter") { return .filtered }
        return .other
    }

    static func word(_ reason: StopReason?, hasCalls: Bool) -> StaticString {
        switch reason {
        case .toolUse: "tool_calls"
        case .maximumOutput, .contextWindow: "length"
        case .filtered: "content_filter"
        case nil, .endTurn, .stopSequence, .paused, .other: hasCalls ? "tool_calls" : "stop"
        }
    }

    /// A `usage` object: the disjoint classes added up again.
    static func write(_ usage: TokenUsage, _ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.number("prompt_tokens", usage.totalInput, &out)
        members.number("completion_tokens", usage.totalOutput, &out)
        members.number("total_tokens", usage.totalInput + usage.totalOutput, &out)
        members.name("prompt_tokens_details", &out)
        var prompt = JSONMembers()
        out.writeInteger(UInt8.brace)
        prompt.number("cached_tokens", usage[.cacheRead], &out)
        prompt.number("audio_tokens", usage[.inputAudio], &out)
        let written = usage[.cacheWrite5m] + usage[.cacheWrite1h]
        if written > 0 { prompt.number("cache_write_tokens", written, &out) }
        if usage[.inputImage] > 0 { prompt.number("image_tokens", usage[.inputImage], &out) }
        out.writeInteger(UInt8.braceEnd)
        members.name("completion_tokens_details", &out)
        var completion = JSONMembers()
        out.writeInteger(UInt8.brace)
        completion.number("reasoning_tokens", usage[.reasoning], &out)
        completion.number("audio_tokens", usage[.outputAudio], &out)
        if usage[.outputImage] > 0 { completion.number("image_tokens", usage[.outputImage], &out) }
        out.writeInteger(UInt8.braceEnd)
        out.writeInteger(UInt8.braceEnd)
    }

    /// An annotation for a citation, when it names an address; whether it did.
    static func write(_ citation: Citation, _ out: inout ByteBuffer) -> Bool {
        if citation.dialect == .openAI {
            out.writeImmutableBuffer(citation.json.bytes)
            return true
        }
        guard let url = citation.url else { return false }
        out.writeStaticString("{\"type\":\"url_citation\",\"url_citation\":{")
        var members = JSONMembers()
        members.text("url", url, &out)
        members.text("title", citation.title ?? RawText(), &out)
        members.json("start_index", citation.start ?? RawJSON("0"), &out)
        members.json("end_index", citation.end ?? RawJSON("0"), &out)
        out.writeStaticString("}}")
        return true
    }
}

extension JSONTape {
    /// OpenAI-compatible usage at `index`, in our classes.
    func chatUsage(_ index: Index) -> TokenUsage? {
        let bytes = source.readableBytesUInt8Span
        var cursor = JSONCursor(at: offset(index), end: bytes.count)
        do throws(JSONFault) { return try ChatUsage.read(&cursor, bytes) } catch { return nil }
    }
}
