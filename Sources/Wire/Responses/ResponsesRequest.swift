public import NIOCore
public import Vocabulary

/// What Tacet needs to know of a Responses request, and where it stands in the body.
///
/// One strict pass over the whole body, as `ChatRequest` does: members that are not read pass unseen; of those that are, a
/// second one is refused, for providers differ in which of two they believe.
public struct ResponsesRequest: Sendable {
    /// The name, escapes resolved; never empty.
    public internal(set) var model: [UInt8] = []
    public internal(set) var isStreamed = false
    /// The client's own limit of generated tokens; `nil` where it sent none, or 0, which bounds nothing.
    public internal(set) var maximumOutput: Int64?
    /// What the provider is asked to serve at.
    public internal(set) var level = ServiceLevel.standard
    /// `store` as sent; `nil` where it was not, which providers take for `true`.
    public internal(set) var store: Bool?
    /// The answer is to be made while nobody waits. Needs a hold of its own (`RULES.md` 8).
    public internal(set) var isBackground = false
    /// `previous_response_id`, escapes resolved: an object of the provider's (`RULES.md` 8).
    public internal(set) var previousResponse: [UInt8]?
    /// `conversation`, or its `id`, escapes resolved: an object of the provider's (`RULES.md` 8).
    public internal(set) var conversation: [UInt8]?
    /// Of the body.
    public internal(set) var byteCount = 0

    /// Behind the body's opening brace.
    var firstMember = 0
    var modelValue = 0..<0
    /// `store`, `max_output_tokens`, `previous_response_id` and the conversation's id, null or not.
    var storeValue: JSONValue?
    var maximumValue: JSONValue?
    var previousValue: JSONValue?
    var conversationValue: JSONValue?
    private var ownPreviousResponse: [UInt8]?
    private var ownConversation: [UInt8]?

    /// Reads a body. A fault in its JSON is told before anything that the members say.
    public static func read(_ body: ByteBuffer) throws(RequestRejection) -> ResponsesRequest {
        let bytes = body.readableBytesUInt8Span
        var reader = ResponsesRequestReader(bytes)
        do throws(JSONFault) { try reader.scan(bytes) } catch { throw RequestRejection(error) }
        if let rejection = reader.rejection { throw rejection }
        return reader.request
    }

    /// The provider keeps the answer, or something it builds on: the answer's ids name objects of the provider's.
    public var isKept: Bool { store == true || previousResponse != nil || conversation != nil }

    /// Takes the provider's own ids in the places of the client's, which carry a tag (`RULES.md` 8).
    ///
    /// - Parameter own: the provider's id; `nil` when the tag is not the caller's: `unknownObject`.
    public mutating func resolve(_ own: ([UInt8]) -> [UInt8]?) throws(RequestRejection) {
        func found(_ id: [UInt8]?, _ member: RequestMember) throws(RequestRejection) -> [UInt8]? {
            guard let id else { return nil }
            guard let found = own(id) else { throw RequestRejection(code: .unknownObject, member: member, offset: 0) }
            return found
        }
        ownPreviousResponse = try found(previousResponse, .previousResponse)
        ownConversation = try found(conversation, .conversation)
    }
}

/// The pass of `ResponsesRequest.read`. The first rejection is kept and the scan goes on.
private struct ResponsesRequestReader: BodyReading {
    var request = ResponsesRequest()
    var rejection: RequestRejection?
    var cursor: JSONCursor
    var seen: UInt64 = 0

    init(_ bytes: Span<UInt8>) {
        cursor = JSONCursor(bytes)
        request.byteCount = bytes.count
    }

    mutating func scan(_ b: Span<UInt8>) throws(JSONFault) {
        guard let members = try members(b) else { return }
        request.firstMember = members.first
        // `input` may be absent: a prompt or a conversation can stand for it. The provider says so if not.
        if !wasSeen(.model) { reject(.missingMember, .model, b.count) }
    }

