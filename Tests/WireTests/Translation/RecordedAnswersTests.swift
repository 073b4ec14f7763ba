import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// Every recorded answer of chat and messages, plain and streamed, written in the other dialect and in its own: what it says
/// is what the recording says.
@Suite struct RecordedAnswersTests {
    enum Form: String, CaseIterable { case chat, messages }

    struct Row {
        var id: String
        var form: Form
        var isStreamed: Bool
        var body: String
    }

    static func rows(_ folder: String) throws -> [Row] {
        try recordedLines(folder).compactMap { line in
            let isChat = line.range(of: Data("\"api\":\"openai-chat\"".utf8)) != nil
            guard isChat || line.range(of: Data("\"api\":\"anthropic-".utf8)) != nil,
                let row = (try? JSONSerialization.jsonObject(with: line)) as? [String: Any],
                (row["status"] as? Int ?? 200) < 400, let body = row["response_body"] as? String
            else { return nil }
            return Row(
                id: row["id"] as? String ?? "", form: isChat ? .chat : .messages,
                isStreamed: row["streaming"] as? Bool ?? false, body: body)
        }
    }

    static func digest(_ form: Form, streamed: Bool, _ body: String) -> Digest {
        switch (form, streamed) {
        case (.chat, false): .chat(plain: body)
        case (.chat, true): .chat(stream: body)
        case (.messages, false): .messages(plain: body)
        case (.messages, true): .messages(stream: body)
        }
    }

    @Test(.enabled(if: sharedFolder != nil, "TACET_SHARED is not set"), arguments: Form.allCases, [false, true])
    func saysTheSame(client: Form, streamed: Bool) throws {
        for source in Form.allCases {
            var count = 0
            var differences: [String: [String]] = [:]
            for row in try Self.rows(try #require(sharedFolder))
            where row.form == source && row.isStreamed == streamed {
                // These eight are no streams: the whole message was dumped as one event.
                if streamed, row.body.hasPrefix("event: message\n") { continue }
                count += 1
                let recorded = Self.digest(source, streamed: streamed, row.body)
                if recorded.hasError { continue }
                let output =
                    streamed
                    ? Translated.stream(row.body, from: source, to: client)
                    : Translated.plain(row.body, from: source, to: client)
                if let fault = output.fault { differences["grammar \(fault)", default: []].append(row.id) }
                let told = Self.digest(client, streamed: streamed, output.text)
                let difference = Self.difference(recorded, told)
                if difference.isEmpty { continue }
                let reason = Self.explanation(row, recorded, told)
                differences[reason ?? "NOT EXPLAINED " + difference, default: []].append(row.id)
            }
            let list = differences.sorted { $0.key < $1.key }.map { "\($0.key) × \($0.value.count) (\($0.value[0]))" }
            #expect(
                !differences.keys.contains { $0.hasPrefix("NOT") || $0.hasPrefix("grammar") },
                "\(source) → \(client): \(list)")
            let explained = differences.values.reduce(0) { $0 + $1.count }
            #expect(explained * 50 <= count, "\(source) → \(client): \(list)")
            #expect(count > 200)
        }
    }

    /// Why a recording reads differently behind us: the list of `docs/translation.md`.
    private static func explanation(_ row: Row, _ recorded: Digest, _ told: Digest) -> String? {
        if recorded.text.isEmpty, !recorded.refusal.isEmpty, told.text == recorded.refusal { return "refusal as text" }
        if recorded.tools.contains(["", "{}"]), told.text == recorded.text { return "call without a name" }
        if let stop = recorded.stop, stop == "eos" || stop.isEmpty { return "no word of OpenAI's to stop" }
        let root =
            Digest.object(row.body)
            ?? Digest.events(row.body).compactMap(Digest.object).last { $0["usage"] is [String: Any] }
        let choice = (root?["choices"] as? [[String: Any]])?.first
        let message = choice?["message"] as? [String: Any]
        if message?["content"] is [String: Any], recorded.text.isEmpty { return "object as content" }
        if let audio = message?["audio"] as? [String: Any], told.text == audio["transcript"] as? String {
            return "transcript as text"
        }
        let usage = root?["usage"] as? [String: Any]
        let reasoning = (usage?["completion_tokens_details"] as? [String: Any])?["reasoning_tokens"] as? Int64
        if let reasoning, reasoning > 0, let reported = recorded.usage,
            told.usage == [reported[0], reported[1] + reasoning],
            usage?["total_tokens"] as? Int64 == reported[0] + reported[1] + reasoning
        {
            return "xAI leaves reasoning out of the completion"
        }
        return nil
    }

