/// Byte-pair encoding with OpenAI's vocabularies: as many tokens, and the same ones, as `encode_ordinary` of tiktoken 0.14
/// gives; names of special tokens are text like any other.
///
/// Text is UTF-8. A byte that begins no UTF-8 sequence is cut as a symbol is and encoded as the byte it is, so that any
/// bytes have a count, at least 1 and at most their number. Time is linear in the text. It allocates nothing per call but
/// what `Scratch` grows by.
public struct Tokenizer: Sendable {
    private let pattern: TokenizerPattern
    private let classes: CharacterClasses
    private let words: WordTable
    let encoder: PieceEncoder

    /// Builds the tables from a vocabulary and the character classes, both as `tokenizers/make.py` writes them; nothing of
    /// the arguments is kept. For o200k_base that takes some 80 milliseconds and 15 MB (twice that while it runs), for
    /// cl100k_base 30 and 7.5: too long for an event loop, so build it elsewhere, once, and keep it.
    public init(vocabulary: Span<UInt8>, classes: Span<UInt8>) throws(TokenizerFault) {
        self.classes = try CharacterClasses(classes)
        let merges = try MergeList(vocabulary)
        pattern = merges.pattern
        words = WordTable(merges)
        encoder = PieceEncoder(merges)
    }

    /// The bytes that the tables take.
    public var byteCount: Int { words.byteCount + encoder.byteCount }

    /// What a count needs to remember while it runs; reused, it spares the next count its allocations. It holds token
    /// numbers of the last text until the next, so it must stay where the text may be.
    public struct Scratch: Sendable {
        var stack: [UInt32] = []
        var dead: [UInt64] = []

        public init() {}
    }

    /// The count of tokens of `text`.
    public func count(_ text: Span<UInt8>) -> Int {
        var scratch = Scratch()
        return count(text, using: &scratch)
    }

    /// The count of tokens of `text`, with memory that is used again.
    public func count(_ text: Span<UInt8>, using scratch: inout Scratch) -> Int {
        let count =
            switch pattern {
            case .cl100k: count(text, by: CL100kPreTokenizer.self, &scratch)
            case .o200k: count(text, by: O200kPreTokenizer.self, &scratch)
            }
        scratch.shrink()
        return count
    }

    /// The tokens of `text`, appended to `tokens`.
    public func encode(_ text: Span<UInt8>, into tokens: inout [UInt32]) {
        var scratch = Scratch()
        var at = 0
        while at < text.count {
            let end =
                switch pattern {
                case .cl100k: CL100kPreTokenizer.end(text, at, classes)
                case .o200k: O200kPreTokenizer.end(text, at, classes)
                }
            _ = encoder.split(text, at, end, &scratch)
            tokens.append(contentsOf: scratch.stack)
            at = end
        }
    }

    @inline(__always) private func count<Pieces: PreTokenizer>(
        _ text: Span<UInt8>, by _: Pieces.Type, _ scratch: inout Scratch
    ) -> Int {
        var total = 0
        var at = 0
        while at < text.count {
            let end = Pieces.end(text, at, classes)
            let length = end &- at
            if length <= WordTable.longest && words.token(text, at, length) != MergeList.none {
                total &+= 1
            } else {
                total &+= encoder.split(text, at, end, &scratch)
            }
            at = end
        }
        return total
    }
}

extension Tokenizer.Scratch {
    /// A piece of many megabytes must not be paid for ever after.
    mutating func shrink() {
        if stack.capacity > 1 << 16 { stack = [] }
        if dead.capacity > 1 << 12 { dead = [] }
    }
}
