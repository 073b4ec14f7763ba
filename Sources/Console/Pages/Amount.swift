import Vocabulary

/// An amount that somebody typed: dollars with at most nine decimals, with a point or a comma before them.
enum Amount {
    static func read(_ text: String) -> NanoUSD? {
        let bytes = Array(text.utf8).filter { $0 != 0x20 && $0 != 0x24 }
        let parts = bytes.split(whereSeparator: { $0 == 0x2e || $0 == 0x2c })
        guard (1...2).contains(parts.count), bytes.count(where: { $0 == 0x2e || $0 == 0x2c }) == parts.count - 1,
            parts.allSatisfy({ $0.allSatisfy { (0x30...0x39).contains($0) } }), parts[0].count <= 9,
            parts.count == 1 || parts[1].count <= 9
        else { return nil }
        let decimals = parts.count == 2 ? Array(parts[1]) : []
        let digits = Array(parts[0]) + decimals + Array(repeating: 0x30, count: 9 - decimals.count)
        return Int64(String(decoding: digits, as: UTF8.self)).map(NanoUSD.init)
    }
}
