import NIOCore
import Testing
import Vocabulary

@testable import Planning

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
    ]

    @Test(arguments: cases) func breaks(of one: Case) {
        var watch = PrefixWatch()
        let now = Instant(microseconds: 1)
        #expect(watch.take(Self.first, of: 1, at: now) == nil)
        #expect(watch.take(one.next, of: 2, at: now) == nil)
        #expect(watch.take(one.next, of: 1, at: now) == one.broke)
        #expect(watch.take(one.next, of: 1, at: now) == nil)
        // What a provider no longer has cannot be missed.
        let later = now.after(milliseconds: 3 * PrefixWatch.generation)
        #expect(watch.take(Self.first, of: 1, at: later) == nil)
    }

    // MARK: Real requests

    private func print(_ body: String, _ dialect: Dialect = .anthropic) throws -> PrefixPrint {
        try #require(RoutePrompt(ByteBuffer(string: body), dialect, KeyID(1))).print(dialect)
    }

    @Test func marksAndSpellingAreNoPartOfAPrefix() throws {
        let plain = #"{"model":"m","system":"s","messages":[{"role":"user","content":"a"}]}"#
        let one = try print(plain)
        let same = try print(
            #"{"model":"m","system":"s","messages":[{"role":"user","content":[{"type":"text","text":"\u0061","cache_control":{"type":"ephemeral"}}]}]}"#
        )
        #expect(one == same)
        #expect(try print(plain.replacing(#""a""#, with: #""b""#)) != one)
    }
}
