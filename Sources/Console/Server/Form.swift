/// The members of a form or a query (`application/x-www-form-urlencoded`), the first of each name.
struct Form: Sendable, Equatable {
    static let longest = 64 << 10
    static let mostMembers = 100
    private var values: [String: String] = [:]

    init() {}

    init(_ values: [String: String]) { self.values = values }

    /// `nil`: too many members, or bytes that are no UTF-8.
    init?(_ text: some Sequence<UInt8>) {
        let bytes = Array(text)
        guard bytes.count <= Self.longest else { return nil }
        let members = bytes.split(separator: 0x26)
        guard members.count <= Self.mostMembers else { return nil }
        for member in members {
            let parts = member.split(separator: 0x3d, maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]), let value = Self.decoded(parts.count > 1 ? parts[1] : []) else {
                return nil
            }
            if values[name] == nil { values[name] = value }
        }
    }

    /// Empty for a member that is not there.
    subscript(name: String) -> String { values[name] ?? "" }

    func has(_ name: String) -> Bool { values[name] != nil }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        var out: [UInt8] = []
        var at = bytes.startIndex
        while at < bytes.endIndex {
            switch bytes[at] {
            case 0x2b: out.append(0x20)
            case 0x25:
                guard at + 2 < bytes.endIndex, let high = hex(bytes[at + 1]), let low = hex(bytes[at + 2]) else {
                    return nil
                }
                out.append(high << 4 | low)
                at += 2
            default: out.append(bytes[at])
            }
            at += 1
        }
        // NUL ends texts in places below; nobody types one.
        return out.contains(0) ? nil : String(validating: out, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    /// A value as a query writes it.
    static func encoded(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
                out.append(Character(Unicode.Scalar(byte)))
            default:
                let digits = Array("0123456789ABCDEF")
                out += "%" + String(digits[Int(byte >> 4)]) + String(digits[Int(byte & 15)])
            }
        }
        return out
    }
}
