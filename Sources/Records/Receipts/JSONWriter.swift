import Vocabulary

/// Writes JSON objects member by member, one behind the other into the same memory. Names are fixed; only the few text
/// values need escaping.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    /// Whether the next member is its object's first.
    private var isFirst = true

    mutating func object(_ name: StaticString? = nil, _ body: (inout JSONWriter) -> Void) {
        if let name { begin(name) }
        bytes.append(0x7b)
        isFirst = true
        body(&self)
        bytes.append(0x7d)
        isFirst = false
    }

    /// Ends a line of its own.
    mutating func breakLine() { bytes.append(0x0a) }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    mutating func number(_ name: StaticString, _ value: some BinaryInteger) {
        begin(name)
        if value < 0 { bytes.append(0x2d) }
        var rest = UInt64(value.magnitude)
        var digits: [20 of UInt8] = .init(repeating: 0x30)
        var start = 20
        repeat {
            start -= 1
            digits[start] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for index in start..<20 { bytes.append(digits[index]) }
    }

    mutating func flag(_ name: StaticString, _ value: Bool) {
        begin(name)
        word(value ? "true" : "false")
    }

    mutating func null(_ name: StaticString) {
        begin(name)
        word("null")
    }

    /// - Parameter value: one of our words, which need no escaping.
    mutating func text(_ name: StaticString, _ value: StaticString) {
        begin(name)
        bytes.append(0x22)
        word(value)
        bytes.append(0x22)
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

    mutating func time(_ name: StaticString, _ moment: Moment) {
        begin(name)
        bytes.append(0x22)
        CivilTime(moment).append(to: &bytes)
        bytes.append(0x22)
    }

    mutating func id(_ name: StaticString, _ id: RequestID) {
        begin(name)
        word("\"req_")
        for position in 0..<26 { bytes.append(KeyID.digit(id.group(position))) }
        bytes.append(0x22)
    }

    mutating func id(_ name: StaticString, _ key: KeyID) {
        begin(name)
        word("\"key_")
        for position in 0..<13 { bytes.append(key.digit(position)) }
        bytes.append(0x22)
    }

    mutating func hex(_ name: StaticString, _ value: [UInt8]) {
        begin(name)
        quote(hex: value)
    }

    mutating func hexes(_ name: StaticString, _ values: [[UInt8]]) {
        begin(name)
        bytes.append(0x5b)
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(0x2c) }
            quote(hex: value)
        }
        bytes.append(0x5d)
    }

    private mutating func begin(_ name: StaticString) {
        if !isFirst { bytes.append(0x2c) }
        isFirst = false
        bytes.append(0x22)
        word(name)
        bytes.append(0x22)
        bytes.append(0x3a)
    }

    private mutating func word(_ word: StaticString) {
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    private mutating func quote(hex value: [UInt8]) {
        bytes.append(0x22)
        Hex.append(value, to: &bytes)
        bytes.append(0x22)
    }

    private mutating func quote(_ text: some Sequence<UInt8>) {
        bytes.append(0x22)
        for byte in text {
            switch byte {
            case 0x22, 0x5c:
                bytes.append(0x5c)
                bytes.append(byte)
            case 0..<0x20, 0x7f:
                word("\\u00")
                Hex.append([byte], to: &bytes)
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
        append(bytes, to: &out)
        return out
    }

    static func append(_ bytes: [UInt8], to out: inout [UInt8]) {
        let digits = digits
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
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
