public import NIOCore
public import Vocabulary
import Wire

/// Compression of one block of text, a pure function of its bytes and the mode: no other block, turn or clock takes part,
/// so clients that resend originals make a provider's prompt cache miss no more often than without us.
///
/// JSON objects and arrays lose white space and needless escapes, and lists of like objects become tables (`JSONColumns`).
/// Other text loses terminal escapes and white space at line ends, runs of equal lines become one and a count, and lines that
/// stand there again a reference. Code fences stay as they are, and so does every block that holds `tacet:keep`.
public enum Compression {
    /// Blocks above this stay as they are: an event loop has other work (`RULES.md` 2).
    public static let largestBlock = 256 * 1024

    /// Text that asks to be left alone.
    static let mark: [UInt8] = Array("tacet:keep".utf8)

    /// The block to send instead; `nil` when it should stay as it is.
    public static func compress(_ block: ByteBuffer, _ mode: CompressionMode) -> ByteBuffer? {
        guard mode != .off, block.readableBytes <= largestBlock, !contains(block.readableBytesUInt8Span, mark) else {
            return nil
        }
        let limits = OutlineLimits(mode)
        let cleaned = TerminalText.cleaned(block)
        let out: ByteBuffer
        if let json = JSONColumns.written(cleaned, limits) {
            out = json
        } else {
            let folded = RepeatedBlocks.folded(RepeatedLines.folded(cleaned))
            out = limits.map { Outline.outlined(folded, $0) } ?? folded
        }
        return out == block ? nil : out
    }

    /// What a losslessly compressed block was: the same JSON value without white space, or the same lines as a terminal
    /// shows them. `nil` for a table that we did not write.
    public static func restore(_ block: ByteBuffer) -> ByteBuffer? {
        switch JSONColumns.restored(block) {
        case .json(let text): text
        case .malformed: nil
        case .notJSON: RepeatedBlocks.unfolded(block).flatMap(RepeatedLines.unfolded)
        }
    }

    private static func contains(_ bytes: Span<UInt8>, _ needle: [UInt8]) -> Bool {
        guard bytes.count >= needle.count else { return false }
        for start in 0...bytes.count - needle.count where bytes[start] == needle[0] {
            var matched = 1
            while matched < needle.count, bytes[start + matched] == needle[matched] { matched += 1 }
            if matched == needle.count { return true }
        }
        return false
    }
}

extension CompressionMode {
    /// Reads a mode's name.
    public init?(name: some Collection<UInt8>) {
        guard let mode = Self.allCases.first(where: { name.elementsEqual($0.name.description.utf8) }) else {
            return nil
        }
        self = mode
    }
}
