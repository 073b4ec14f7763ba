import CResources
import Foundation
import Testing

@testable import Wire

@Suite struct TokenizerTests {
    struct Vector {
        var text: String
        var o200k: [UInt32]
        var cl100k: [UInt32]
    }

    private static func vectors(_ table: String) throws -> [Vector] {
        try table.split(separator: "\n").map { line in
            let fields = line.split(separator: "\t").map { Data($0.utf8) }
            try #require(fields.count == 3)
            let decoder = JSONDecoder()
            return Vector(
                text: try decoder.decode(String.self, from: fields[0]),
                o200k: try decoder.decode([UInt32].self, from: fields[1]),
                cl100k: try decoder.decode([UInt32].self, from: fields[2]))
        }
    }

    @Test(arguments: [scriptVectors, patternVectors]) func encodesAsTiktokenDoes(_ table: String) throws {
        let vectors = try Self.vectors(table)
        #expect(vectors.count > 200)
        var scratch = Tokenizer.Scratch()
        for vector in vectors {
            let text = Array(vector.text.utf8)
            for (tokenizer, tokens) in [(Tokenizers.o200k, vector.o200k), (Tokenizers.cl100k, vector.cl100k)] {
                #expect(tokenizer.tokens(text) == tokens, "\(vector.text.debugDescription)")
                #expect(tokenizer.count(text.span, using: &scratch) == tokens.count)
                #expect(tokenizer.count(text.span) == tokens.count)
            }
        }
    }

    /// What stands in memory after a text is no matter of that text: vectors in one buffer, each cut out.
    @Test func readsNothingPastTheEnd() throws {
        let vectors = try Self.vectors(patternVectors)
        let all = vectors.flatMap { Array($0.text.utf8) }
        var at = 0
        for vector in vectors {
            let end = at + vector.text.utf8.count
            let part = all.span.extracting(at..<end)
            #expect(Tokenizers.o200k.count(part) == vector.o200k.count, "\(vector.text.debugDescription)")
            #expect(Tokenizers.cl100k.count(part) == vector.cl100k.count, "\(vector.text.debugDescription)")
            at = end
        }
    }

    /// Long pieces: tokens as tiktoken counts them, and the scratch lets go of what only they needed.
    @Test func longPieces() {
        let pieces: [(String, Int, o200k: Int, cl100k: Int)] = [
            ("a", 100_000, 12_500, 12_500), (" ", 20_000, 157, 157), ("ab", 10_000, 5000, 10_000),
            ("=", 10_000, 156, 156), ("1", 3000, 1000, 1000),
        ]
        var scratch = Tokenizer.Scratch()
        for piece in pieces {
            let text = Array(repeatElement(piece.0, count: piece.1).joined().utf8)
            #expect(Tokenizers.o200k.count(text.span, using: &scratch) == piece.o200k)
            #expect(Tokenizers.cl100k.count(text.span, using: &scratch) == piece.cl100k)
        }
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 2_000_000)
        let count = Tokenizers.o200k.count(long.span, using: &scratch)
        #expect(count > 100_000 && count < 1_000_000)
        #expect(scratch.stack.capacity <= 1 << 16)
        #expect(scratch.dead.capacity <= 1 << 12)
    }

    /// Bytes that are no UTF-8: each counts, none is lost.
    @Test func invalidUTF8() {
        let texts: [[UInt8]] = [
            [0x80], [0xc0, 0xaf], [0xc3], [0xe4, 0xb8], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80],
            [0xf4, 0x90, 0x80, 0x80],
            [0xff, 0xfe], [0x61, 0xff, 0x62], [0x20, 0xe4, 0x61], [0xe4, 0x27, 0x73], [0xf8, 0x88, 0x80, 0x80, 0x80],
        ]
        for text in texts {
            for tokenizer in Tokenizers.both {
                let count = tokenizer.count(text.span)
                #expect(count >= 1 && count <= text.count)
            }
        }
        // A lone byte is a symbol: the letter after it begins a word with it, a line end belongs to it.
        let cut = CharacterClassTests.classes
        let ends: [(text: [UInt8], o200k: Int, cl100k: Int)] = [
            ([0xff, 0x61, 0x20], 2, 2), ([0xff, 0xfe, 0x0a, 0x61], 3, 3), ([0x20, 0xff, 0x0a, 0x61], 3, 3),
        ]
        for (text, o200k, cl100k) in ends {
            let first = O200kPreTokenizer.end(text.span, 0, cut)
            #expect(first == o200k)
            let second = CL100kPreTokenizer.end(text.span, 0, cut)
            #expect(second == cl100k)
        }
    }

    @Test func refusesWhatIsNoVocabulary() {
        let good = unsafe Tokenizers.resource(tacet_vocabulary_cl100k)
        let classes = Tokenizers.classes
        func fault(_ vocabulary: [UInt8], _ classes: [UInt8]) -> TokenizerFault? {
            do {
                _ = try Tokenizer(vocabulary: vocabulary.span, classes: classes.span)
                return nil
            } catch { return error }
        }
        #expect(fault([], classes) == .notVocabulary)
        #expect(fault(Array(good.dropLast()), classes) == .notVocabulary)
        #expect(fault(good + [0], classes) == .notVocabulary)
        for (index, byte) in [(0, UInt8(0)), (4, 2), (5, 2), (8, 0), (11, 1)] {
            var bad = good
            bad[index] = byte
            #expect(fault(bad, classes) == .notVocabulary, "byte \(index)")
        }
        // The first merge names a token that is not lower.
        var forward = good
        for index in 272..<277 { forward[index] = 0xff }
        #expect(fault(forward, classes) == .notVocabulary)
        #expect(fault(good, []) == .notClasses)
        #expect(fault(good, Array(classes.dropLast(3))) == .notClasses)
        #expect(fault(good, classes + [8]) == .notClasses)
        #expect(fault(good, Array(classes.prefix(8)) + [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) == .notClasses)
    }
}

