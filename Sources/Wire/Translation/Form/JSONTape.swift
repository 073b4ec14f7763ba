public import NIOCore
import Vocabulary

/// A JSON text as a flat list of where its values stand, for readers that must look at a member (a block's `type`) before
/// others that stand in front of it. One pass, no decoding; memory is kept from one text to the next.
public struct JSONTape: Sendable {
    /// A value, or a member with its name. Offsets are from the start of the text.
    public struct Node: Sendable {
        public var kind: JSONKind
        /// Whether a string holds escapes.
        public var isEscaped = false
        public var nameIsEscaped = false
        public var start: Int32 = 0
        public var end: Int32 = 0
        /// The member's name without quotes; empty range at -1 for elements and the root.
        public var nameStart: Int32 = -1
        public var nameEnd: Int32 = -1
        /// Behind the last node inside this one.
        public var next: Int32 = 0
        /// Of an object, a bit for the length of each member's name, modulo 64: most members that are asked for are not
        /// there, and most of those have a length that no other has.
        var nameLengths: UInt64 = 0
    }

    /// A value's place on the tape.
    struct Index: Sendable {
        var at: Int
    }

    /// Containers deeper than this are validated and kept whole.
    private let expandedDepth: Int

    /// In the order they stand: the root first, a container before what is in it.
    public private(set) var nodes: [Node] = []
    /// What the offsets are about.
    public private(set) var source = ByteBuffer()

    /// - Parameter expandedDepth: containers deeper than this are validated and kept whole.
    public init(expandedDepth: Int = 12) { self.expandedDepth = expandedDepth }

    /// The whole text.
    static let root = Index(at: 0)

    /// Reads one whole JSON text.
    public mutating func read(_ text: ByteBuffer) throws(JSONFault) {
        source = text
        nodes.removeAll(keepingCapacity: true)
        guard text.readableBytes < Int(Int32.max) else { throw JSONFault(.outOfRange, at: 0) }
        let bytes = text.readableBytesUInt8Span
        var cursor = JSONCursor(bytes)
        try fill(&cursor, bytes)
        try cursor.finish(bytes)
    }

    private mutating func fill(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var open: [8 of Int] = .init(repeating: 0)
        var deeper: [Int] = []
        var depth = 0
        func parent(_ level: Int) -> Int { level < 8 ? open[level] : deeper[level - 8] }
        try push(&cursor, b, into: nil)
        while true {
            // The node pushed last is complete unless it is a container to be entered.
            let last = nodes.count - 1
            let isContainer = nodes[last].kind == .object || nodes[last].kind == .array
            if isContainer, nodes[last].end == 0 {
                let isObject = nodes[last].kind == .object
                if isObject ? try cursor.beginObject(b) : try cursor.beginArray(b) {
                    if depth < 8 { open[depth] = last } else { deeper.append(last) }
                    depth += 1
                    try push(&cursor, b, into: last, depth: depth)
                    continue
                }
                nodes[last].end = Int32(cursor.at)
            }
            nodes[last].next = Int32(nodes.count)
            // Go on behind the value, out of as many containers as end here.
            while true {
                if depth == 0 { return }
                let container = parent(depth - 1)
                let isObject = nodes[container].kind == .object
                if isObject ? try cursor.nextMember(b) : try cursor.nextElement(b) {
                    try push(&cursor, b, into: container, depth: depth)
                    break
                }
                nodes[container].end = Int32(cursor.at)
                nodes[container].next = Int32(nodes.count)
                depth -= 1
                if depth >= 8 { deeper.removeLast() }
            }
        }
    }

    /// Appends the value ahead. A container keeps `end` 0 until it is left, unless it is too deep to be entered.
    private mutating func push(
        _ cursor: inout JSONCursor, _ b: Span<UInt8>, into container: Int?, depth: Int = 0
    ) throws(JSONFault) {
        var node = Node(kind: .null)
        if let container, nodes[container].kind == .object {
            let name = try cursor.name(b)
            node.nameStart = Int32(name.start)
            node.nameEnd = Int32(name.end)
            node.nameIsEscaped = name.isEscaped
            nodes[container].nameLengths |= name.isEscaped ? .max : Self.bit(name.end - name.start)
        }
        let kind = try cursor.peek(b)
        node.kind = kind
        node.start = Int32(cursor.at)
        if kind != .object && kind != .array || depth >= expandedDepth {
            let value = try cursor.value(b)
            node.isEscaped = value.isEscaped
            node.end = Int32(value.end)
        }
        nodes.append(node)
    }

    private static func bit(_ length: Int) -> UInt64 { 1 << UInt64(length & 63) }
}

// MARK: Looking at values

