import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

@Suite struct OpenAIReplyTests {
    private let id = RequestID(high: 1, low: 2)

    private func object(_ buffer: ByteBuffer) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(buffer.readableBytesView)) as? [String: Any])
    }

    @Test(arguments: ErrorCode.allCases)
    func writesEveryError(code: ErrorCode) throws {
        var rejection = ErrorMessage(RequestRejection(code: code, member: .includeUsage, offset: 12))
        rejection.limit = 64
        rejection.model = Array("a\"\u{1}\\é".utf8) + [0xff]
        rejection.near = [Array("b".utf8), Array("c".utf8)]
        let message = rejection.text(for: code)
        #expect(message.count > 8)
        #expect(message.last == UInt8(ascii: ".") || message.last == UInt8(ascii: "?"))
        var out = ByteBuffer()
        OpenAIReply.error(
            status: code.status, code: code, message: message, member: .includeUsage, id: id, into: &out)
        #expect(verdict(Array(out.readableBytesView)) == nil)
        let error = try #require(try object(out)["error"] as? [String: Any])
        #expect(error["message"] as? String == String(decoding: message, as: UTF8.self))
        #expect(error["code"] as? String == "\(code.name)")
        #expect(error["param"] as? String == "stream_options.include_usage")
        #expect(error["request_id"] as? String == String(decoding: id.text, as: UTF8.self))
        #expect(error["type"] is String)
    }

    @Test func eachCodeHasItsOwnSentence() {
        let texts = Set(ErrorCode.allCases.map { ErrorMessage().text(for: $0) })
        // `internalError` and `crashed` read the same.
        #expect(texts.count == ErrorCode.allCases.count - 1)
    }

    /// Whose budget or rate is used up, what is left, and what to do.
    @Test func saysWhoseMoneyIsUsedUp() {
        func text(_ code: ErrorCode, _ change: (inout ErrorMessage) -> Void) -> String {
            var message = ErrorMessage()
            change(&message)
            return String(decoding: message.text(for: code), as: UTF8.self)
        }
        let owners: [(BudgetOwner.Kind, String)] = [
            (.key, "of this API key"), (.member, "of the member whose API key this is"),
            (.organisation, "of this organisation, all its API keys together"),
            (.deployment, "for this model's provider"), (.installation, "of this gateway as a whole"),
        ]
        for (owner, words) in owners {
            #expect(
                text(.budgetExhausted) {
                    $0.owner = owner
                    $0.left = NanoUSD(1_500_000_000)
                    $0.resetsIn = 60
                }
                    == "The budget \(words) does not cover the request's highest possible cost: $1.50 is left. "
                    + "Ask for fewer output tokens. It begins anew in 60 seconds. "
                    + "Whoever runs this gateway can raise it.")
            for (code, what, unit) in [
                (ErrorCode.rateLimited, "Too many requests", " a minute"),
                (.tooManyTokens, "Too many tokens", " a minute"),
                (.tooManyInFlight, "Too many requests at the same time", ""),
            ] {
                #expect(
                    text(code) {
                        $0.owner = owner
                        $0.limit = 3
                        $0.retryAfter = 1
                    } == "\(what) \(words): at most 3\(unit) are allowed. Try again in 1 second.")
            }
        }
        #expect(
            text(.insufficientCredit) { $0.isUnderWay = true }
                == "The organisation's credit is used up, so the answer ends here. Top up to go on.")
    }

    @Test func writesTheShape() {
        var out = ByteBuffer()
        OpenAIReply.errorEvent(status: 502, code: .upstreamCut, message: Array("x\ny".utf8), id: id, into: &out)
        #expect(
            String(buffer: out)
                == #"data: {"error":{"message":"x\ny","type":"server_error","param":null,"code":"upstream_cut","request_id":"\#(String(decoding: id.text, as: UTF8.self))"}}"#
                + "\n\n")
    }

    @Test func writesModels() {
        var out = ByteBuffer()
        OpenAIReply.modelList([(Array("a\"b".utf8), Array("o".utf8)), (Array("c".utf8), [])], created: -7, into: &out)
        #expect(
            String(buffer: out)
                == #"{"object":"list","data":[{"id":"a\"b","object":"model","created":-7,"owned_by":"o"},{"id":"c","object":"model","created":-7,"owned_by":""}]}"#
        )
        out.clear()
        OpenAIReply.modelList([], created: 0, into: &out)
        #expect(String(buffer: out) == #"{"object":"list","data":[]}"#)
    }

    @Test func namesNearModels() {
        var message = ErrorMessage()
        message.model = Array("gpt-6".utf8)
        message.near = ["gpt-5", "gpt-5-mini", "gpt-4"].map { Array($0.utf8) }
        #expect(
            String(decoding: message.text(for: .unknownModel), as: UTF8.self)
                == "There is no model 'gpt-6' here. Did you mean 'gpt-5', 'gpt-5-mini' or 'gpt-4'?")
    }

    @Test func writesEveryByteAsJSON() throws {
        for byte in UInt8.min...UInt8.max {
            var out = ByteBuffer()
            out.writeJSONString([0x61, byte, 0x62])
            #expect(verdict(Array(out.readableBytesView)) == nil, "\(byte)")
        }
        for value in [0, 1, -1, 10, Int64.max, Int64.min] {
            var out = ByteBuffer()
            out.writeDecimal(value)
            #expect(String(buffer: out) == "\(value)")
        }
    }

    @Test func findsTheKey() {
        let key = Array("sk-proj-ABCDEFGHijklmnop0123456789".utf8)
        func holds(_ text: String, _ other: [UInt8]? = nil) -> Bool {
            let wanted = other ?? key
            return ProviderErrorBody.containsKey(ByteBuffer(string: text), key: wanted.span)
        }
        for start in 0...key.count - 8 {
            let part = String(decoding: key[start..<start + 8], as: UTF8.self)
            for lead in 0..<9 { #expect(holds(String(repeating: "k", count: lead) + part), "\(start)") }
            #expect(holds("{\"error\":\"Incorrect API key provided: " + part + "***\"}"))
        }
        for start in 0...key.count - 7 {
            #expect(!holds("x" + String(decoding: key[start..<start + 7], as: UTF8.self) + "*"), "\(start)")
        }
        #expect(!holds(""))
        #expect(!holds("sk-proj"))
        #expect(!holds("abc", [UInt8]()))
        #expect(holds("abcde", [0x63, 0x64]))
        #expect(holds("abcde", [0x65]))
        #expect(!holds("abcde", [0x64, 0x63]))
    }
}
