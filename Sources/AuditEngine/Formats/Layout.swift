/// How the rows of a style of export are read.
enum RowStyle: UInt8 {
    /// One row, all token classes in columns of their own.
    case wide
    /// One row a billed item: a text names model and class.
    case billing
    /// A line of a coding agent's session.
    case agent
    /// A period without traffic.
    case empty
}

/// One format: what tells it, and what its names mean.
struct Layout {
    var name: [UInt8]
    var style: RowStyle
    /// Whose prices hold; empty when the rows tell.
    var provider: [UInt8]
    /// Cached and written tokens are a part of the input count.
    var cacheIsInside: Bool
    /// Sets of names, one of which must be there in whole.
    var needs: [[UInt64]] = []
    private(set) var names = NameLookup()
    /// Members one of which every line of use has; empty when every line is read.
    let markers: [Marker]

    private init(_ words: [[UInt8]]) {
        name = words[1]
        style = Self.style(words[2])
        provider = words[3] == text("-") ? [] : words[3]
        cacheIsInside = words[4] == text("inside")
        if name == text("claude_code") {
            markers = [Marker("usage")]
        } else if name == text("codex") {
            markers = [Marker("token_count"), Marker("turn_context"), Marker("session_meta")]
        } else {
            markers = []
        }
    }

    /// All layouts of a table's text.
    static func all(_ table: StaticString) -> [Layout] {
        var layouts: [Layout] = []
        for line in Words.lines(of: text(table)) {
            let words = Words.words(of: line)
            guard let first = words.first else { continue }
            if first == text("format") {
                layouts.append(Layout(words))
            } else if first == text("need") {
                layouts[layouts.count - 1].needs.append(words.dropFirst().map { NameHash.of($0) })
            } else if let field = Words.field(first) {
                for name in words.dropFirst() { layouts[layouts.count - 1].names.add(name, field) }
            }
        }
        return layouts
    }

    /// Whether the names of a header or an object are this format's.
    func isTold(by names: [UInt64]) -> Bool {
        for need in needs {
            var isComplete = true
            for name in need where !names.contains(name) {
                isComplete = false
                break
            }
            if isComplete { return true }
        }
        return false
    }

    /// Gives a name another meaning, for files whose columns a person told.
    mutating func add(_ name: [UInt8], _ field: Field) { names.add(name, field) }

    private static func style(_ word: [UInt8]) -> RowStyle {
        if word == text("wide") { return .wide }
        if word == text("billing") { return .billing }
        return word == text("agent") ? .agent : .empty
    }
}

/// Hashes of names, whatever their case and punctuation; a point parts the members of nested objects.
enum NameHash {
    static let start: UInt64 = 0xcbf2_9ce4_8422_2325

    @inline(__always)
    static func next(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        switch byte {
        case 0x61...0x7a, 0x30...0x39, 0x2e: (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        case 0x41...0x5a: (hash ^ UInt64(byte | 0x20)) &* 0x100_0000_01b3
        default: hash
        }
    }

    static func of(_ name: [UInt8]) -> UInt64 {
        var hash = start
        for byte in name { hash = next(hash, byte) }
        return hash
    }

    static func of(_ name: Span<UInt8>) -> UInt64 {
        var hash = start
        for index in name.indices { hash = next(hash, name[index]) }
        return hash
    }
}

/// From the hash of a name to its field, by open addressing.
struct NameLookup {
    enum Meaning {
        case nothing
        case field(Field, rank: UInt8)
        /// An object some of whose members mean something.
        case container
    }

    private var hashes: [UInt64] = Array(repeating: 0, count: 256)
    private var values: [UInt8] = Array(repeating: 0, count: 256)
    private var ranks: [UInt8] = Array(repeating: 0, count: 256)
    private var used: [UInt8] = Array(repeating: 0, count: Field.count)
    private static let container: UInt8 = 255

    mutating func add(_ name: [UInt8], _ field: Field) {
        var hash = NameHash.start
        for byte in name {
            if byte == 0x2e { put(hash, Self.container, 0) }
            hash = NameHash.next(hash, byte)
        }
        used[Int(field.rawValue)] += 1
        put(hash, field.rawValue, used[Int(field.rawValue)])
    }

    func meaning(_ hash: UInt64) -> Meaning {
        var at = Int(truncatingIfNeeded: (hash ^ hash >> 32) & 255)
        while hashes[at] != 0 {
            if hashes[at] == hash {
                if values[at] == Self.container { return .container }
                return Field(rawValue: values[at]).map { .field($0, rank: ranks[at]) } ?? .nothing
            }
            at = (at + 1) & 255
        }
        return .nothing
    }

    private mutating func put(_ hash: UInt64, _ value: UInt8, _ rank: UInt8) {
        var at = Int(truncatingIfNeeded: (hash ^ hash >> 32) & 255)
        while hashes[at] != 0, hashes[at] != hash { at = (at + 1) & 255 }
        hashes[at] = hash
        values[at] = value
        ranks[at] = rank
    }
}

/// Cuts the layout table.
enum Words {
    static func lines(of bytes: [UInt8]) -> [[UInt8]] { cut(bytes, at: 0x0a) }
    static func words(of bytes: [UInt8]) -> [[UInt8]] { cut(bytes, at: 0x20) }

    static func field(_ word: [UInt8]) -> Field? {
        for field in Field.allCases where text(field.word) == word { return field }
        return nil
    }

    private static func cut(_ bytes: [UInt8], at mark: UInt8) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var part: [UInt8] = []
        for byte in bytes {
            if byte != mark {
                part.append(byte)
            } else if !part.isEmpty {
                parts.append(part)
                part = []
            }
        }
        if !part.isEmpty { parts.append(part) }
        return parts
    }
}
