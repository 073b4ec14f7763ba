import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// A dialect's answers, read and written through the intermediate form.
enum AnswerForm: String, CaseIterable {
    case chat, messages, responses

    func digest(_ body: String, streamed: Bool) -> Digest {
        switch (self, streamed) {
        case (.chat, false): .chat(plain: body)
        case (.chat, true): .chat(stream: body)
        case (.messages, false): .messages(plain: body)
        case (.messages, true): .messages(stream: body)
        case (.responses, false): .responses(plain: body)
        case (.responses, true): .responses(stream: body)
        }
    }

    func events(plain body: String) -> [AnswerEvent]? {
        let buffer = ByteBuffer(string: body)
        return switch self {
        case .chat: ChatAnswerReader.read(buffer)
        case .messages: MessagesAnswerReader.read(buffer)
        case .responses: ResponsesAnswerReader.read(buffer)
        }
    }

    func events(stream body: String, cuts: [Int] = []) -> [AnswerEvent] {
        switch self {
        case .chat: Translated.events(body, ChatStreamReader(), cuts: cuts)
        case .messages: Translated.events(body, MessagesStreamReader(), cuts: cuts)
        case .responses: Translated.events(body, ResponsesStreamReader(), cuts: cuts)
        }
    }

    func plain(_ events: [AnswerEvent]) -> (text: String, losses: [Loss]) {
        var out = ByteBuffer()
        let losses =
            switch self {
            case .chat: ChatAnswerWriter.write(events, created: 1, into: &out)
            case .messages: MessagesAnswerWriter.write(events, into: &out)
            case .responses: ResponsesAnswerWriter.write(events, created: 1, into: &out)
            }
        return (String(buffer: out), losses)
    }

    func stream(_ events: [AnswerEvent]) -> String {
        switch self {
        case .chat: Self.stream(events, ChatStreamWriter(includesUsage: true, created: 1))
        case .messages: Self.stream(events, MessagesStreamWriter())
        case .responses: Self.stream(events, ResponsesStreamWriter(created: 1))
        }
    }

    private static func stream(_ events: [AnswerEvent], _ writer: some AnswerStreamWriter) -> String {
        var writer = writer
        var out = ByteBuffer()
        for event in events { writer.write(event, into: &out) }
        return String(buffer: out)
    }

    func fault(stream text: String) -> StreamViolation? {
        switch self {
        case .chat: StreamForm.chat.violation(text)
        case .messages: StreamForm.messages.violation(text)
        case .responses: StreamForm.responses.violation(text)
        }
    }

    static func fault(_ events: [AnswerEvent]) -> StreamViolation? {
        do throws(StreamViolation) {
            var grammar = AnswerGrammar()
            for event in events { try grammar.take(event) }
            try grammar.finish()
        } catch { return error }
        return nil
    }
}

/// Every recorded Responses answer in every dialect, and every recorded chat and messages answer as a Responses one.
@Suite struct RecordedResponsesTests {
    struct Row {
        var id: String
        var form: AnswerForm
        var isStreamed: Bool
        var body: String
        var request: [String: Any]?
        var status: Int
    }

    static func responses(_ folder: String) throws -> [Row] {
        try recordedLines(folder).compactMap { line in
            guard line.range(of: Data("\"api\":\"openai-responses\"".utf8)) != nil,
                let row = (try? JSONSerialization.jsonObject(with: line)) as? [String: Any],
                let body = row["response_body"] as? String
            else { return nil }
            return Row(
                id: row["id"] as? String ?? "", form: .responses, isStreamed: row["streaming"] as? Bool ?? false,
                body: body, request: row["request"] as? [String: Any], status: row["status"] as? Int ?? 200)
        }
    }

    static func others(_ folder: String) throws -> [Row] {
        try RecordedAnswersTests.rows(folder).map {
            Row(
                id: $0.id, form: $0.form == .chat ? .chat : .messages, isStreamed: $0.isStreamed, body: $0.body,
                status: 200)
        }
    }

