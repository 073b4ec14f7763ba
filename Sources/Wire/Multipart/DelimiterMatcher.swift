import CBytes

/// Finds `--boundary` over any split of the bytes (Knuth, Morris, Pratt: boundaries begin with dashes, as the delimiter
/// itself does, so that a failed match may hold the start of a true one).
struct DelimiterMatcher: Sendable {
    private let needle: [UInt8]
    /// For every length of a match: the longest shorter one that its bytes end in.
    private let fallbacks: [Int]
    private var matched = 0
    /// The last bytes of what was read before, as many as a match and the line end before it can reach back.
    private var tail: [UInt8] = []

    init(_ boundary: [UInt8]) {
        needle = [0x2d, 0x2d] + boundary
        var fallbacks = [0, 0]
        for index in needle.indices.dropFirst() {
            var length = fallbacks[index]
            while length > 0, needle[length] != needle[index] { length = fallbacks[length] }
            fallbacks.append(needle[length] == needle[index] ? length + 1 : 0)
        }
        self.fallbacks = fallbacks
    }

    var length: Int { needle.count }
    var isMatched: Bool { matched == needle.count }

    /// The body's first bytes: the delimiter without a line end before it.
    mutating func opens(with byte: UInt8) -> Bool {
        guard matched < needle.count, needle[matched] == byte else { return false }
        matched += 1
        return true
    }

    mutating func reset() { matched = 0 }

    /// Reads up to the end of the next delimiter, or of the bytes.
    mutating func find(in b: Span<UInt8>, from at: inout Int) -> Bool {
        while at < b.count {
            if matched == 0 {
                at += unsafe b.withUnsafeBufferPointer { memory in
                    guard let base = memory.baseAddress else { return 0 }
                    return unsafe tacet_find_byte(base + at, b.count - at, 0x2d)
                }
                guard at < b.count else { return false }
            }
            let byte = b[at]
            while matched > 0, needle[matched] != byte { matched = fallbacks[matched] }
            if needle[matched] == byte { matched += 1 }
            at += 1
            if isMatched { return true }
        }
        return false
    }

    /// Whether CRLF stands before the delimiter that ends at `end`.
    func followsLineEnd(in b: Span<UInt8>, endingAt end: Int) -> Bool {
        let start = end - needle.count
        return byte(start - 2, b) == 0x0d && byte(start - 1, b) == 0x0a
    }

    /// A byte of what was read now, or before it at a negative index.
    private func byte(_ index: Int, _ b: Span<UInt8>) -> UInt8? {
        if index >= 0 { return b[index] }
        return tail.count + index >= 0 ? tail[tail.count + index] : nil
    }

    mutating func keepTail(of b: Span<UInt8>) {
        let room = needle.count + 2
        for index in max(0, b.count - room)..<b.count { tail.append(b[index]) }
        if tail.count > room { tail.removeFirst(tail.count - room) }
    }
}
