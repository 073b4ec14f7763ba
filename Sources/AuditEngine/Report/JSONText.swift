/// Writes JSON. Names are constants; text is escaped, and what is not UTF-8 becomes U+FFFD.
struct JSONText {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    mutating func name(_ name: StaticString) {
        comma()
        bytes += [0x22] + text(name) + [0x22, 0x3a]
        needsComma = false
    }

    mutating func number(_ value: Int64) {
        comma()
        bytes += digits(value)
    }

    mutating func bool(_ value: Bool) {
        comma()
        bytes += text(value ? "true" : "false")
    }

    mutating func string(_ value: [UInt8]) {
        comma()
        bytes.append(0x22)
        UTF8Text.each(value) { bytes in
            for byte in bytes { Self.escape(byte, &self.bytes) }
        }
        bytes.append(0x22)
    }

    mutating func object(_ body: (inout JSONText) -> Void) {
        comma()
        bytes.append(0x7b)
        needsComma = false
        body(&self)
        bytes.append(0x7d)
        needsComma = true
    }

    mutating func array<Items: Sequence>(_ items: Items, _ body: (inout JSONText, Items.Element) -> Void) {
        comma()
        bytes.append(0x5b)
        needsComma = false
        for item in items { body(&self, item) }
        bytes.append(0x5d)
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { bytes.append(0x2c) }
        needsComma = true
    }

    private static func escape(_ byte: UInt8, _ out: inout [UInt8]) {
        switch byte {
        case 0x22, 0x5c: out += [0x5c, byte]
        case 0x0a: out += [0x5c, 0x6e]
        case ..<0x20, 0x7f:
            let hex = text("0123456789abcdef")
            out += text("\\u00") + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
        default: out.append(byte)
        }
    }
}

/// Text of files, made sound.
enum UTF8Text {
    /// Calls with each character's bytes; broken sequences come as U+FFFD.
    static func each(_ bytes: [UInt8], _ body: ([UInt8]) -> Void) {
        var at = 0
        while at < bytes.count {
            let lead = bytes[at]
            let length =
                lead < 0x80
                ? 1
                : lead >= 0xc2 && lead < 0xe0
                    ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0
            var isSound = length > 0 && at + length <= bytes.count
            if isSound, length > 1 {
                for place in at + 1..<at + length where bytes[place] & 0xc0 != 0x80 { isSound = false }
                let second = bytes[at + 1]
                if lead == 0xe0 && second < 0xa0 || lead == 0xed && second > 0x9f || lead == 0xf0 && second < 0x90
                    || lead == 0xf4 && second > 0x8f
                {
                    isSound = false
                }
            }
            if isSound {
                body(Array(bytes[at..<at + length]))
                at += length
            } else {
                body([0xef, 0xbf, 0xbd])
                at += 1
            }
        }
    }
}
