/// A value of CBOR (RFC 8949) as authenticators write it: definite lengths, each in its shortest form, no key twice, no
/// tags and no fractions. Anything else is refused.
enum CBORValue: Hashable {
    case integer(Int64)
    case bytes([UInt8])
    case text(String)
    case list([CBORValue])
    case map([CBORValue: CBORValue])
    case flag(Bool)
    case null

    private static let deepest = 8

    /// Reads one value that is all there is.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        guard let value = CBORValue(reading: &rest), rest.isEmpty else { return nil }
        self = value
    }

    /// Reads one value from the front and leaves what follows it.
    init?(reading rest: inout ArraySlice<UInt8>) {
        self.init(&rest, depth: 0)
    }

    private init?(_ rest: inout ArraySlice<UInt8>, depth: Int) {
        guard depth < Self.deepest, let head = rest.popFirst() else { return nil }
        if head >> 5 == 7 {
            switch head {
            case 0xf4: self = .flag(false)
            case 0xf5: self = .flag(true)
            case 0xf6: self = .null
            default: return nil
            }
            return
        }
        guard let number = Self.number(head & 31, &rest) else { return nil }
        switch head >> 5 {
        case 0: self = .integer(number)
        case 1: self = .integer(-1 - number)
        case 2:
            guard let bytes = Self.take(number, &rest) else { return nil }
            self = .bytes(bytes)
        case 3:
            guard let bytes = Self.take(number, &rest), let text = String(validating: bytes, as: UTF8.self) else {
                return nil
            }
            self = .text(text)
        // Each member takes a byte at least: a count beyond what is left is a lie, found before anything is set aside.
        case 4:
            guard number <= rest.count else { return nil }
            var list: [CBORValue] = []
            for _ in 0..<number {
                guard let value = CBORValue(&rest, depth: depth + 1) else { return nil }
                list.append(value)
            }
            self = .list(list)
        case 5:
            guard number <= rest.count else { return nil }
            var map: [CBORValue: CBORValue] = [:]
            for _ in 0..<number {
                guard let key = CBORValue(&rest, depth: depth + 1), let value = CBORValue(&rest, depth: depth + 1),
                    map.updateValue(value, forKey: key) == nil
                else { return nil }
            }
            self = .map(map)
        default: return nil
        }
    }

    /// The number that a head announces; `nil` when a shorter form would have held it.
    private static func number(_ kind: UInt8, _ rest: inout ArraySlice<UInt8>) -> Int64? {
        guard kind >= 24 else { return Int64(kind) }
        guard kind <= 27, let bytes = take(1 << (kind - 24), &rest) else { return nil }
        let value = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let least: [UInt64] = [24, 1 << 8, 1 << 16, 1 << 32]
        return value >= least[Int(kind - 24)] ? Int64(exactly: value) : nil
    }

    private static func take(_ count: Int64, _ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return Array(rest.prefix(Int(count)))
    }

    var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
    var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
    var map: [CBORValue: CBORValue]? { if case .map(let map) = self { map } else { nil } }
}
