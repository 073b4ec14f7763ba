public import NIOCore
public import Vocabulary

/// What Tacet needs to know of one event of OpenAI's Realtime API: who generates, and what it costs.
public enum RealtimeEvent: Sendable, Equatable {
    /// A client asks for a response.
    case asksForResponse
    /// A response was begun, asked for or by voice detection.
    case responseBegun
    /// A response is over; `nil` when its usage is not told.
    case responseEnded(TokenUsage?)
    /// Something was generated: bytes of text, escapes resolved.
    case generated(Int64)
    /// A model of its own wrote down what was said.
    case transcribed(TokenUsage)
    /// The session's settings: the model that writes down what is said.
    case session(transcriber: [UInt8]?)
    case failed
    case other

    /// Reads the text of one message; what is no JSON object is none of its matters.
    public static func read(_ text: ByteBuffer) -> RealtimeEvent {
        let b = text.readableBytesUInt8Span
        var reader = RealtimeEventReader()
        var cursor = JSONCursor(b)
        do throws(JSONFault) {
            guard try cursor.peek(b) == .object else { return .other }
            try reader.event(&cursor, b)
        } catch { return .other }
        return reader.result(b)
    }
}

private struct RealtimeEventReader {
    private var type: JSONText?
    private var report: UsageReport?
    private var deltaBytes: Int64 = 0
    private var transcriber: [UInt8]?

    mutating func event(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let kind = try cursor.peek(b)
            if kind == .object, name.equals("response", in: b) {
                try usage(&cursor, b)
            } else if kind == .object, name.equals("usage", in: b) {
                try usageObject(&cursor, b)
            } else if kind == .object, name.equals("session", in: b) {
                try session(["audio", "input", "transcription"], &cursor, b)
            } else {
                let value = try cursor.value(b)
                if kind == .string, name.equals("type", in: b) { type = value.text }
                if kind == .string, name.equals("delta", in: b) { deltaBytes = Int64(value.text.byteCount(in: b)) }
            }
            more = try cursor.nextMember(b)
        }
    }

    private mutating func usage(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            if name.equals("usage", in: b), try cursor.peek(b) == .object {
                try usageObject(&cursor, b)
            } else {
                _ = try cursor.value(b)
            }
            more = try cursor.nextMember(b)
        }
    }

    private mutating func usageObject(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var found = UsageReport()
        try found.object(&cursor, b)
        report = found
    }

    /// The model named below a path of objects; the older form has it below `input_audio_transcription`.
    private mutating func session(
        _ path: ArraySlice<StaticString>, _ cursor: inout JSONCursor, _ b: Span<UInt8>
    ) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let kind = try cursor.peek(b)
            if kind == .object, let next = path.first, name.equals(next, in: b) {
                try session(path.dropFirst(), &cursor, b)
            } else if kind == .object, name.equals("input_audio_transcription", in: b) {
                try session([], &cursor, b)
            } else {
                let value = try cursor.value(b)
                if path.isEmpty, kind == .string, name.equals("model", in: b) {
                    transcriber = value.text.unescaped(in: b)
                }
            }
            more = try cursor.nextMember(b)
        }
    }

    func result(_ b: Span<UInt8>) -> RealtimeEvent {
        guard let type else { return .other }
        func isType(_ name: StaticString) -> Bool { type.equals(name, in: b) }
        if isType("response.create") { return .asksForResponse }
        if isType("response.created") { return .responseBegun }
        if isType("response.done") { return .responseEnded(report?.usage) }
        if isType("error") { return .failed }
        if isType("session.created") || isType("session.updated") { return .session(transcriber: transcriber) }
        if isType("conversation.item.input_audio_transcription.completed") {
            var usage = report?.usage ?? TokenUsage()
            usage[.milliseconds] = report?.milliseconds ?? 0
            return .transcribed(usage)
        }
        for name: StaticString in [
            "response.output_text.delta", "response.text.delta", "response.output_audio_transcript.delta",
            "response.audio_transcript.delta", "response.function_call_arguments.delta",
        ] where isType(name) {
            return .generated(deltaBytes)
        }
        return .other
    }
}