@Suite struct CharacterClassTests {
    static let classes: CharacterClasses = {
        let data = Tokenizers.classes
        guard let made = try? CharacterClasses(data.span) else {
            preconditionFailure("the binary's classes are refused")
        }
        return made
    }()

    private static func of(_ code: UInt32) -> (class: CharacterClass, count: Int)? {
        guard let scalar = Unicode.Scalar(code) else { return nil }
        let bytes = Array(String(Character(scalar)).utf8)
        return classes.character(bytes.span, 0)
    }

    @Test func knownCharacters() {
        let table: [(UInt32, CharacterClass)] = [
            (0x41, .upper), (0x61, .lower), (0x30, .number), (0x20, .space), (0x0a, .newline), (0x0d, .newline),
            (0x09, .space), (0x0b, .space), (0x1c, .other), (0x85, .space), (0xa0, .space), (0xaa, .caseless),
            (0xb2, .number),
            (0xdf, .lower), (0x1c5, .upper), (0x2b0, .caseless), (0x301, .mark), (0x660, .number), (0x2028, .space),
            (0x200b, .other), (0x3000, .space), (0x4e2d, .caseless), (0xac00, .caseless), (0xe000, .other),
            (0xfffd, .other),
            (0x1f600, .other), (0x20000, .caseless), (0xe0100, .mark), (0x10ffff, .other), (0x1c89, .upper),
        ]
        for (code, wanted) in table { #expect(Self.of(code)?.class == wanted, "U+\(String(code, radix: 16))") }
    }

    /// The standard library knows another version of Unicode, so what both have assigned is compared; U+0295 was a letter with
    /// case until Unicode 17.
    @Test func agreesWithTheStandardLibrary() {
        var compared = 0
        for code in 0..<UInt32(0x11_0000) {
            guard code != 0x295, let scalar = Unicode.Scalar(code), let found = Self.of(code) else { continue }
            let count = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4
            let properties = scalar.properties
            guard properties.generalCategory != .unassigned, let age = properties.age, age.major < 15 else { continue }
            compared += 1
            let wanted: CharacterClass =
                switch properties.generalCategory {
                case .uppercaseLetter, .titlecaseLetter: .upper
                case .lowercaseLetter: .lower
                case .modifierLetter, .otherLetter: .caseless
                case .nonspacingMark, .spacingMark, .enclosingMark: .mark
                case .decimalNumber, .letterNumber, .otherNumber: .number
                default: !properties.isWhitespace ? .other : code == 0x0a || code == 0x0d ? .newline : .space
                }
            #expect(found.class == wanted && found.count == count, "U+\(String(code, radix: 16))")
        }
        #expect(compared > 200_000)
    }
}
