/// Reads a prompt once: which buckets its words, their beginnings and pairs of neighbouring words fall into, and what
/// there is to count.
/// Reused from prompt to prompt, it allocates nothing; it remembers nothing of a prompt but the buckets of the last.
public struct PromptReader: Sendable {
    /// Hashed features.
    static let buckets = 1 << 16
    /// A longer prompt is read at its two ends (`RULES.md` 2).
    public static let longestPrompt = 16 * 1024

    private(set) var counts = PromptCounts()
    private(set) var hand: [Float] = []
    /// The buckets that occur, each once, in order of appearance; there is room for all.
    private var found: [UInt16]
    private var foundCount = 0
    private var bits: [UInt64]

    public init() {
        bits = [UInt64](repeating: 0, count: Self.buckets / 64)
        found = [UInt16](repeating: 0, count: Self.buckets)
        hand.reserveCapacity(PromptCounts.handCount)
    }

    /// The buckets of the prompt that was read last.
    public var seen: [UInt16] { Array(found[..<foundCount]) }

    /// The sum of the seen buckets' weights, and how many they are.
    func sum(_ weights: [Int16]) -> (sum: Int, count: Int) {
        var sum = 0
        unsafe weights.withUnsafeBufferPointer { weights in
            unsafe found.withUnsafeBufferPointer { found in
                for place in 0..<foundCount { unsafe sum &+= Int(weights[Int(found[place])]) }
            }
        }
        return (sum, foundCount)
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
        for place in 0..<foundCount { bits[Int(found[place]) / 64] = 0 }
        foundCount = 0
        counts = PromptCounts()
        counts.bytes = UInt32(clamping: text.count)
        let half = Self.longestPrompt / 2
        if text.count <= 2 * half {
            scan(text)
        } else {
            scan(text.extracting(..<half))
            scan(text.extracting((text.count - half)...))
        }
        counts.distinct = UInt32(foundCount)
        counts.hand(into: &hand)
    }

    private mutating func scan(_ text: Span<UInt8>) {
        var counts = counts
        var count = foundCount
        var found: [UInt16] = []
        swap(&found, &self.found)
        let groups = WordGroups.table.entries
        unsafe Self.kinds.withUnsafeBufferPointer { kinds in
            unsafe groups.withUnsafeBufferPointer { groups in
                unsafe bits.withUnsafeMutableBufferPointer { bits in
                    unsafe found.withUnsafeMutableBufferPointer { found in
                        unsafe text.withUnsafeBufferPointer { text in
                            var marks = unsafe Marks(bits: bits, found: found, count: count)
                            unsafe Self.scan(text, kinds, groups, &counts, &marks)
                            count = unsafe marks.count
                        }
                    }
                }
            }
        }
        swap(&found, &self.found)
        foundCount = count
        self.counts = counts
    }

    /// Which buckets were seen.
    @unsafe private struct Marks {
        let bits: UnsafeMutableBufferPointer<UInt64>
        let found: UnsafeMutableBufferPointer<UInt16>
        var count: Int

        /// Without a branch: what was seen before is written over by the next.
        @inline(__always)
        mutating func mark(_ hash: UInt32) {
            let bucket = Int(hash &>> 16)
            let word = unsafe bits[bucket &>> 6]
            let place = UInt64(bucket & 63)
            unsafe bits[bucket &>> 6] = word | 1 &<< place
            unsafe found[count] = UInt16(truncatingIfNeeded: bucket)
            unsafe count &+= Int(~(word &>> place) & 1)
        }
    }

    private static func scan(
        _ text: UnsafeBufferPointer<UInt8>, _ kinds: UnsafeBufferPointer<UInt8>,
        _ groups: UnsafeBufferPointer<WordGroups.Entry>, _ into: inout PromptCounts, _ marks: inout Marks
    ) {
        var counts = into
        var before: UInt32 = counts.words == 0 ? 1 : 3
        var at = 0
        var lineStart = 0
        var isOption = unsafe isOption(text, 0)
        let end = text.count
        while at < end {
            let first = unsafe text[at]
            let kind = unsafe kinds[Int(first)]
            if kind == Kind.space {
                at &+= 1
                continue
            }
            if kind == Kind.line {
                endLine(&counts, at &- lineStart, isOption)
                at &+= 1
                lineStart = at
                isOption = unsafe Self.isOption(text, at)
                continue
            }
            let hash: UInt32
            let start = at
            at &+= 1
            if kind == Kind.letter {
                while at < end {
                    if unsafe kinds[Int(text[at])] == Kind.letter {
                        at &+= 1
                        // An apostrophe inside a word belongs to it.
                    } else if unsafe text[at] == 0x27, at &+ 1 < end, unsafe kinds[Int(text[at &+ 1])] == Kind.letter {
                        at &+= 2
                    } else {
                        break
                    }
                }
                let length = UInt32(truncatingIfNeeded: at &- start)
                hash = unsafe WordHash.word(text, start, at) { chunk in
                    counts.foreign &+= UInt32(truncatingIfNeeded: (chunk & WordHash.high).nonzeroBitCount)
                    counts.capitals &+= UInt32(truncatingIfNeeded: WordHash.capitals(chunk).nonzeroBitCount)
                }
                if length > 4 { unsafe marks.mark(WordHash.beginning(text, start)) }
                counts.wordBytes &+= length
                counts.longWords &+= length > 8 ? 1 : 0
                let entry = unsafe entry(hash, groups)
                if entry.groups != 0 { count(entry.groups, &counts) }
                if counts.words == 0 { counts.opening = entry.opening }
                counts.words &+= 1
            } else if kind == Kind.digit {
                while unsafe at < end && kinds[Int(text[at])] == Kind.digit { at &+= 1 }
                hash = unsafe WordHash.word(text, start, at) { _ in }
                counts.digits &+= UInt32(truncatingIfNeeded: at &- start)
                counts.numbers &+= 1
                if at &- start >= 4 { counts.longNumbers &+= 1 }
            } else {
                counts.symbols[Int(kind &- Kind.symbol)] &+= 1
                hash = WordHash.end(UInt64(first), 0)
                if first == 0x60, at &+ 1 < end, unsafe text[at] == 0x60, unsafe text[at &+ 1] == 0x60 {
                    counts.fences &+= 1
                }
            }
            unsafe marks.mark(hash)
            unsafe marks.mark(WordHash.pair(before, hash))
            before = hash
        }
        endLine(&counts, end &- lineStart, isOption)
        into = counts
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
        for group in 0..<6 { counts.inGroup[group] &+= UInt32(groups &>> UInt8(group) & 1) }
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
}
