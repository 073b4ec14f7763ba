public import NIOCore

/// Looks for our own key in what a provider says about an error.
public enum ProviderErrorBody {
    /// The length of the substrings looked for (`RULES.md` 14).
    public static let fragment = 8

    /// Whether the body holds the key or any 8 bytes of it in a row. A shorter key is looked for whole.
    ///
    /// JSON escapes are not resolved: keys are ASCII letters, digits, `-` and `_`, which nobody escapes.
    public static func containsKey(_ body: ByteBuffer, key: Span<UInt8>) -> Bool {
        let bytes = body.readableBytesUInt8Span
        let length = min(fragment, key.count)
        if length == 0 { return false }
        if length == 1 { return contains(key, 0, 1, bytes) }
        // Every window that matches ends in a pair of bytes that stands in the key. A pair that does not rules out all
        // windows over it, so most of the body is stepped over.
        var pairs = [UInt64](repeating: 0, count: 1 << 10)
        for index in 1..<key.count {
            let pair = pair(key, index)
            pairs[pair >> 6] |= 1 << UInt64(pair & 63)
        }
        var last = length - 1
        while last < bytes.count {
            let pair = pair(bytes, last)
            if pairs[pair >> 6] & 1 << UInt64(pair & 63) == 0 {
                last += length - 1
                continue
            }
            if contains(bytes, last + 1 - length, length, key) { return true }
            last += 1
        }
        return false
    }

    @inline(__always)
    private static func pair(_ bytes: Span<UInt8>, _ second: Int) -> Int {
        Int(bytes[second - 1]) << 8 | Int(bytes[second])
    }

    /// Whether `whole` holds the `length` bytes of `part` at `start`.
    private static func contains(_ part: Span<UInt8>, _ start: Int, _ length: Int, _ whole: Span<UInt8>) -> Bool {
        var at = 0
        while at + length <= whole.count {
            var same = 0
            while same < length, whole[at + same] == part[start + same] { same += 1 }
            if same == length { return true }
            at += 1
        }
        return false
    }
}