extension JSONTape {
    func kind(_ index: Index) -> JSONKind { nodes[index.at].kind }

    /// The last member of this name: readers differ in which of two they believe, and we write what we read once.
    func member(_ object: Index, _ name: StaticString) -> Index? {
        guard nodes[object.at].nameLengths & Self.bit(name.utf8CodeUnitCount) != 0 else { return nil }
        var found: Index?
        let length = Int32(name.utf8CodeUnitCount)
        var at = object.at + 1
        let end = Int(nodes[object.at].next)
        while at < end {
            // Most names differ in length already: looked at without the checks of an array, for `at` only follows `next`.
            let (isLike, next) = unsafe nodes.withUnsafeBufferPointer { nodes in
                let node = unsafe nodes.baseAddress.unsafelyUnwrapped + at
                let count = unsafe node.pointee.nameEnd &- node.pointee.nameStart
                return unsafe (count == length || node.pointee.nameIsEscaped, Int(node.pointee.next))
            }
            if isLike, nameText(at).equals(name, in: source.readableBytesUInt8Span) { found = Index(at: at) }
            at = next
        }
        return found
    }

    /// A member that is not null.
    func present(_ object: Index, _ name: StaticString) -> Index? {
        guard let found = member(object, name), nodes[found.at].kind != .null else { return nil }
        return found
    }

    /// A string member's characters.
    func text(_ object: Index, _ name: StaticString) -> RawText? { member(object, name).flatMap { text($0) } }

    /// A member's value as it stands; `nil` for null too.
    func json(_ object: Index, _ name: StaticString) -> RawJSON? { present(object, name).map { json($0) } }

    func isTrue(_ object: Index, _ name: StaticString) -> Bool {
        member(object, name).map { kind($0) == .true } ?? false
    }

    /// Whether a string member, unescaped, is `value`.
    func member(_ object: Index, _ name: StaticString, is value: StaticString) -> Bool {
        guard let found = member(object, name) else { return false }
        return equals(found, value)
    }

    /// The first child of a container.
    func first(_ container: Index) -> Index? {
        let node = nodes[container.at]
        guard node.kind == .object || node.kind == .array, Int(node.next) > container.at + 1 else { return nil }
        return Index(at: container.at + 1)
    }

    /// The child behind this one.
    func next(_ child: Index, in container: Index) -> Index? {
        let next = Int(nodes[child.at].next)
        return next < Int(nodes[container.at].next) ? Index(at: next) : nil
    }

    func isEmpty(_ container: Index) -> Bool { first(container) == nil }

    /// Whether a string, unescaped, is `value`.
    func equals(_ index: Index, _ value: StaticString) -> Bool {
        nodes[index.at].kind == .string && stringText(index.at).equals(value, in: source.readableBytesUInt8Span)
    }

    /// Whether a member is called `name`.
    func isNamed(_ index: Index, _ name: StaticString) -> Bool {
        nameText(index.at).equals(name, in: source.readableBytesUInt8Span)
    }

    /// A member's name with escapes resolved.
    func name(_ index: Index) -> [UInt8] { nameText(index.at).unescaped(in: source.readableBytesUInt8Span) }

    /// A string's characters; `nil` for any other value.
    func text(_ index: Index) -> RawText? {
        guard nodes[index.at].kind == .string else { return nil }
        let text = stringText(index.at)
        return RawText(validated: slice(text.start, text.end))
    }

    func json(_ index: Index) -> RawJSON {
        RawJSON(validated: slice(Int(nodes[index.at].start), Int(nodes[index.at].end)))
    }

    /// A whole number that is not negative.
    func count(_ index: Index) -> Int64? {
        guard nodes[index.at].kind == .number else { return nil }
        let range = Int(nodes[index.at].start)..<Int(nodes[index.at].end)
        guard let number = JSONNumber(source.readableBytesUInt8Span, range), !number.isNegative else { return nil }
        return Int64(clamping: number.magnitude)
    }

    /// Where the value begins, from the start of the text.
    func offset(_ index: Index) -> Int { Int(nodes[index.at].start) }

    private func slice(_ start: Int, _ end: Int) -> ByteBuffer {
        source.getSlice(at: source.readerIndex + start, length: end - start) ?? ByteBuffer()
    }

    private func stringText(_ at: Int) -> JSONText {
        JSONText(start: Int(nodes[at].start) + 1, end: Int(nodes[at].end) - 1, isEscaped: nodes[at].isEscaped)
    }

    private func nameText(_ at: Int) -> JSONText {
        JSONText(start: Int(nodes[at].nameStart), end: Int(nodes[at].nameEnd), isEscaped: nodes[at].nameIsEscaped)
    }
}
