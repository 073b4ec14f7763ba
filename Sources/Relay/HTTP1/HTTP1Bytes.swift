/// Bytes with a meaning in HTTP/1.1 (RFC 9112).
enum Byte {
    static let tab: UInt8 = 0x09
    static let lf: UInt8 = 0x0a
    static let cr: UInt8 = 0x0d
    static let space: UInt8 = 0x20
    static let delete: UInt8 = 0x7f

    /// tchar of RFC 9110 §5.6.2, as two words of bits: no table in memory.
    @inline(__always) static func isToken(_ byte: UInt8) -> Bool {
        // ! # $ % & ' * + - . 0-9
        let low: UInt64 = 0x03ff_6cfa_0000_0000
        // A-Z ^ _ ` a-z | ~
        let high: UInt64 = 0x57ff_ffff_c7ff_fffe
        return byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
    }

    /// What a host name, an address in brackets and a port are made of; no userinfo, no list.
    @inline(__always) static func isHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "~"), UInt8(ascii: "%"):
            true
        default: false
        }
    }
}

extension Span where Element == UInt8 {
    /// The first index in `start..<end` of a control byte (below 0x20, or 0x7f); `end` when there is none.
    ///
    /// Eight bytes a step. A borrow can only mark bytes above a true hit, so the lowest mark is exact.
    @inline(__always) func firstControl(from start: Int, to end: Int) -> Int {
        precondition(start >= 0 && end <= count)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while index + 8 <= end {
            let word = unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            let low = word &- ones &* 0x20
            let delete = word ^ ones &* 0x7f
            let hits = (low & ~word | (delete &- ones) & ~delete) & tops
            if hits != 0 { return index + hits.trailingZeroBitCount >> 3 }
            index += 8
        }
        while index < end {
            let byte = self[index]
            if byte < 0x20 || byte == Byte.delete { return index }
            index += 1
        }
        return end
    }

    /// Whether the bytes of `range` are all below 0x80.
    func isASCII(_ range: Range<Int>) -> Bool {
        var seen: UInt8 = 0
        for index in range { seen |= self[index] }
        return seen < 0x80
    }

    /// `range` without spaces and tabs at its ends.
    @inline(__always) func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self[start] == Byte.space || self[start] == Byte.tab { start += 1 }
        while start < end, self[end - 1] == Byte.space || self[end - 1] == Byte.tab { end -= 1 }
        return start..<end
    }

    /// Whether `range` holds exactly `text`.
    func matches(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count {
            if unsafe self[range.lowerBound + offset] != text.utf8Start[offset] { return false }
        }
        return true
    }

    /// Whether `range` holds `text` in either case. `text` must be lower case, and made of letters, digits and dashes;
    /// `range` must hold no control byte (0x0d would stand for a dash).
    @inline(__always) func matchesFolded(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count {
            if unsafe self[range.lowerBound + offset] | 0x20 != text.utf8Start[offset] { return false }
        }
        return true
    }

    /// Whether `range` begins with `text` in either case; `text` must be lower case letters, colons and slashes, and
    /// `range` as long at least and free of control bytes (0x0f and 0x1a would stand for those signs).
    func beginsFolded(_ range: Range<Int>, _ text: StaticString) -> Bool {
        matchesFolded(range.lowerBound..<range.lowerBound + text.utf8CodeUnitCount, text)
    }

    /// Whether `range` is a host with or without a port, and not empty.
    func isHost(_ range: Range<Int>) -> Bool {
        for index in range where !Byte.isHost(self[index]) { return false }
        return !range.isEmpty
    }

    /// Whether two ranges hold the same ASCII text, case aside.
    func equalFolded(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
        guard a.count == b.count else { return false }
        for offset in 0..<a.count where folded(a.lowerBound + offset) != folded(b.lowerBound + offset) { return false }
        return true
    }

    private func folded(_ index: Int) -> UInt8 {
        let byte = self[index]
        return byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
