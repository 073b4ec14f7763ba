import Foundation
import NIOCore
import Vocabulary

@testable import Wire

extension Digest {
    private static let geminiStops: [String: String] = [
        "1": "stop", "STOP": "stop", "2": "length", "MAX_TOKENS": "length", "3": "filter", "SAFETY": "filter",
        "4": "filter", "RECITATION": "filter",
    ]

    private static func either(_ object: [String: Any], _ camel: String, _ snake: String) -> Any? {
        object[camel] ?? object[snake]
    }

    /// What an answer of Gemini's says: plain, server-sent events or an array.
    static func gemini(_ body: String) -> Digest {
        var digest = Digest()
        let first = body.first { !$0.isWhitespace }
        var chunks: [[String: Any]] = []
        if first == "[" || first == "{" {
            let json = try? JSONSerialization.jsonObject(with: Data(body.utf8))
            chunks = json as? [[String: Any]] ?? (json as? [String: Any]).map { [$0] } ?? []
        } else {
            chunks = events(body).compactMap(object)
        }
        if chunks.isEmpty { digest.hasError = true }
        var stop: String?
        for chunk in chunks {
            if chunk["error"] is [String: Any] { digest.hasError = true }
            let candidate = (chunk["candidates"] as? [[String: Any]])?.first ?? [:]
            let content = candidate["content"] as? [String: Any] ?? [:]
            for part in content["parts"] as? [[String: Any]] ?? [] {
                let text = part["text"] as? String ?? ""
                if part["thought"] as? Bool == true { digest.thinking += text } else { digest.text += text }
                guard let call = either(part, "functionCall", "function_call") as? [String: Any] else { continue }
                digest.tools.append([call["name"] as? String ?? "", arguments(call["args"])])
            }
            if let reason = either(candidate, "finishReason", "finish_reason"), !(reason is NSNull) {
                stop = "\(reason)"
            }
            if let usage = either(chunk, "usageMetadata", "usage_metadata") as? [String: Any], !usage.isEmpty {
                func count(_ camel: String, _ snake: String) -> Int64 {
                    (either(usage, camel, snake) as? NSNumber)?.int64Value ?? 0
                }
                digest.usage = [
                    count("promptTokenCount", "prompt_token_count")
                        + count("toolUsePromptTokenCount", "tool_use_prompt_token_count"),
                    count("candidatesTokenCount", "candidates_token_count")
                        + count("thoughtsTokenCount", "thoughts_token_count"),
                ]
            }
        }
        digest.stop = stop.map { geminiStops[$0] ?? $0 }
        if !digest.tools.isEmpty, digest.stop == "stop" { digest.stop = "tool" }
        digest.text = digest.text.trimmingCharacters(in: .whitespacesAndNewlines)
        return digest
    }
}

/// A recorded exchange with Gemini or Vertex.
struct GeminiRow {
    var id: String
    var isStreamed: Bool
    var status: Int
    var body: String
    var path: String
    var request: [String: Any]

    static func read(_ folder: String) throws -> [GeminiRow] {
        try recordedLines(folder).compactMap { line in
            guard line.range(of: Data("\"api\":\"gemini-generate\"".utf8)) != nil,
                let row = (try? JSONSerialization.jsonObject(with: line)) as? [String: Any]
            else { return nil }
            return GeminiRow(
                id: row["id"] as? String ?? "", isStreamed: row["streaming"] as? Bool ?? false,
                status: row["status"] as? Int ?? 200, body: row["response_body"] as? String ?? "",
                path: row["path"] as? String ?? "", request: row["request"] as? [String: Any] ?? [:])
        }
    }
}

/// What a client of any dialect gets of an answer's events.
enum GeminiClient: String, CaseIterable {
    case chat, messages, responses, events, array

    func plain(_ events: [AnswerEvent]) -> (text: String, losses: [Loss]) {
        var out = ByteBuffer()
        let losses =
            switch self {
            case .chat: ChatAnswerWriter.write(events, created: 1, into: &out)
            case .messages: MessagesAnswerWriter.write(events, into: &out)
            case .responses: ResponsesAnswerWriter.write(events, created: 1, into: &out)
            case .events, .array: GeminiAnswerWriter.write(events, into: &out)
            }
        return (String(buffer: out), losses)
    }

    func stream(_ events: [AnswerEvent]) -> (text: String, fault: StreamViolation?) {
        switch self {
        case .chat: write(events, ChatStreamWriter(includesUsage: true, created: 1))
        case .messages: write(events, MessagesStreamWriter())
        case .responses: write(events, ResponsesStreamWriter(created: 1))
        case .events: write(events, GeminiStreamWriter(framing: .events))
        case .array: write(events, GeminiStreamWriter(framing: .array))
        }
    }

    private func write(_ events: [AnswerEvent], _ writer: some AnswerStreamWriter) -> (String, StreamViolation?) {
        var writer = writer
        var out = ByteBuffer()
        for event in events { writer.write(event, into: &out) }
        let text = String(buffer: out)
        return (text, form.violation(text))
    }

    private var form: StreamForm {
        switch self {
        case .chat: .chat
        case .messages: .messages
        case .responses: .responses
        case .events: .gemini
        case .array: .geminiArray
        }
    }

    func digest(_ text: String, streamed: Bool) -> Digest {
        switch self {
        case .chat: streamed ? .chat(stream: text) : .chat(plain: text)
        case .messages: streamed ? .messages(stream: text) : .messages(plain: text)
        case .responses: streamed ? .responses(stream: text) : .responses(plain: text)
        case .events, .array: .gemini(text)
        }
    }
}

/// Events of a stream fed in pieces.
func geminiEvents(_ body: [UInt8], cuts: [Int] = []) -> [AnswerEvent] {
    var reader = GeminiStreamReader()
    var events: [AnswerEvent] = []
    var start = 0
    do throws(StreamFault) {
        for cut in cuts + [body.count] {
            try reader.read(ByteBuffer(bytes: body[start..<cut]), into: &events)
            start = cut
        }
    } catch { events.append(.failure(.malformed)) }
    reader.finish(into: &events)
    return events
}

func grammarFault(_ events: [AnswerEvent]) -> StreamViolation? {
    var grammar = AnswerGrammar()
    do throws(StreamViolation) {
        for event in events { try grammar.take(event) }
        try grammar.finish()
    } catch { return error }
    return nil
}
