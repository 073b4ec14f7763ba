public import NIOCore
public import Vocabulary

/// Replies in the Responses dialect. Error bodies are chat's: `OpenAIReply.error`.
public enum ResponsesReply {
    /// The error as the last event of a stream that began with 200.
    ///
    /// - Parameter sequence: the number of the event: as many came before.
    public static func errorEvent(
        code: ErrorCode, message: [UInt8], member: RequestMember = .none, id: RequestID, sequence: Int64,
        into out: inout ByteBuffer
    ) {
        out.writeStaticString("event: error\ndata: {\"type\":\"error\",\"sequence_number\":")
        out.writeDecimal(sequence)
        out.writeStaticString(",\"code\":\"")
        out.writeStaticString(code.name)
        out.writeStaticString("\",\"message\":")
        out.writeJSONString(message)
        out.writeStaticString(",\"param\":")
        if member == .none {
            out.writeStaticString("null")
        } else {
            out.writeInteger(UInt8.quote)
            out.writeStaticString(member.name)
            out.writeInteger(UInt8.quote)
        }
        out.writeStaticString(",\"request_id\":")
        out.writeJSONString(id.text)
        out.writeStaticString("}\n\n")
    }
}
