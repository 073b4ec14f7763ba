import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

private func events(_ events: [String]) -> String { events.map { "event: x\ndata: \($0)\n\n" }.joined() }

/// What a messages stream shows to its reader at the end.
private struct MessagesMeter: Equatable {
    var output = ""
    var usage: TokenUsage?
    var model: [UInt8]?
    var flags: [Bool] = []
    var counts: [Int64] = []
    var fault: StreamFault?

    init(_ chunks: [ArraySlice<UInt8>], limit: Int = 1 << 20) {
        var stream = StreamMeter(.anthropic, eventLimit: limit)
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

@Suite struct MessagesStreamTests {
    private static let whole = events([
        #"{"type":"message_start","message":{"model":"claude-x","usage":{"input_tokens":5,"cache_read_input_tokens":7,"cache_creation_input_tokens":6,"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":4},"output_tokens":1}}}"#,
        #"{"type":"ping"}"#,
        #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"abc"}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"SSSS"}}"#,
        #"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"\u00e9\n"}}"#,
        #"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"fn","input":{}}}"#,
        #"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#,
        #"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":20,"output_tokens_details":{"thinking_tokens":8},"server_tool_use":{"web_search_requests":2}}}"#,
        #"{"type":"message_stop"}"#,
    ])

    private static var usage: TokenUsage {
        var usage = TokenUsage()
        usage[.input] = 5
        usage[.cacheRead] = 7
        usage[.cacheWrite5m] = 2
        usage[.cacheWrite1h] = 4
        usage[.output] = 20
        usage[.reasoning] = 8
        usage[.searches] = 2
        return usage
    }

    @Test(arguments: ["\n", "\r\n", "\r"]) func isTheSameAtEverySplit(end: String) {
        let bytes = Array(Self.whole.replacing("\n", with: end).utf8)
        let whole = MessagesMeter([bytes[...]])
        #expect(whole.output == String(decoding: bytes, as: UTF8.self))
        #expect(whole.usage == Self.usage)
        #expect(whole.model == Array("claude-x".utf8))
        #expect(whole.flags == [true, true, false])
        #expect(whole.counts == [3 + 3 + 2 + 2, 10])
        for cut in 0...bytes.count {
            if MessagesMeter([bytes[..<cut], bytes[cut...]]) != whole { Issue.record("cut at \(cut)") }
        }
        #expect(MessagesMeter(bytes.indices.map { bytes[$0...$0] }) == whole)
    }

    @Test func seesErrorsAndStrangers() {
        let error = MessagesMeter([Array(events([#"{"type":"error","error":{"type":"overloaded_error"}}"#]).utf8)[...]])
        #expect(error.flags == [false, false, true])
        let strange = ": comment\n\ndata: not json\n\ndata: {\n\ndata: {\"type\":\"novelty\"}\n\n"
        let meter = MessagesMeter([Array(strange.utf8)[...]])
        #expect(meter.output == strange)
        #expect(meter.counts == [0, 3])
        #expect(meter.usage == nil)
    }

    @Test func limitsEvents() {
        let bytes = Array(("data: {}\n\n" + "data: " + String(repeating: "x", count: 90) + "\n\n").utf8)
        for cut in 0...bytes.count {
            let meter = MessagesMeter([bytes[..<cut], bytes[cut...]], limit: 40)
            #expect(meter.fault == .eventTooLarge)
            #expect(meter.output == "data: {}\n\n")
        }
    }
}

@Suite struct MessagesRequestTests {
    @Test func readsAndReplacesTheModelAlone() throws {
        let body = ByteBuffer(
            string:
                #" {"x":1.50, "model" : "cl\u0061ude","max_tokens": 10 ,"stream":true,"messages":[{"role":"user"}],"x":2}"#
        )
        let request = try MessagesRequest.read(body)
        #expect(request.model == Array("claude".utf8))
        #expect(request.isStreamed)
        #expect(request.maximumOutput == 10)
        #expect(request.forwarded(body, model: nil) == [body])
        let text = request.forwarded(body, model: Array("é\"".utf8)).map { String(buffer: $0) }.joined()
        #expect(text == String(buffer: body).replacing(#""cl\u0061ude""#, with: #""é\"""#))
    }

    @Test(arguments: [
        ("[]", ErrorCode.wrongType, RequestMember.body), ("{", .malformedJSON, .body),
        (#"{"messages":[],"max_tokens":1}"#, .missingMember, .model),
        (#"{"model":"m","max_tokens":1}"#, .missingMember, .messages),
        (#"{"model":"m","messages":[]}"#, .missingMember, .maxTokens),
        (#"{"model":"","messages":[],"max_tokens":1}"#, .outOfRange, .model),
        (#"{"model":"m","model":"m","messages":[],"max_tokens":1}"#, .duplicateMember, .model),
        (#"{"model":"m","messages":{},"max_tokens":1}"#, .wrongType, .messages),
        (#"{"model":"m","messages":[],"max_tokens":"1"}"#, .wrongType, .maxTokens),
        (#"{"model":"m","messages":[],"max_tokens":-1}"#, .outOfRange, .maxTokens),
        (#"{"model":"m","messages":[],"max_tokens":1,"stream":1}"#, .wrongType, .stream),
    ])
    func refuses(text: String, code: ErrorCode, member: RequestMember) {
        #expect {
            try MessagesRequest.read(ByteBuffer(string: text))
        } throws: { error in
            let rejection = error as? RequestRejection
            return rejection?.code == code && rejection?.member == member
        }
    }

    @Test func countsTokensWithoutALimit() throws {
        let body = ByteBuffer(
            string:
                #"{"model":"m","system":"s","messages":[{"role":"user","content":[{"type":"text","text":"\u00e9"},{"type":"image","source":{"type":"url","url":"u"}},{"type":"tool_result","tool_use_id":"t","content":"r"}]}],"tools":[{"name":"f","description":"d","input_schema":{"a":1}}]}"#
        )
        let request = try MessagesRequest.read(body, for: .countTokens)
        #expect(request.maximumOutput == nil)
        var texts: [String] = []
        let media = try MessagesRequestReader.read(body).eachText { texts.append(String(decoding: $0, as: UTF8.self)) }
        #expect(texts == ["s", "é", "r", "f", "d", #"{"a":1}"#])
        #expect(media.images == 1)
    }
}

@Suite struct AnthropicReplyTests {
    private static let id = RequestID(high: 1, low: 2)

    @Test func errors() throws {
        var out = ByteBuffer()
        AnthropicReply.errorEvent(
            status: 529, code: .upstreamFailed, message: Array("a\"b".utf8), id: Self.id, into: &out)
        let text = String(buffer: out)
        #expect(text.hasPrefix("event: error\ndata: {"))
        #expect(text.hasSuffix("}\n\n"))
        #expect(StreamForm.messages.violation(text) == nil)
        let json = try #require(Digest.object(String(text.dropFirst(19))))
        let error = try #require(json["error"] as? [String: Any])
        #expect(json["type"] as? String == "error")
        #expect(error["type"] as? String == "overloaded_error")
        #expect(error["message"] as? String == "a\"b")
        #expect(error["code"] as? String == "upstream_failed")
        #expect(json["request_id"] as? String == String(decoding: Self.id.text, as: UTF8.self))
    }

    @Test(arguments: [
        (400, "invalid_request_error"), (401, "authentication_error"), (402, "billing_error"),
        (403, "permission_error"),
        (404, "not_found_error"), (413, "request_too_large"), (429, "rate_limit_error"), (500, "api_error"),
        (503, "overloaded_error"), (504, "timeout_error"), (529, "overloaded_error"),
    ])
    func typesFollowTheStatus(status: Int, type: String) {
        #expect("\(AnthropicReply.type(of: UInt16(status)))" == type)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (1_767_225_599, "2025-12-31T23:59:59Z"),
        (1_772_323_200, "2026-03-01T00:00:00Z"),
    ])
    func models(seconds: Int64, time: String) throws {
        var out = ByteBuffer()
        AnthropicReply.modelList([Array("a".utf8), Array("b".utf8)], created: seconds, into: &out)
        let json = try #require(Digest.object(String(buffer: out)))
        let data = try #require(json["data"] as? [[String: Any]])
        #expect(data.map { $0["id"] as? String } == ["a", "b"])
        #expect(data[0]["created_at"] as? String == time)
        #expect(json["first_id"] as? String == "a")
        #expect(json["last_id"] as? String == "b")
        out.clear()
        AnthropicReply.modelList([], created: 0, into: &out)
        #expect(Digest.object(String(buffer: out))?["first_id"] is NSNull)
    }
}

/// Every recorded messages exchange passes byte for byte and is metered as its provider reports.
@Suite struct RecordedMessagesTests {
    @Test(.enabled(if: sharedFolder != nil, "TACET_SHARED is not set"))
    func metersEveryRecording() throws {
        var plain = 0
        var streamed = 0
        for row in try RecordedAnswersTests.rows(try #require(sharedFolder)) where row.form == .messages {
            let digest = RecordedAnswersTests.digest(.messages, streamed: row.isStreamed, row.body)
            if row.isStreamed {
                let bytes = Array(row.body.utf8)
                let whole = MessagesMeter([bytes[...]])
                #expect(whole.output == row.body)
                #expect(MessagesMeter(bytes.chunks(of: 61)) == whole)
                if let usage = digest.usage {
                    #expect([whole.usage?.totalInput, whole.usage?.totalOutput] == usage, "\(row.id)")
                }
                streamed += 1
            } else if let usage = digest.usage {
                let answer = MessagesAnswer.read(ByteBuffer(string: row.body))
                #expect([answer?.usage?.totalInput, answer?.usage?.totalOutput] == usage, "\(row.id)")
                #expect(answer?.hasContent == true || digest.text.isEmpty)
                plain += 1
            }
        }
        #expect(plain > 600)
        #expect(streamed > 250)
    }
}
