public import NIOCore
public import Vocabulary

/// Replies in Google's shapes, each appended to a buffer.
public enum GeminiReply {
    /// An error body: `{"error":{"code":…,"message":…,"status":…,"details":[…]}}`. Code and request id stand in a
    /// `google.rpc.ErrorInfo`.
    ///
    /// - Parameters:
    ///   - status: the HTTP status it goes with; `error.status` follows it.
    ///   - message: a human sentence, UTF-8, shown to the client only. `ErrorMessage` writes them.
    public static func error(
        status: UInt16, code: ErrorCode, message: [UInt8], id: RequestID, into out: inout ByteBuffer
    ) {
        out.writeStaticString("{\"error\":{\"code\":")
        out.writeDecimal(status)
        out.writeStaticString(",\"message\":")
        out.writeJSONString(message)
        out.writeStaticString(",\"status\":\"")
        out.writeStaticString(word(of: status))
        out.writeStaticString("\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":\"")
        let reason = code.name
        for index in 0..<reason.utf8CodeUnitCount {
            let byte = reason.byte(index)
            out.writeInteger(UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte ? byte & 0xdf : byte)
        }
        out.writeStaticString("\",\"domain\":\"tacet\",\"metadata\":{\"request_id\":")
        out.writeJSONString(id.text)
        out.writeStaticString("}}]}}")
    }

    /// The error as the last event of a stream that began with 200.
    ///
    /// - Parameter isFirst: nothing of an array was sent yet.
    public static func errorEvent(
        status: UInt16, code: ErrorCode, message: [UInt8], id: RequestID, framing: GeminiFraming, isFirst: Bool,
        into out: inout ByteBuffer
    ) {
        switch framing {
        case .events: out.writeStaticString("data: ")
        case .array: out.writeStaticString(isFirst ? "[" : ",\r\n")
        }
        error(status: status, code: code, message: message, id: id, into: &out)
        out.writeStaticString(framing == .events ? "\r\n\r\n" : "\n]")
    }

    /// `GET /v1beta/models`, all on one page.
    public static func modelList(_ ids: [[UInt8]], into out: inout ByteBuffer) {
        out.writeStaticString("{\"models\":[")
        var elements = JSONElements()
        for id in ids {
            elements.next(&out)
            model(id: id, into: &out)
        }
        out.writeStaticString("]}")
    }

    /// `GET /v1beta/models/{id}`.
    public static func model(id: [UInt8], into out: inout ByteBuffer) {
        out.writeStaticString("{\"name\":\"models/")
        out.writeJSONText(id.span)
        out.writeStaticString("\",\"displayName\":")
        out.writeJSONString(id)
        out.writeStaticString(
            ",\"supportedGenerationMethods\":[\"generateContent\",\"streamGenerateContent\",\"countTokens\"]}")
    }

    /// The answer of `countTokens`.
    public static func tokenCount(_ tokens: Int64, into out: inout ByteBuffer) {
        out.writeStaticString("{\"totalTokens\":")
        out.writeDecimal(tokens)
        out.writeInteger(UInt8.braceEnd)
    }

    /// Google's canonical code for a status.
    public static func word(of status: UInt16) -> StaticString {
        GeminiErrorWriter.status(of: ProviderError.kind(of: status))
    }
}
