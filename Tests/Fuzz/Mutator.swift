/// Changes bytes as a hostile client or a broken provider would: flips, cuts, repeats, splices of two inputs, and words that
/// mean something to a parser. A seed repeats a run.
struct Mutator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    private static let words: [[UInt8]] =
        [
            "data: ", "event: ", "\n\n", "\r", "\r\n\r\n", "[DONE]", "null", "true", "{}", "[]", "\"\"", "-0", "1e999",
            "9223372036854775808", "-1", "0.5", "\\ud83d", "\\ude00", "\\u0000", "\u{feff}", "\"index\":0,",
            "\"index\":7,",
            "\"type\":\"text\",", "\"type\":\"tool_use\",", "\"type\":null,", "\"id\":\"\",", "\"name\":\"\",",
            "\"error\":{\"message\":\"x\"},", "\"arguments\":{},", "\"content\":[],", "\"finish_reason\":\"stop\",",
            "\"parts\":[{}],", "\"usage\":{\"prompt_tokens\":-1},", "[[[[[[[[[[[[[[[[[[[[", "]", "}", "{\"a\":", ",",
        ].map { Array($0.utf8) } + [[0xff], [0xc3], [0xf0, 0x9f], [0x00], [0xed, 0xa0, 0x80]]

    /// A new input from one or two of the corpus, of at most `limit` bytes.
    mutating func mutate(_ corpus: [[UInt8]], limit: Int = 16 << 10) -> [UInt8] {
        var bytes = corpus.randomElement(using: &self) ?? []
        for _ in 0..<Int.random(in: 1...6, using: &self) { change(&bytes, corpus) }
        return Array(bytes.prefix(limit))
    }

    private mutating func range(_ count: Int) -> Range<Int> {
        let start = Int.random(in: 0...count, using: &self)
        return start..<min(count, start + Int.random(in: 0...64, using: &self))
    }

    private mutating func change(_ bytes: inout [UInt8], _ corpus: [[UInt8]]) {
        let place = Int.random(in: 0...bytes.count, using: &self)
        switch Int.random(in: 0..<9, using: &self) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
        case 1 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &self)
        case 2: bytes.removeSubrange(range(bytes.count))
        case 3: bytes.insert(contentsOf: bytes[range(bytes.count)], at: place)
        case 4: bytes.removeSubrange(place...)
        case 5:
            let other = corpus.randomElement(using: &self) ?? []
            bytes.insert(contentsOf: other[range(other.count)], at: place)
        case 6:
            let other = corpus.randomElement(using: &self) ?? []
            bytes.replaceSubrange(place..., with: other[Int.random(in: 0...other.count, using: &self)...])
        default: bytes.insert(contentsOf: Self.words.randomElement(using: &self) ?? [], at: place)
        }
    }
}
