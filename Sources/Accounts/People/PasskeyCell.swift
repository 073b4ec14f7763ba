import Records

/// What is sealed of a passkey: its id and its key, each after two bytes of length, and the name its owner gave it.
struct PasskeyCell {
    var id: [UInt8]
    var key: [UInt8]
    var name: String

    init(id: [UInt8], key: [UInt8], name: String) {
        self.id = id
        self.key = key
        self.name = name
    }

    init(_ bytes: [UInt8]) throws(StorageFault) {
        var rest = bytes[...]
        func part() throws(StorageFault) -> [UInt8] {
            let head = rest.prefix(2).reduce(0) { $0 << 8 | Int($1) }
            let part = Array(rest.dropFirst(2).prefix(head))
            guard rest.count >= 2, part.count == head else { throw .damaged }
            rest = rest.dropFirst(2 + head)
            return part
        }
        id = try part()
        key = try part()
        name = String(decoding: rest, as: UTF8.self)
    }

    var bytes: [UInt8] { [id, key].flatMap { [UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 } + name.utf8 }
}
