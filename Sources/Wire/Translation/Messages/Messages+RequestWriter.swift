public import NIOCore
import Vocabulary

/// What providers and models of the messages dialect differ in: facts of the provider table and the catalogue.
public struct MessagesRequestOptions: Sendable {
    /// Anthropic demands `max_tokens`: sent where the client gave none. The model's own limit.
    public var maximumOutput: Int64 = 8192
    /// How thinking is asked for: by a budget of tokens, or by `output_config.effort` (newer models).
    public var thinking = ThinkingForm.budget
    /// The smallest budget that is taken.
    public var minimumBudget: Int64 = 1024

    public enum ThinkingForm: Sendable {
        case budget
        case effort
    }

    public init() {}
}

/// Writes a conversation as a messages request.
public struct MessagesRequestWriter {
    let conversation: Conversation
    let options: MessagesRequestOptions
    var losses: [Loss] = []
    private var thinks = false

    /// - Returns: what the messages dialect could not carry; `conversation.losses` is not in it.
    public static func write(
        _ conversation: Conversation, options: MessagesRequestOptions = MessagesRequestOptions(),
        into out: inout ByteBuffer
    ) -> [Loss] {
        var writer = MessagesRequestWriter(conversation, options)
        writer.body(&out)
        return writer.losses
    }

    private init(_ conversation: Conversation, _ options: MessagesRequestOptions) {
        self.conversation = conversation
        self.options = options
    }

    private mutating func body(_ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("model", conversation.model, &out)
        members.json("max_tokens", conversation.maximumOutput ?? RawJSON(options.maximumOutput), &out)
        writeSystem(&members, &out)
        members.name("messages", &out)
        messages(&out)
        tools(&members, &out)
        output(&members, &out)
        for setting in conversation.settings { self.setting(setting, &members, &out) }
        user(&members, &out)
        stop(&members, &out)
        if conversation.isStreamed { members.literal("stream", "true", &out) }
        out.writeInteger(UInt8.braceEnd)
    }

    private mutating func setting(_ setting: Setting, _ members: inout JSONMembers, _ out: inout ByteBuffer) {
        let loss = Loss(.unsupported, at: .body, setting.member)
        switch setting.parameter {
        case .temperature, .topP, .topK:
            // A model that thinks takes none of these but the defaults.
            if thinks, setting.parameter != .temperature || setting.value.count != 1 { return losses.append(loss) }
            if setting.parameter == .temperature, setting.value.isAboveOne {
                losses.append(Loss(.clamped, at: .body, setting.member))
                members.literal("temperature", "1", &out)
            } else {
                let name: StaticString =
                    switch setting.parameter {
                    case .temperature: "temperature"
                    case .topP: "top_p"
                    default: "top_k"
                    }
                members.json(name, setting.value, &out)
            }
        case .serviceTier:
            if conversation.dialect == .anthropic {
                members.json("service_tier", setting.value, &out)
            } else if setting.value.text?.equals("default") ?? false {
                members.text("service_tier", "standard_only", &out)
            } else if !setting.isDefault {
                losses.append(loss)
            }
        case .cacheControl: members.json("cache_control", setting.value, &out)
        case .user, .safetyIdentifier: break
        default:
            if conversation.dialect == .anthropic,
                let known = MessagesParameters.list.first(where: { $0.parameter == setting.parameter })
            {
                members.json(known.name, setting.value, &out)
            } else if !setting.isDefault {
                losses.append(loss)
            }
        }
    }

    private func user(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        guard let user = conversation.setting(.user) ?? conversation.setting(.safetyIdentifier) else { return }
        members.name("metadata", &out)
        out.writeStaticString("{\"user_id\":")
        out.writeImmutableBuffer(user.bytes)
        out.writeInteger(UInt8.braceEnd)
    }

    /// Anthropic refuses sequences of nothing but white space.
    private mutating func stop(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        let sequences = conversation.stop.filter { !$0.unescaped.allSatisfy { $0 <= 0x20 } }
        if sequences.count < conversation.stop.count { losses.append(conversation.loss(.unsupported, .stop)) }
        guard !sequences.isEmpty else { return }
        members.name("stop_sequences", &out)
        out.writeInteger(UInt8.bracket)
        var elements = JSONElements()
        for text in sequences {
            elements.next(&out)
            out.writeJSONString(text)
        }
        out.writeInteger(UInt8.bracketEnd)
    }

