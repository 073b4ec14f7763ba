import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// Every recording of Gemini and Vertex: passed through and metered, and written for clients of each dialect; and every
/// recording of chat and messages written for a client of Gemini's.
@Suite struct RecordedGeminiTests {
    @Test(.enabled(if: sharedFolder != nil, "TACET_SHARED is not set"))
    func metersEveryRecording() throws {
        var counts = (plain: 0, streamed: 0)
        for row in try GeminiRow.read(try #require(sharedFolder)) where row.status < 400 {
            let recorded = Digest.gemini(row.body)
            let usage: TokenUsage?
            if row.isStreamed {
                counts.streamed += 1
                let bytes = Array(row.body.utf8)
                let whole = MeteredGemini([bytes[...]])
                #expect(whole.output == bytes, "\(row.id)")
                #expect(MeteredGemini(bytes.chunks(of: 61)) == whole, "\(row.id)")
                #expect(!whole.hasError, "\(row.id)")
                usage = whole.usage
            } else {
                counts.plain += 1
                usage = try #require(GeminiAnswer.read(ByteBuffer(string: row.body)), "\(row.id)").usage
            }
            // A report of nothing counts as none.
            guard let reported = recorded.usage, reported != [0, 0] else { continue }
            #expect(usage.map { [$0.totalInput, $0.totalOutput] } == reported, "\(row.id)")
            if let usage { #expect(usage[.reasoning] <= usage[.output], "\(row.id)") }
        }
        #expect(counts == (588, 266))
    }

    @Test(.enabled(if: sharedFolder != nil, "TACET_SHARED is not set"))
    func readsErrors() throws {
        var count = 0
        for row in try GeminiRow.read(try #require(sharedFolder)) where row.status >= 400 {
            let error = GeminiErrorReader.read(ByteBuffer(string: row.body), status: UInt16(row.status))
            #expect(error.status == row.status, "\(row.id)")
            #expect(!error.message.isEmpty, "\(row.id)")
            // One was written down by a proxy, as a string.
            #expect((error.type != nil) == (Digest.object(row.body)?["error"] is [String: Any]), "\(row.id)")
            count += 1
        }
        #expect(count == 13)
    }

    @Test(
        .enabled(if: sharedFolder != nil, "TACET_SHARED is not set"), arguments: GeminiClient.allCases, [false, true])
    func saysTheSame(client: GeminiClient, streamed: Bool) throws {
        var count = 0
        var differences: [String: [String]] = [:]
        for row in try GeminiRow.read(try #require(sharedFolder))
        where row.status < 400 && row.isStreamed == streamed && !row.path.hasSuffix(":batchGenerateContent") {
            count += 1
            let difference = Self.difference(row, client)
            if !difference.isEmpty { differences[difference, default: []].append(row.id) }
        }
        let list = differences.sorted { $0.key < $1.key }.map { "\($0.key) × \($0.value.count) (\($0.value[0]))" }
        #expect(!list.contains { $0.hasPrefix("NOT") || $0.hasPrefix("grammar") }, "\(client): \(list)")
        #expect(differences.values.reduce(0) { $0 + $1.count } * 100 <= count, "\(client): \(list)")
        #expect(count == (streamed ? 266 : 587))
    }

    private static func difference(_ row: GeminiRow, _ client: GeminiClient) -> String {
        let recorded = Digest.gemini(row.body)
        let events =
            row.isStreamed
            ? geminiEvents(Array(row.body.utf8)) : GeminiAnswerReader.read(ByteBuffer(string: row.body))
        guard let events else { return "NOT READ" }
        if let fault = grammarFault(events) { return "grammar \(fault) of events" }
        var text = ""
        if row.isStreamed {
            let output = client.stream(events)
            if let fault = output.fault { return "grammar \(fault)" }
            text = output.text
        } else {
            text = client.plain(events).text
        }
        let told = client.digest(text, streamed: row.isStreamed)
        let difference = fields(recorded, told)
        if difference.isEmpty { return "" }
        // Words that the other dialects have none for: filters of other kinds, calls that could not be made.
        if let stop = recorded.stop, stop != told.stop, !["stop", "tool", "length", "filter"].contains(stop) {
            return "a reason to stop of Google's alone"
        }
        return "NOT EXPLAINED " + difference
    }

    private static func fields(_ recorded: Digest, _ told: Digest) -> String {
        var fields: [String] = []
        if recorded.text != told.text { fields.append("text") }
        if recorded.tools != told.tools { fields.append("tools") }
        if let stop = recorded.stop, stop != told.stop { fields.append("stop \(stop) \(told.stop ?? "nil")") }
        if let usage = recorded.usage, usage != [0, 0], usage != told.usage {
            fields.append("usage \(usage) \(told.usage ?? [])")
        }
        if told.hasError != recorded.hasError { fields.append("error") }
        if recorded.thinking != told.thinking { fields.append("thinking") }
        return fields.joined(separator: ", ")
    }

    @Test(
        .enabled(if: sharedFolder != nil, "TACET_SHARED is not set"), arguments: RecordedAnswersTests.Form.allCases,
        [false, true])
    func saysWhatOthersSay(source: RecordedAnswersTests.Form, streamed: Bool) throws {
        var count = 0
        var differences: [String: [String]] = [:]
        for row in try RecordedAnswersTests.rows(try #require(sharedFolder))
        where row.form == source && row.isStreamed == streamed {
            count += 1
            // What the readers of the other dialect make of a recording is proven there: written for its own clients, it is
            // the same as written for Gemini's.
            guard let events = Self.events(row) else { continue }
            let own: GeminiClient = source == .chat ? .chat : .messages
            let recorded = own.digest(streamed ? own.stream(events).text : own.plain(events).text, streamed: streamed)
            if recorded.hasError { continue }
            for client in [GeminiClient.events, .array] {
                var text = ""
                if streamed {
                    let output = client.stream(events)
                    if let fault = output.fault { differences["grammar \(fault)", default: []].append(row.id) }
                    text = output.text
                } else {
                    text = client.plain(events).text
                }
                var difference = Self.fields(recorded, Digest.gemini(text))
                if difference == "tools",
                    recorded.tools.contains(where: { $0[1].hasPrefix("RAW:") || !$0[1].hasPrefix("{") })
                {
                    difference = "arguments that are no object"
                } else if difference == "stop pause stop" {
                    difference = "a pause is a stop"
                } else if difference == "text", !recorded.refusal.isEmpty {
                    difference = "refusal as text"
                } else if !difference.isEmpty {
                    difference = "NOT EXPLAINED " + difference
                }
                if !difference.isEmpty { differences[difference, default: []].append(row.id) }
            }
        }
        let list = differences.sorted { $0.key < $1.key }.map { "\($0.key) × \($0.value.count) (\($0.value[0]))" }
        #expect(!list.contains { $0.hasPrefix("NOT") || $0.hasPrefix("grammar") }, "\(source): \(list)")
        #expect(differences.values.reduce(0) { $0 + $1.count } * 50 <= count, "\(source): \(list)")
        #expect(count > 200)
    }

    private static func events(_ row: RecordedAnswersTests.Row) -> [AnswerEvent]? {
        let body = ByteBuffer(string: row.body)
        switch (row.form, row.isStreamed) {
        case (.chat, false): return ChatAnswerReader.read(body)
        case (.messages, false): return MessagesAnswerReader.read(body)
        case (.chat, true): return Translated.events(row.body, ChatStreamReader(), cuts: [])
        case (.messages, true): return Translated.events(row.body, MessagesStreamReader(), cuts: [])
        }
    }
}

/// What a meter says of a stream fed in pieces, and what it passes on.
struct MeteredGemini: Equatable {
    var output: [UInt8] = []
    var usage: TokenUsage?
    var hasContent = false
    var hasError = false
    var visibleBytes: Int64 = 0
    var events: Int64 = 0
    var model: [UInt8]?
    var fault: StreamFault?

    init(_ pieces: [ArraySlice<UInt8>], eventLimit: Int = 1 << 20) {
        var meter = StreamMeter(.gemini, eventLimit: eventLimit)
        var out = ByteBuffer()
        do throws(StreamFault) {
            for piece in pieces { try meter.read(ByteBuffer(bytes: piece), into: &out) }
        } catch { fault = error }
        if fault == nil { meter.finish(into: &out) }
        output = Array(buffer: out)
        usage = meter.report.usage
        hasContent = meter.report.hasContent
        hasError = meter.report.errorSeen
        visibleBytes = meter.report.visibleOutputBytes
        events = meter.report.eventCount
        model = meter.report.model
    }
}
