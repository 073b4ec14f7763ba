/// The tokens of up to thirteen bytes, by their bytes: an open-addressed table of sixteen-byte slots, made in the order of
/// rank so that what is frequent stands where it is looked for first.
///
/// A slot: the first eight bytes in `x`; in `y` the other five (bits 0–39), the count of bytes (40–43, 0 when the slot is
/// empty) and the token (44–61).
struct WordTable: Sendable {
    static let longest = 13
    private let slots: [SIMD2<UInt64>]
    private let shift: UInt64

    init(_ merges: borrowing MergeList) {
        var words = 0
        for token in 0..<merges.count where merges.range(token).count <= Self.longest { words += 1 }
        // At most four in five slots are taken.
        var bits: UInt64 = 10
        while words * 5 > (1 << bits) * 4 { bits += 1 }
        shift = 64 - bits
        var slots = [SIMD2<UInt64>](repeating: .zero, count: 1 << bits)
        for token in 0..<merges.count {
            let range = merges.range(token)
            guard range.count <= Self.longest else { continue }
            let key = Self.key(merges.bytes.span, range.lowerBound, range.count)
            var index = Self.home(key, shift)
            while slots[index].y != 0 { index = (index + 1) & (slots.count - 1) }
            slots[index] = SIMD2(key.x, key.y | UInt64(token) << 44)
        }
        self.slots = slots
    }

    var byteCount: Int { slots.count * 16 }

    /// The key of up to thirteen bytes; the count is part of it, so that NULs at the end count.
    @inline(__always) static func key(_ text: Span<UInt8>, _ at: Int, _ count: Int) -> SIMD2<UInt64> {
        var low: UInt64
        var high: UInt64 = 0
        if at &+ 16 <= text.count {
            // In bounds by the line above.
            low = unsafe UInt64(
                littleEndian: text.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self))
            if count > 8 {
                high = unsafe UInt64(
                    littleEndian: text.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at &+ 8, as: UInt64.self))
                high &= ~0 &>> UInt64(truncatingIfNeeded: 128 &- 8 &* count)
            } else {
                low &= ~0 &>> UInt64(truncatingIfNeeded: 64 &- 8 &* count)
            }
        } else {
            low = 0
            for index in 0..<min(count, 8) { low |= UInt64(text[at + index]) << UInt64(index * 8) }
            if count > 8 {
                for index in 8..<count { high |= UInt64(text[at + index]) << UInt64(index * 8 - 64) }
            }
        }
        return SIMD2(low, high | UInt64(truncatingIfNeeded: count) &<< 40)
    }

    @inline(__always) private static func home(_ key: SIMD2<UInt64>, _ shift: UInt64) -> Int {
        let mixed = (key.x ^ key.y &* 0x9e37_79b9_7f4a_7c15) &* 0xd6e8_feb8_6659_fd93
        return Int(truncatingIfNeeded: ((mixed ^ mixed &>> 32) &* 0xff51_afd7_ed55_8ccd) &>> shift)
    }

    /// The token whose bytes are the `count` at `at`; `MergeList.none` if there is none. `count` is 1 to 13.
    @inline(__always) func token(_ text: Span<UInt8>, _ at: Int, _ count: Int) -> UInt32 {
        let key = Self.key(text, at, count)
        var index = Self.home(key, shift)
        let mask = slots.count &- 1
        while true {
            let slot = slots[index]
            if slot.x == key.x && slot.y & 0xfff_ffff_ffff == key.y {
                return UInt32(truncatingIfNeeded: slot.y &>> 44)
            }
            if slot.y == 0 { return MergeList.none }
            index = (index &+ 1) & mask
        }
    }
}
