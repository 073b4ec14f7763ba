import Foundation

/// A deterministic stand-in for a model, in OpenAI's chat dialect. It says what it is in every answer.
///
/// The same request gets the same answer, byte for byte, apart from `created`. Its models:
///
/// | name | what it does |
/// |---|---|
/// | `echo` | says how much it was sent and repeats the last message |
/// | `slow` | the same, a fifth of a second per word |
/// | `long` | two thousand words |
/// | `tools` | calls the first tool it is given |
/// | `error-400` `-401` `-429` `-500` `-503` | that error |
/// | `cut` | drops the connection half-way |
/// | `stall` | says half and then nothing |
public struct SandboxModel: Sendable {
    public static let models = [
        "echo", "slow", "long", "tools", "error-400", "error-401", "error-429", "error-500", "error-503", "cut",
        "stall",
    ]

    /// What the server sends.
    public struct Reply: Equatable, Sendable {
        public var status: Int
        /// Seconds for `retry-after`.
        public var retryAfter: Int?
        public var isStream: Bool
        /// The body: one piece when plain, one event each when streamed.
        public var pieces: [[UInt8]]
        /// Milliseconds between pieces, and before the only one.
        public var pause: Int
        public var ending: Ending

        public enum Ending: Equatable, Sendable {
            case whole
            /// The connection is dropped after `pieces`.
            case cut
            /// Nothing more comes after `pieces`.
            case stall
        }
    }

    public init() {}

    /// - Parameters:
    ///   - body: the request's JSON.
    ///   - created: seconds since 1970 for `created`.
    public func reply(to body: [UInt8], created: Int) -> Reply {
        guard let request = try? JSONDecoder().decode(JSONValue.self, from: Data(body)), case .object = request else {
            return error(400, "invalid_request_error", nil, "The sandbox could not read the body as a JSON object.")
        }
        guard let named = request["model"]?.string else {
            return error(400, "invalid_request_error", "missing_model", "The sandbox needs a model.")
        }
        guard let messages = request["messages"]?.array, !messages.isEmpty else {
            return error(400, "invalid_request_error", "missing_messages", "The sandbox needs messages.")
        }
        let model = named.hasPrefix("sandbox/") ? String(named.dropFirst(8)) : named
        guard Self.models.contains(model) else {
            return error(404, "invalid_request_error", "model_not_found", "The sandbox has no such model.")
        }
        if model.hasPrefix("error-"), let status = Int(model.dropFirst(6)) { return ordered(status) }
        let completion = SandboxCompletion(
            request, messages: messages, model: model, id: id(of: body), created: created)
        return completion.reply()
    }

    /// The body of `GET /v1/models`.
    public func list() -> [UInt8] {
        let entries = Self.models.map { name in
            JSONValue.object([
                "id": .string(name), "object": .string("model"), "created": .integer(0), "owned_by": .string("sandbox"),
            ])
        }
        return Self.bytes(.object(["object": .string("list"), "data": .array(entries)]))
    }

    static func bytes(_ value: JSONValue) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { Array($0) } ?? []
    }

    private func ordered(_ status: Int) -> Reply {
        switch status {
        case 401: error(401, "invalid_request_error", "invalid_api_key", "The sandbox was asked for a 401.")
        case 429: error(429, "requests", "rate_limit_exceeded", "The sandbox was asked for a 429.", retryAfter: 1)
        case 500: error(500, "server_error", nil, "The sandbox was asked for a 500.")
        case 503: error(503, "server_error", nil, "The sandbox was asked for a 503.", retryAfter: 1)
        default: error(400, "invalid_request_error", "sandbox_error", "The sandbox was asked for a 400.")
        }
    }

    private func error(
        _ status: Int, _ type: String, _ code: String?, _ message: String, retryAfter: Int? = nil
    ) -> Reply {
        let body = JSONValue.object([
            "error": .object([
                "message": .string(message), "type": .string(type), "param": .null,
                "code": code.map(JSONValue.string) ?? .null,
            ])
        ])
        return Reply(
            status: status, retryAfter: retryAfter, isStream: false, pieces: [Self.bytes(body)], pause: 0,
            ending: .whole)
    }

    /// FNV-1a over the request: equal requests have equal ids.
    private func id(of body: [UInt8]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in body { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return "chatcmpl-sandbox-" + String(hash, radix: 36)
    }
}
