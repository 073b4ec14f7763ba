import NIOCore
import Vocabulary

/// Makes JSON Schema of Google's `Schema`: types in capitals, `nullable`, limits as strings of digits.
///
/// All else is copied as it stands. A schema is looked into as far as `JSONCursor` goes.
struct GeminiSchema {
    private var cursor: JSONCursor
    private var out = ByteBuffer()

    static func jsonSchema(_ schema: RawJSON) -> RawJSON {
        let bytes = schema.bytes.readableBytesUInt8Span
        var writer = GeminiSchema(cursor: JSONCursor(bytes))
        writer.out.reserveCapacity(bytes.count + 16)
        // The bytes were validated: what fails here is deeper than the cursor goes, and stays as it is.
        do throws(JSONFault) { try writer.schema(bytes) } catch { return schema }
        return RawJSON(validated: writer.out)
    }

    private mutating func schema(_ b: Span<UInt8>) throws(JSONFault) {
        guard try cursor.peek(b) == .object else { return copy(try cursor.value(b), b) }
        var ahead = cursor
        let isNullable = try Self.isNullable(&ahead, b)
        out.writeInteger(UInt8.brace)
        var elements = JSONElements()
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            if name.equals("nullable", in: b) {
                _ = try cursor.value(b)
            } else {
                elements.next(&out)
                out.writeInteger(UInt8.quote)
                copy(name.range, b)
                out.writeStaticString("\":")
                try member(name, isNullable, b)
            }
            more = try cursor.nextMember(b)
        }
        out.writeInteger(UInt8.braceEnd)
    }

    private static func isNullable(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) -> Bool {
        var isNullable = false
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let value = try cursor.value(b)
            if name.equals("nullable", in: b) { isNullable = value.kind == .true }
            more = try cursor.nextMember(b)
        }
        return isNullable
    }

    private mutating func member(_ name: JSONText, _ isNullable: Bool, _ b: Span<UInt8>) throws(JSONFault) {
        let kind = try cursor.peek(b)
        func isNamed(_ names: StaticString...) -> Bool { names.contains { name.equals($0, in: b) } }
        if isNamed("type"), kind == .string {
            type(try cursor.value(b), isNullable, b)
        } else if isNamed("properties", "$defs", "defs", "definitions"), kind == .object {
            try schemas(b)
        } else if isNamed("anyOf", "any_of", "oneOf", "allOf", "prefixItems"), kind == .array {
            try list(b)
        } else if isNamed("items", "additionalProperties", "not"), kind == .object {
            try schema(b)
        } else {
            let value = try cursor.value(b)
            let isLimit = isNamed(
                "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
            if isLimit, kind == .string, JSONNumber(b, value.text.range) != nil {
                copy(value.text.range, b)
            } else {
                copy(value, b)
            }
        }
    }

    private mutating func schemas(_ b: Span<UInt8>) throws(JSONFault) {
        out.writeInteger(UInt8.brace)
        var elements = JSONElements()
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            elements.next(&out)
            out.writeInteger(UInt8.quote)
            copy(name.range, b)
            out.writeStaticString("\":")
            try schema(b)
            more = try cursor.nextMember(b)
        }
        out.writeInteger(UInt8.braceEnd)
    }

    private mutating func list(_ b: Span<UInt8>) throws(JSONFault) {
        out.writeInteger(UInt8.bracket)
        var elements = JSONElements()
        var more = try cursor.beginArray(b)
        while more {
            elements.next(&out)
            try schema(b)
            more = try cursor.nextElement(b)
        }
        out.writeInteger(UInt8.bracketEnd)
    }

    private mutating func type(_ value: JSONValue, _ isNullable: Bool, _ b: Span<UInt8>) {
        if isNullable { out.writeInteger(UInt8.bracket) }
        out.writeInteger(UInt8.quote)
        for index in value.text.range {
            let isCapital = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= b[index]
            out.writeInteger(isCapital ? b[index] | 0x20 : b[index])
        }
        out.writeInteger(UInt8.quote)
        if isNullable { out.writeStaticString(",\"null\"]") }
    }

    private mutating func copy(_ value: JSONValue, _ b: Span<UInt8>) { copy(value.range, b) }

    private mutating func copy(_ range: Range<Int>, _ b: Span<UInt8>) {
        for index in range { out.writeInteger(b[index]) }
    }
}
