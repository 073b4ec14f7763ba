import Vocabulary

/// Writes one JSON object member by member. Names are fixed; only the few text values need escaping.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    mutating func object(_ name: StaticString? = nil, _ body: (inout JSONWriter) -> Void) {
        begin(name)
        bytes.append(0x7b)
        body(&self)
        bytes.append(0x7d)
    }

    mutating func number(_ name: StaticString, _ value: some BinaryInteger) {
        begin(name)
        bytes += String(value).utf8
    }

    mutating func flag(_ name: StaticString, _ value: Bool) {
        begin(name)
        bytes += (value ? "true" : "false").utf8
    }

    mutating func null(_ name: StaticString) {
        begin(name)
        bytes += "null".utf8
    }

    mutating func text(_ name: StaticString, _ value: StaticString) {
        begin(name)
        unsafe quote(UnsafeBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
    }

    mutating func text(_ name: StaticString, _ value: some Sequence<UInt8>) {
        begin(name)
        quote(value)
    }

    /// `null` when there is none.
    mutating func text(_ name: StaticString, _ value: String?) {
        guard let value else { return null(name) }
        begin(name)
        quote(value.utf8)
    }

    mutating func hex(_ name: StaticString, _ value: [UInt8]) {
        begin(name)
        quote(Hex.text(value))
    }

    mutating func hexes(_ name: StaticString, _ values: [[UInt8]]) {
        begin(name)
        bytes.append(0x5b)
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(0x2c) }
            quote(Hex.text(value))
        }
        bytes.append(0x5d)
    }

    private mutating func begin(_ name: StaticString?) {
        if let last = bytes.last, last != 0x7b { bytes.append(0x2c) }
        guard let name else { return }
        unsafe quote(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(0x3a)
    }

    private mutating func quote(_ text: some Sequence<UInt8>) {
        bytes.append(0x22)
        for byte in text {
            switch byte {
            case 0x22, 0x5c:
                bytes.append(0x5c)
                bytes.append(byte)
            case 0..<0x20, 0x7f:
                bytes += "\\u00".utf8
                bytes += Hex.text([byte])
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}

/// Lower-case hexadecimal.
enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return out
    }

    /// `nil` for an odd length or any other character, upper case included.
    static func bytes(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count.isMultiple(of: 2) else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(characters.count / 2)
        for index in stride(from: 0, to: characters.count, by: 2) {
            guard let high = digits.firstIndex(of: characters[index]),
                let low = digits.firstIndex(of: characters[index + 1])
            else { return nil }
            out.append(UInt8(high << 4 | low))
        }
        return out
    }
}
