public import NIOCore

/// Reads Google's error body: `{"error":{"code":…,"message":…,"status":…,"details":[…]}}`, or an array of one.
public enum GeminiErrorReader {
    /// - Parameter status: the HTTP status it came with.
    public static func read(_ body: ByteBuffer, status: UInt16) -> ProviderError {
        var tape = JSONTape()
        guard tape.readRepaired(body) else {
            return ProviderError(ProviderError.kind(of: status), status: status, message: RawText())
        }
        var root = JSONTape.root
        if tape.kind(root) == .array, let first = tape.first(root) { root = first }
        return error(tape, tape.present(root, "error") ?? root, status: status)
    }

    /// - Parameter status: `nil` inside a 200 stream: then the body's own `code` tells.
    static func error(_ tape: JSONTape, _ error: JSONTape.Index, status: UInt16?) -> ProviderError {
        let word = tape.text(error, "status")
        let code = tape.present(error, "code").flatMap { tape.count($0) }.flatMap { 400..<600 ~= $0 ? UInt16($0) : nil }
        let kind = word.flatMap(Self.kind) ?? (status ?? code).map(ProviderError.kind(of:)) ?? .server
        var result = ProviderError(
            kind, status: status ?? code ?? ProviderError.status(of: kind),
            message: tape.text(error, "message") ?? tape.text(error) ?? RawText())
        result.type = word
        return result
    }

    /// Seconds to wait, from `RetryInfo.retryDelay`: Google sends no `retry-after`. Parts of a second count as a whole.
    public static func retryAfter(_ body: ByteBuffer) -> Int64? {
        var tape = JSONTape()
        guard tape.readRepaired(body) else { return nil }
        for root in tape.entries(JSONTape.root) {
            guard let error = tape.present(root, "error"), let details = tape.present(error, "details") else {
                continue
            }
            for detail in tape.entries(details) {
                guard let delay = tape.text(detail, "retryDelay", "retry_delay") else { continue }
                let text = delay.bytes.readableBytesUInt8Span
                guard text.count > 1, text[text.count - 1] == UInt8(ascii: "s"),
                    let number = JSONNumber(text, 0..<text.count - 1), !number.isNegative
                else { continue }
                return Int64(clamping: number.magnitude) + (number.isWhole ? 0 : 1)
            }
        }
        return nil
    }

    private static func kind(_ word: RawText) -> ProviderError.Kind? {
        for kind in ProviderError.Kind.allCases where word.equals(GeminiErrorWriter.status(of: kind)) { return kind }
        if word.equals("FAILED_PRECONDITION") || word.equals("OUT_OF_RANGE") { return .invalidRequest }
        if word.equals("UNKNOWN") || word.equals("DATA_LOSS") || word.equals("ABORTED") { return .server }
        return nil
    }
}

/// Writes an error in Google's shape.
public enum GeminiErrorWriter {
    public static func write(_ error: ProviderError, into out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeStaticString("{\"error\":{")
        members.number("code", Int64(error.status), &out)
        members.text("message", error.message, &out)
        members.text("status", status(of: error.kind), &out)
        out.writeStaticString("}}")
    }

    /// The canonical code (google.rpc.Code) for a kind. Those that several kinds share are read as the first of them.
    static func status(of kind: ProviderError.Kind) -> StaticString {
        switch kind {
        case .invalidRequest, .tooLarge: "INVALID_ARGUMENT"
        case .authentication: "UNAUTHENTICATED"
        case .permission: "PERMISSION_DENIED"
        case .notFound: "NOT_FOUND"
        case .rateLimit, .billing: "RESOURCE_EXHAUSTED"
        case .overloaded: "UNAVAILABLE"
        case .timeout: "DEADLINE_EXCEEDED"
        case .server: "INTERNAL"
        }
    }
}
