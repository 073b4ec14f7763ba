import NIOCore
import Vocabulary

/// Reads what the events of a Responses stream tell. The dialect reports usage unasked, so nothing is taken out.
struct ResponsesTally: StreamTally {
    mutating func take(_ data: ByteBuffer, _ range: Range<Int>, into report: inout StreamReport) -> Bool {
        let b = data.readableBytesUInt8Span
        var cursor = JSONCursor(at: range.lowerBound, end: range.upperBound)
        var event = ResponsesEvent()
        // What is no JSON object passes as it is; what was read of a broken one counts.
        do throws(JSONFault) {
            guard try cursor.peek(b) == .object else { return true }
            try event.read(&cursor, b)
        } catch {}
        if let model = event.response.model { report.model = model }
        if let usage = event.response.usage { report.take(usage) }
        switch event.kind {
        case .delta:
            report.visibleOutputBytes += event.deltaBytes
            if event.deltaBytes > 0 { report.hasContent = true }
        case .itemAdded:
            report.visibleOutputBytes += event.itemNameBytes
            if event.isCallItem { report.hasContent = true }
        case .done, .failed:
            report.isDone = true
            if event.kind == .failed { report.errorSeen = true }
            // A provider that sends no deltas says all of it here.
            report.visibleOutputBytes = max(report.visibleOutputBytes, event.response.output.visibleBytes)
            if event.response.output.hasContent { report.hasContent = true }
        case .error: report.errorSeen = true
        case .other: break
        }
        return true
    }
}

/// The members of an event that Tacet reads.
struct ResponsesEvent {
    enum Kind {
        case delta
        case itemAdded
        case done
        case failed
        case error
        case other
    }

    var kind = Kind.other
    /// Of a string `delta`, escapes resolved.
    var deltaBytes: Int64 = 0
    /// Of the name of the tool that an item calls.
    var itemNameBytes: Int64 = 0
    var isCallItem = false
    var response = ResponsesObject()

    /// Reads the object ahead, through its end.
    mutating func read(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var hasError = false
        var hasType = false
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let valueKind = try cursor.peek(b)
            if valueKind == .object, name.equals("response", in: b) {
                try response.read(&cursor, b)
            } else if valueKind == .object, name.equals("item", in: b) {
                try item(&cursor, b)
            } else {
                let value = try cursor.value(b)
                if value.kind == .string, name.equals("type", in: b) {
                    hasType = true
                    kind = Self.kind(value.text, b)
                } else if value.kind == .string, name.equals("delta", in: b) {
                    deltaBytes = Int64(value.text.byteCount(in: b))
                } else if value.kind != .null, name.equals("error", in: b) {
                    hasError = true
                }
            }
            more = try cursor.nextMember(b)
        }
        if hasError, !hasType { kind = .error }
    }

    private static func kind(_ type: JSONText, _ b: Span<UInt8>) -> Kind {
        for name: StaticString in [
            "response.output_text.delta", "response.function_call_arguments.delta", "response.refusal.delta",
            "response.reasoning_summary_text.delta", "response.reasoning_text.delta",
            "response.custom_tool_call_input.delta", "response.code_interpreter_call_code.delta",
            "response.mcp_call_arguments.delta",
        ] where type.equals(name, in: b) {
            return .delta
        }
        if type.equals("response.output_item.added", in: b) { return .itemAdded }
        if type.equals("response.completed", in: b) || type.equals("response.incomplete", in: b) { return .done }
        if type.equals("response.failed", in: b) { return .failed }
        return type.equals("error", in: b) ? .error : .other
    }

    private mutating func item(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let value = try cursor.value(b)
            if value.kind == .string {
                if name.equals("name", in: b) { itemNameBytes = Int64(value.text.byteCount(in: b)) }
                if name.equals("call_id", in: b) { isCallItem = true }
            }
            more = try cursor.nextMember(b)
        }
    }
}
