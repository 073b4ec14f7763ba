import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// Every recorded OpenAI chat exchange, plain and streamed: bytes pass as they are, and tokens equal what the recording
/// reports.
@Suite struct ReplayTests {
    /// The last figures of a recording, read by Foundation.
    private struct Reported {
        var usage: [String: Any]?
        var hasUsage: Bool { usage?["prompt_tokens"] is Int || usage?["completion_tokens"] is Int }
        func count(_ name: String) -> Int64 { (usage?[name] as? Int).map(Int64.init) ?? 0 }
        func detail(_ group: String, _ name: String) -> Int64 {
            ((usage?[group] as? [String: Any])?[name] as? Int).map(Int64.init) ?? 0
        }
        /// xAI leaves reasoning out of completion_tokens and says so in total_tokens.
        var output: Int64 {
            let reasoning = detail("completion_tokens_details", "reasoning_tokens")
            let whole = count("prompt_tokens") + count("completion_tokens") + reasoning
            return count("completion_tokens") + (count("total_tokens") == whole ? reasoning : 0)
        }
    }

    private static func object(_ text: String) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]
    }

    private static func usage(_ object: [String: Any]) -> [String: Any]? {
        object["usage"] as? [String: Any] ?? (object["x_groq"] as? [String: Any])?["usage"] as? [String: Any]
    }

    private static func rows(_ folder: String) throws -> [[String: Any]] {
        try recordedLines(folder).compactMap { line in
            guard line.range(of: Data("\"api\":\"openai-chat\"".utf8)) != nil else { return nil }
            return (try? JSONSerialization.jsonObject(with: line)) as? [String: Any]
        }
    }

    @Test(.enabled(if: sharedFolder != nil, "TACET_SHARED is not set"))
    func metersEveryRecording() throws {
        var plain = 0
        var streamed = 0
        var requests = 0
        for row in try Self.rows(try #require(sharedFolder)) {
            let id = row["id"] as? String ?? ""
            let body = row["response_body"] as? String ?? ""
            if try request(row, id) { requests += 1 }
            if row["streaming"] as? Bool == true {
                try stream(body, id)
                streamed += 1
            } else if let answer = Self.object(body) {
                check(Reported(usage: Self.usage(answer)), ChatAnswer.read(ByteBuffer(string: body))?.usage, id)
                plain += 1
            }
        }
        #expect(plain == 1681)
        #expect(streamed == 1380)
        #expect(requests > 3000)
    }

    private func check(_ reported: Reported, _ usage: TokenUsage?, _ id: String) {
        #expect((usage != nil) == reported.hasUsage, "\(id)")
        guard let usage, reported.hasUsage else { return }
        #expect(usage.totalInput == reported.count("prompt_tokens"), "\(id)")
        #expect(usage.totalOutput == reported.output, "\(id)")
        #expect(usage[.reasoning] <= usage[.output], "\(id)")
    }

    private func stream(_ body: String, _ id: String) throws {
        let bytes = Array(body.utf8)
        let whole = MeteredChat([bytes[...]], strips: false)
        #expect(whole.output == body, "\(id)")
        #expect(MeteredChat(bytes.chunks(of: 61), strips: false) == whole, "\(id)")
        let stripped = MeteredChat([bytes[...]], strips: true)
        #expect(MeteredChat(bytes.chunks(of: 1000), strips: true) == stripped, "\(id)")
        #expect(stripped.usage == whole.usage)

        var last = Reported()
        var dropped = 0
        for event in body.replacing("\r\n", with: "\n").split(separator: "\n\n") {
            let data = event.split(separator: "\n").filter { $0.hasPrefix("data:") }.map { $0.dropFirst(5) }
            guard let object = Self.object(data.joined(separator: "\n")) else { continue }
            guard let usage = Self.usage(object) else { continue }
            if last.usage == nil, (object["choices"] as? [Any])?.isEmpty == true { dropped += 1 }
            last.usage = usage
        }
        check(last, whole.usage, id)
        #expect((stripped.output == whole.output) == (dropped == 0), "\(id)")
    }

    /// The recorded request, written anew by Foundation, reads as what it holds; edited, it differs only by the edit.
    private func request(_ row: [String: Any], _ id: String) throws -> Bool {
        guard let recorded = row["request"] as? [String: Any], let model = recorded["model"] as? String,
            let messages = recorded["messages"] as? [Any], !messages.isEmpty
        else { return false }
        let body = ByteBuffer(bytes: try JSONSerialization.data(withJSONObject: recorded))
        let request = try ChatRequest.read(body)
        #expect(String(decoding: request.model, as: UTF8.self) == model, "\(id)")
        #expect(request.isStreamed == (recorded["stream"] as? Bool ?? false), "\(id)")
        var edited = ByteBuffer()
        for piece in request.forwarded(body, model: Array("é/\"x".utf8), askingForUsage: true, maximumOutput: 99) {
            edited.writeImmutableBuffer(piece)
        }
        var expected = try #require(Self.object(String(buffer: body)))
        expected["model"] = "é/\"x"
        if request.isStreamed {
            var options = recorded["stream_options"] as? [String: Any] ?? [:]
            options["include_usage"] = true
            expected["stream_options"] = options
        }
        if request.maximumOutput == nil { expected["max_completion_tokens"] = 99 }
        let read = try #require(Self.object(String(buffer: edited)), "\(id)")
        #expect(
            try JSONSerialization.data(withJSONObject: read, options: .sortedKeys)
                == JSONSerialization.data(withJSONObject: expected, options: .sortedKeys), "\(id)")
        return true
    }
}

extension Array where Element == UInt8 {
    func chunks(of size: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
