public import NIOCore
import Vocabulary

/// Reads errors of the Responses dialect: the body is chat's, inside a stream the code tells.
public enum ResponsesErrorReader {
    /// - Parameter status: the HTTP status it came with.
    public static func read(_ body: ByteBuffer, status: UInt16) -> ProviderError {
        ChatErrorReader.read(body, status: status)
    }

    /// `response.error` of a failed response, or an `error` event.
    static func error(_ tape: JSONTape, _ error: JSONTape.Index) -> ProviderError {
        var result = ChatErrorReader.error(tape, error, status: nil)
        // The type of the event itself says nothing.
        if result.type.map({ $0.equals("error") }) ?? false { result.type = nil }
        if let code = tape.text(error, "code"), let kind = kind(code) {
            result.kind = kind
            result.status = ProviderError.status(of: kind)
        }
        return result
    }

    /// The codes of `ResponseError`, as OpenAI lists them, and those seen beside them.
    private static func kind(_ code: RawText) -> ProviderError.Kind? {
        if code.equals("server_error") || code.equals("vector_store_timeout") { return .server }
        if code.equals("rate_limit_exceeded") { return .rateLimit }
        if code.equals("insufficient_quota") { return .billing }
        if code.equals("server_is_overloaded") || code.equals("slow_down") { return .overloaded }
        if code.equals("invalid_prompt") || code.equals("context_length_exceeded") || code.equals("image_too_large")
            || code.equals("image_too_small") || code.equals("invalid_image") || code.hasPrefix("invalid_image_")
            || code.equals("unsupported_image_media_type") || code.equals("invalid_base64_image")
        {
            return .invalidRequest
        }
        return nil
    }
}

/// Writes an error in the Responses dialect.
public enum ResponsesErrorWriter {
    /// The body, which is chat's: `{"error":{"message":…,"type":…,"param":…,"code":…}}`.
    public static func write(_ error: ProviderError, into out: inout ByteBuffer) {
        ChatErrorWriter.write(error, into: &out)
    }

    /// The members of an `error` event behind its type.
    static func writeMembers(_ error: ProviderError, _ members: inout JSONMembers, _ out: inout ByteBuffer) {
        members.text("code", code(of: error), &out)
        members.text("message", error.message, &out)
        members.json("param", error.member.map { RawJSON(quoting: $0) } ?? RawJSON("null"), &out)
    }

    /// The provider's own code, else the word of OpenAI's for its kind.
    static func code(of error: ProviderError) -> RawText {
        if let code = error.code, !code.isEmpty { return code }
        switch error.kind {
        case .rateLimit: return RawText("rate_limit_exceeded")
        case .billing: return RawText("insufficient_quota")
        case .overloaded: return RawText("server_is_overloaded")
        case .invalidRequest, .tooLarge, .notFound: return RawText("invalid_prompt")
        case .authentication, .permission, .timeout, .server: return RawText("server_error")
        }
    }
}
