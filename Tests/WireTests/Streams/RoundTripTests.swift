import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// For random answers, written in a dialect and read again: content out is content in, per block. What a dialect has no
/// place for comes back as `docs/translation.md` says, and as nothing else.
@Suite struct RoundTripTests {
    struct Part: Equatable {
        var kind: String
        var text = ""
        var signature = ""
        var citations: [String] = []
    }

    private static func string(_ text: RawText?) -> String { String(decoding: text?.unescaped ?? [], as: UTF8.self) }

    static func parts(_ events: [AnswerEvent]) -> [Part] {
        AnswerCollection(events).parts.map { part in
            let kind =
                switch part.kind {
                case .text: "text"
                case .thinking: "thinking"
                case .redactedThinking(let data): "redacted \(string(data))"
                case .reasoningItem(let id): "item \(string(id))"
                case .toolCall(let id, let name, let isCustom):
                    "\(isCustom ? "custom" : "call") \(string(id)) \(string(name))"
                case .refusal: "refusal"
                case .media: "media"
                case .foreign: "foreign"
                }
            return Part(
                kind: kind, text: string(part.text), signature: string(part.signature),
                citations: part.citations.map { string($0.url) })
        }
    }

    /// What comes back of a block in a dialect.
    private static func expected(_ parts: [Part], _ form: StreamForm) -> [Part] {
        var out: [Part] = []
        for var part in parts {
            if part.kind.hasPrefix("call"), part.text.isEmpty { part.text = "{}" }
            switch form {
            case .chat:
                // Thoughts and what is encrypted stand in two entries of `reasoning_details`.
                if part.kind.hasPrefix("item") {
                    add(Part(kind: "thinking", text: part.text), to: &out, merging: true)
                    part.text = ""
                }
                add(part, to: &out, merging: true)
            case .messages:
                if part.kind.hasPrefix("item") { part.kind = "thinking" }
                add(plain(part), to: &out, merging: false)
            case .responses: add(part, to: &out, merging: false)
            case .gemini, .geminiArray:
                if part.kind.hasPrefix("item") { part.kind = "thinking" }
                part.citations = []
                // A signature alone belongs to the thoughts in front of it.
                if part.kind.hasPrefix("redacted"), let last = out.last, last.kind == "thinking", last.signature.isEmpty
                {
                    out[out.count - 1].signature = String(part.kind.dropFirst(9))
                } else {
                    add(plain(part), to: &out, merging: true)
                }
            }
        }
        return out
    }

    /// A block as it was before its dialect wrapped it; `nil` for one that only carries citations.
    private static func told(_ part: Part, _ form: StreamForm) -> Part? {
        var part = part
        switch form {
        case .chat, .messages: break
        case .responses:
            guard part.kind.hasPrefix("item rs_id-9") else { break }
            part.kind = "thinking"
            for (mark, kind) in [("tacet-redacted:", "redacted "), ("tacet-signed:", "thinking")]
            where part.signature.hasPrefix(mark) {
                let proof = String(part.signature.dropFirst(mark.count))
                part.kind = kind == "thinking" ? kind : kind + proof
                part.signature = kind == "thinking" ? proof : ""
            }
        case .gemini, .geminiArray:
            // Sources stand in the last chunk, about all of the text.
            if part.text.isEmpty, !part.citations.isEmpty { return nil }
            part.citations = []
        }
        return part
    }

