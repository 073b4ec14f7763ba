/// Reads a prompt once: which buckets its words, their beginnings and endings and pairs of neighbouring words fall
/// into, and what there is to count.
/// Reused from prompt to prompt, it allocates nothing; it remembers nothing of a prompt but the buckets of the last.
public struct PromptReader: Sendable {
    /// Hashed features.
    static let buckets = 1 << 16
    /// A longer prompt is read at its two ends (`RULES.md` 2).
    public static let longestPrompt = 16 * 1024

    private(set) var counts = PromptCounts()
    /// The buckets that occur, each once, in order of appearance.
    private(set) var seen: [UInt16] = []
    private(set) var hand: [Float] = []
    private var bits: [UInt64]

    public init() {
        bits = [UInt64](repeating: 0, count: Self.buckets / 64)
        seen.reserveCapacity(4096)
        hand.reserveCapacity(PromptCounts.handCount)
    }

    /// What a byte is to the reader.
    private enum Kind {
        static let space: UInt8 = 0
        static let letter: UInt8 = 1
        static let digit: UInt8 = 2
        static let line: UInt8 = 3
        /// Symbols of `PromptCounts.symbolKinds` from here on.
        static let symbol: UInt8 = 16
    }

    private static let kinds: [UInt8] = {
        var kinds = [UInt8](repeating: Kind.symbol + 15, count: 256)
        for byte in 0...0x20 { kinds[byte] = Kind.space }
        kinds[0x0a] = Kind.line
        for byte in 0x30...0x39 { kinds[byte] = Kind.digit }
        for byte in 0x41...0x5a { kinds[byte] = Kind.letter }
        for byte in 0x61...0x7a { kinds[byte] = Kind.letter }
        for byte in 0x80...0xff { kinds[byte] = Kind.letter }
        for (place, symbols) in PromptCounts.symbolKinds {
            for byte in symbols.description.utf8 { kinds[Int(byte)] = Kind.symbol + place }
        }
        return kinds
    }()

    mutating func read(_ text: Span<UInt8>) {
        for bucket in seen { bits[Int(bucket) / 64] = 0 }
        seen.removeAll(keepingCapacity: true)
        counts = PromptCounts()
        counts.bytes = UInt32(clamping: text.count)
        let half = Self.longestPrompt / 2
        if text.count <= 2 * half {
            scan(text)
        } else {
            scan(text.extracting(..<half))
            scan(text.extracting((text.count - half)...))
        }
        counts.distinct = UInt32(seen.count)
        counts.hand(into: &hand)
    }

