/// Runs of ASCII letters, eight bytes at a time.
enum ByteRuns {
    private static let high: UInt64 = 0x8080_8080_8080_8080
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    @inline(__always) private static func load(_ text: Span<UInt8>, _ at: Int) -> UInt64 {
        // In bounds: callers ask for `at + 8 <= text.count`.
        unsafe UInt64(littleEndian: text.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self))
    }

    /// The high bit of each byte of `word` that does not lie in `first...(first + 25)`; `first` is an ASCII letter.
    @inline(__always) private static func outside(_ word: UInt64, from first: UInt64) -> UInt64 {
        let low = word & ~high
        let from = low &+ (0x80 &- first) &* ones
        let past = low &+ (0x80 &- first &- 26) &* ones
        return ~(from & ~past & ~word) & high
    }

    /// The end of the run of `a` to `z` that begins at `at`.
    @inline(__always) static func lowerEnd(_ text: Span<UInt8>, _ at: Int) -> Int {
        var at = at
        while at &+ 8 <= text.count {
            let stop = outside(load(text, at), from: 0x61)
            if stop != 0 { return at &+ stop.trailingZeroBitCount &>> 3 }
            at &+= 8
        }
        while at < text.count, text[at] &- 0x61 < 26 { at &+= 1 }
        return at
    }

    /// The end of the run of ASCII letters that begins at `at`.
    @inline(__always) static func letterEnd(_ text: Span<UInt8>, _ at: Int) -> Int {
        var at = at
        while at &+ 8 <= text.count {
            let stop = outside(load(text, at) | 0x20 &* ones, from: 0x61)
            if stop != 0 { return at &+ stop.trailingZeroBitCount &>> 3 }
            at &+= 8
        }
        while at < text.count, (text[at] | 0x20) &- 0x61 < 26 { at &+= 1 }
        return at
    }
}
