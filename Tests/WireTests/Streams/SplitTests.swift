import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// Every stream fixture of every dialect, cut at every byte and fed one byte at a time: what is read, passed on, metered and
/// written for every dialect is the same.
@Suite struct SplitTests {
    struct Fixture: Sendable, CustomTestStringConvertible {
        var name: String
        var form: StreamForm
        var text: String

        var testDescription: String { "\(form): \(name)" }
    }

    static let fixtures: [Fixture] =
        StreamSplitTests.fixtures.map {
            Fixture(name: $0.name, form: $0.form == .chat ? .chat : .messages, text: $0.text)
        }
        + ResponsesStreamTests.streams.map { Fixture(name: $0.0, form: .responses, text: $0.1) }
        + GeminiStreamTests.fixtures.map { Fixture(name: $0.name, form: .gemini, text: $0.text) }

    /// What a cut may not change. What readers tell is looked at where the fixtures are.
    private struct Outcome: Equatable {
        var metered: MeteredStream
        var violation: StreamViolation?

        init(_ fixture: Fixture, _ bytes: [UInt8], _ cuts: [Int]) {
            metered = fixture.form.metered(bytes, cuts: cuts)
            violation = fixture.form.violation(fixture.text, .passed, cuts: cuts)
        }
    }

    @Test(arguments: fixtures) func nothingDependsOnACut(_ fixture: Fixture) {
        let bytes = Array(fixture.text.utf8)
        let whole = Outcome(fixture, bytes, [])
        #expect(whole.metered.output == bytes)
        for cut in 1..<bytes.count where Outcome(fixture, bytes, [cut]) != whole {
            Issue.record("differs when cut at \(cut)")
            return
        }
        #expect(Outcome(fixture, bytes, Array(1..<bytes.count)) == whole)
    }

    @Test(arguments: fixtures, StreamForm.allCases)
    func everyDialectGetsTheSame(_ fixture: Fixture, target: StreamForm) {
        let bytes = Array(fixture.text.utf8)
        let whole = target.write(fixture.form.events(bytes))
        #expect(target.violation(whole.text) == nil)
        let bytewise = target.write(fixture.form.events(bytes, cuts: Array(1..<bytes.count)))
        #expect(bytewise.text == whole.text)
        #expect(bytewise.losses == whole.losses)
        // What is written, cut anywhere: the verdict is the same, and so is what its own reader makes of it.
        let written = Array(whole.text.utf8)
        let told = WireTests.told(target.events(written))
        for cut in stride(from: 1, to: written.count, by: 61) {
            #expect(target.violation(whole.text, cuts: [cut]) == nil, "cut at \(cut)")
            #expect(WireTests.told(target.events(written, cuts: [cut])) == told, "cut at \(cut)")
        }
    }
}
