import CBytes

/// A string's characters, without the quotes, where they stand. The bytes were validated.
public struct JSONText: Sendable {
    public var start: Int
    public var end: Int
    public var isEscaped: Bool

    public init(start: Int, end: Int, isEscaped: Bool) {
        self.start = start
        self.end = end
        self.isEscaped = isEscaped
    }

    public var range: Range<Int> { start..<end }

    /// Whether the text, unescaped, is `name`, which must be ASCII.
    @inline(__always)
    public func equals(_ name: StaticString, in b: Span<UInt8>) -> Bool {
        if isEscaped { return equalsEscaped(name, in: b) }
        let count = name.utf8CodeUnitCount
        guard end - start == count, end <= b.count else { return false }
        return unsafe b.withUnsafeBufferPointer { bytes in
            unsafe tacet_equal(bytes.baseAddress.map { unsafe $0 + start }, name.utf8Start, count)
        }
    }

    private func equalsEscaped(_ name: StaticString, in b: Span<UInt8>) -> Bool {
        let count = name.utf8CodeUnitCount
        var matched = 0
        var equal = true
        decode(b) { byte in
            if matched < count, name.byte(matched) == byte { matched += 1 } else { equal = false }
        }
        return equal && matched == count
    }

    /// The text's bytes with escapes resolved.
    public func unescaped(in b: Span<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(end - start)
        decode(b) { out.append($0) }
        return out
    }

    /// How many bytes the text has with escapes resolved.
    public func byteCount(in b: Span<UInt8>) -> Int {
        guard isEscaped else { return end - start }
        var count = 0
        decode(b) { _ in count += 1 }
        return count
    }

    private func decode(_ b: Span<UInt8>, _ emit: (UInt8) -> Void) {
        var at = start
        while at < end {
            let byte = b[at]
            guard byte == .backslash else {
                emit(byte)
                at += 1
                continue
            }
            let code = b[at + 1]
            at += 2
            switch code {
            case UInt8(ascii: "b"): emit(0x08)
            case UInt8(ascii: "f"): emit(0x0c)
            case UInt8(ascii: "n"): emit(0x0a)
            case UInt8(ascii: "r"): emit(0x0d)
            case UInt8(ascii: "t"): emit(0x09)
            case UInt8(ascii: "u"):
                var scalar = unit(b, at)
                at += 4
                if scalar & 0xfc00 == 0xd800 {
                    scalar = 0x10000 + (scalar & 0x3ff) << 10 + unit(b, at + 2) & 0x3ff
                    at += 6
                }
                Self.encode(scalar, emit)
            default: emit(code)
            }
        }
    }

    private func unit(_ b: Span<UInt8>, _ start: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in start..<start + 4 { value = value << 4 | (b[index].hexDigit ?? 0) }
        return value
    }

    private static func encode(_ scalar: UInt32, _ emit: (UInt8) -> Void) {
        func tail(_ shift: UInt32) { emit(UInt8(truncatingIfNeeded: 0x80 | scalar >> shift & 0x3f)) }
        if scalar < 0x80 {
            emit(UInt8(truncatingIfNeeded: scalar))
        } else if scalar < 0x800 {
            emit(UInt8(truncatingIfNeeded: 0xc0 | scalar >> 6))
            tail(0)
        } else if scalar < 0x10000 {
            emit(UInt8(truncatingIfNeeded: 0xe0 | scalar >> 12))
            tail(6)
            tail(0)
        } else {
            emit(UInt8(truncatingIfNeeded: 0xf0 | scalar >> 18))
            tail(12)
            tail(6)
            tail(0)
        }
    }
}