    @Test(.enabled(if: sharedFolder != nil, "TACET_SHARED is not set"))
    func saysTheSame() throws {
        let folder = try #require(sharedFolder)
        var report: [String: [String: [String]]] = [:]
        var counts: [String: Int] = [:]
        for row in try Self.responses(folder) + Self.others(folder) where row.status < 400 {
            var recorded = row.form.digest(row.body, streamed: row.isStreamed)
            // Some providers of messages send the whole message as one event, which the digest does not read.
            if row.form == .messages, row.isStreamed, recorded.text.isEmpty, recorded.tools.isEmpty,
                let whole = Digest.events(row.body).first(where: { Digest.object($0)?["type"] as? String == "message" })
            {
                recorded = .messages(plain: whole)
            }
            if recorded.hasError { continue }
            let clients: [AnswerForm] = row.form == .responses ? AnswerForm.allCases : [.responses]
            for client in clients {
                let cell = "\(row.form) → \(client), \(row.isStreamed ? "streamed" : "plain")"
                counts[cell, default: 0] += 1
                let difference = Self.difference(row, recorded, client)
                if !difference.isEmpty { report[cell, default: [:]][difference, default: []].append(row.id) }
            }
        }
        for (cell, count) in counts.sorted(by: { $0.key < $1.key }) {
            let list = (report[cell] ?? [:]).sorted { $0.key < $1.key }
                .map { "\($0.key) × \($0.value.count) (\($0.value.prefix(3).joined(separator: " ")))" }
            let explained = (report[cell] ?? [:]).values.reduce(0) { $0 + $1.count }
            #expect(!list.contains { $0.hasPrefix("NOT") || $0.hasPrefix("grammar") }, "\(cell) of \(count): \(list)")
            #expect(explained * 50 <= count, "\(cell) of \(count): \(list)")
        }
        #expect(counts["responses → chat, plain"] == 786)
        #expect(counts["responses → messages, streamed"] == 270)
    }

    private static func difference(_ row: Row, _ recorded: Digest, _ client: AnswerForm) -> String {
        let events = row.isStreamed ? row.form.events(stream: row.body) : row.form.events(plain: row.body)
        guard let events else { return "NOT READ" }
        if let fault = AnswerForm.fault(events) { return "grammar \(fault) of events" }
        let text = row.isStreamed ? client.stream(events) : client.plain(events).text
        if row.isStreamed, let fault = client.fault(stream: text) { return "grammar \(fault)" }
        let told = client.digest(text, streamed: row.isStreamed)
        var fields: [String] = []
        if recorded.text != told.text { fields.append("text") }
        if recorded.tools != told.tools { fields.append("tools") }
        if let stop = recorded.stop, stop != told.stop { fields.append("stop \(stop) \(told.stop ?? "nil")") }
        if let usage = recorded.usage, usage != told.usage { fields.append("usage") }
        if told.hasError { fields.append("error") }
        if recorded.thinking != told.thinking { fields.append("thinking") }
        if recorded.refusal != told.refusal, client != .messages { fields.append("refusal") }
        if fields.isEmpty { return "" }
        return explanation(row, recorded, told) ?? "NOT EXPLAINED " + fields.joined(separator: ", ")
    }

    /// Why a recording reads differently behind us: the list of `docs/translation.md`.
    private static func explanation(_ row: Row, _ recorded: Digest, _ told: Digest) -> String? {
        if recorded.stop == "queued" || recorded.stop == "in_progress" { return "background" }
        if recorded.text.isEmpty, !recorded.refusal.isEmpty, told.text == recorded.refusal { return "refusal as text" }
        if row.body.contains("custom_tool_call"), recorded.text == told.text { return "free text as an object" }
        if row.form == .responses { return nil }
        if recorded.tools.contains(["", "{}"]), told.text == recorded.text { return "call without a name" }
        if let stop = recorded.stop, stop == "eos" || stop.isEmpty { return "no word of OpenAI's to stop" }
        let root =
            Digest.object(row.body)
            ?? Digest.events(row.body).compactMap(Digest.object).last { $0["usage"] is [String: Any] }
        let message = (root?["choices"] as? [[String: Any]])?.first?["message"] as? [String: Any]
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
}
