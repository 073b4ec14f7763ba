import Planning
import Testing

struct PromptCacheTests {
    private func blocks(_ tools: Int, _ system: Int, _ messages: Int, tokens: Int64 = 1000) -> [PromptBlock] {
        Array(repeating: PromptBlock(.tools, tokens: tokens), count: tools)
            + Array(repeating: PromptBlock(.system, tokens: tokens), count: system)
            + Array(repeating: PromptBlock(.message, tokens: tokens), count: messages)
    }

    @Test func breakpoints() {
        #expect(CacheBreakpoints.best([], minimum: 1024) == [])
        #expect(CacheBreakpoints.best(blocks(2, 1, 3), minimum: 1024) == [1, 2, 5])
        #expect(CacheBreakpoints.best(blocks(0, 0, 3), minimum: 1024) == [2])
        // A provider caches nothing below its minimum.
        #expect(CacheBreakpoints.best(blocks(1, 1, 1), minimum: 2500) == [2])
        #expect(CacheBreakpoints.best(blocks(1, 1, 1), minimum: 9999) == [])
        #expect(CacheBreakpoints.best(blocks(0, 0, 3, tokens: 0), minimum: 0) == [])
        // Long turns: the last turn's end stays in sight.
        #expect(CacheBreakpoints.best(blocks(1, 1, 60), minimum: 1024) == [1, 21, 41, 61])
        #expect(CacheBreakpoints.best(blocks(0, 0, 100), minimum: 1024) == [39, 59, 79, 99])
    }

    @Test func neverMoreThanFour() {
        for tools in 0..<4 {
            for messages in 0..<120 {
                let all = blocks(tools, 1, messages)
                let chosen = CacheBreakpoints.best(all, minimum: 1)
                #expect(chosen.count <= 4 && chosen == chosen.sorted() && chosen.last == all.count - 1)
            }
        }
    }

    struct Case: Sendable {
        var next: PrefixPrint
        var broke: PrefixBreak?
    }

    static let first = PrefixPrint(model: 1, tools: [2, 3], system: [4], messages: [5, 6])
    static let cases: [Case] = [
        Case(next: first, broke: nil),
        Case(next: PrefixPrint(model: 1, tools: [2, 3], system: [4], messages: [5, 6, 7, 8]), broke: nil),
        Case(next: PrefixPrint(model: 9, tools: [2, 3], system: [4], messages: [5, 6]), broke: .model),
        Case(next: PrefixPrint(model: 1, tools: [3, 2], system: [4], messages: [5, 6]), broke: .toolOrder),
        Case(next: PrefixPrint(model: 1, tools: [2], system: [9], messages: [5, 6]), broke: .tools),
        Case(next: PrefixPrint(model: 1, tools: [2, 3], system: [9], messages: [5, 6]), broke: .system),
        Case(next: PrefixPrint(model: 1, tools: [2, 3], system: [4], messages: [5]), broke: .shortened),
        Case(next: PrefixPrint(model: 1, tools: [2, 3], system: [4], messages: [9, 6, 7]), broke: .earlierMessage),
        Case(
            next: PrefixPrint(model: 1, tools: [2, 3], system: [4], messages: [5, 6], spelling: 1), broke: .spelling),
    ]

    @Test(arguments: cases) func breaks(of one: Case) {
        var watch = PrefixWatch()
        #expect(watch.take(Self.first) == nil)
        #expect(watch.take(one.next) == one.broke)
        #expect(watch.take(one.next) == nil)
        #expect(watch.breaks.reduce(0, +) == (one.broke == nil ? 0 : 1))
        if let broke = one.broke { #expect(watch.breaks[Int(broke.rawValue)] == 1) }
    }
}
