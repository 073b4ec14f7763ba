import Metering
import Testing
import Vocabulary
import Wire

@testable import Relay

@Suite struct RealtimeTallyTests {
    private func usage(_ output: Int64) -> TokenUsage {
        var usage = TokenUsage()
        usage[.output] = output
        return usage
    }

    private func tally(_ events: RealtimeEvent...) -> RealtimeTally {
        var tally = RealtimeTally()
        for event in events { tally.take(event, price: .free, transcription: .free) }
        return tally
    }

    /// What a hold must cover: what runs, what is asked for, and one more.
    @Test func foreseesResponses() {
        #expect(tally().foreseen == 1)
        #expect(tally(.asksForResponse).foreseen == 2)
        #expect(tally(.asksForResponse, .responseBegun).foreseen == 2)
        #expect(tally(.asksForResponse, .asksForResponse, .responseBegun).foreseen == 3)
        #expect(tally(.responseBegun, .responseBegun).foreseen == 3)
        #expect(tally(.asksForResponse, .failed).isQuiet)
        #expect(tally(.asksForResponse, .responseBegun, .responseEnded(usage(1))).isQuiet)
        #expect(tally(.responseEnded(nil), .failed).foreseen == 1)
    }

    @Test func addsUp() {
        let whole = tally(
            .responseBegun, .generated(40), .responseEnded(usage(7)), .responseBegun, .responseEnded(usage(5)),
            .transcribed(usage(2)))
        #expect(whole.usage[.output] == 14)
        #expect(whole.hasContent && !whole.isEstimated)
    }

    /// A response that is cut costs what it said; one that says nothing costs nothing.
    @Test func estimatesWhatIsCut() {
        var cut = tally(.responseBegun, .generated(400))
        cut.finish(price: .free)
        #expect(cut.isEstimated && cut.usage[.output] > 50 && cut.isQuiet)
        var silent = tally(.responseBegun)
        silent.finish(price: .free)
        #expect(!silent.isEstimated && silent.usage.isEmpty)
        #expect(tally(.responseBegun, .generated(400), .responseEnded(nil)).isEstimated)
    }

    @Test func remembersWhoWritesDown() {
        #expect(tally(.session(transcriber: [1]), .session(transcriber: nil)).transcriber == [1])
    }
}
