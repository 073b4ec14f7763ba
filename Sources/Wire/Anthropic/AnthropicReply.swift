public import NIOCore
public import Vocabulary

/// Replies in Anthropic's shapes, each appended to a buffer.
public enum AnthropicReply {
    /// An error body: `{"type":"error","error":{"type":…,"message":…,"code":…},"request_id":…}`.
    ///
    /// - Parameters:
    ///   - status: the HTTP status it goes with; the type follows it.
    ///   - message: a human sentence, UTF-8, shown to the client only. `ErrorMessage` writes them.
    public static func error(
        status: UInt16, code: ErrorCode, message: [UInt8], id: RequestID, into out: inout ByteBuffer
    ) {
        out.writeStaticString("{\"type\":\"error\",\"error\":{\"type\":\"")
        out.writeStaticString(type(of: status))
        out.writeStaticString("\",\"message\":")
        out.writeJSONString(message)
        out.writeStaticString(",\"code\":\"")
        out.writeStaticString(code.name)
        out.writeStaticString("\"},\"request_id\":")
        out.writeJSONString(id.text)
        out.writeInteger(UInt8.braceEnd)
    }

    /// The error as the last event of a stream that began with 200.
    public static func errorEvent(
        status: UInt16, code: ErrorCode, message: [UInt8], id: RequestID, into out: inout ByteBuffer
    ) {
        out.writeStaticString("event: error\ndata: ")
        error(status: status, code: code, message: message, id: id, into: &out)
        out.writeStaticString("\n\n")
    }

    /// The keep-alive of a stream (`RULES.md` 5).
    public static func ping(into out: inout ByteBuffer) {
        out.writeStaticString("event: ping\ndata: {\"type\":\"ping\"}\n\n")
    }

    /// `GET /v1/models`, all on one page.
    ///
    /// - Parameter created: seconds since 1970.
    public static func modelList(_ ids: [[UInt8]], created: Int64, into out: inout ByteBuffer) {
        out.writeStaticString("{\"data\":[")
        var elements = JSONElements()
        for id in ids {
            elements.next(&out)
            model(id: id, created: created, into: &out)
        }
        out.writeStaticString("],\"has_more\":false,\"first_id\":")
        if let first = ids.first { out.writeJSONString(first) } else { out.writeStaticString("null") }
        out.writeStaticString(",\"last_id\":")
        if let last = ids.last { out.writeJSONString(last) } else { out.writeStaticString("null") }
        out.writeInteger(UInt8.braceEnd)
    }

    /// `GET /v1/models/{id}`.
    public static func model(id: [UInt8], created: Int64, into out: inout ByteBuffer) {
        out.writeStaticString("{\"type\":\"model\",\"id\":")
        out.writeJSONString(id)
        out.writeStaticString(",\"display_name\":")
        out.writeJSONString(id)
        out.writeStaticString(",\"created_at\":\"")
        time(created, into: &out)
        out.writeStaticString("\"}")
    }

    /// The answer of `count_tokens`.
    public static func tokenCount(_ tokens: Int64, into out: inout ByteBuffer) {
        out.writeStaticString("{\"input_tokens\":")
        out.writeDecimal(tokens)
        out.writeInteger(UInt8.braceEnd)
    }

    /// Anthropic's error type for a status.
    public static func type(of status: UInt16) -> StaticString {
        MessagesErrorWriter.type(of: ProviderError.kind(of: status))
    }

    /// RFC 3339 in UTC. The calendar is the proleptic Gregorian one, by days since 0000-03-01.
    private static func time(_ seconds: Int64, into out: inout ByteBuffer) {
        let seconds = min(max(0, seconds), 253_402_300_799)
        let days = seconds / 86_400 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        out.writeDecimal(yearOfEra + era * 400 + (month <= 2 ? 1 : 0))
        for (mark, value) in [
            (UInt8.minus, month), (.minus, day), (UInt8(ascii: "T"), seconds / 3_600 % 24), (.colon, seconds / 60 % 60),
            (.colon, seconds % 60),
        ] {
            out.writeInteger(mark)
            if value < 10 { out.writeInteger(UInt8.zero) }
            out.writeDecimal(value)
        }
        out.writeInteger(UInt8(ascii: "Z"))
    }
}
