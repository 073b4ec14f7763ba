import Testing
import Vocabulary

@testable import Planning

@Suite struct DecisionTableTests {
    @Test func keyThenModelThenAll() {
        var table = DecisionTable()
        table.all = Decisions(compression: .lossless, router: .shadow, cache: .off)
        table.models[[0x6d]] = Decisions(compression: .strong, router: .off)
        let key = Decisions(compression: .off)
        #expect(table.decided(key, model: [0x6d]) == Decisions(compression: .off, router: .off, cache: .off))
        #expect(table.decided(.none, model: [0x6d]) == Decisions(compression: .strong, router: .off, cache: .off))
        #expect(table.decided(.none, model: [0x78]) == table.all)
        #expect(DecisionTable().decided(key, model: [0x6d]) == key)
    }

    @Test func aRequestsOwnWordOfTheCacheComesFirst() {
        for directive in [CacheDirective.asked, .refresh, .off] {
            for mode in CacheMode.allCases { #expect(directive.over(mode) == directive) }
        }
        #expect(CacheDirective.automatic.over(.on) == .asked)
        #expect(CacheDirective.automatic.over(.off) == .off)
        #expect(CacheDirective.automatic.over(.auto) == .automatic)
        #expect(CacheDirective.automatic.over(nil) == .automatic)
    }
}
