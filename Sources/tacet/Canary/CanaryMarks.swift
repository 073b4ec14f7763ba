/// The marked words of one run: each begins with the same random word, so that one search finds them all.
struct CanaryMarks {
    /// 16 letters and digits that stand nowhere else.
    let word: String
    private var count = 0

    init() {
        var random = SystemRandomNumberGenerator()
        let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
        word = "zq" + String((0..<14).map { _ in letters[Int.random(in: 0..<letters.count, using: &random)] })
    }

    /// A new marked word, letters and digits only.
    mutating func mark(_ kind: String) -> String {
        count += 1
        return "\(word)\(kind)\(count)"
    }

    /// Every written form that is searched for.
    var forms: [(name: String, bytes: [UInt8])] {
        let plain = Array(word.utf8)
        var out: [(String, [UInt8])] = [
            ("plain", plain), ("upper", Array(word.uppercased().utf8)), ("hex", Self.hexadecimal(plain, upper: false)),
            ("HEX", Self.hexadecimal(plain, upper: true)), ("utf-16-le", plain.flatMap { [$0, 0] }),
            ("utf-16-be", plain.flatMap { [0, $0] }), ("reversed", plain.reversed()),
            ("json-escaped", plain.flatMap { Array("\\u00".utf8) + Self.hexadecimal([$0], upper: false) }),
            ("percent", plain.flatMap { Array("%".utf8) + Self.hexadecimal([$0], upper: false) }),
            ("byte-list", Array(plain.map(String.init).joined(separator: ", ").utf8)),
        ]
        for offset in 0..<3 {
            // The groups of four that hold only bytes of the word, whatever stands around it.
            let padded = Self.base64([UInt8](repeating: 0, count: offset) + plain)
            let inner = Array(padded[(offset == 0 ? 0 : 4)..<(offset + plain.count) / 3 * 4])
            out.append(("base64+\(offset)", inner))
            let other = inner.map {
                $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0
            }
            if other != inner { out.append(("base64url+\(offset)", other)) }
        }
        return out
    }

    private static func hexadecimal(_ bytes: [UInt8], upper: Bool) -> [UInt8] {
        let digits = Array((upper ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }

    private static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var out: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = (0..<3).map { start + $0 < bytes.count ? UInt32(bytes[start + $0]) : 0 }
            let bits = group[0] << 16 | group[1] << 8 | group[2]
            for shift in stride(from: 18, through: 0, by: -6) { out.append(digits[Int(bits >> UInt32(shift) & 63)]) }
        }
        return out
    }
}
