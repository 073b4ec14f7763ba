/// Byte-pair encoding of one piece, from left to right: the longest token that may stand after the one before it, with a step
/// back where none may. The outcome is that of merging the pair of lowest rank again and again, because a sequence of
/// tokens is what merging makes exactly if each two neighbours are what merging makes of their bytes
/// (github.com/github/rust-gems, crate `bpe`, has the proof); `tokenizers/make.py` checks what it asks of a vocabulary.
///
/// No place is given up twice, and from each at most as many tokens are tried as begin with one another: linear time.
struct PieceEncoder: Sendable {
    private let trie: TokenTrie
    private let pairs: PairTable
    private let parts: TokenParts

    init(_ merges: borrowing MergeList) {
        let nodes = TrieNodes(merges)
        trie = TokenTrie(nodes)
        pairs = PairTable(merges)
        parts = TokenParts(merges, prefixes: nodes.prefixes(count: merges.count))
    }

    var byteCount: Int { trie.byteCount + pairs.byteCount + parts.byteCount }

    /// Leaves the tokens of `text` from `start` to `end`, which is above it, in the scratch's stack; their count.
    func split(_ text: Span<UInt8>, _ start: Int, _ end: Int, _ scratch: inout Tokenizer.Scratch) -> Int {
        scratch.stack.removeAll(keepingCapacity: true)
        var token = trie.longest(text, from: start, to: end)
        if parts.count(token) == end - start {
            scratch.stack.append(token)
            return 1
        }
        scratch.dead.removeAll(keepingCapacity: true)
        scratch.dead.append(contentsOf: repeatElement(0, count: (end - start) >> 6 + 1))
        var at = start
        while true {
            let next = at + parts.count(token)
            let place = next - start
            if scratch.dead[place >> 6] >> UInt64(place & 63) & 1 == 0, mayFollow(scratch.stack.last, token) {
                scratch.stack.append(token)
                at = next
                if at == end { return scratch.stack.count }
                token = trie.longest(text, from: at, to: end)
                continue
            }
            let shorter = parts.prefix(token)
            if shorter != MergeList.none {
                token = shorter
                continue
            }
            // Nothing may begin here: the token before was too long. There is one, since a byte may always stand first.
            scratch.dead[(at - start) >> 6] |= 1 << UInt64((at - start) & 63)
            guard let last = scratch.stack.popLast() else { return 0 }
            token = last
            at -= parts.count(token)
        }
    }

    @inline(__always) private func mayFollow(_ left: UInt32?, _ right: UInt32) -> Bool {
        guard let left else { return true }
        return areNeighbours(left, right)
    }

    /// Whether merging the bytes of `left` and `right` together would leave just these two: undo the merges on both sides
    /// of the seam, latest first, and see whether one across it would have come before.
    private func areNeighbours(_ left: UInt32, _ right: UInt32) -> Bool {
        var left = left
        var right = right
        var limit = UInt32.max
        while true {
            let merged = pairs.merged(left, right)
            if merged != MergeList.none && merged < limit { return false }
            if left > right {
                limit = left
                left = parts.right(left)
                if left == limit {
                    limit = right &+ 1
                    right = parts.left(right)
                    if right &+ 1 == limit { return true }
                }
            } else {
                limit = right &+ 1
                right = parts.left(right)
                if right &+ 1 == limit {
                    limit = left
                    left = parts.right(left)
                    if left == limit { return true }
                }
            }
        }
    }
}
