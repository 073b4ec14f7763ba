/// One answer of the sandbox: its words, its usage, and both ways to send them.
struct SandboxCompletion {
    private let id: String
    private let created: Int
    private let model: String
    private let words: [String]
    private let tool: (name: String, arguments: JSONValue)?
    private let finish: String
    private let promptTokens: Int
    private let streams: Bool
    private let reportsUsage: Bool

    init(_ request: JSONValue, messages: [JSONValue], model: String, id: String, created: Int) {
        self.id = id
        self.created = created
        self.model = model
        streams = request["stream"]?.bool ?? false
        reportsUsage = request["stream_options"]?["include_usage"]?.bool ?? false
        let texts = messages.map(Self.text)
        let last = texts.last ?? ""
        let isToolResult = messages.last?["role"]?.string == "tool"
        let tools = isToolResult ? [] : request["tools"]?.array ?? []
        tool = ToolCall.wanted(in: tools, message: last, always: model == "tools")
        promptTokens = 3 + texts.reduce(0) { $0 + 4 + ($1.utf8.count + 3) / 4 }
        let all = tool == nil ? Self.words(model: model, messages: messages.count, last: last) : []
        let cap = request["max_completion_tokens"]?.integer ?? request["max_tokens"]?.integer ?? Int.max
        words = Array(all.prefix(max(1, cap)))
        finish = tool != nil ? "tool_calls" : words.count < all.count ? "length" : "stop"
    }

    func reply() -> SandboxModel.Reply {
        var reply = SandboxModel.Reply(
            status: 200, retryAfter: nil, isStream: streams, pieces: streams ? events() : [plain()],
            pause: model == "slow" ? 200 : 0, ending: .whole)
        if model == "cut" || model == "stall" {
            reply.ending = model == "cut" ? .cut : .stall
            reply.pieces =
                streams
                ? Array(reply.pieces.prefix(reply.pieces.count / 2)) : [Array(plain().prefix(plain().count / 2))]
        }
        return reply
    }

    // MARK: Words

    private static func words(model: String, messages: Int, last: String) -> [String] {
        if model == "long" {
            let pattern = ["tacet", "is", "silent", "and", "the", "sandbox", "counts", "its", "words"]
            return (0..<2000).map { ($0 == 0 ? "" : " ") + pattern[$0 % pattern.count] }
        }
        let count = messages == 1 ? "one message" : "\(messages) messages"
        return split("I am Tacet's sandbox, not a model. You sent \(count); the last one says: \(last)")
    }

    /// Words with the white space before them, so that joining gives the text back.
    private static func split(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for character in text {
            if character.isWhitespace, let last = word.last, !last.isWhitespace {
                words.append(word)
                word = ""
            }
            word.append(character)
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private static func text(of message: JSONValue) -> String {
        switch message["content"] {
        case .string(let text)?: text
        case .array(let parts)?: parts.compactMap { $0["text"]?.string }.joined(separator: "\n")
        default: ""
        }
    }

    // MARK: Shapes

    private var completionTokens: Int {
        guard let tool else { return words.count }
        return 5 + (SandboxModel.bytes(tool.arguments).count + 3) / 4
    }

    private var usage: JSONValue {
        .object([
            "prompt_tokens": .integer(promptTokens), "completion_tokens": .integer(completionTokens),
            "total_tokens": .integer(promptTokens + completionTokens),
            "prompt_tokens_details": .object(["cached_tokens": .integer(0)]),
            "completion_tokens_details": .object(["reasoning_tokens": .integer(0)]),
        ])
    }

    private func callMembers(index: Int?) -> JSONValue? {
        guard let tool else { return nil }
        let arguments = String(decoding: SandboxModel.bytes(tool.arguments), as: UTF8.self)
        var call: [String: JSONValue] = [
            "id": .string("call_" + id.dropFirst(17)), "type": .string("function"),
            "function": .object(["name": .string(tool.name), "arguments": .string(arguments)]),
        ]
        if let index { call["index"] = .integer(index) }
        return .array([.object(call)])
    }

    private func plain() -> [UInt8] {
        var message: [String: JSONValue] = ["role": .string("assistant"), "refusal": .null]
        message["tool_calls"] = callMembers(index: nil)
        message["content"] = tool == nil ? .string(words.joined()) : .null
        let choice = JSONValue.object([
            "index": .integer(0), "message": .object(message), "logprobs": .null, "finish_reason": .string(finish),
        ])
        return SandboxModel.bytes(
            .object([
                "id": .string(id), "object": .string("chat.completion"), "created": .integer(created),
                "model": .string(model), "choices": .array([choice]), "usage": usage,
            ]))
    }

    private func events() -> [[UInt8]] {
        var deltas: [(JSONValue, String?)] = [(.object(["role": .string("assistant"), "content": .string("")]), nil)]
        if let call = callMembers(index: 0) {
            deltas.append((.object(["tool_calls": call]), nil))
        } else {
            deltas += words.map { (.object(["content": .string($0)]), nil) }
        }
        deltas.append((.object([:]), finish))
        var events = deltas.map { delta, finish in
            event([
                .object([
                    "index": .integer(0), "delta": delta, "logprobs": .null,
                    "finish_reason": finish.map(JSONValue.string) ?? .null,
                ])
            ])
        }
        if reportsUsage { events.append(event([], usage: usage)) }
        events.append(Array("data: [DONE]\n\n".utf8))
        return events
    }

    private func event(_ choices: [JSONValue], usage: JSONValue? = nil) -> [UInt8] {
        var members: [String: JSONValue] = [
            "id": .string(id), "object": .string("chat.completion.chunk"), "created": .integer(created),
            "model": .string(model), "choices": .array(choices),
        ]
        if reportsUsage { members["usage"] = usage ?? .null }
        return Array("data: ".utf8) + SandboxModel.bytes(.object(members)) + Array("\n\n".utf8)
    }
}