    private mutating func scan(_ text: Span<UInt8>) {
        var counts = counts
        var seen: [UInt16] = []
        swap(&seen, &self.seen)
        var before: UInt32 = counts.words == 0 ? 1 : 3
        var at = 0
        var lineStart = 0
        var isOption = isOption(text, 0)
        let kinds = Self.kinds
        let groups = WordGroups.table.entries
        let end = text.count
        unsafe kinds.withUnsafeBufferPointer { kinds in
            unsafe groups.withUnsafeBufferPointer { groups in
                unsafe bits.withUnsafeMutableBufferPointer { bits in
                    unsafe text.withUnsafeBufferPointer { text in
                        while at < end {
                            let first = unsafe text[at]
                            let kind = unsafe kinds[Int(first)]
                            if kind == Kind.space {
                                at &+= 1
                                continue
                            }
                            if kind == Kind.line {
                                Self.endLine(&counts, at &- lineStart, isOption)
                                at &+= 1
                                lineStart = at
                                isOption = unsafe Self.isOption(text, at)
                                continue
                            }
                            var hash = WordHash.start
                            let start = at
                            if kind == Kind.letter {
                                repeat {
                                    let byte = unsafe text[at]
                                    let folded = byte < 0x80 ? byte | 0x20 : byte
                                    if byte >= 0x80 {
                                        counts.foreign &+= 1
                                    } else if byte < 0x61 {
                                        counts.capitals &+= 1
                                    }
                                    hash = WordHash.next(hash, folded)
                                    at &+= 1
                                    // An apostrophe inside a word belongs to it.
                                    if at &+ 1 < end, unsafe text[at] == 0x27,
                                        unsafe kinds[Int(text[at &+ 1])] == Kind.letter
                                    {
                                        hash = WordHash.next(hash, 0x27)
                                        at &+= 1
                                    }
                                } while unsafe at < end && kinds[Int(text[at])] == Kind.letter
                                hash = WordHash.end(hash)
                                let length = UInt32(truncatingIfNeeded: at &- start)
                                if length > 3 {
                                    unsafe Self.mark(WordHash.edge(text, at &- 3, 3), bits, &seen)
                                    if length > 4 { unsafe Self.mark(WordHash.edge(text, start, 4), bits, &seen) }
                                }
                                counts.wordBytes &+= length
                                if length > 8 { counts.longWords &+= 1 }
                                let entry = unsafe Self.entry(hash, groups)
                                if entry.groups != 0 { Self.count(entry.groups, &counts) }
                                if counts.words == 0 { counts.opening = entry.opening }
                                counts.words &+= 1
                            } else if kind == Kind.digit {
                                repeat {
                                    hash = unsafe WordHash.next(hash, text[at])
                                    at &+= 1
                                } while unsafe at < end && kinds[Int(text[at])] == Kind.digit
                                hash = WordHash.end(hash)
                                counts.digits &+= UInt32(truncatingIfNeeded: at &- start)
                                counts.numbers &+= 1
                                if at &- start >= 4 { counts.longNumbers &+= 1 }
                            } else {
                                counts.symbols[Int(kind &- Kind.symbol)] &+= 1
                                hash = WordHash.end(WordHash.next(hash, first))
                                at &+= 1
                                if first == 0x60, at &+ 1 < end, unsafe text[at] == 0x60, unsafe text[at &+ 1] == 0x60 {
                                    counts.fences &+= 1
                                }
                            }
                            unsafe Self.mark(hash, bits, &seen)
                            unsafe Self.mark(WordHash.pair(before, hash), bits, &seen)
                            before = hash
                        }
                    }
                }
            }
        }
        Self.endLine(&counts, end &- lineStart, isOption)
        self.counts = counts
        swap(&seen, &self.seen)
    }

    @inline(__always)
    private static func mark(_ hash: UInt32, _ bits: UnsafeMutableBufferPointer<UInt64>, _ seen: inout [UInt16]) {
        let bucket = Int(hash &>> 16)
        let word = unsafe bits[bucket &>> 6]
        let bit = UInt64(1) &<< UInt64(bucket & 63)
        if word & bit == 0 {
            unsafe bits[bucket &>> 6] = word | bit
            seen.append(UInt16(truncatingIfNeeded: bucket))
        }
    }

    @inline(__always)
    private static func entry(_ hash: UInt32, _ groups: UnsafeBufferPointer<WordGroups.Entry>) -> WordGroups.Entry {
        var slot = Int(hash) & (WordGroups.slots - 1)
        while true {
            let entry = unsafe groups[slot]
            if entry.hash == hash { return entry }
            if entry.hash == 0 { return WordGroups.Entry() }
            slot = (slot &+ 1) & (WordGroups.slots - 1)
        }
    }

    private static func count(_ groups: UInt8, _ counts: inout PromptCounts) {
        for group in 0..<6 where groups & 1 << UInt8(group) != 0 { counts.inGroup[group] &+= 1 }
    }

    private static func endLine(_ counts: inout PromptCounts, _ length: Int, _ isOption: Bool) {
        let length = UInt32(clamping: length)
        counts.lines &+= 1
        counts.longestLine = max(counts.longestLine, length)
        guard isOption else { return }
        counts.options &+= 1
        counts.optionBytes &+= length
        counts.longestOption = max(counts.longestOption, length)
        counts.shortestOption = min(counts.shortestOption, length)
    }

    private static func isOption(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> Bool {
        guard at + 1 < text.count else { return false }
        let letter = unsafe text[at]
        let mark = unsafe text[at + 1]
        return letter >= 0x41 && letter <= 0x4a && (mark == 0x2e || mark == 0x29)
    }

    private func isOption(_ text: Span<UInt8>, _ at: Int) -> Bool {
        unsafe text.withUnsafeBufferPointer { unsafe Self.isOption($0, at) }
    }
}
