import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// What a stream shows to its reader at the end.
struct MeteredChat: Equatable {
    var output = ""
    var usage: TokenUsage?
    var model: [UInt8]?
    var flags: [Bool] = []
    var counts: [Int64] = []
    var fault: StreamFault?

    init(_ chunks: [ArraySlice<UInt8>], strips: Bool, limit: Int = 1 << 20) {
        var stream = StreamMeter(.openAI, stripsUsage: strips, eventLimit: limit)
        var out = ByteBuffer()
        do throws(StreamFault) {
            for chunk in chunks { try stream.read(ByteBuffer(bytes: chunk), into: &out) }
            stream.finish(into: &out)
        } catch { fault = error }
        output = String(buffer: out)
        usage = stream.report.usage
        model = stream.report.model
        flags = [stream.report.isDone, stream.report.hasContent, stream.report.errorSeen]
        counts = [stream.report.visibleOutputBytes, stream.report.eventCount]
    }
}

private func tokens(_ input: Int64, _ output: Int64) -> TokenUsage {
    var usage = TokenUsage()
    usage[.input] = input
    usage[.output] = output
    return usage
}

private let hello =
    #"data: {"model":"gpt-x","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel\n\u00e9"}}],"usage":null}"#
private let finish = #"data: {"model":"gpt-x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#
private let usage =
    #"data: {"model":"gpt-x","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}"#
private let habit = #"data: {"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":9,"completion_tokens":1}}"#
private let call =
    #"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{\"a\":1}"}}]}}]}"#
private let done = "data: [DONE]"

@Suite struct ChatStreamTests {
    private struct Fixture {
        var text: String
        /// The output with usage stripped, when it differs.
        var stripped: String?
        var usage: TokenUsage?
        var bytes: Int64
        var events: Int64
        var flags: [Bool]
    }

    private static func join(_ events: [String], _ end: String = "\n") -> String {
        events.map { $0 + end + end }.joined()
    }

    private static let fixtures: [Fixture] = [
        Fixture(
            text: join([hello, finish, usage, done]), stripped: join([hello, finish, done]), usage: tokens(9, 2),
            bytes: 6,
            events: 4, flags: [true, true, false]),
        Fixture(
            text: join([hello, usage, done], "\r\n"), stripped: join([hello, done], "\r\n"), usage: tokens(9, 2),
            bytes: 6,
            events: 3, flags: [true, true, false]),
        Fixture(
            text: join([hello, usage, done], "\r"), stripped: join([hello, done], "\r"), usage: tokens(9, 2), bytes: 6,
            events: 3, flags: [true, true, false]),
        Fixture(
            text: join([habit, usage, done]), usage: tokens(9, 2), bytes: 1, events: 3, flags: [true, true, false]),
        Fixture(
            text: "\u{feff}: comment\n\n: OPENROUTER PROCESSING\n\nevent: x\nid: 3\n" + join([call, done]), usage: nil,
            bytes: 8, events: 2, flags: [true, true, false]),
        Fixture(
            text:
                "data:{\"choices\":[{\"delta\":\ndata: {\"reasoning\":\"abc\",\"reasoning_content\":\"abc\"}}]}\n\n\n\n",
            usage: nil, bytes: 3, events: 1, flags: [false, true, false]),
        Fixture(
            text: "event: error\ndata: {\"error\":{\"message\":\"choices\"}}\n\n", usage: nil, bytes: 0, events: 1,
            flags: [false, false, true]),
        Fixture(
            text: "data: not json\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"ab\"}}],\n\ndata: [1]\n\ndata\n\n",
            usage: nil, bytes: 2, events: 4, flags: [false, true, false]),
        Fixture(text: join([hello]) + finish, usage: nil, bytes: 6, events: 2, flags: [false, true, false]),
        Fixture(
            text: hello + "\n\n" + usage + "\r\n\r\n" + done + "\r\r", stripped: hello + "\n\n" + done + "\r\r",
            usage: tokens(9, 2), bytes: 6, events: 3, flags: [true, true, false]),
        Fixture(text: "", usage: nil, bytes: 0, events: 0, flags: [false, false, false]),
    ]

