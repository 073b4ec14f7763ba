import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// Every recorded answer of Converse says in answer events, and in Anthropic's stream, what the recording says.
@Suite struct RecordedConverseTests {
    private struct Said: Equatable {
        var text = ""
        var calls: [String] = []
        var input: Int64 = 0
        var output: Int64 = 0
    }

    private static func rows(_ folder: String) throws -> [(body: String, isStreamed: Bool)] {
        try recordedLines(folder).compactMap { line in
            guard line.range(of: Data("\"api\":\"bedrock-converse\"".utf8)) != nil,
                let row = (try? JSONSerialization.jsonObject(with: line)) as? [String: Any],
                row["status"] as? Int == 200, let body = row["response_body"] as? String
            else { return nil }
            return (body, row["streaming"] as? Bool ?? false)
        }
    }

    private func object(_ text: some StringProtocol) -> [String: Any] {
        ((try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]) ?? [:]
    }

    private func usage(_ report: Any?, _ said: inout Said) {
        let report = report as? [String: Any] ?? [:]
        said.input = ["inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens"]
            .reduce(0) { $0 + (report[$1] as? Int64 ?? 0) }
        said.output = report["outputTokens"] as? Int64 ?? 0
    }

    private func recorded(plain body: String) -> Said {
        var said = Said()
        let root = object(body)
        let message = (root["output"] as? [String: Any])?["message"] as? [String: Any]
        for block in message?["content"] as? [[String: Any]] ?? [] {
            said.text += block["text"] as? String ?? ""
            let cited = (block["citationsContent"] as? [String: Any])?["content"] as? [[String: Any]]
            for part in cited ?? [] { said.text += part["text"] as? String ?? "" }
            if let call = block["toolUse"] as? [String: Any] { said.calls.append(call["name"] as? String ?? "") }
        }
        usage(root["usage"], &said)
        return said
    }

    private func events(_ body: String) -> [(type: String, payload: [String: Any])] {
        body.split(separator: "\n\n").compactMap { event in
            guard event.hasPrefix("data: "), let entry = object(event.dropFirst(6)).first,
                let payload = entry.value as? [String: Any]
            else { return nil }
            return (entry.key, payload)
        }
    }

    private func recorded(stream body: String) -> Said {
        var said = Said()
        for (type, payload) in events(body) {
            let delta = payload["delta"] as? [String: Any]
            said.text += delta?["text"] as? String ?? ""
            let start = (payload["start"] as? [String: Any])?["toolUse"] as? [String: Any]
            if let name = start?["name"] as? String { said.calls.append(name) }
            if type == "metadata" { usage(payload["usage"], &said) }
        }
        return said
    }

    private func said(_ events: [AnswerEvent]) throws -> Said {
        var grammar = AnswerGrammar()
        for event in events { try grammar.take(event) }
        try grammar.finish()
        let answer = AnswerCollection(events)
        var said = Said()
        for part in answer.parts {
            switch part.kind {
            case .text: said.text += String(decoding: part.text.unescaped, as: UTF8.self)
            case .toolCall(_, let name, _): said.calls.append(String(decoding: name.unescaped, as: UTF8.self))
            default: break
            }
        }
        said.input = answer.usage?.totalInput ?? 0
        said.output = answer.usage?.totalOutput ?? 0
        return said
    }

    @Test(.enabled(if: sharedFolder != nil, "TACET_SHARED is not set"))
    func everyAnswerSaysTheSame() throws {
        var (plain, streamed) = (0, 0)
        for row in try Self.rows(try #require(sharedFolder)) {
            if row.isStreamed {
                var reader = BedrockEvents(converseID: RawText("i"), model: RawText("m"), messageLimit: 8 << 20)
                var wire = ByteBuffer()
                for (type, payload) in events(row.body) {
                    let bytes = try JSONSerialization.data(withJSONObject: payload)
                    let frame = BedrockEventsTests.frame(
                        [(":event-type", type), (":message-type", "event")], Array(bytes))
                    try reader.read(ByteBuffer(bytes: frame), into: &wire)
                }
                reader.finish(into: &wire)
                var messages = MessagesStreamReader()
                var answer: [AnswerEvent] = []
                try messages.read(wire, into: &answer)
                messages.finish(into: &answer)
                #expect(try said(answer) == recorded(stream: row.body))
                streamed += 1
            } else {
                let read = ConverseAnswerReader.read(
                    ByteBuffer(string: row.body), id: RawText("i"), model: RawText("m"))
                #expect(try said(try #require(read)) == recorded(plain: row.body))
                plain += 1
            }
        }
        #expect(plain > 180 && streamed >= 15)
    }
}
