public import NIOCore

/// Reads an OpenAI-compatible error body: `{"error":{…}}`, `{"error":"…"}`, `{"message":…}`, `{"detail":…}`.
public enum ChatErrorReader {
    /// - Parameter status: the HTTP status it came with.
    public static func read(_ body: ByteBuffer, status: UInt16) -> ProviderError {
        var tape = JSONTape()
        guard tape.readRepaired(body) else {
            return ProviderError(ProviderError.kind(of: status), status: status, message: RawText())
        }
        var root = JSONTape.root
        // Gemini's compatible endpoint wraps the object in an array.
        if tape.kind(root) == .array, let first = tape.first(root) { root = first }
        return error(tape, tape.present(root, "error") ?? root, status: status)
    }

    /// - Parameter status: `nil` inside a 200 stream: then the type tells.
    static func error(_ tape: JSONTape, _ error: JSONTape.Index, status: UInt16?) -> ProviderError {
        let message = tape.text(error) ?? tape.text(error, "message") ?? tape.text(error, "detail") ?? RawText()
        let type = tape.text(error, "type")
        let code = tape.present(error, "code")
        // Inside a stream the code is often the status (OpenRouter).
        let status = status ?? code.flatMap { tape.count($0) }.flatMap { 400..<600 ~= $0 ? UInt16($0) : nil }
        var kind = status.map(ProviderError.kind(of:)) ?? .server
        if let word = type ?? code.flatMap({ tape.text($0) }), status == nil || kind == .invalidRequest {
            kind = self.kind(word) ?? kind
        }
        var result = ProviderError(kind, status: status ?? ProviderError.status(of: kind), message: message)
        result.type = type
        result.code = code.flatMap { tape.text($0) }
        result.member = tape.text(error, "param")
        return result
    }

    private static func kind(_ type: RawText) -> ProviderError.Kind? {
        if type.equals("invalid_request_error") { return .invalidRequest }
        if type.equals("authentication_error") || type.equals("invalid_api_key") { return .authentication }
        if type.equals("permission_error") { return .permission }
        if type.equals("not_found_error") || type.equals("model_not_found") { return .notFound }
        if type.equals("rate_limit_error") || type.equals("rate_limit_exceeded") || type.equals("requests")
            || type.equals("tokens")
        {
            return .rateLimit
        }
        if type.equals("insufficient_quota") { return .billing }
        if type.equals("overloaded_error") { return .overloaded }
        if type.equals("timeout_error") { return .timeout }
        if type.equals("server_error") || type.equals("api_error") { return .server }
        return nil
    }
}

/// Writes an error in chat's shape.
public enum ChatErrorWriter {
    /// `{"error":{"message":…,"type":…,"param":…,"code":…}}`. The type is the provider's own where it has OpenAI's words.
    public static func write(_ error: ProviderError, into out: inout ByteBuffer) {
        out.writeStaticString("{\"error\":{")
        var members = JSONMembers()
        members.text("message", error.message, &out)
        members.text("type", type(of: error.kind), &out)
        members.json("param", error.member.map { RawJSON(quoting: $0) } ?? RawJSON("null"), &out)
        members.json("code", (error.code ?? error.type).map { RawJSON(quoting: $0) } ?? RawJSON("null"), &out)
        out.writeStaticString("}}")
    }

    static func type(of kind: ProviderError.Kind) -> StaticString {
        switch kind {
        case .invalidRequest, .notFound, .tooLarge: "invalid_request_error"
        case .authentication: "authentication_error"
        case .permission: "permission_error"
        case .rateLimit: "rate_limit_error"
        case .billing: "insufficient_quota"
        case .overloaded, .server: "server_error"
        case .timeout: "timeout_error"
        }
    }
}
