/// A question as it is compared with others that mean the same: letter case, white space, closing marks and words of
/// courtesy aside. Everything that may turn a meaning round stays: numbers and signs, negations, and words with a capital
/// that may be names. It knows no synonyms: those give wrong answers more often than they save a call.
public enum SimilarText {
    /// Longer texts are no questions.
    public static let longest = 2048

    /// `nil` for what is only ever the same when it is written the same: long texts, code, data.
    public static func normalised(_ text: [UInt8]) -> [UInt8]? {
        guard !text.isEmpty, text.count <= longest, !text.contains(where: { marks.contains($0) }) else { return nil }
        var words = text.split { $0 <= 0x20 }.map { plain(Array($0)) }.filter { !$0.isEmpty }
        while let first = words.first, courtesies.contains(first) { words.removeFirst() }
        while let last = words.last, courtesies.contains(last) { words.removeLast() }
        guard words.count >= 2 else { return nil }
        return Array(words.joined(separator: [0x20]))
    }

    /// A word without the marks around it; in lower case unless it may be a name.
    private static func plain(_ word: [UInt8]) -> [UInt8] {
        var word = word[...]
        while let last = word.last, closing.contains(last) { word.removeLast() }
        while let first = word.first, first == 0x22 || first == 0x27 { word.removeFirst() }
        let lower = word.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        // What begins a sentence has a capital too; only words that are never names lose it.
        return lower == Array(word) || common.contains(lower) ? lower : Array(word)
    }

    /// Whether two answers say the same as far as words tell: the same numbers, and half of all words in both.
    public static func agree(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        func words(_ text: [UInt8]) -> (all: Set<[UInt8]>, numbers: Set<[UInt8]>) {
            let words = text.split { !isWord($0) }.map { $0.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 } }
            return (Set(words), Set(words.filter { $0.contains { (0x30...0x39).contains($0) } }))
        }
        let (a, b) = (words(one), words(other))
        return a.numbers == b.numbers && 2 * a.all.intersection(b.all).count >= a.all.union(b.all).count
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte & 0xdf)
    }

    /// Of code and data.
    private static let marks = Set("`{}[]<>|\\=_#$\n\t".utf8)
    private static let closing = Set(".,!?;:\"')".utf8)
    private static let courtesies = Set(["please", "hi", "hello", "hey", "thanks"].map { Array($0.utf8) })
    private static let common = Set(
        [
            "please", "hi", "hello", "hey", "thanks", "thank", "what", "what's", "which", "who", "who's", "whose",
            "when",
            "where", "why", "how", "is", "are", "was", "were", "do", "does", "did", "can", "could", "should", "would",
            "tell", "give", "show", "explain", "describe", "define", "list", "name", "write", "translate", "summarize",
            "the", "a", "an", "in", "on", "of", "for", "to", "if", "it", "this", "that", "these", "those", "there",
            "and",
            "or", "but", "not", "no", "you", "we", "they", "my", "your",
        ].map { Array($0.utf8) })
}
