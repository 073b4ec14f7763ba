import NIOCore
import Wire

extension JSONTape {
    /// Reads a text that is one object or array, to the last depth; `nil` when it is anything else.
    static func container(_ text: ByteBuffer) -> JSONTape? {
        let bytes = text.readableBytesUInt8Span
        var at = 0
        while at < bytes.count, bytes[at] <= 0x20 { at += 1 }
        guard at < bytes.count, bytes[at] == UInt8(ascii: "{") || bytes[at] == UInt8(ascii: "[") else { return nil }
        var tape = JSONTape(expandedDepth: JSONCursor.depthLimit + 1)
        do throws(JSONFault) { try tape.read(text) } catch { return nil }
        return tape
    }

    func range(_ node: Int) -> Range<Int> { Int(nodes[node].start)..<Int(nodes[node].end) }

    /// A string without its quotes.
    func textRange(_ node: Int) -> Range<Int> { Int(nodes[node].start) + 1..<Int(nodes[node].end) - 1 }

    func nameRange(_ node: Int) -> Range<Int> { Int(nodes[node].nameStart)..<Int(nodes[node].nameEnd) }

    func slice(_ range: Range<Int>) -> ByteBuffer {
        source.getSlice(at: source.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }

    /// The elements or members of a container.
    func children(_ container: Int) -> [Int] { Array(members(container)) }

    /// The elements of a list; none of what is no list.
    func elements(_ list: Int?) -> [Int] {
        guard let list, nodes[list].kind == .array else { return [] }
        return children(list)
    }

    func members(_ container: Int) -> some Sequence<Int> {
        let end = Int(nodes[container].next)
        return sequence(state: container + 1) { at -> Int? in
            guard at < end else { return nil }
            defer { at = Int(nodes[at].next) }
            return at
        }
    }

    /// The last member of this name, which must be ASCII without escapes.
    func member(_ object: Int, _ name: StaticString) -> Int? {
        guard nodes[object].kind == .object else { return nil }
        return members(object).reduce(nil) { found, member in isNamed(member, name) ? member : found }
    }

    func isNamed(_ member: Int, _ name: StaticString) -> Bool {
        let text = JSONText(
            start: Int(nodes[member].nameStart), end: Int(nodes[member].nameEnd),
            isEscaped: nodes[member].nameIsEscaped)
        return text.equals(name, in: source.readableBytesUInt8Span)
    }

    /// Whether a string, unescaped, is `value`.
    func equals(_ node: Int?, _ value: StaticString) -> Bool {
        guard let node, nodes[node].kind == .string else { return false }
        let range = textRange(node)
        let text = JSONText(start: range.lowerBound, end: range.upperBound, isEscaped: nodes[node].isEscaped)
        return text.equals(value, in: source.readableBytesUInt8Span)
    }

    /// A string with escapes resolved.
    func unescaped(_ node: Int) -> ByteBuffer {
        let range = textRange(node)
        guard nodes[node].isEscaped else { return slice(range) }
        let text = JSONText(start: range.lowerBound, end: range.upperBound, isEscaped: true)
        return ByteBuffer(bytes: text.unescaped(in: source.readableBytesUInt8Span))
    }

    /// Whether two members are spelled alike.
    func isNamed(_ member: Int, like other: Int) -> Bool {
        let bytes = source.readableBytesUInt8Span
        let (a, b) = (nameRange(member), nameRange(other))
        guard a.count == b.count else { return false }
        for offset in 0..<a.count where bytes[a.lowerBound + offset] != bytes[b.lowerBound + offset] { return false }
        return true
    }

    /// A member's name in its shortest JSON spelling, without quotes.
    func name(_ member: Int) -> [UInt8] { normalised(nameRange(member)) }

    /// A string in its shortest JSON spelling, without quotes.
    func text(_ node: Int) -> [UInt8] { normalised(textRange(node)) }

    private func normalised(_ range: Range<Int>) -> [UInt8] {
        var out = ByteBuffer()
        out.writeJSONNormalised(slice(range))
        return Array(buffer: out)
    }

    /// Whether a name is a table's marker with so many `$` behind it.
    static func isMarker(_ name: [UInt8], escapes: some RangeExpression<Int>) -> Bool {
        for marker in [JSONColumns.columns, JSONColumns.map] {
            let bytes = marker.description.utf8
            guard name.starts(with: bytes) else { continue }
            let rest = name.dropFirst(bytes.count)
            if rest.allSatisfy({ $0 == UInt8(ascii: "$") }), escapes.contains(rest.count) { return true }
        }
        return false
    }
}

extension ByteBuffer {
    /// Writes the validated characters of a JSON string with no escape that JSON does not demand.
    mutating func writeJSONNormalised(_ text: ByteBuffer) {
        let b = text.readableBytesUInt8Span
        var at = 0
        var copied = 0
        func flush(_ out: inout ByteBuffer, to end: Int) {
            guard end > copied, let part = text.getSlice(at: text.readerIndex + copied, length: end - copied) else {
                return
            }
            out.writeImmutableBuffer(part)
        }
        while at < b.count {
            guard b[at] == UInt8(ascii: "\\") else {
                at += 1
                continue
            }
            let isUnicode = b[at + 1] == UInt8(ascii: "u")
            guard isUnicode || b[at + 1] == UInt8(ascii: "/") else {
                at += 2
                continue
            }
            flush(&self, to: at)
            if isUnicode {
                let isPair = b[at + 2] | 0x20 == UInt8(ascii: "d") && "89abAB".utf8.contains(b[at + 3])
                let end = at + (isPair ? 12 : 6)
                let plain = JSONText(start: at, end: end, isEscaped: true).unescaped(in: b)
                writeCharacter(plain)
                at = end
            } else {
                writeInteger(UInt8(ascii: "/"))
                at += 2
            }
            copied = at
        }
        flush(&self, to: b.count)
    }

    private mutating func writeCharacter(_ plain: [UInt8]) {
        switch plain[0] {
        case 0x08: writeStaticString("\\b")
        case 0x09: writeStaticString("\\t")
        case 0x0a: writeStaticString("\\n")
        case 0x0c: writeStaticString("\\f")
        case 0x0d: writeStaticString("\\r")
        case UInt8(ascii: "\""): writeStaticString("\\\"")
        case UInt8(ascii: "\\"): writeStaticString("\\\\")
        case 0..<0x20:
            writeStaticString("\\u00")
            for digit in [plain[0] >> 4, plain[0] & 15] {
                writeInteger(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        default: writeBytes(plain)
        }
    }
}
