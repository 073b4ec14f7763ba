/// Sizes of what a model generated, from the `choices` of an answer or of a stream's event.
struct ChatOutput {
    /// Bytes of text, escapes resolved: content, refusal, reasoning, names and arguments of calls.
    var visibleBytes: Int64 = 0
    /// Something was generated, also what has no text: a call, audio, an image.
    var hasContent = false
    var isEmpty = true

    /// Reads the `choices` ahead, through their end.
    mutating func choices(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        guard try cursor.peek(b) == .array else {
            _ = try cursor.value(b)
            return
        }
        var more = try cursor.beginArray(b)
        while more {
            isEmpty = false
            if try cursor.peek(b) == .object { try choice(&cursor, b) } else { _ = try cursor.value(b) }
            more = try cursor.nextElement(b)
        }
    }

    private mutating func choice(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let isMessage = name.equals("delta", in: b) || name.equals("message", in: b)
            if isMessage, try cursor.peek(b) == .object {
                try message(&cursor, b)
            } else {
                let value = try cursor.value(b)
                if value.kind == .string, name.equals("text", in: b) { add(value, b) }
            }
            more = try cursor.nextMember(b)
        }
    }

    private mutating func message(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        // Two names for the same text: some providers send both.
        var reasoning: Int64 = 0
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            if name.equals("content", in: b) {
                try content(&cursor, b)
            } else if name.equals("tool_calls", in: b) {
                try calls(&cursor, b)
            } else if name.equals("function_call", in: b) {
                try call(&cursor, b)
            } else {
                let value = try cursor.value(b)
                if value.kind == .string {
                    if name.equals("refusal", in: b) {
                        add(value, b)
                    } else if name.equals("reasoning_content", in: b) || name.equals("reasoning", in: b) {
                        reasoning = max(reasoning, Int64(value.text.byteCount(in: b)))
                    }
                } else if value.kind == .object || value.kind == .array, value.end - value.start > 2,
                    name.equals("audio", in: b) || name.equals("images", in: b)
                {
                    hasContent = true
                }
            }
            more = try cursor.nextMember(b)
        }
        visibleBytes += reasoning
        if reasoning > 0 { hasContent = true }
    }

    /// A string, or parts with a `text` or `thinking` each (Mistral).
    private mutating func content(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        guard try cursor.peek(b) == .array else { return add(try cursor.value(b), b) }
        var more = try cursor.beginArray(b)
        while more {
            try member("text", &cursor, b)
            hasContent = true
            more = try cursor.nextElement(b)
        }
    }

    private mutating func calls(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        guard try cursor.peek(b) == .array else {
            _ = try cursor.value(b)
            return
        }
        var more = try cursor.beginArray(b)
        while more {
            hasContent = true
            if try cursor.peek(b) == .object {
                var inner = try cursor.beginObject(b)
                while inner {
                    let name = try cursor.name(b)
                    if name.equals("function", in: b) { try call(&cursor, b) } else { _ = try cursor.value(b) }
                    inner = try cursor.nextMember(b)
                }
            } else {
                _ = try cursor.value(b)
            }
            more = try cursor.nextElement(b)
        }
    }

    private mutating func call(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        guard try cursor.peek(b) == .object else {
            _ = try cursor.value(b)
            return
        }
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let value = try cursor.value(b)
            if name.equals("arguments", in: b) || name.equals("name", in: b) { add(value, b) }
            more = try cursor.nextMember(b)
        }
    }

    private mutating func member(
        _ wanted: StaticString, _ cursor: inout JSONCursor, _ b: Span<UInt8>
    ) throws(JSONFault) {
        guard try cursor.peek(b) == .object else {
            _ = try cursor.value(b)
            return
        }
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let value = try cursor.value(b)
            if name.equals(wanted, in: b) { add(value, b) }
            more = try cursor.nextMember(b)
        }
    }

    private mutating func add(_ value: JSONValue, _ b: Span<UInt8>) {
        guard value.kind == .string, value.end - value.start > 2 else { return }
        visibleBytes += Int64(value.text.byteCount(in: b))
        hasContent = true
    }
}
