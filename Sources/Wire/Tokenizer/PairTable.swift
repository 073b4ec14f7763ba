/// What two neighbouring tokens merge to: an open-addressed table of left (bits 0–17), right (18–35), merged (36–53), set (63).
///
/// Most pairs that are asked for do not merge. A bit for each hash, four for each slot, says so of nine in ten of them
/// from a sixteenth of the memory, which stays in the processor's second cache.
struct PairTable: Sendable {
    private let slots: [UInt64]
    private let marks: [UInt64]
    private let shift: UInt64

    init(_ merges: borrowing MergeList) {
        var bits: UInt64 = 10
        while merges.count * 2 > 1 << bits { bits += 1 }
        shift = 64 - bits
        var slots = [UInt64](repeating: 0, count: 1 << bits)
        var marks = [UInt64](repeating: 0, count: slots.count / 16)
        for token in 256..<merges.count {
            let key = UInt64(merges.pairs[token].left) | UInt64(merges.pairs[token].right) << 18
            let hash = Self.hash(key)
            var index = Int(hash >> shift)
            while slots[index] != 0 { index = (index + 1) & (slots.count - 1) }
            slots[index] = key | UInt64(token) << 36 | 1 << 63
            let mark = Int(hash >> (shift - 2))
            marks[mark >> 6] |= 1 << UInt64(mark & 63)
        }
        self.slots = slots
        self.marks = marks
    }

    var byteCount: Int { (slots.count + marks.count) * 8 }

    @inline(__always) private static func hash(_ key: UInt64) -> UInt64 { key &* 0x9e37_79b9_7f4a_7c15 }

    /// The token that `left` and `right` merge to; `MergeList.none` if they do not.
    @inline(__always) func merged(_ left: UInt32, _ right: UInt32) -> UInt32 {
        let key = UInt64(left) | UInt64(right) &<< 18
        let hash = Self.hash(key)
        let mark = Int(truncatingIfNeeded: hash &>> (shift &- 2))
        guard marks[mark &>> 6] &>> UInt64(truncatingIfNeeded: mark & 63) & 1 != 0 else { return MergeList.none }
        var index = Int(truncatingIfNeeded: hash &>> shift)
        let mask = slots.count &- 1
        while true {
            let slot = slots[index]
            if slot == 0 { return MergeList.none }
            if slot & 0xf_ffff_ffff == key { return UInt32(truncatingIfNeeded: slot &>> 36) & MergeList.none }
            index = (index &+ 1) & mask
        }
    }
}
