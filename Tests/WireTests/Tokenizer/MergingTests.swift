import CResources
import Testing

@testable import Wire

/// Byte-pair encoding as it is defined, beside which the encoder is held on random bytes.
@Suite struct MergingTests {
    private struct Reference {
        var ranks: [ArraySlice<UInt8>: UInt32] = [:]
        var words: [ArraySlice<UInt8>] = []

        init(_ vocabulary: [UInt8]) throws {
            let merges = try MergeList(vocabulary.span)
            let bytes = merges.bytes
            for token in 0..<merges.count {
                words.append(bytes[merges.range(token)])
                ranks[bytes[merges.range(token)]] = UInt32(token)
            }
        }

        /// Merges the leftmost pair of lowest rank until none is left.
        func encode(_ piece: ArraySlice<UInt8>) -> [UInt32] {
            var parts = piece.indices.map { piece[$0...$0] }
            while true {
                var best: (rank: UInt32, at: Int)?
                for index in parts.indices.dropLast() {
                    let pair = piece[parts[index].startIndex..<parts[index + 1].endIndex]
                    if let rank = ranks[pair], best.map({ rank < $0.rank }) ?? true { best = (rank, index) }
                }
                guard let best else { return parts.compactMap { ranks[$0] } }
                parts[best.at] = piece[parts[best.at].startIndex..<parts[best.at + 1].endIndex]
                parts.remove(at: best.at + 1)
            }
        }
    }

    /// Random texts over few bytes, so that merges compete: valid, broken and cut UTF-8 among them.
    private static func texts() -> [[UInt8]] {
        var dice = Dice(state: 0x7ace7)
        let alphabets = [
            "ab", "aAbB' ", "etaoin shrdlu", "0123456789", " \n\t\r", "=-_./", "中文的是", "éè\u{301}", "😀\u{200d}👨",
        ]
        .map { Array($0.utf8) }
        return (0..<400).map { round in
            let alphabet = round % 10 == 9 ? Array(0...255) : alphabets[round % alphabets.count]
            return (0..<Int.random(in: 1...60, using: &dice)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &dice)]
            }
        }
    }

    @Test(arguments: [true, false]) func isWhatMergingMakes(_ isO200k: Bool) throws {
        let tokenizer = isO200k ? Tokenizers.o200k : Tokenizers.cl100k
        let reference = try Reference(
            unsafe Tokenizers.resource(isO200k ? tacet_vocabulary_o200k : tacet_vocabulary_cl100k))
        for text in Self.texts() {
            var wanted: [UInt32] = []
            var at = 0
            while at < text.count {
                let end =
                    isO200k
                    ? O200kPreTokenizer.end(text.span, at, CharacterClassTests.classes)
                    : CL100kPreTokenizer.end(text.span, at, CharacterClassTests.classes)
                try #require(end > at && end <= text.count)
                wanted += reference.encode(text[at..<end])
                at = end
            }
            let tokens = tokenizer.tokens(text)
            #expect(tokens == wanted)
            #expect(tokens.flatMap { reference.words[Int($0)] } == text)
            #expect(tokenizer.count(text.span) == wanted.count)
        }
        // Whole pieces without a pre-tokenizer: the encoder alone.
        var scratch = Tokenizer.Scratch()
        for text in Self.texts() {
            _ = tokenizer.encoder.split(text.span, 0, text.count, &scratch)
            #expect(scratch.stack == reference.encode(text[...]))
        }
    }
}
