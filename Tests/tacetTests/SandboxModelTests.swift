import Foundation
import Testing

@testable import Sandbox

struct SandboxModelTests {
    private let model = SandboxModel()

    private func ask(_ json: String) -> SandboxModel.Reply { model.reply(to: Array(json.utf8), created: 7) }

    private func object(_ bytes: [UInt8]) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    }

    private func chat(_ model: String, _ more: String = "") -> String {
        #"{"model":"\#(model)","messages":[{"role":"user","content":"Grüß  dich, wie\ngeht es?"}]\#(more)}"#
    }

    /// The JSON of each event, without `[DONE]`.
    private func events(_ reply: SandboxModel.Reply) throws -> [JSONValue] {
        try reply.pieces.compactMap { piece in
            let text = String(decoding: piece, as: UTF8.self)
            #expect(text.hasPrefix("data: ") && text.hasSuffix("\n\n"))
            let body = text.dropFirst(6).dropLast(2)
            return body == "[DONE]" ? nil : try object(Array(body.utf8))
        }
    }

    @Test func theSameRequestHasTheSameAnswer() {
        for name in SandboxModel.models { #expect(ask(chat(name)) == ask(chat(name))) }
        #expect(ask(chat("echo")).pieces != ask(chat("echo", #","user":"b""#)).pieces)
    }

    @Test func aStreamSaysWhatThePlainAnswerSays() throws {
        let plain = try object(ask(chat("echo")).pieces[0])
        let message = try #require(plain["choices"]?.array?.first?["message"]?["content"]?.string)
        #expect(message.hasPrefix("I am Tacet's sandbox, not a model."))
        #expect(message.hasSuffix("Grüß  dich, wie\ngeht es?"))
        let reply = ask(chat("echo", #","stream":true"#))
        let parts = try events(reply).map { $0["choices"]?.array?.first?["delta"]?["content"]?.string ?? "" }
        #expect(parts.joined() == message)
        #expect(parts.count > 10)
        #expect(reply.pieces.last == Array("data: [DONE]\n\n".utf8))
    }

    @Test func usageIsReportedInAStreamOnlyWhenAsked() throws {
        let silent = try events(ask(chat("echo", #","stream":true"#)))
        #expect(silent.allSatisfy { $0["usage"] == nil })
        let asked = try events(ask(chat("echo", #","stream":true,"stream_options":{"include_usage":true}"#)))
        let plain = try object(ask(chat("echo")).pieces[0])
        #expect(asked.last?["usage"] == plain["usage"])
        #expect(asked.last?["choices"] == .array([]))
        #expect(asked.dropLast().allSatisfy { $0["usage"] == .null })
    }

    @Test func aCapCutsTheAnswer() throws {
        let plain = try object(ask(chat("long", #","max_tokens":5"#)).pieces[0])
        #expect(plain["usage"]?["completion_tokens"]?.integer == 5)
        #expect(plain["choices"]?.array?.first?["finish_reason"]?.string == "length")
    }

    @Test(
        arguments: [
            ("error-400", 400, nil), ("error-401", 401, nil), ("error-429", 429, 1), ("error-500", 500, nil),
            ("sandbox/error-503", 503, 1), ("none", 404, nil),
        ] as [(String, Int, Int?)])
    func errorsOnDemand(name: String, status: Int, retryAfter: Int?) throws {
        let reply = ask(chat(name))
        #expect(reply.status == status)
        #expect(reply.retryAfter == retryAfter)
        #expect(try object(reply.pieces[0])["error"]?["message"]?.string?.contains("sandbox") == true)
    }

    @Test(arguments: [
        "", "[]", "{", #"{"model":5,"messages":[{}]}"#, #"{"model":"echo"}"#, #"{"model":"echo","messages":[]}"#,
    ])
    func whatIsNoRequestIsRefused(body: String) { #expect(ask(body).status == 400) }

    @Test func cutAndStallStopHalfWay() {
        for stream in ["", #","stream":true"#] {
            #expect(ask(chat("cut", stream)).ending == .cut)
            #expect(ask(chat("stall", stream)).ending == .stall)
            let whole = ask(chat("echo", stream)).pieces.reduce(0) { $0 + $1.count }
            #expect(ask(chat("cut", stream)).pieces.reduce(0) { $0 + $1.count } < whole)
        }
        #expect(ask(chat("slow")).pause == 200)
    }

    @Test func aToolIsCalledWithArgumentsOfItsShape() throws {
        let tools = """
            ,"tools":[{"type":"function","function":{"name":"look_up","parameters":{"type":"object","properties":{
            "city":{"type":"string"},"days":{"type":"integer","minimum":3},"unit":{"enum":["c","f"]},
            "places":{"type":"array","items":{"type":"object","properties":{"id":{"type":"number"}},"required":["id"]}},
            "other":{"type":"string"}},"required":["city","days","unit","places"]}}}]
            """
        let plain = try object(ask(chat("tools", tools)).pieces[0])
        let choice = try #require(plain["choices"]?.array?.first)
        #expect(choice["finish_reason"]?.string == "tool_calls")
        let function = try #require(choice["message"]?["tool_calls"]?.array?.first?["function"])
        #expect(function["name"]?.string == "look_up")
        let arguments = try object(Array((function["arguments"]?.string ?? "").utf8))
        #expect(
            arguments
                == .object([
                    "city": .string("sandbox city"), "days": .integer(3), "unit": .string("c"),
                    "places": .array([.object(["id": .integer(1)])]),
                ]))
        let quiet = try object(ask(chat("echo", tools)).pieces[0])
        #expect(quiet["choices"]?.array?.first?["finish_reason"]?.string == "stop")
    }

    /// A schema that nests without end must not end the process.
    @Test func aDeepSchemaEnds() {
        var schema: JSONValue = .object(["type": .string("string")])
        for _ in 0..<50 { schema = .object(["type": .string("array"), "items": schema]) }
        var value = ToolCall.value(for: schema, named: "", depth: 0)
        var depth = 0
        while case .array(let items) = value, let first = items.first {
            value = first
            depth += 1
        }
        #expect(depth == 8)
    }
}
