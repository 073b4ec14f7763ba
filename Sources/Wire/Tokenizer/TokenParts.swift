/// What byte-pair encoding knows of each token: bits 0–17 the left part, 18–35 the right part, 36–43 the count of bytes,
/// 44–61 the longest other token it begins with (`MergeList.none` if there is none). A byte's parts are itself.
struct TokenParts: Sendable {
    private let words: [UInt64]

    init(_ merges: borrowing MergeList, prefixes: [UInt32]) {
        var words: [UInt64] = []
        words.reserveCapacity(merges.count)
        for token in 0..<merges.count {
            let pair = token < 256 ? (UInt32(token), UInt32(token)) : merges.pairs[token]
            words.append(
                UInt64(pair.0) | UInt64(pair.1) << 18 | UInt64(merges.range(token).count) << 36
                    | UInt64(prefixes[token]) << 44)
        }
        self.words = words
    }

    var byteCount: Int { words.count * 8 }

    @inline(__always) func left(_ token: UInt32) -> UInt32 {
        UInt32(truncatingIfNeeded: words[Int(token)]) & MergeList.none
    }
    @inline(__always) func right(_ token: UInt32) -> UInt32 {
        UInt32(truncatingIfNeeded: words[Int(token)] &>> 18) & MergeList.none
    }
    @inline(__always) func count(_ token: UInt32) -> Int { Int(truncatingIfNeeded: words[Int(token)] &>> 36 & 0xff) }
    @inline(__always) func prefix(_ token: UInt32) -> UInt32 {
        UInt32(truncatingIfNeeded: words[Int(token)] &>> 44) & MergeList.none
    }
}
