import NIOCore
import Vocabulary

/// A `usage` object of Anthropic's, mapped to Tacet's disjoint classes. Its counts come in pieces: input in
/// `message_start`, output in each `message_delta`, as running totals; a later piece may repeat or correct an earlier one.
///
///     input_tokens                       without what was read from or written to a cache
///     cache_read_input_tokens            read
///     cache_creation_input_tokens        written, all of it
///     cache_creation.ephemeral_1h_input_tokens   the part of it that is kept an hour; the rest is kept five minutes
///     output_tokens                      thinking included
///     output_tokens_details.thinking_tokens      the part of it that is thinking
///     server_tool_use.web_search_requests        billed by the search
///     service_tier, speed, inference_geo         batch, fast, us: priced apart
struct MessagesUsage: Sendable {
    private var input: Int64?
    private var output: Int64?
    private var cacheRead: Int64?
    private var cacheWrite: Int64?
    private var cacheWrite1h: Int64?
    private var cacheWrite5m: Int64?
    private var thinking: Int64?
    private var searches: Int64?
    private var level: ServiceLevel?
    private var isRegional = false

    /// `nil` while neither input nor output was told.
    var usage: TokenUsage? {
        guard input != nil || output != nil else { return nil }
        var usage = TokenUsage()
        usage[.input] = input ?? 0
        usage[.cacheRead] = cacheRead ?? 0
        let hour = cacheWrite1h ?? 0
        usage[.cacheWrite1h] = hour
        usage[.cacheWrite5m] = max(0, (cacheWrite ?? (hour + (cacheWrite5m ?? 0))) - hour)
        usage[.output] = output ?? 0
        usage[.reasoning] = min(thinking ?? 0, usage[.output])
        usage[.searches] = searches ?? 0
        usage.level = level ?? .standard
        usage.isRegional = isRegional
        return usage
    }

    /// Takes a `usage` object. What is no count is as good as absent.
    mutating func take(_ tape: JSONTape, _ object: JSONTape.Index) {
        Self.count(tape, object, "input_tokens", &input)
        Self.count(tape, object, "output_tokens", &output)
        Self.count(tape, object, "cache_read_input_tokens", &cacheRead)
        Self.count(tape, object, "cache_creation_input_tokens", &cacheWrite)
        if let creation = tape.present(object, "cache_creation") {
            Self.count(tape, creation, "ephemeral_1h_input_tokens", &cacheWrite1h)
            Self.count(tape, creation, "ephemeral_5m_input_tokens", &cacheWrite5m)
        }
        if let details = tape.present(object, "output_tokens_details") {
            Self.count(tape, details, "thinking_tokens", &thinking)
            Self.count(tape, details, "reasoning_tokens", &thinking)
        }
        if let tools = tape.present(object, "server_tool_use") {
            Self.count(tape, tools, "web_search_requests", &searches)
        }
        // Priority is capacity that was committed to, at the same price by the token.
        if tape.member(object, "service_tier", is: "batch") { level = .batch }
        if tape.member(object, "speed", is: "fast") { level = .fast }
        if tape.member(object, "inference_geo", is: "us") { isRegional = true }
    }

    private static func count(_ tape: JSONTape, _ object: JSONTape.Index, _ name: StaticString, _ value: inout Int64?) {
        guard let found = tape.present(object, name).flatMap({ tape.count($0) }) else { return }
        value = min(found, TokenUsage.ceiling)
    }

    /// Writes a `usage` object: what Anthropic's dialect has no class for goes to the plain ones.
    static func write(_ usage: TokenUsage?, _ out: inout ByteBuffer) {
        let usage = usage ?? TokenUsage()
        let written = usage[.cacheWrite5m] + usage[.cacheWrite1h]
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.number("input_tokens", usage[.input] + usage[.inputAudio] + usage[.inputImage], &out)
        members.number("cache_creation_input_tokens", written, &out)
        members.number("cache_read_input_tokens", usage[.cacheRead], &out)
        if written > 0 {
            members.name("cache_creation", &out)
            var creation = JSONMembers()
            out.writeInteger(UInt8.brace)
            creation.number("ephemeral_5m_input_tokens", usage[.cacheWrite5m], &out)
            creation.number("ephemeral_1h_input_tokens", usage[.cacheWrite1h], &out)
            out.writeInteger(UInt8.braceEnd)
        }
        members.number("output_tokens", usage.totalOutput, &out)
        if usage[.reasoning] > 0 {
            members.name("output_tokens_details", &out)
            var details = JSONMembers()
            out.writeInteger(UInt8.brace)
            details.number("thinking_tokens", usage[.reasoning], &out)
            out.writeInteger(UInt8.braceEnd)
        }
        if usage[.searches] > 0 {
            members.name("server_tool_use", &out)
            var tools = JSONMembers()
            out.writeInteger(UInt8.brace)
            tools.number("web_search_requests", usage[.searches], &out)
            out.writeInteger(UInt8.braceEnd)
        }
        out.writeInteger(UInt8.braceEnd)
    }
}