    // MARK: Output

    private mutating func output(_ members: inout JSONMembers, _ out: inout ByteBuffer) {
        let effort = thinking(&members, &out)
        var schema: RawJSON?
        switch conversation.format {
        case .jsonSchema(_, _, let json, _): schema = json
        case .jsonObject: losses.append(conversation.loss(.unsupported, .format))
        case nil, .text: break
        }
        guard effort != nil || schema != nil else { return }
        members.name("output_config", &out)
        out.writeInteger(UInt8.brace)
        var inner = JSONMembers()
        inner.text("effort", effort, &out)
        if let schema {
            inner.name("format", &out)
            out.writeStaticString("{\"type\":\"json_schema\",\"schema\":")
            out.writeImmutableBuffer(schema.bytes)
            out.writeInteger(UInt8.braceEnd)
        }
        out.writeInteger(UInt8.braceEnd)
    }

    /// Writes `thinking`; the effort that goes into `output_config`.
    private mutating func thinking(_ members: inout JSONMembers, _ out: inout ByteBuffer) -> RawText? {
        guard let request = conversation.reasoning, request.mode != .unspecified || request.effort != nil else {
            return nil
        }
        let effort = request.effort.map { $0.equals("minimal") || $0.equals("none") ? RawText("low") : $0 }
        switch request.mode {
        case .off:
            members.literal("thinking", "{\"type\":\"disabled\"}", &out)
            return nil
        case .adaptive:
            members.literal("thinking", "{\"type\":\"adaptive\"}", &out)
            thinks = true
            return effort
        case .unspecified, .on: break
        }
        guard mayThink else {
            losses.append(conversation.loss(.unsupported, .reasoning))
            return nil
        }
        if options.thinking == .effort, request.budget == nil {
            members.literal("thinking", "{\"type\":\"adaptive\"}", &out)
            thinks = true
            return effort
        }
        // The budget must stay below the limit of all tokens.
        let limit = (conversation.maximumOutput?.count ?? options.maximumOutput) - 1
        let wanted = request.budget?.count ?? Self.budget(of: effort)
        let budget = min(wanted, limit)
        guard budget >= options.minimumBudget else {
            losses.append(conversation.loss(.unsupported, .reasoning))
            return nil
        }
        if request.budget != nil, budget < wanted { losses.append(conversation.loss(.clamped, .budget)) }
        thinks = true
        members.name("thinking", &out)
        out.writeStaticString("{\"type\":\"enabled\",\"budget_tokens\":")
        out.writeDecimal(budget)
        out.writeInteger(UInt8.braceEnd)
        return nil
    }

    /// Tokens that stand for an effort.
    private static func budget(of effort: RawText?) -> Int64 {
        guard let effort else { return 8192 }
        if effort.equals("low") { return 2048 }
        if effort.equals("medium") { return 8192 }
        if effort.equals("high") { return 16384 }
        return 32768
    }

    /// Anthropic refuses thinking beside a forced call, and within a round of calls that were made without signed thoughts.
    private var mayThink: Bool {
        if let choice = conversation.toolChoice, choice.mattersWithoutTools {
            guard case .allowed(_, isRequired: false) = choice else { return false }
        }
        guard let last = conversation.turns.last(where: { $0.role == .user || $0.role == .assistant }),
            last.role == .user,
            last.blocks.contains(where: { if case .toolResult = $0.kind { true } else { false } }),
            let calling = conversation.turns.last(where: { $0.role == .assistant })
        else { return true }
        return calling.blocks.contains { block in
            if case .thinking(let thinking) = block.kind { MessagesRequestWriter.isTaken(thinking) } else { false }
        }
    }

    /// Signed by Anthropic as far as can be told.
    static func isTaken(_ thinking: Thinking) -> Bool {
        thinking.redacted != nil || thinking.signature != nil && !thinking.isFromResponses
    }
}

extension RawJSON {
    /// Whether a number is greater than 1.
    fileprivate var isAboveOne: Bool {
        let span = bytes.readableBytesUInt8Span
        guard kind == .number, let number = JSONNumber(span, 0..<span.count), !number.isNegative else { return false }
        return number.magnitude > 1 || number.magnitude == 1 && !number.isWhole
    }
}
