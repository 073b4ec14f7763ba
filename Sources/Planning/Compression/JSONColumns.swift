import NIOCore
import Wire

/// JSON without white space, lists of like objects as tables: `[{"a":1,"b":{"c":2}},…]` becomes
/// `{"$cols":["a",["b","c"]],"$rows":[[1,2],…]}`, and an object of like objects `{"$map":[…],"$rows":[["name",…],…]}`.
/// Member order, number spelling and every value are kept; `restored` gives them back.
///
/// An object whose first member is really called `$cols` or `$map`, with any number of `$` behind, gets one `$` more.
struct JSONColumns {
    static let columns: StaticString = "$cols"
    static let map: StaticString = "$map"
    /// Tables stand deeper than lists: restoring must stay within `JSONCursor.depthLimit`.
    private static let deepestTable = 20
    /// What a table costs beside its rows.
    private static let tableBytes = 24

    private let tape: JSONTape
    private let limits: OutlineLimits?
    private var out = ByteBuffer()

    /// `nil` when the text is no JSON object or array.
    static func written(_ text: ByteBuffer, _ limits: OutlineLimits?) -> ByteBuffer? {
        guard let tape = JSONTape.container(text) else { return nil }
        var writer = JSONColumns(tape: tape, limits: limits)
        writer.out.reserveCapacity(text.readableBytes)
        writer.write(0, depth: 0)
        return writer.out
    }

    private init(tape: JSONTape, limits: OutlineLimits?) {
        self.tape = tape
        self.limits = limits
    }

    // MARK: Values

    private mutating func write(_ node: Int, depth: Int) {
        switch tape.nodes[node].kind {
        case .object: writeObject(node, depth: depth)
        case .array: writeArray(node, depth: depth)
        case .string: writeString(node)
        default: out.writeImmutableBuffer(tape.slice(tape.range(node)))
        }
    }

    private mutating func writeObject(_ node: Int, depth: Int) {
        let members = tape.children(node)
        if depth < Self.deepestTable, let shape = table(members, named: true) {
            open(Self.map, shape)
            writeRows(members, shape, named: true, depth: depth)
            return
        }
        out.writeInteger(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { out.writeInteger(UInt8(ascii: ",")) }
            writeName(member, first: index == 0)
            write(member, depth: depth + 1)
        }
        out.writeInteger(UInt8(ascii: "}"))
    }

    private mutating func writeArray(_ node: Int, depth: Int) {
        let elements = tape.children(node)
        if depth < Self.deepestTable, let shape = table(elements, named: false) {
            open(Self.columns, shape)
            writeRows(elements, shape, named: false, depth: depth)
            return
        }
        out.writeInteger(UInt8(ascii: "["))
        writeList(elements) { writer, element in writer.write(element, depth: depth + 1) }
        out.writeInteger(UInt8(ascii: "]"))
    }

    /// All elements, or at the limits of a mode the first and last with a note between.
    private mutating func writeList(_ elements: [Int], _ write: (inout Self, Int) -> Void) {
        let leftOut = limits?.leftOut(of: elements.count)
        for (index, element) in elements.enumerated() {
            if let leftOut, leftOut.contains(index) {
                if index == leftOut.lowerBound {
                    out.writeStaticString(",\"[… ")
                    out.writeString("\(leftOut.count)")
                    out.writeStaticString(" left out]\"")
                }
                continue
            }
            if index > 0 { out.writeInteger(UInt8(ascii: ",")) }
            write(&self, element)
        }
    }

    private mutating func writeString(_ node: Int) {
        let text = tape.slice(tape.textRange(node))
        out.writeInteger(UInt8(ascii: "\""))
        let shortened = limits.flatMap { Outline.shortened(string: text, $0) }
        out.writeJSONNormalised(shortened ?? text)
        out.writeInteger(UInt8(ascii: "\""))
    }

