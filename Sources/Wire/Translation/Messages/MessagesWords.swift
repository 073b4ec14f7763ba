import NIOCore
import Vocabulary

// The words of Anthropic's messages dialect that both directions use.
enum MessagesWords {
    static func stopReason(_ tape: JSONTape, _ object: JSONTape.Index) -> StopReason? {
        guard let reason = tape.present(object, "stop_reason"), tape.kind(reason) == .string else { return nil }
        if tape.equals(reason, "end_turn") { return .endTurn }
        if tape.equals(reason, "tool_use") { return .toolUse }
        if tape.equals(reason, "max_tokens") { return .maximumOutput }
        if tape.equals(reason, "stop_sequence") { return .stopSequence }
        if tape.equals(reason, "refusal") { return .filtered }
        if tape.equals(reason, "pause_turn") { return .paused }
        if tape.equals(reason, "model_context_window_exceeded") { return .contextWindow }
        return .other
    }

    static func word(_ reason: StopReason?, hasCalls: Bool) -> StaticString {
        switch reason {
        case .toolUse: "tool_use"
        case .maximumOutput: "max_tokens"
        case .contextWindow: "model_context_window_exceeded"
        case .stopSequence: "stop_sequence"
        case .filtered: "refusal"
        case .paused: "pause_turn"
        case nil, .endTurn, .other: hasCalls ? "tool_use" : "end_turn"
        }
    }

    /// Blocks that a server tool of Anthropic's makes: `server_tool_use`, `mcp_tool_use`, and what they give.
    static func isServerBlock(_ tape: JSONTape, _ block: JSONTape.Index) -> Bool {
        guard let type = tape.text(block, "type") else { return false }
        if type.equals("server_tool_use") || type.equals("mcp_tool_use") { return true }
        return !type.equals("tool_result") && type.hasSuffix("_tool_result")
    }

    /// A citation of Anthropic's from one that another dialect gave; `nil` where it has no address.
    static func write(_ citation: Citation, _ out: inout ByteBuffer) -> Bool {
        if citation.dialect == .anthropic {
            out.writeImmutableBuffer(citation.json.bytes)
            return true
        }
        guard let url = citation.url else { return false }
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("type", "web_search_result_location", &out)
        members.text("url", url, &out)
        members.text("title", citation.title ?? RawText(), &out)
        members.text("encrypted_index", "", &out)
        members.text("cited_text", citation.citedText ?? RawText(), &out)
        out.writeInteger(UInt8.braceEnd)
        return true
    }

    static func citation(_ tape: JSONTape, _ index: JSONTape.Index) -> Citation {
        var citation = Citation(
            .anthropic, tape.json(index), url: tape.text(index, "url"),
            title: tape.text(index, "title") ?? tape.text(index, "document_title"))
        citation.citedText = tape.text(index, "cited_text")
        return citation
    }
}

extension RawText {
    /// Whether the escaped characters end with these, which need no escapes.
    func hasSuffix(_ suffix: StaticString) -> Bool {
        let span = bytes.readableBytesUInt8Span
        let count = suffix.utf8CodeUnitCount
        guard span.count >= count else { return false }
        for index in 0..<count where span[span.count - count + index] != suffix.byte(index) { return false }
        return true
    }

    func hasPrefix(_ prefix: StaticString) -> Bool {
        let span = bytes.readableBytesUInt8Span
        guard span.count >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount where span[index] != prefix.byte(index) { return false }
        return true
    }
}
