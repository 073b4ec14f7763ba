/// What one pass over a prompt counts. Everything saturates at `UInt32`; a prompt is at most 16 KiB.
struct PromptCounts: Sendable {
    var bytes: UInt32 = 0
    var words: UInt32 = 0
    var wordBytes: UInt32 = 0
    /// Words of more than eight bytes.
    var longWords: UInt32 = 0
    var digits: UInt32 = 0
    var numbers: UInt32 = 0
    /// Numbers of four digits and more.
    var longNumbers: UInt32 = 0
    var capitals: UInt32 = 0
    var foreign: UInt32 = 0
    var lines: UInt32 = 0
    var longestLine: UInt32 = 0
    /// Lines that begin like `A.` or `B)`, the bytes in them, and the longest and shortest.
    var options: UInt32 = 0
    var optionBytes: UInt32 = 0
    var longestOption: UInt32 = 0
    var shortestOption: UInt32 = .max
    var fences: UInt32 = 0
    var inGroup: [6 of UInt32] = .init(repeating: 0)
    var symbols: [16 of UInt32] = .init(repeating: 0)
    /// Distinct single words and symbols, and distinct pairs of them.
    var distinct: UInt32 = 0
    /// The first word's number in `WordGroups.openings` plus one; 0 for any other.
    var opening: UInt8 = 0

    /// The kinds of `symbols`, by place: question marks, dollars, backslashes, operators, points, commas, brackets, quotes,
    /// underscores, percents, colons, braces, exclamation marks, semicolons, backticks, hashes and bars.
    static let symbolKinds: [(UInt8, StaticString)] = [
        (0, "?"), (1, "$"), (2, "\\"), (3, "+-*/=^<>"), (4, "."), (5, ","), (6, "()[]"), (7, "\"'"), (8, "_"), (9, "%"),
        (10, ":"), (11, "{}"), (12, "!"), (13, ";"), (14, "`"), (15, "#|@&~"),
    ]

    /// How many numbers `hand` gives.
    static let handCount = 46 + WordGroups.openingCount

    /// The hand-made features, before they are brought to one scale.
    func hand(into out: inout [Float]) {
        out.removeAll(keepingCapacity: true)
        let n = Float(max(bytes, 1))
        let w = Float(max(words, 1))
        out.append(log2(bytes))
        out.append(log2(words))
        out.append(log2(bytes) * log2(bytes) / 16)
        out.append(Float(digits) / n)
        out.append(log2(numbers))
        out.append(log2(longNumbers))
        out.append(log2(lines))
        out.append(Float(min(longestLine, 4096)) / 1024)
        out.append(Float(capitals) / n)
        out.append(Float(foreign) / n)
        out.append(Float(wordBytes) / w)
        out.append(Float(longWords) / w)
        out.append(Float(distinct) / w)
        out.append(log2(distinct))
        out.append(log2(options))
        out.append(options > 0 ? log2(optionBytes / options) : 0)
        out.append(options > 0 ? log2(longestOption &- shortestOption) : 0)
        out.append(log2(bytes &- min(bytes, optionBytes)))
        for group in 0..<6 {
            out.append(Float(inGroup[group]) / w)
            out.append(log2(inGroup[group]))
        }
        for kind in 0..<16 { out.append(log2(symbols[kind])) }
        for opening in 0..<WordGroups.openingCount { out.append(Int(self.opening) == opening + 1 ? 1 : 0) }
    }

    /// log2(1 + x), linear between powers of two: the same on every machine, without a library.
    private func log2(_ value: UInt32) -> Float {
        let x = UInt64(value) + 1
        let exponent = 63 - x.leadingZeroBitCount
        return Float(exponent) + Float(x - 1 << UInt64(exponent)) / Float(UInt64(1) << UInt64(exponent))
    }
}