    /// Free text as a member of an object, a refusal as text.
    private static func plain(_ part: Part) -> Part {
        var part = part
        if part.kind == "refusal" { part.kind = "text" }
        if part.kind.hasPrefix("custom") {
            part.kind = "call" + part.kind.dropFirst(6)
            var object = ByteBuffer(string: #"{"input":"#)
            object.writeJSONString(Array(part.text.utf8))
            part.text = String(buffer: object) + "}"
        }
        return part
    }

    /// - Parameter merging: the dialect has no borders between texts in a row, nor between thoughts that are not signed.
    private static func add(_ part: Part, to parts: inout [Part], merging: Bool) {
        guard merging, let last = parts.last, last.kind == part.kind, last.signature.isEmpty,
            ["text", "thinking", "refusal"].contains(part.kind)
        else { return parts.append(part) }
        parts[parts.count - 1].text += part.text
        parts[parts.count - 1].signature = part.signature
        parts[parts.count - 1].citations += part.citations
    }

    @Test(arguments: StreamForm.allCases) func contentOutIsContentIn(form: StreamForm) {
        for round in 0..<400 {
            let seed = SeededRandom.seed &+ UInt64(round)
            var answer = RandomAnswer(seed: seed)
            let events = answer.events()
            let written = form.write(events)
            if let rule = form.violation(written.text) { Issue.record("seed \(seed): \(rule)") }
            let back = form.events(written.text.utf8)
            if let rule = StreamForm.violation(back) { Issue.record("seed \(seed): read back, \(rule)") }
            let read = Self.parts(back).compactMap { Self.told($0, form) }
            #expect(read == Self.expected(Self.parts(events), form), "seed \(seed)")
            let sources = Set(Self.parts(events).flatMap(\.citations))
            #expect(Set(Self.parts(back).flatMap(\.citations)) == sources, "seed \(seed)")
            #expect(AnswerCollection(back).stop == AnswerCollection(events).stop, "seed \(seed)")
            #expect(AnswerCollection(back).usage == AnswerCollection(events).usage, "seed \(seed)")
        }
    }
}

/// Parallel calls whose pieces a provider dealt in any order: each comes out whole, closed before the next.
@Suite struct InterleavedCallsTests {
    private static func quoted(_ text: RawText) -> String { "\"" + String(buffer: text.bytes) + "\"" }

    /// The events that begin call `index` and bring its next piece, in a dialect that tells calls by index.
    private static func begin(_ index: Int, _ form: StreamForm) -> String {
        switch form {
        case .chat:
            #"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":\#(index),"id":"c\#(index)","type":"function","function":{"name":"f","arguments":""}}]}}]}"#
        case .messages:
            #"data: {"type":"content_block_start","index":\#(index),"content_block":{"type":"tool_use","id":"c\#(index)","name":"f","input":{}}}"#
        default:
            #"data: {"type":"response.output_item.added","output_index":\#(index),"item":{"type":"function_call","id":"i\#(index)","call_id":"c\#(index)","name":"f","arguments":""}}"#
        }
    }

    private static func piece(_ index: Int, _ text: RawText, _ form: StreamForm) -> String {
        switch form {
        case .chat:
            #"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":\#(index),"function":{"arguments":\#(quoted(text))}}]}}]}"#
        case .messages:
            #"data: {"type":"content_block_delta","index":\#(index),"delta":{"type":"input_json_delta","partial_json":\#(quoted(text))}}"#
        default:
            #"data: {"type":"response.function_call_arguments.delta","output_index":\#(index),"item_id":"i\#(index)","delta":\#(quoted(text))}"#
        }
    }

    private static func end(_ form: StreamForm) -> String {
        switch form {
        case .chat: "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]"
        case .messages:
            "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"}}\n\ndata: {\"type\":\"message_stop\"}"
        default: #"data: {"type":"response.completed","response":{"status":"completed","output":[]}}"#
        }
    }

    @Test(arguments: [StreamForm.chat, .messages, .responses]) func comeOutInOrder(form: StreamForm) {
        for round in 0..<150 {
            let seed = SeededRandom.seed &+ UInt64(round)
            var answer = RandomAnswer(seed: seed)
            var rest = (0..<Int.random(in: 1...5, using: &answer.random)).map { _ in answer.arguments()[...] }
            let whole = rest.map { $0.map { String(decoding: $0.unescaped, as: UTF8.self) }.joined() }
            var lines: [String] = []
            var begun = 0
            // A call may begin at any time, but in its turn; its pieces come in order, among those of the others.
            while begun < rest.count || rest.contains(where: { !$0.isEmpty }) {
                let open = rest.indices.filter { $0 < begun && !rest[$0].isEmpty }
                if begun < rest.count, open.isEmpty || Bool.random(using: &answer.random) {
                    lines.append(Self.begin(begun, form))
                    begun += 1
                } else if let index = open.randomElement(using: &answer.random), let text = rest[index].popFirst() {
                    lines.append(Self.piece(index, text, form))
                }
            }
            let events = form.events((lines + [Self.end(form)]).map { $0 + "\n\n" }.joined().utf8)
            #expect(StreamForm.violation(events) == nil, "seed \(seed)")
            let expected = whole.enumerated().map { RoundTripTests.Part(kind: "call c\($0) f", text: $1) }
            #expect(RoundTripTests.parts(events) == expected, "seed \(seed)")
            for target in StreamForm.allCases {
                #expect(target.violation(target.write(events).text) == nil, "seed \(seed) → \(target)")
            }
        }
    }
}
