import NIOCore
import Wire

extension JSONColumns {
    enum Restoration {
        case json(ByteBuffer)
        case notJSON
        /// A table whose rows do not fit its head: not of our writing.
        case malformed
    }

    /// The JSON value that `written` was given.
    static func restored(_ text: ByteBuffer) -> Restoration {
        guard let tape = JSONTape.container(text) else { return .notJSON }
        var reader = Reader(tape: tape)
        return reader.restore(0) ? .json(reader.out) : .malformed
    }

    private struct Reader {
        let tape: JSONTape
        var out = ByteBuffer()

        init(tape: JSONTape) { self.tape = tape }

        mutating func restore(_ node: Int) -> Bool {
            switch tape.nodes[node].kind {
            case .object: return restoreObject(node)
            case .array:
                out.writeInteger(UInt8(ascii: "["))
                for (index, element) in tape.children(node).enumerated() {
                    if index > 0 { out.writeInteger(UInt8(ascii: ",")) }
                    guard restore(element) else { return false }
                }
                out.writeInteger(UInt8(ascii: "]"))
                return true
            default:
                out.writeImmutableBuffer(tape.slice(tape.range(node)))
                return true
            }
        }

        private mutating func restoreObject(_ node: Int) -> Bool {
            let members = tape.children(node)
            if members.count == 2 {
                let marker = tape.name(members[0])
                if marker.elementsEqual(JSONColumns.columns.description.utf8) {
                    return restoreRows(members, named: false)
                }
                if marker.elementsEqual(JSONColumns.map.description.utf8) { return restoreRows(members, named: true) }
            }
            out.writeInteger(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { out.writeInteger(UInt8(ascii: ",")) }
                var name = tape.name(member)
                if index == 0 {
                    // A bare marker here is a table with a third member: nothing that we write.
                    if JSONTape.isMarker(name, escapes: 0...0) { return false }
                    if JSONTape.isMarker(name, escapes: 1...) { name.removeLast() }
                }
                writeName(name)
                guard restore(member) else { return false }
            }
            out.writeInteger(UInt8(ascii: "}"))
            return true
        }

        private mutating func restoreRows(_ members: [Int], named: Bool) -> Bool {
            let head = members[0]
            let rows = members[1]
            guard tape.nodes[head].kind == .array, tape.nodes[rows].kind == .array,
                tape.name(rows).elementsEqual("$rows".utf8)
            else { return false }
            out.writeInteger(UInt8(ascii: named ? "{" : "["))
            for (index, row) in tape.children(rows).enumerated() {
                guard tape.nodes[row].kind == .array else { return false }
                if index > 0 { out.writeInteger(UInt8(ascii: ",")) }
                var cell = row + 1
                let end = Int(tape.nodes[row].next)
                if named {
                    guard cell < end, tape.nodes[cell].kind == .string else { return false }
                    out.writeImmutableBuffer(tape.slice(tape.range(cell)))
                    out.writeInteger(UInt8(ascii: ":"))
                    cell = Int(tape.nodes[cell].next)
                }
                guard restoreRow(tape.children(head)[...], &cell, end), cell == end else { return false }
            }
            out.writeInteger(UInt8(ascii: named ? "}" : "]"))
            return true
        }

        private mutating func restoreRow(_ columns: ArraySlice<Int>, _ cell: inout Int, _ end: Int) -> Bool {
            out.writeInteger(UInt8(ascii: "{"))
            for (index, column) in columns.enumerated() {
                if index > 0 { out.writeInteger(UInt8(ascii: ",")) }
                if tape.nodes[column].kind == .array {
                    let inner = tape.children(column)
                    guard let name = inner.first, tape.nodes[name].kind == .string else { return false }
                    writeName(tape.text(name))
                    guard restoreRow(inner.dropFirst(), &cell, end) else { return false }
                } else {
                    guard tape.nodes[column].kind == .string, cell < end else { return false }
                    writeName(tape.text(column))
                    guard restore(cell) else { return false }
                    cell = Int(tape.nodes[cell].next)
                }
            }
            out.writeInteger(UInt8(ascii: "}"))
            return true
        }

        private mutating func writeName(_ name: [UInt8]) {
            // A first member's name is written as it stands in the head, also when it looks like a marker.
            out.writeInteger(UInt8(ascii: "\""))
            out.writeBytes(name)
            out.writeStaticString("\":")
        }
    }
}