    mutating func value(of member: RequestMember, _ b: Span<UInt8>) throws(JSONFault) {
        if member == .conversation, try cursor.peek(b) == .object { return try conversation(b) }
        let value = try cursor.value(b)
        switch member {
        case .model:
            guard require(.string, value, member) else { return }
            request.modelValue = value.range
            request.model = value.text.unescaped(in: b)
            if request.model.isEmpty { reject(.outOfRange, member, value.start) }
        case .input:
            if value.kind != .string, value.kind != .array, value.kind != .null {
                reject(.wrongType, member, value.start)
            }
        case .stream: request.isStreamed = flag(value, member) ?? false
        case .background: request.isBackground = flag(value, member) ?? false
        case .store:
            request.storeValue = value
            request.store = flag(value, member)
        case .maxOutputTokens:
            request.maximumValue = value
            request.maximumOutput = count(value, b).flatMap { $0 > 0 ? $0 : nil }
        case .previousResponse:
            request.previousValue = value
            request.previousResponse = id(value, member, b)
        case .conversation:
            request.conversationValue = value
            request.conversation = id(value, member, b)
        case .serviceTier:
            if value.kind == .string { request.level = value.text.serviceLevel(in: b) }
        default: break
        }
    }

    private mutating func conversation(_ b: Span<UInt8>) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let value = try cursor.value(b)
            if name.equals("id", in: b) {
                if request.conversationValue != nil { reject(.duplicateMember, .conversation, name.start) }
                request.conversationValue = value
                request.conversation = id(value, .conversation, b)
            }
            more = try cursor.nextMember(b)
        }
    }

    static func member(_ name: JSONText, _ b: Span<UInt8>) -> RequestMember? {
        if name.equals("model", in: b) { return .model }
        if name.equals("input", in: b) { return .input }
        if name.equals("stream", in: b) { return .stream }
        if name.equals("store", in: b) { return .store }
        if name.equals("max_output_tokens", in: b) { return .maxOutputTokens }
        if name.equals("background", in: b) { return .background }
        if name.equals("previous_response_id", in: b) { return .previousResponse }
        if name.equals("conversation", in: b) { return .conversation }
        if name.equals("service_tier", in: b) { return .serviceTier }
        return nil
    }

    private mutating func id(_ value: JSONValue, _ member: RequestMember, _ b: Span<UInt8>) -> [UInt8]? {
        if value.kind == .null { return nil }
        return require(.string, value, member) ? value.text.unescaped(in: b) : nil
    }

    private mutating func count(_ value: JSONValue, _ b: Span<UInt8>) -> Int64? {
        if value.kind == .null { return nil }
        guard value.kind == .number, let number = JSONNumber(b, value.range), number.isWhole else {
            reject(.wrongType, .maxOutputTokens, value.start)
            return nil
        }
        guard let count = Int64(exactly: number.magnitude), !number.isNegative, count <= TokenUsage.ceiling else {
            reject(.outOfRange, .maxOutputTokens, value.start)
            return nil
        }
        return count
    }
}

// MARK: Edits

extension ResponsesRequest {
    /// The bytes to send upstream: the original but for the edits asked for. Unchanged parts are slices of `body`.
    ///
    /// - Parameters:
    ///   - body: the body that was read.
    ///   - model: the name to send instead, `nil` for the client's own.
    ///   - maximumOutput: a limit of generated tokens, put in only where the client sent none (`RULES.md` 29).
    ///   - mayStore: the key opted in. Else `store` is `false` where the client did not say it (`RULES.md` 8).
    public func forwarded(
        _ body: ByteBuffer, model: [UInt8]?, maximumOutput: Int64?, mayStore: Bool
    ) -> [ByteBuffer] {
        var edits = Edits(textBytes: (model?.count ?? 0) + 96)
        if let model { edits.replace(modelValue) { $0.writeJSONString(model) } }
        if !mayStore, store == nil {
            if let storeValue {
                edits.replace(storeValue.range) { $0.writeStaticString("false") }
            } else {
                edits.replace(firstMember..<firstMember) { $0.writeStaticString("\"store\":false,") }
            }
        }
        if let maximumOutput, self.maximumOutput == nil {
            if let maximumValue {
                edits.replace(maximumValue.range) { $0.writeDecimal(maximumOutput) }
            } else {
                edits.replace(firstMember..<firstMember) {
                    $0.writeStaticString("\"max_output_tokens\":")
                    $0.writeDecimal(maximumOutput)
                    $0.writeInteger(UInt8.comma)
                }
            }
        }
        if let ownPreviousResponse, let previousValue {
            edits.replace(previousValue.range) { $0.writeJSONString(ownPreviousResponse) }
        }
        if let ownConversation, let conversationValue {
            edits.replace(conversationValue.range) { $0.writeJSONString(ownConversation) }
        }
        return edits.applied(to: body)
    }
}
