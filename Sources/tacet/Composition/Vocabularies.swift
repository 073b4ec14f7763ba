import CResources
import Wire

/// The tokenizer of the binary.
enum Vocabularies {
    /// o200k_base; building its tables takes some 80 milliseconds.
    static func o200k() throws(Failure) -> Tokenizer {
        let vocabulary = unsafe resource(tacet_vocabulary_o200k)
        let classes = unsafe resource(tacet_character_classes)
        do throws(TokenizerFault) {
            return try Tokenizer(vocabulary: vocabulary.span, classes: classes.span)
        } catch {
            throw Failure(text: "The tokenizer in this binary is damaged.")
        }
    }

    private static func resource(_ function: (UnsafeMutablePointer<Int>?) -> UnsafePointer<UInt8>?) -> [UInt8] {
        var count = 0
        let start = unsafe function(&count)
        return unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }
}
