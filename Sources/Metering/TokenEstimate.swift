/// Counts tokens without a tokenizer, for receipts marked `estimated`.
public enum TokenEstimate {
    /// Tokens of UTF-8 text.
    public static func tokens(inText bytes: Span<UInt8>) -> Int64 { tokens(visibleBytes: Int64(bytes.count)) }

    /// Tokens of so many bytes of text whose characters are no longer there, rounded up.
    public static func tokens(visibleBytes: Int64) -> Int64 {
        let bytes = max(0, visibleBytes)
        return bytes / 4 + (bytes % 4 > 0 ? 1 : 0)
    }
}
