import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// Responses traffic that passes through.
@Suite struct ResponsesRequestTests {
    private static func forwarded(
        _ text: String, model: String? = nil, maximum: Int64? = nil, mayStore: Bool = false, previous: String? = nil
    ) throws -> String {
        let body = ByteBuffer(string: text)
        var out = ByteBuffer()
        var request = try ResponsesRequest.read(body)
        if let previous { try request.resolve { _ in Array(previous.utf8) } }
        let pieces = request.forwarded(
            body, model: model.map { Array($0.utf8) }, maximumOutput: maximum, mayStore: mayStore)
        for piece in pieces { out.writeImmutableBuffer(piece) }
        return String(buffer: out)
    }

    @Test func readsWhatItNeeds() throws {
        let text =
            #"{"model":"\u0067pt","input":[1,{"store":1}],"stream":true,"store":true,"max_output_tokens":9,"background":true,"previous_response_id":"resp_1","conversation":{"id":"conv_1"},"x":1,"x":2}"#
        let request = try ResponsesRequest.read(ByteBuffer(string: text))
        #expect(request.model == Array("gpt".utf8))
        #expect(request.isStreamed && request.isBackground)
        #expect(request.store == true)
        #expect(request.maximumOutput == 9)
        #expect(request.previousResponse == Array("resp_1".utf8))
        #expect(request.conversation == Array("conv_1".utf8))
        #expect(request.byteCount == text.utf8.count)
        let small = try ResponsesRequest.read(ByteBuffer(string: #"{"model":"m","conversation":null,"store":null}"#))
        #expect(!small.isStreamed && !small.isBackground && small.store == nil && small.maximumOutput == nil)
        #expect(small.previousResponse == nil && small.conversation == nil)
    }

    @Test(arguments: [
        (#"{"input":"x"}"#, ErrorCode.missingMember, RequestMember.model), (#"[]"#, .wrongType, .body),
        (#"{"model":""}"#, .outOfRange, .model), (#"{"model":"m","input":{}}"#, .wrongType, .input),
        (#"{"model":"m","stream":"yes"}"#, .wrongType, .stream), (#"{"model":"m","store":1}"#, .wrongType, .store),
        (#"{"model":"m","max_output_tokens":-1}"#, .outOfRange, .maxOutputTokens),
        (#"{"model":"m","max_output_tokens":1.5}"#, .wrongType, .maxOutputTokens),
        (#"{"model":"m","background":"x"}"#, .wrongType, .background),
        (#"{"model":"m","previous_response_id":1}"#, .wrongType, .previousResponse),
        (#"{"model":"m","conversation":{"id":1}}"#, .wrongType, .conversation),
        (#"{"model":"m","store":false,"st\u006fre":true}"#, .duplicateMember, .store),
        (#"{"model":"m","model":"m"}"#, .duplicateMember, .model), (#"{"model":1"#, .malformedJSON, .body),
    ])
    func refuses(text: String, code: ErrorCode, member: RequestMember) {
        let rejection = #expect(throws: RequestRejection.self) { try ResponsesRequest.read(ByteBuffer(string: text)) }
        #expect(rejection?.code == code)
        #expect(rejection?.member == member)
    }

    /// `RULES.md` 8 and 29.
    @Test func editsOnlyWhatIsAskedFor() throws {
        let plain = #"{ "model" : "m", "input":"\u0041" , "temperature":1.0 }"#
        #expect(try Self.forwarded(plain, mayStore: true) == plain)
        #expect(
            try Self.forwarded(plain, model: "n", maximum: 5)
                == #"{"store":false,"max_output_tokens":5, "model" : "n", "input":"\u0041" , "temperature":1.0 }"#)
        #expect(
            try Self.forwarded(#"{"model":"m","store":null,"max_output_tokens":null}"#, maximum: 5)
                == #"{"model":"m","store":false,"max_output_tokens":5}"#)
        let said = #"{"model":"m","store":true,"max_output_tokens":7}"#
        #expect(try Self.forwarded(said, maximum: 5) == said)
        #expect(
            try Self.forwarded(#"{"model":"m","store":true,"previous_response_id":"a.b"}"#, previous: "a")
                == #"{"model":"m","store":true,"previous_response_id":"a"}"#)
        #expect(
            try Self.forwarded(#"{"model":"m","store":true,"conversation":{"id":"a.b"}}"#, previous: "a")
                == #"{"model":"m","store":true,"conversation":{"id":"a"}}"#)
    }

    /// An id that is not the caller's ends the request (`RULES.md` 8).
    @Test func namesTheIdThatIsNotTheCallers() throws {
        for (text, member) in [
            (#"{"model":"m","previous_response_id":"a"}"#, RequestMember.previousResponse),
            (#"{"model":"m","conversation":"a"}"#, .conversation),
        ] {
            var request = try ResponsesRequest.read(ByteBuffer(string: text))
            #expect(request.isKept)
            #expect(throws: RequestRejection(code: .unknownObject, member: member, offset: 0)) {
                try request.resolve { _ in nil }
            }
        }
    }

    private static func meter(_ bytes: [UInt8], _ size: Int) throws -> (output: [UInt8], stream: StreamReport) {
        var stream = StreamMeter(.openAIResponses)
        var out = ByteBuffer()
        for chunk in bytes.chunks(of: size) { try stream.read(ByteBuffer(bytes: chunk), into: &out) }
        stream.finish(into: &out)
        return (Array(buffer: out), stream.report)
    }

    private static func told(_ stream: StreamReport) -> [Int64] {
        [
            stream.visibleOutputBytes, stream.eventCount, stream.isDone ? 1 : 0, stream.hasContent ? 1 : 0,
            stream.errorSeen ? 1 : 0, Int64(stream.model?.count ?? -1),
            stream.usage?.totalInput ?? -1, stream.usage?.totalOutput ?? -1,
        ]
    }

    @Test func metersAtEveryCut() throws {
        let events: [AnswerEvent] = [
            .start(id: RawText("resp_1"), model: RawText("gpt")), .blockStart(0, .text), .text(RawText("h\\u00e9")),
            .blockStop(0), .blockStart(1, .toolCall(id: RawText("c"), name: RawText("f"), isCustom: false)),
            .arguments(RawText("{}")), .blockStop(1), .usage(TokenUsage()), .stop(.toolUse), .end,
        ]
        for end in ["\n", "\r\n", "\r"] {
            let text = AnswerForm.responses.stream(events).replacing("\n", with: end)
            let bytes = Array(text.utf8)
            for size in 1...bytes.count {
                let (output, stream) = try Self.meter(bytes, size)
                #expect(output == bytes)
                #expect(
                    Self.told(stream) == [
                        6, Int64(text.components(separatedBy: "event: ").count - 1), 1, 1, 0, 3, 0, 0,
                    ])
            }
        }
    }

    @Test func metersErrors() throws {
        let failed = Array(
            "data: {\"response\":{\"error\":{},\"usage\":null},\"type\":\"response.failed\"}\n\ndata: x\n\n".utf8)
        #expect(try Self.meter(failed, 7).stream.errorSeen)
        let event = Array("data: {\"type\":\"error\",\"message\":\"m\"}".utf8)
        #expect(try Self.meter(event, 7).stream.errorSeen)
        var stream = StreamMeter(.openAIResponses, eventLimit: 16)
        var out = ByteBuffer()
        #expect(throws: StreamFault.eventTooLarge) { try stream.read(ByteBuffer(bytes: failed), into: &out) }
    }

    /// Every recording: bytes pass as they are, tokens equal what it reports, its request is edited in place.
    @Test(.enabled(if: sharedFolder != nil, "TACET_SHARED is not set"))
    func metersEveryRecording() throws {
        var counts = [0, 0, 0]
        for row in try RecordedResponsesTests.responses(try #require(sharedFolder)) {
            let bytes = Array(row.body.utf8)
            if row.isStreamed {
                let (output, stream) = try Self.meter(bytes, bytes.count)
                #expect(output == bytes)
                let small = try Self.meter(bytes, 61)
                #expect(small.output == bytes)
                #expect(Self.told(small.stream) == Self.told(stream), "\(row.id)")
                let last = Digest.events(row.body).compactMap(Digest.object).last { $0["response"] != nil }
                try Self.check(last?["response"] as? [String: Any], stream.usage, row.id)
                #expect(stream.isDone && stream.hasContent, "\(row.id)")
                counts[0] += 1
            } else if let answer = Digest.object(row.body) {
                let read = try #require(ResponsesAnswer.read(ByteBuffer(string: row.body)))
                try Self.check(answer, read.usage, row.id)
                #expect(read.model.map { String(decoding: $0, as: UTF8.self) } == answer["model"] as? String)
                counts[1] += 1
            }
            guard let recorded = row.request else { continue }
            let body = String(decoding: try JSONSerialization.data(withJSONObject: recorded), as: UTF8.self)
            var expected = recorded
            expected["model"] = "é/\"x"
            if recorded["store"] == nil { expected["store"] = false }
            if recorded["max_output_tokens"] == nil { expected["max_output_tokens"] = 99 }
            let edited = try Self.forwarded(body, model: "é/\"x", maximum: 99)
            #expect(try #require(Digest.object(edited)) as NSDictionary == expected as NSDictionary, "\(row.id)")
            counts[2] += 1
        }
        #expect(counts == [270, 805, 1075])
    }

    private static func check(_ response: [String: Any]?, _ usage: TokenUsage?, _ id: String) throws {
        guard let report = response?["usage"] as? [String: Any], !report.isEmpty else {
            #expect(usage == nil, "\(id)")
            return
        }
        func count(_ name: String, of object: Any?) -> Int64 {
            ((object as? [String: Any])?[name] as? NSNumber)?.int64Value ?? 0
        }
        let usage = try #require(usage, "\(id)")
        #expect(usage.totalInput == count("input_tokens", of: report), "\(id)")
        #expect(usage.totalOutput == count("output_tokens", of: report), "\(id)")
        #expect(usage[.cacheRead] == count("cached_tokens", of: report["input_tokens_details"]), "\(id)")
        #expect(usage[.reasoning] == count("reasoning_tokens", of: report["output_tokens_details"]), "\(id)")
    }
}
