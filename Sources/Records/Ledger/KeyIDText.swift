public import Vocabulary

/// A key's public name: `key_` and 13 characters of Crockford's base 32.
extension KeyID {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    public var text: String {
        var out = Array("key_".utf8)
        for position in 0..<13 { out.append(digit(position)) }
        return String(decoding: out, as: UTF8.self)
    }

    /// The character at `position` (0 to 12) behind `key_`.
    func digit(_ position: Int) -> UInt8 { Self.digit(Int(value >> UInt64(60 - position * 5) & 31)) }

    static func digit(_ group: Int) -> UInt8 { digits[group] }

    /// Reads the written form; `nil` for anything else.
    public init?(text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 17, bytes.starts(with: "key_".utf8) else { return nil }
        var value: UInt64 = 0
        for (position, byte) in bytes.dropFirst(4).enumerated() {
            guard let digit = Self.digits.firstIndex(of: byte), position > 0 || digit < 16 else { return nil }
            value = value << 5 | UInt64(digit)
        }
        self.init(value)
    }
}
