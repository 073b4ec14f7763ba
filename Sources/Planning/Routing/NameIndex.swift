/// Finds the names most like one that nobody knows, in bounded time: names are at most 96 bytes, and all but a few are
/// ruled out by their length and a 64-bit signature of their byte pairs.
struct NameIndex: Sendable {
    private let names: [[UInt8]]
    private let folded: [[UInt8]]
    private let signatures: [UInt64]
    /// How many answers there are at most.
    static let limit = 5
    /// How many names are compared byte by byte at most.
    private static let comparisons = 64

    init(_ names: [[UInt8]]) {
        self.names = names
        folded = names.map(fold)
        signatures = folded.map(signature)
    }

    /// Up to five names within a few edits of `name` or beginning with it, likest first; letter case does not count.
    func near(_ name: [UInt8]) -> [[UInt8]] {
        let wanted = fold(name)
        guard !wanted.isEmpty else { return [] }
        let reach = min(3, max(1, wanted.count / 4))
        let pairs = signature(wanted)
        var close: [(index: Int, difference: Int)] = []
        for index in folded.indices {
            let difference = (signatures[index] ^ pairs).nonzeroBitCount
            let isLonger = wanted.count >= 3 && folded[index].count > wanted.count
            // One edit changes at most six pairs: two neighbours that swap touch three.
            if abs(folded[index].count - wanted.count) <= reach, difference <= 6 * reach {
                close.append((index, difference))
            } else if isLonger, folded[index].starts(with: wanted) {
                close.append((index, difference))
            }
        }
        close.sort { ($0.difference, $0.index) < ($1.difference, $1.index) }
        var found: [(index: Int, distance: Int)] = []
        for (index, _) in close.prefix(Self.comparisons) {
            let distance = editDistance(wanted, folded[index])
            if distance <= reach {
                found.append((index, distance))
            } else if folded[index].starts(with: wanted) {
                found.append((index, reach + distance))
            }
        }
        found.sort { ($0.distance, $0.index) < ($1.distance, $1.index) }
        return found.prefix(Self.limit).map { names[$0.index] }
    }
}

private func fold(_ name: [UInt8]) -> [UInt8] { name.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 } }

private func signature(_ name: [UInt8]) -> UInt64 {
    var bits: UInt64 = 0
    var last: UInt8 = 0
    for byte in name {
        bits |= 1 << UInt64((last &* 31 &+ byte) & 63)
        last = byte
    }
    return bits
}

/// Insertions, deletions, changes and swaps of neighbours that make one name the other.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before = Array(0...b.count)
    var row = before
    for (i, byte) in a.enumerated() {
        var next = row
        next[0] = i + 1
        for j in b.indices {
            next[j + 1] = min(row[j] + (byte == b[j] ? 0 : 1), next[j] + 1, row[j + 1] + 1)
            if i > 0, j > 0, byte == b[j - 1], a[i - 1] == b[j] { next[j + 1] = min(next[j + 1], before[j - 1] + 1) }
        }
        before = row
        row = next
    }
    return row[b.count]
}
