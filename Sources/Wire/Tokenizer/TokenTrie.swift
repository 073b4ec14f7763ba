/// All tokens by their bytes, as a double-array trie: the child of a node by byte `b` stands at `base + b`, if it stands there.
///
/// An entry: bits 0–7 the byte, 8 set, 9–26 the token that ends here (`MergeList.none` if none does), 32–63 the base of its
/// children (0 without children). No two nodes have one base, so byte and place alone prove an entry to be the child.
struct TokenTrie: Sendable {
    private let entries: [UInt64]
    private let root: Int

    init(_ nodes: borrowing TrieNodes) {
        var placement = TriePlacement()
        let bases = placement.place(nodes)
        var entries = [UInt64](repeating: 0, count: placement.end)
        for node in 0..<nodes.count {
            var child = nodes.firstChild[node]
            while child != 0 {
                let next = Int(child)
                let byte = nodes.byte[next]
                entries[Int(bases[node]) + Int(byte)] =
                    UInt64(byte) | 0x100 | UInt64(nodes.token[next]) << 9 | UInt64(bases[next]) << 32
                child = nodes.sibling[next]
            }
        }
        self.entries = entries
        root = Int(bases[0])
    }

    var byteCount: Int { entries.count * 8 }

    /// The longest token that begins at `at` and ends by `end`; every byte is a token, so there is one where `at < end`.
    @inline(__always) func longest(_ text: Span<UInt8>, from at: Int, to end: Int) -> UInt32 {
        var base = root
        var found = MergeList.none
        var at = at
        while at < end {
            let byte = text[at]
            // In bounds: the array ends 256 entries after the greatest base.
            let entry = entries[base + Int(byte)]
            guard entry & 0x1ff == UInt64(byte) | 0x100 else { break }
            let token = UInt32(truncatingIfNeeded: entry >> 9) & MergeList.none
            if token != MergeList.none { found = token }
            base = Int(entry >> 32)
            guard base != 0 else { break }
            at += 1
        }
        return found
    }
}

/// A trie as first child and next sibling, built by hanging each token under its left part.
struct TrieNodes {
    private(set) var byte: [UInt8] = [0]
    private(set) var token: [UInt32] = [MergeList.none]
    private(set) var firstChild: [UInt32] = [0]
    private(set) var sibling: [UInt32] = [0]
    var count: Int { byte.count }

    init(_ merges: borrowing MergeList) {
        let expected = merges.count * 9 / 4
        byte.reserveCapacity(expected)
        token.reserveCapacity(expected)
        firstChild.reserveCapacity(expected)
        sibling.reserveCapacity(expected)
        var nodeOf: [UInt32] = []
        nodeOf.reserveCapacity(merges.count)
        for rank in 0..<merges.count {
            var node = rank < 256 ? 0 : nodeOf[Int(merges.pairs[rank].left)]
            let tail = rank < 256 ? merges.range(rank) : merges.range(Int(merges.pairs[rank].right))
            for index in tail { node = child(of: node, by: merges.bytes[index]) }
            token[Int(node)] = UInt32(rank)
            nodeOf.append(node)
        }
    }

    private mutating func child(of node: UInt32, by wanted: UInt8) -> UInt32 {
        var next = firstChild[Int(node)]
        while next != 0 {
            if byte[Int(next)] == wanted { return next }
            next = sibling[Int(next)]
        }
        let new = UInt32(byte.count)
        byte.append(wanted)
        token.append(MergeList.none)
        firstChild.append(0)
        sibling.append(firstChild[Int(node)])
        firstChild[Int(node)] = new
        return new
    }

    /// For each token the longest other token that it begins with, or `MergeList.none`.
    func prefixes(count tokens: Int) -> [UInt32] {
        var prefixes = [UInt32](repeating: MergeList.none, count: tokens)
        var within = [UInt32](repeating: MergeList.none, count: count)
        // A node stands after its parent.
        for node in 0..<count {
            let own = token[node]
            if own != MergeList.none { prefixes[Int(own)] = within[node] }
            let below = own == MergeList.none ? within[node] : own
            var child = firstChild[node]
            while child != 0 {
                within[Int(child)] = below
                child = sibling[Int(child)]
            }
        }
        return prefixes
    }
}

/// Finds each node a base at which all its children fall on free places.
struct TriePlacement {
    private var taken: [UInt64] = []
    private var based: [UInt64] = []
    private(set) var end = 0

    /// The base of every node; 0 for those without children.
    mutating func place(_ nodes: borrowing TrieNodes) -> [UInt32] {
        let words = nodes.count / 64 * 3 / 2 + 64
        taken = [UInt64](repeating: 0, count: words)
        based = taken
        var bases = [UInt32](repeating: 0, count: nodes.count)
        // Those with many children first; those with one fill the holes.
        var byChildren = [[UInt32]](repeating: [], count: 5)
        for node in 0..<nodes.count {
            var children = 0
            var child = nodes.firstChild[node]
            while child != 0 {
                children += 1
                child = nodes.sibling[Int(child)]
            }
            guard children > 0 else { continue }
            byChildren[children > 32 ? 0 : children > 8 ? 1 : children > 3 ? 2 : children > 1 ? 3 : 4].append(
                UInt32(node))
        }
        var offsets: [Int] = []
        for group in byChildren {
            // Places below have been tried for this group often enough.
            var from = 512
            for node in group {
                offsets.removeAll(keepingCapacity: true)
                var child = nodes.firstChild[Int(node)]
                while child != 0 {
                    offsets.append(Int(nodes.byte[Int(child)]))
                    child = nodes.sibling[Int(child)]
                }
                bases[Int(node)] = UInt32(base(offsets, from: &from))
            }
        }
        return bases
    }

    private mutating func base(_ offsets: [Int], from: inout Int) -> Int {
        var place = from
        var tried = 0
        search: while true {
            place = nextFree(place)
            tried += 1
            let base = place - offsets[0]
            if !isSet(based, base) {
                var fits = true
                for offset in offsets.dropFirst() where isSet(taken, base + offset) {
                    fits = false
                    break
                }
                if fits {
                    for offset in offsets { taken[(base + offset) >> 6] |= 1 << UInt64((base + offset) & 63) }
                    based[base >> 6] |= 1 << UInt64(base & 63)
                    end = max(end, base + 256)
                    if tried > 8 || offsets.count == 1 { from = place }
                    return base
                }
            }
            place += 1
        }
    }

    /// The first free place at `place` or after it; there is always room for 512 more.
    private mutating func nextFree(_ place: Int) -> Int {
        var word = place >> 6
        var free = ~taken[word] & (~0 << UInt64(place & 63))
        while free == 0 {
            word += 1
            if word + 8 >= taken.count {
                taken.append(contentsOf: repeatElement(0, count: taken.count / 4))
                based.append(contentsOf: repeatElement(0, count: taken.count - based.count))
            }
            free = ~taken[word]
        }
        if word + 8 >= taken.count {
            taken.append(contentsOf: repeatElement(0, count: taken.count / 4))
            based.append(contentsOf: repeatElement(0, count: taken.count - based.count))
        }
        return word << 6 | free.trailingZeroBitCount
    }

    @inline(__always) private func isSet(_ bits: [UInt64], _ place: Int) -> Bool {
        bits[place >> 6] >> UInt64(place & 63) & 1 != 0
    }
}