    private mutating func writeName(_ member: Int, first: Bool) {
        out.writeInteger(UInt8(ascii: "\""))
        let name = tape.name(member)
        out.writeBytes(name)
        if first, JSONTape.isMarker(name, escapes: 0...) { out.writeInteger(UInt8(ascii: "$")) }
        out.writeStaticString("\":")
    }

    // MARK: Tables

    /// A column, and the columns of its objects when all of them are alike.
    private struct Column {
        /// A member that has the column's name.
        var member: Int
        var inner: [Column]?

        /// What each row saves: the name with its quotes and colon, a comma, and the braces of what is inside.
        func bytes(_ tape: JSONTape) -> Int {
            tape.nameRange(member).count + 3 + (inner.map { 2 + $0.reduce(0) { $0 + $1.bytes(tape) } } ?? 0)
        }
    }

    /// The columns of a list of like objects, when a table is shorter.
    private func table(_ values: [Int], named: Bool) -> [Column]? {
        guard values.count >= 2, let shape = shape(values) else { return nil }
        let perRow = shape.reduce(named ? -1 : 0) { $0 + $1.bytes(tape) }
        return (values.count - 1) * perRow > Self.tableBytes ? shape : nil
    }

    private func shape(_ values: [Int]) -> [Column]? {
        guard let first = values.first, isFilledObject(first) else { return nil }
        let names = tape.children(first)
        var columns = names.map { [$0] }
        for value in values.dropFirst() {
            guard isFilledObject(value) else { return nil }
            var count = 0
            for member in tape.members(value) {
                guard count < names.count, tape.isNamed(member, like: names[count]) else { return nil }
                columns[count].append(member)
                count += 1
            }
            guard count == names.count else { return nil }
        }
        return columns.map { Column(member: $0[0], inner: shape($0)) }
    }

    private func isFilledObject(_ node: Int) -> Bool {
        tape.nodes[node].kind == .object && Int(tape.nodes[node].next) > node + 1
    }

    private mutating func open(_ marker: StaticString, _ shape: [Column]) {
        out.writeStaticString("{\"")
        out.writeStaticString(marker)
        out.writeStaticString("\":[")
        writeHead(shape)
        out.writeStaticString("],\"$rows\":[")
    }

    private mutating func writeHead(_ shape: [Column]) {
        for (index, column) in shape.enumerated() {
            if index > 0 { out.writeInteger(UInt8(ascii: ",")) }
            if column.inner != nil { out.writeInteger(UInt8(ascii: "[")) }
            out.writeInteger(UInt8(ascii: "\""))
            out.writeBytes(tape.name(column.member))
            out.writeInteger(UInt8(ascii: "\""))
            if let inner = column.inner {
                out.writeInteger(UInt8(ascii: ","))
                writeHead(inner)
                out.writeInteger(UInt8(ascii: "]"))
            }
        }
    }

    private mutating func writeRows(_ values: [Int], _ shape: [Column], named: Bool, depth: Int) {
        writeList(values) { writer, value in
            writer.out.writeInteger(UInt8(ascii: "["))
            if named {
                writer.out.writeInteger(UInt8(ascii: "\""))
                writer.out.writeBytes(writer.tape.name(value))
                writer.out.writeInteger(UInt8(ascii: "\""))
            }
            var isFirst = !named
            writer.writeRow(value, shape, depth: depth + 3, &isFirst)
            writer.out.writeInteger(UInt8(ascii: "]"))
        }
        out.writeStaticString("]}")
    }

    private mutating func writeRow(_ value: Int, _ shape: [Column], depth: Int, _ isFirst: inout Bool) {
        var member = value + 1
        for column in shape {
            if let inner = column.inner {
                writeRow(member, inner, depth: depth, &isFirst)
            } else {
                if !isFirst { out.writeInteger(UInt8(ascii: ",")) }
                isFirst = false
                write(member, depth: depth)
            }
            member = Int(tape.nodes[member].next)
        }
    }
}
