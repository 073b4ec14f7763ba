import NIOCore
import Vocabulary

// The words of OpenAI's Responses dialect that both directions use.
enum ResponsesWords {
    /// Why a whole response ended; `nil` when it did not end well (`failed`) or is still running.
    static func stopReason(_ tape: JSONTape, _ response: JSONTape.Index, hasCalls: Bool) -> StopReason {
        if tape.member(response, "status", is: "incomplete") {
            guard let details = tape.present(response, "incomplete_details") else { return .other }
            if tape.member(details, "reason", is: "max_output_tokens") { return .maximumOutput }
            if tape.member(details, "reason", is: "content_filter") { return .filtered }
            return .other
        }
        let status = tape.text(response, "status")
        // One gateway writes `complete`; some write nothing.
        guard status.map({ $0.equals("completed") || $0.equals("complete") }) ?? true else { return .other }
        return hasCalls ? .toolUse : .endTurn
    }

    /// The reason in `incomplete_details` for a stop; `nil` for a response that is complete.
    static func incomplete(_ stop: StopReason?) -> StaticString? {
        switch stop {
        case .maximumOutput, .contextWindow: "max_output_tokens"
        case .filtered: "content_filter"
        case nil, .endTurn, .toolUse, .stopSequence, .paused, .other: nil
        }
    }

    /// Whether an item is a trace of a tool that the provider ran. Calls that wait for a client are not.
    static func isServerItem(_ tape: JSONTape, _ item: JSONTape.Index) -> Bool {
        guard let type = tape.text(item, "type") else { return false }
        for name: StaticString in [
            "web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call", "mcp_call",
            "mcp_list_tools", "program", "program_output",
        ] where type.equals(name) {
            return true
        }
        if type.equals("tool_search_call") || type.equals("tool_search_output") {
            return !tape.member(item, "execution", is: "client")
        }
        // xAI's own: x_search_call and the like. Calls of OpenAI's that a client runs are listed.
        let clients: [StaticString] = [
            "function_call", "custom_tool_call", "computer_call", "local_shell_call", "shell_call", "apply_patch_call",
        ]
        return type.hasSuffix("_call") && !clients.contains { type.equals($0) }
    }

    static func citation(_ tape: JSONTape, _ annotation: JSONTape.Index) -> Citation {
        var citation = Citation(
            .openAIResponses, tape.json(annotation), url: tape.text(annotation, "url"),
            title: tape.text(annotation, "title") ?? tape.text(annotation, "filename"))
        citation.start = tape.json(annotation, "start_index")
        citation.end = tape.json(annotation, "end_index")
        return citation
    }

    /// An annotation for a citation, when it names an address; whether it did.
    static func write(_ citation: Citation, _ out: inout ByteBuffer) -> Bool {
        if citation.dialect == .openAIResponses {
            out.writeImmutableBuffer(citation.json.bytes)
            return true
        }
        guard let url = citation.url else { return false }
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("type", "url_citation", &out)
        members.text("url", url, &out)
        members.text("title", citation.title ?? RawText(), &out)
        members.json("start_index", citation.start ?? RawJSON("0"), &out)
        members.json("end_index", citation.end ?? RawJSON("0"), &out)
        out.writeInteger(UInt8.braceEnd)
        return true
    }

    // What another provider signed or encrypted travels in `encrypted_content` behind a mark, so that it comes back as what
    // it was and never reaches a provider that did not make it. No provider's own content begins so. Ids cannot say it:
    // Codex leaves them out.
    private static let signedMark: StaticString = "tacet-signed:"
    private static let redactedMark: StaticString = "tacet-redacted:"

    /// For a signature of readable thoughts.
    static func encryptedContent(signature: RawText) -> RawText { marked(signedMark, signature) }

    /// For thoughts that Anthropic sent encrypted alone.
    static func encryptedContent(redacted data: RawText) -> RawText { marked(redactedMark, data) }

    private static func marked(_ mark: StaticString, _ content: RawText) -> RawText {
        var text = RawText(mark)
        text.append(content)
        return text
    }

    /// Thoughts of an item that a client sent back.
    ///
    /// - Parameter id: the item's. One that a Responses provider encrypted always has one here, be it empty.
    static func thinking(_ text: RawText, encrypted: RawText?, id: RawText?) -> Thinking {
        guard let encrypted else { return Thinking(text: text, id: id) }
        if let data = behind(redactedMark, encrypted) { return Thinking(text: RawText(), redacted: data) }
        if let signature = behind(signedMark, encrypted) { return Thinking(text: text, signature: signature) }
        return Thinking(text: text, signature: encrypted, id: id ?? RawText())
    }

    private static func behind(_ mark: StaticString, _ text: RawText) -> RawText? {
        guard text.hasPrefix(mark) else { return nil }
        return text.part(mark.utf8CodeUnitCount..<text.bytes.readableBytes)
    }
}
