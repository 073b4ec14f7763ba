public import NIOCore
public import Vocabulary

/// Replies in OpenAI's shapes, each appended to a buffer.
public enum OpenAIReply {
    /// An error body: `{"error":{"message":…,"type":…,"param":…,"code":…,"request_id":…}}`.
    ///
    /// - Parameters:
    ///   - status: the HTTP status it goes with; the type follows it.
    ///   - message: a human sentence, UTF-8, shown to the client only. `ErrorMessage` writes them.
    ///   - member: what `param` names; `none` writes null.
    public static func error(
        status: UInt16, code: ErrorCode, message: [UInt8], member: RequestMember = .none, id: RequestID,
        into out: inout ByteBuffer
    ) {
        out.writeStaticString("{\"error\":{\"message\":")
        out.writeJSONString(message)
        out.writeStaticString(",\"type\":\"")
        out.writeStaticString(type(of: status))
        out.writeStaticString("\",\"param\":")
        if member == .none {
            out.writeStaticString("null")
        } else {
            out.writeInteger(UInt8.quote)
            out.writeStaticString(member.name)
            out.writeInteger(UInt8.quote)
        }
        out.writeStaticString(",\"code\":\"")
        out.writeStaticString(code.name)
        out.writeStaticString("\",\"request_id\":")
        out.writeJSONString(id.text)
        out.writeStaticString("}}")
    }

    /// The error as the last event of a stream that began with 200. The caller ends the stream, without `[DONE]`.
    public static func errorEvent(
        status: UInt16, code: ErrorCode, message: [UInt8], member: RequestMember = .none, id: RequestID,
        into out: inout ByteBuffer
    ) {
        out.writeStaticString("data: ")
        error(status: status, code: code, message: message, member: member, id: id, into: &out)
        out.writeStaticString("\n\n")
    }

    /// The error as an event of a realtime session.
    public static func realtimeEvent(
        status: UInt16, code: ErrorCode, message: [UInt8], id: RequestID, into out: inout ByteBuffer
    ) {
        out.writeStaticString("{\"type\":\"error\",\"event_id\":\"event_")
        out.writeBytes(id.text)
        out.writeStaticString("\",")
        var body = ByteBuffer()
        error(status: status, code: code, message: message, id: id, into: &body)
        out.writeBytes(body.readableBytesView.dropFirst())
    }

    /// `GET /v1/models`.
    ///
    /// - Parameter created: seconds since 1970.
    public static func modelList(
        _ models: [(id: [UInt8], ownedBy: [UInt8])], created: Int64, into out: inout ByteBuffer
    ) {
        out.writeStaticString("{\"object\":\"list\",\"data\":[")
        var isFirst = true
        for entry in models {
            if !isFirst { out.writeInteger(UInt8.comma) }
            isFirst = false
            model(id: entry.id, ownedBy: entry.ownedBy, created: created, into: &out)
        }
        out.writeStaticString("]}")
    }

    /// `GET /v1/models/{id}`.
    public static func model(id: [UInt8], ownedBy: [UInt8], created: Int64, into out: inout ByteBuffer) {
        out.writeStaticString("{\"id\":")
        out.writeJSONString(id)
        out.writeStaticString(",\"object\":\"model\",\"created\":")
        out.writeDecimal(created)
        out.writeStaticString(",\"owned_by\":")
        out.writeJSONString(ownedBy)
        out.writeInteger(UInt8.braceEnd)
    }

    /// OpenAI's error type for a status.
    public static func type(of status: UInt16) -> StaticString {
        switch status {
        case 402: "insufficient_quota"
        case 403: "permission_error"
        case 429: "rate_limit_error"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }
}
