/// Why data handed to the tokenizer is not what `tokenizers/make.py` writes.
public enum TokenizerFault: Error, Equatable {
    case notVocabulary
    case notClasses
}

/// Which pre-tokenizer a vocabulary was made with.
enum TokenizerPattern: UInt8, Sendable {
    case cl100k = 0
    case o200k = 1
}

/// A vocabulary as its file has it: 256 single bytes, then pairs of lower tokens, in the order of rank.
struct MergeList {
    static let header = 16
    /// Ranks fit 18 bits; the last number stands for none.
    static let none: UInt32 = 0x3_ffff

    let pattern: TokenizerPattern
    let count: Int
    /// The two parts of each token; of the first 256, nothing.
    private(set) var pairs: [(left: UInt32, right: UInt32)]
    /// The tokens' bytes, one after the other, and where each begins; one more than there are tokens.
    private(set) var bytes: [UInt8]
    private(set) var starts: [Int32]

    init(_ data: Span<UInt8>) throws(TokenizerFault) {
        guard data.count >= Self.header + 256, data[0] == 0x54, data[1] == 0x42, data[2] == 0x50, data[3] == 0x45,
            data[4] == 1, let pattern = TokenizerPattern(rawValue: data[5])
        else { throw .notVocabulary }
        let count = Int(data[8]) | Int(data[9]) << 8 | Int(data[10]) << 16 | Int(data[11]) << 24
        let merges = Self.header + 256
        guard count > 256, count < Int(Self.none), data.count == merges + ((count - 256) * 36 + 7) / 8 else {
            throw .notVocabulary
        }
        self.pattern = pattern
        self.count = count
        pairs = []
        pairs.reserveCapacity(count)
        bytes = []
        bytes.reserveCapacity(count * 8)
        starts = []
        starts.reserveCapacity(count + 1)
        for rank in 0..<256 {
            pairs.append((0, 0))
            starts.append(Int32(rank))
            bytes.append(data[Self.header + rank])
        }
        for rank in 256..<count {
            let bit = (rank - 256) * 36
            let at = merges + bit >> 3
            // 36 bits lie in five bytes: they begin at a byte or at half of one.
            var packed: UInt64 = 0
            for index in 0..<5 { packed |= UInt64(data[at + index]) << UInt64(index * 8) }
            packed >>= UInt64(bit & 7)
            let left = Int(packed & 0x3_ffff)
            let right = Int(packed >> 18 & 0x3_ffff)
            guard left < rank, right < rank else { throw .notVocabulary }
            starts.append(Int32(bytes.count))
            pairs.append((UInt32(left), UInt32(right)))
            for index in Int(starts[left])..<Int(starts[left + 1]) { bytes.append(bytes[index]) }
            for index in Int(starts[right])..<Int(starts[right + 1]) { bytes.append(bytes[index]) }
            guard bytes.count - Int(starts[rank]) < 256 else { throw .notVocabulary }
        }
        starts.append(Int32(bytes.count))
    }

    func range(_ token: Int) -> Range<Int> { Int(starts[token])..<Int(starts[token + 1]) }
}