    private static func difference(_ recorded: Digest, _ told: Digest) -> String {
        var fields: [String] = []
        if recorded.text != told.text { fields.append("text") }
        if recorded.tools != told.tools { fields.append("tools") }
        if let stop = recorded.stop, stop != told.stop { fields.append("stop \(stop) \(told.stop ?? "nil")") }
        if let usage = recorded.usage, usage != told.usage { fields.append("usage") }
        if told.hasError { fields.append("error") }
        if recorded.thinking != told.thinking { fields.append("thinking") }
        return fields.joined(separator: ", ")
    }
}

/// An answer taken through the intermediate form.
struct Translated {
    var text = ""
    var fault: StreamViolation?
    var losses: [Loss] = []

    static func plain(_ body: String, from: RecordedAnswersTests.Form, to: RecordedAnswersTests.Form) -> Translated {
        let buffer = ByteBuffer(string: body)
        var result = Translated()
        guard let events = from == .chat ? ChatAnswerReader.read(buffer) : MessagesAnswerReader.read(buffer) else {
            return result
        }
        result.check(events)
        var out = ByteBuffer()
        result.losses =
            to == .chat
            ? ChatAnswerWriter.write(events, created: 1, into: &out) : MessagesAnswerWriter.write(events, into: &out)
        result.text = String(buffer: out)
        return result
    }

    /// - Parameter cuts: where the bytes are cut; none for one piece.
    static func stream(
        _ body: String, from: RecordedAnswersTests.Form, to: RecordedAnswersTests.Form, cuts: [Int] = []
    ) -> Translated {
        from == .chat
            ? stream(body, ChatStreamReader(), to: to, cuts: cuts)
            : stream(body, MessagesStreamReader(), to: to, cuts: cuts)
    }

    private static func stream(
        _ body: String, _ reader: some AnswerStreamReader, to: RecordedAnswersTests.Form, cuts: [Int]
    ) -> Translated {
        var result = Translated()
        let events = self.events(body, reader, cuts: cuts)
        result.check(events)
        if to == .chat {
            result.write(events, ChatStreamWriter(includesUsage: true, created: 1))
            result.fault = StreamForm.chat.violation(result.text) ?? result.fault
        } else {
            result.write(events, MessagesStreamWriter())
            result.fault = StreamForm.messages.violation(result.text) ?? result.fault
        }
        return result
    }

    static func events(_ body: String, _ reader: some AnswerStreamReader, cuts: [Int]) -> [AnswerEvent] {
        var reader = reader
        var events: [AnswerEvent] = []
        let bytes = Array(body.utf8)
        var start = 0
        do throws(StreamFault) {
            for cut in cuts + [bytes.count] {
                try reader.read(ByteBuffer(bytes: bytes[start..<cut]), into: &events)
                start = cut
            }
        } catch { events.append(.failure(.malformed)) }
        reader.finish(into: &events)
        return events
    }

    private mutating func check(_ events: [AnswerEvent]) {
        var grammar = AnswerGrammar()
        do throws(StreamViolation) {
            for event in events { try grammar.take(event) }
            try grammar.finish()
        } catch { fault = error }
    }

    private mutating func write(_ events: [AnswerEvent], _ writer: some AnswerStreamWriter) {
        var writer = writer
        var out = ByteBuffer()
        for event in events { writer.write(event, into: &out) }
        text = String(buffer: out)
        losses = writer.losses
    }
}
