import NIOCore

/// Writes the members of JSON objects with the commas between them. Text and values go in as they are spelled.
struct JSONMembers {
    private var isFirst = true

    /// Writes a comma where one is due, the name, and the colon.
    mutating func name(_ name: StaticString, _ out: inout ByteBuffer) {
        if !isFirst { out.writeInteger(UInt8.comma) }
        isFirst = false
        out.writeInteger(UInt8.quote)
        out.writeStaticString(name)
        out.writeStaticString("\":")
    }

    mutating func text(_ name: StaticString, _ text: RawText, _ out: inout ByteBuffer) {
        self.name(name, &out)
        out.writeJSONString(text)
    }

    mutating func text(_ name: StaticString, _ text: RawText?, _ out: inout ByteBuffer) {
        if let text { self.text(name, text, &out) }
    }

    mutating func text(_ name: StaticString, _ text: StaticString, _ out: inout ByteBuffer) {
        self.name(name, &out)
        out.writeInteger(UInt8.quote)
        out.writeStaticString(text)
        out.writeInteger(UInt8.quote)
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
        self.name(name, &out)
        out.writeStaticString(json)
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
        writeInteger(UInt8.quote)
        writeImmutableBuffer(text.bytes)
        writeInteger(UInt8.quote)
    }
}
