import NIOCore

/// Writes the members of JSON objects with the commas between them. Text and values go in as they are spelled.
struct JSONMembers {
    private var isFirst = true

    /// Writes a comma where one is due, the name, and the colon.
    mutating func name(_ name: StaticString, _ out: inout ByteBuffer) { member(name, room: 0, &out) { _ in } }

    mutating func text(_ name: StaticString, _ text: RawText, _ out: inout ByteBuffer) {
        member(name, room: text.bytes.readableBytes + 2, &out) { out in
            out.append(UInt8.quote)
            out.append(text.bytes)
            out.append(UInt8.quote)
        }
    }

    /// A member in one go: a buffer checks itself anew for each piece that is written to it.
    private mutating func member(
        _ name: StaticString, room: Int, _ out: inout ByteBuffer, _ value: (inout OutputRawSpan) -> Void
    ) {
        let isFirst = isFirst
        self.isFirst = false
        out.writeWithOutputRawSpan(minimumWritableBytes: name.utf8CodeUnitCount + 4 + room) { out in
            if !isFirst { out.append(UInt8.comma) }
            out.append(UInt8.quote)
            out.append(name)
            out.append(UInt8.quote)
            out.append(UInt8.colon)
            value(&out)
        }
    }

    mutating func text(_ name: StaticString, _ text: RawText?, _ out: inout ByteBuffer) {
        if let text { self.text(name, text, &out) }
    }

    mutating func text(_ name: StaticString, _ text: StaticString, _ out: inout ByteBuffer) {
        member(name, room: text.utf8CodeUnitCount + 2, &out) { out in
            out.append(UInt8.quote)
            out.append(text)
            out.append(UInt8.quote)
        }
    }

    mutating func json(_ name: StaticString, _ json: RawJSON, _ out: inout ByteBuffer) {
        self.name(name, &out)
        out.writeImmutableBuffer(json.bytes)
    }

    mutating func json(_ name: StaticString, _ json: RawJSON?, _ out: inout ByteBuffer) {
        if let json { self.json(name, json, &out) }
    }

    /// A literal: `true`, `null`, `[]`.
    mutating func literal(_ name: StaticString, _ json: StaticString, _ out: inout ByteBuffer) {
        member(name, room: json.utf8CodeUnitCount, &out) { $0.append(json) }
    }

    mutating func flag(_ name: StaticString, _ flag: Bool, _ out: inout ByteBuffer) {
        literal(name, flag ? "true" : "false", &out)
    }

    mutating func number(_ name: StaticString, _ number: Int64, _ out: inout ByteBuffer) {
        self.name(name, &out)
        out.writeDecimal(number)
    }
}

/// Writes the commas between the elements of an array.
struct JSONElements {
    private(set) var isFirst = true

    mutating func next(_ out: inout ByteBuffer) {
        if !isFirst { out.writeInteger(UInt8.comma) }
        isFirst = false
    }
}

extension ByteBuffer {
    mutating func writeJSONString(_ text: RawText) {
        writeWithOutputRawSpan(minimumWritableBytes: text.bytes.readableBytes + 2) { out in
            out.append(UInt8.quote)
            out.append(text.bytes)
            out.append(UInt8.quote)
        }
    }
}

extension OutputRawSpan {
    mutating func append(_ text: StaticString) {
        unsafe append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ bytes: ByteBuffer) {
        unsafe bytes.withUnsafeReadableBytes { unsafe append($0) }
    }

    private mutating func append(_ source: UnsafeRawBufferPointer) {
        unsafe withUnsafeMutableBytes { target, count in
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(from: source)
            count += source.count
        }
    }
}
