public import NIOCore

/// Reads Anthropic's error body: `{"type":"error","error":{"type":…,"message":…}}`.
public enum MessagesErrorReader {
    /// - Parameter status: the HTTP status it came with.
    public static func read(_ body: ByteBuffer, status: UInt16) -> ProviderError {
        var tape = JSONTape()
        guard tape.readRepaired(body) else {
            return ProviderError(ProviderError.kind(of: status), status: status, message: RawText())
        }
        return error(tape, tape.present(JSONTape.root, "error") ?? JSONTape.root, status: status)
    }

    /// - Parameter status: `nil` inside a 200 stream: then the type tells.
    static func error(_ tape: JSONTape, _ error: JSONTape.Index, status: UInt16?) -> ProviderError {
        let type = tape.text(error, "type")
        let kind = type.flatMap(Self.kind) ?? status.map(ProviderError.kind(of:)) ?? .server
        var result = ProviderError(
            kind, status: status ?? ProviderError.status(of: kind),
            message: tape.text(error, "message") ?? tape.text(error) ?? RawText())
        result.type = type
        return result
    }

    private static func kind(_ type: RawText) -> ProviderError.Kind? {
        if type.equals("invalid_request_error") { return .invalidRequest }
        if type.equals("authentication_error") { return .authentication }
        if type.equals("billing_error") { return .billing }
        if type.equals("permission_error") { return .permission }
        if type.equals("not_found_error") { return .notFound }
        if type.equals("request_too_large") { return .tooLarge }
        if type.equals("rate_limit_error") { return .rateLimit }
        if type.equals("overloaded_error") { return .overloaded }
        if type.equals("timeout_error") { return .timeout }
        if type.equals("api_error") { return .server }
        return nil
    }
}

/// Writes an error in Anthropic's shape.
public enum MessagesErrorWriter {
    public static func write(_ error: ProviderError, into out: inout ByteBuffer) {
        out.writeStaticString("{\"type\":\"error\",\"error\":{\"type\":\"")
        out.writeStaticString(type(of: error.kind))
        out.writeStaticString("\",\"message\":")
        out.writeJSONString(error.message)
        out.writeStaticString("}}")
    }

    /// Anthropic's error type for a kind.
    static func type(of kind: ProviderError.Kind) -> StaticString {
        switch kind {
        case .invalidRequest: "invalid_request_error"
        case .authentication: "authentication_error"
        case .billing: "billing_error"
        case .permission: "permission_error"
        case .notFound: "not_found_error"
        case .tooLarge: "request_too_large"
        case .rateLimit: "rate_limit_error"
        case .overloaded: "overloaded_error"
        case .timeout: "timeout_error"
        case .server: "api_error"
        }
    }
}
