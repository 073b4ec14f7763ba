import NIOCore
import Vocabulary

/// Writes output items and what all of a response has around them.
enum ResponsesItem {
    enum Status {
        case inProgress
        case completed
        case incomplete

        var name: StaticString {
            switch self {
            case .inProgress: "in_progress"
            case .completed: "completed"
            case .incomplete: "incomplete"
            }
        }
    }

    /// - Parameter content: the parts, with the commas between them.
    static func message(id: RawText, _ status: Status, content: ByteBuffer, _ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("id", id, &out)
        members.text("type", "message", &out)
        members.text("status", status.name, &out)
        members.name("content", &out)
        out.writeInteger(UInt8.bracket)
        out.writeImmutableBuffer(content)
        out.writeInteger(UInt8.bracketEnd)
        members.text("role", "assistant", &out)
        out.writeInteger(UInt8.braceEnd)
    }

    /// - Parameters:
    ///   - annotations: with the commas between them.
    ///   - logprobs: with the commas between them.
    static func textPart(
        _ text: RawText, annotations: ByteBuffer, logprobs: ByteBuffer, _ out: inout ByteBuffer
    ) {
        out.writeStaticString("{\"type\":\"output_text\",\"annotations\":[")
        out.writeImmutableBuffer(annotations)
        out.writeStaticString("],\"logprobs\":[")
        out.writeImmutableBuffer(logprobs)
        out.writeStaticString("],\"text\":")
        out.writeJSONString(text)
        out.writeInteger(UInt8.braceEnd)
    }

    static func refusalPart(_ text: RawText, _ out: inout ByteBuffer) {
        out.writeStaticString("{\"type\":\"refusal\",\"refusal\":")
        out.writeJSONString(text)
        out.writeInteger(UInt8.braceEnd)
    }

    static func call(
        id: RawText, callID: RawText, name: RawText, isCustom: Bool, arguments: RawText, _ status: Status,
        _ out: inout ByteBuffer
    ) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("id", id, &out)
        members.text("type", isCustom ? "custom_tool_call" : "function_call", &out)
        members.text("status", status.name, &out)
        members.text(isCustom ? "input" : "arguments", arguments, &out)
        members.text("call_id", callID, &out)
        members.text("name", name, &out)
        out.writeInteger(UInt8.braceEnd)
    }

    static func reasoning(id: RawText, summary: RawText, encrypted: RawText?, _ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("id", id, &out)
        members.text("type", "reasoning", &out)
        members.name("summary", &out)
        out.writeInteger(UInt8.bracket)
        if !summary.isEmpty { summaryPart(summary, &out) }
        out.writeInteger(UInt8.bracketEnd)
        members.text("encrypted_content", encrypted, &out)
        out.writeInteger(UInt8.braceEnd)
    }

    static func summaryPart(_ text: RawText, _ out: inout ByteBuffer) {
        out.writeStaticString("{\"type\":\"summary_text\",\"text\":")
        out.writeJSONString(text)
        out.writeInteger(UInt8.braceEnd)
    }

    /// A picture that was generated, as the item of OpenAI's own tool; `false` for other media.
    static func image(id: RawText, _ media: Media, _ out: inout ByteBuffer) -> Bool {
        guard media.kind == .image, case .base64(let type, let data) = media.source else { return false }
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("id", id, &out)
        members.text("type", "image_generation_call", &out)
        members.text("status", "completed", &out)
        var format: StaticString = "png"
        if type.hasSuffix("jpeg") { format = "jpeg" }
        if type.hasSuffix("webp") { format = "webp" }
        members.text("output_format", format, &out)
        members.text("result", data, &out)
        out.writeInteger(UInt8.braceEnd)
        return true
    }

    /// An item's id from the answer's and its place: items of other dialects have none.
    static func id(_ prefix: StaticString, _ answer: RawText, _ index: Int) -> RawText {
        var bytes = ByteBuffer()
        bytes.writeStaticString(prefix)
        bytes.writeImmutableBuffer(answer.bytes)
        bytes.writeStaticString("_")
        bytes.writeDecimal(index)
        return RawText(validated: bytes)
    }

    /// The text of a custom tool's call out of the object `{"input":…}` that the model wrote in its place; what is not of
    /// that form is taken whole.
    static func customInput(_ arguments: RawText) -> RawText {
        guard let object = Arguments.encoded(arguments).object else { return arguments }
        var tape = JSONTape()
        guard tape.readRepaired(object.bytes), let text = tape.text(JSONTape.root, "input") else { return arguments }
        return text
    }

    static func append(_ element: ByteBuffer, to list: inout ByteBuffer) {
        if list.readableBytes > 0 { list.writeInteger(UInt8.comma) }
        list.writeImmutableBuffer(element)
    }
}

/// A whole `response` object.
struct ResponsesEnvelope {
    var id: RawText
    var model: RawText
    /// Seconds since 1970.
    var created: Int64

    /// - Parameters:
    ///   - status: `in_progress`, `completed`, `incomplete` or `failed`.
    ///   - reason: for `incomplete`.
    ///   - output: the items, with the commas between them.
    func write(
        status: StaticString, reason: StaticString? = nil, error: ProviderError? = nil, output: ByteBuffer,
        usage: TokenUsage?, _ out: inout ByteBuffer
    ) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("id", id, &out)
        members.text("object", "response", &out)
        members.number("created_at", created, &out)
        members.text("status", status, &out)
        members.literal("background", "false", &out)
        members.name("error", &out)
        if let error {
            out.writeStaticString("{\"code\":")
            out.writeJSONString(ResponsesErrorWriter.code(of: error))
            out.writeStaticString(",\"message\":")
            out.writeJSONString(error.message)
            out.writeInteger(UInt8.braceEnd)
        } else {
            out.writeStaticString("null")
        }
        members.name("incomplete_details", &out)
        if let reason {
            out.writeStaticString("{\"reason\":\"")
            out.writeStaticString(reason)
            out.writeStaticString("\"}")
        } else {
            out.writeStaticString("null")
        }
        members.literal("instructions", "null", &out)
        members.literal("max_output_tokens", "null", &out)
        members.text("model", model, &out)
        members.name("output", &out)
        out.writeInteger(UInt8.bracket)
        out.writeImmutableBuffer(output)
        out.writeInteger(UInt8.bracketEnd)
        members.literal("parallel_tool_calls", "true", &out)
        members.literal("previous_response_id", "null", &out)
        members.literal("reasoning", "{\"effort\":null,\"summary\":null}", &out)
        members.literal("store", "false", &out)
        members.literal("temperature", "null", &out)
        members.literal("text", "{\"format\":{\"type\":\"text\"}}", &out)
        members.literal("tool_choice", "\"auto\"", &out)
        members.literal("tools", "[]", &out)
        members.literal("top_p", "null", &out)
        members.literal("truncation", "\"disabled\"", &out)
        members.name("usage", &out)
        if let usage { ResponsesUsage.write(usage, &out) } else { out.writeStaticString("null") }
        members.literal("user", "null", &out)
        members.literal("metadata", "{}", &out)
        out.writeInteger(UInt8.braceEnd)
    }
}
