import CResources

@testable import Wire

/// The vocabularies of the binary, built once for all tests.
enum Tokenizers {
    static let o200k = unsafe tokenizer(tacet_vocabulary_o200k)
    static let cl100k = unsafe tokenizer(tacet_vocabulary_cl100k)
    static let both = [o200k, cl100k]

    static func resource(_ function: (UnsafeMutablePointer<Int>?) -> UnsafePointer<UInt8>?) -> [UInt8] {
        var count = 0
        guard let bytes = unsafe function(&count) else { return [] }
        return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
    }

    static let classes = unsafe resource(tacet_character_classes)

    private static func tokenizer(
        _ function: (UnsafeMutablePointer<Int>?) -> UnsafePointer<UInt8>?
    ) -> Tokenizer {
        let vocabulary = unsafe resource(function)
        guard let made = try? Tokenizer(vocabulary: vocabulary.span, classes: classes.span) else {
            preconditionFailure("the binary's vocabulary is refused")
        }
        return made
    }
}

extension Tokenizer {
    func tokens(_ bytes: [UInt8]) -> [UInt32] {
        var tokens: [UInt32] = []
        encode(bytes.span, into: &tokens)
        return tokens
    }
}

/// Random numbers that are the same in every run (xorshift64*).
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_f491_4f6c_dd1d
    }
}
