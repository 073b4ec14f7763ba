/// One block of a request, in the order a provider caches: tools, then system, then messages.
public struct PromptBlock: Sendable, Equatable {
    public enum Part: UInt8, Sendable, CaseIterable {
        case tools
        case system
        case message
    }

    public var part: Part
    public var tokens: Int64

    public init(_ part: Part, tokens: Int64) {
        self.part = part
        self.tokens = max(0, tokens)
    }
}

/// Where Anthropic's `cache_control` pays most: at the ends of what does not change, and at the newest block, so that the
/// next turn reads all of this one.
public enum CacheBreakpoints {
    public static let most = 4
    /// A provider looks so many blocks back from a breakpoint for what it has cached.
    static let lookBack = 20

    /// The positions of blocks to mark, ascending; none behind which fewer than `minimum` tokens stand, for a provider does
    /// not cache less.
    public static func best(_ blocks: [PromptBlock], minimum: Int64) -> [Int] {
        guard !blocks.isEmpty else { return [] }
        var before: [Int64] = []
        var sum: Int64 = 0
        for block in blocks {
            sum = sum.addingReportingOverflow(block.tokens).overflow ? .max : sum + block.tokens
            before.append(sum)
        }
        func isWorthIt(_ index: Int) -> Bool { before[index] >= max(1, minimum) }
        var chosen: Set<Int> = []
        // The newest first: it is what the next turn reads.
        if isWorthIt(blocks.count - 1) { chosen.insert(blocks.count - 1) }
        for part in [PromptBlock.Part.system, .tools] {
            if let end = blocks.lastIndex(where: { $0.part == part }), isWorthIt(end) { chosen.insert(end) }
        }
        // A turn of many blocks would put the last turn's end out of sight.
        var place = blocks.count - 1 - lookBack
        let fixed = blocks.lastIndex { $0.part != .message } ?? -1
        while chosen.count < most, place > fixed, isWorthIt(place) {
            chosen.insert(place)
            place -= lookBack
        }
        return chosen.sorted()
    }
}
