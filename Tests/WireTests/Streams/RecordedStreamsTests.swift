import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// A recorded stream of any dialect.
struct RecordedStream {
    var id: String
    var provider: String
    var form: StreamForm
    var body: String

    static func read(_ folder: String) throws -> [RecordedStream] {
        try recordedLines(folder).compactMap { line in
            guard
                line.range(of: Data("\"streaming\":true".utf8)) ?? line.range(of: Data("\"streaming\": true".utf8))
                    != nil,
                let row = (try? JSONSerialization.jsonObject(with: line)) as? [String: Any],
                row["streaming"] as? Bool == true, (row["status"] as? Int ?? 200) < 400,
                let body = row["response_body"] as? String, let form = form(row["api"] as? String, body)
            else { return nil }
            return RecordedStream(
                id: row["id"] as? String ?? "", provider: row["provider"] as? String ?? "", form: form, body: body)
        }
    }

    private static func form(_ api: String?, _ body: String) -> StreamForm? {
        switch api {
        case "openai-chat": .chat
        case "anthropic-messages", "anthropic-on-vertex": .messages
        case "openai-responses": .responses
        case "gemini-generate": body.first { !$0.isWhitespace } == "[" ? .geminiArray : .gemini
        default: nil
        }
    }
}

@Suite struct RecordedStreamsTests {
    /// What providers themselves break, and how many of the recordings do.
    private static let broken = [
        "chat noEnd huggingface": 6, "chat noEnd perplexity": 1, "chat noStop snowflake": 1,
        "chat notDense gemini": 3, "chat notDense mistral": 9, "messages emptyBlock anthropic": 1,
        "responses notOrdered openrouter": 1,
    ]

    @Test(.enabled(if: sharedFolder != nil, "TACET_SHARED is not set"))
    func providersKeepTheRulesOfPassedStreams() throws {
        var found: [String: Int] = [:]
        var count = 0
        for row in try RecordedStream.read(try #require(sharedFolder)) {
            // Dumps of a client's objects, and of whole messages, are no streams of the wire.
            if row.body.contains("sdk_http_response") || row.body.hasPrefix("event: message\n") { continue }
            count += 1
            guard let rule = row.form.violation(row.body, .passed) else { continue }
            found["\(row.form) \(rule) \(row.provider)", default: 0] += 1
        }
        #expect(found == Self.broken)
        #expect(count > 2000)
    }

    @Test(.enabled(if: sharedFolder != nil, "TACET_SHARED is not set"))
    func everyTargetKeepsEveryRule() throws {
        for row in try RecordedStream.read(try #require(sharedFolder)) {
            let events = row.form.events(row.body.utf8)
            if let rule = StreamForm.violation(events) { Issue.record("\(row.id): events break \(rule)") }
            for target in StreamForm.allCases {
                if let rule = target.violation(target.write(events).text) {
                    Issue.record("\(row.id) of \(row.provider), \(row.form) → \(target): \(rule)")
                }
            }
        }
    }

    /// A translated stream is metered by what its reader tells: the same as the meter of a passed one finds.
    @Test(.enabled(if: sharedFolder != nil, "TACET_SHARED is not set"))
    func readersTellWhatTheMeterFinds() throws {
        var found: [String: Int] = [:]
        for row in try RecordedStream.read(try #require(sharedFolder)) {
            var told = StreamReport()
            for event in row.form.events(row.body.utf8) { told.take(event) }
            var meter = StreamMeter(row.form.dialect)
            var out = ByteBuffer()
            try meter.read(ByteBuffer(string: row.body), into: &out)
            meter.finish(into: &out)
            let seen = meter.report
            if told.usage != seen.usage { found["\(row.form) usage \(row.provider)", default: 0] += 1 }
            if told.hasContent != seen.hasContent { found["\(row.form) content \(row.provider)", default: 0] += 1 }
            if seen.errorSeen, !told.errorSeen { found["\(row.form) error \(row.provider)", default: 0] += 1 }
            let (a, b) = (told.visibleOutputBytes, seen.visibleOutputBytes)
            if abs(a - b) > max(64, b / 20) { found["\(row.form) bytes \(row.provider)", default: 0] += 1 }
        }
        #expect(found == Self.toldOtherwise)
    }

    /// Whole messages as one event, which the meter does not read; blocks of server tools, which no client is told of, and
    /// names that come twice.
    private static let toldOtherwise = [
        "messages usage vertex": 8, "messages content vertex": 8, "messages bytes vertex": 5,
        "messages bytes anthropic": 6, "gemini bytes gemini": 2, "chat bytes openai": 3, "chat bytes perplexity": 1,
        "responses content openai": 1,
    ]
}