    @Test(arguments: fixtures.indices, [false, true])
    func isTheSameAtEverySplit(index: Int, strips: Bool) {
        let fixture = Self.fixtures[index]
        let bytes = Array(fixture.text.utf8)
        let whole = MeteredChat([bytes[...]], strips: strips)
        #expect(whole.output == (strips ? fixture.stripped ?? fixture.text : fixture.text))
        #expect(whole.usage == fixture.usage)
        #expect(whole.counts == [fixture.bytes, fixture.events])
        #expect(whole.flags == fixture.flags)
        for cut in 0...bytes.count {
            #expect(MeteredChat([bytes[..<cut], bytes[cut...]], strips: strips) == whole, "cut at \(cut)")
        }
        #expect(MeteredChat(bytes.indices.map { bytes[$0...$0] }, strips: strips) == whole)
    }

    @Test func givesWholeEventsOnly() throws {
        var stream = StreamMeter(.openAI)
        var out = ByteBuffer()
        try stream.read(ByteBuffer(string: hello + "\n\n" + String(finish.prefix(20))), into: &out)
        #expect(String(buffer: out) == hello + "\n\n")
        out.clear()
        try stream.read(ByteBuffer(string: String(finish.dropFirst(20)) + "\n"), into: &out)
        #expect(out.readableBytes == 0)
        try stream.read(ByteBuffer(string: "\n"), into: &out)
        #expect(String(buffer: out) == finish + "\n\n")
    }

    /// One past the limit is refused and all before it is passed, however it is cut.
    @Test func limitsEvents() {
        let event = Array((hello + "\n\n").utf8)
        let bytes = event + event + Array((hello + "\n  \n").utf8)
        let fits = MeteredChat([bytes[...]], strips: false, limit: event.count)
        for cut in 0...bytes.count {
            #expect(MeteredChat([bytes[..<cut], bytes[cut...]], strips: false, limit: event.count) == fits)
        }
        #expect(fits.fault == .eventTooLarge)
        #expect(fits.output == hello + "\n\n" + hello + "\n\n")
        #expect(MeteredChat([event[...]], strips: false, limit: event.count).fault == nil)
    }

    @Test func takesTheLargerReport() {
        func report(_ input: Int, _ output: Int) -> String {
            #"data: {"choices":[{"delta":{"content":"x"}}],"usage":{"prompt_tokens":\#(input),"completion_tokens":\#(output)}}"#
        }
        let meter = MeteredChat(
            [Array(Self.join([report(4, 0), report(4, 7), report(3, 11), report(0, 0)]).utf8)[...]], strips: true)
        #expect(meter.usage == tokens(3, 11))
    }

    @Test func survivesRandomBytes() {
        let alphabet = Array("data: {}[]\",:\n\r\r\nchoicesusage0".utf8) + [0xff, 0xef, 0xbb, 0xbf]
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0...60)).map { _ in alphabet.randomElement()! }
            let cut = Int.random(in: 0...bytes.count)
            let whole = MeteredChat([bytes[...]], strips: true)
            #expect(MeteredChat([bytes[..<cut], bytes[cut...]], strips: true) == whole, "\(bytes) \(cut)")
            #expect(whole.output.utf8.count >= 0)
        }
    }
}

@Suite struct EventScannerTests {
    @Test(arguments: [
        ("a\n\nb\n\n", [3, 6]), ("a\r\n\r\nb\r\n\r\n", [5, 10]), ("a\r\rb\r\r", [3, 6]), ("a\n\r\nb", [4]),
        ("\n\n", [1, 2]),
        ("a\r\n", []), ("a\nb\nc\n\n", [7]), ("a\r\r\n", [4]), ("\r\n", [2]),
    ])
    func findsEnds(text: String, ends: [Int]) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var scanner = EventScanner()
            var found: [Int] = []
            for part in [0..<cut, cut..<bytes.count] {
                let chunk = Array(bytes[part])
                var at = scanner.takeLineFeed(in: chunk.span)
                // An LF that arrives late moves the end told before it.
                if at > 0 { found[found.count - 1] += 1 }
                while let end = scanner.nextEnd(in: chunk.span, from: at) {
                    found.append(part.lowerBound + end)
                    at = end
                }
            }
            #expect(found == ends, "cut at \(cut)")
        }
    }
}
