public import NIOCore
import Vocabulary

extension ChatRequest {
    /// The bytes to send to a provider that differs from OpenAI: the original but for what was asked for and what that
    /// provider would refuse.
    ///
    /// - Parameters:
    ///   - body: the body that was read.
    ///   - model: the name to send instead, `nil` for the client's own.
    ///   - askingForUsage: have a stream report its usage, where the provider can be asked.
    ///   - maximumOutput: a limit of generated tokens, put in only where the client sent none (`RULES.md` 29).
    /// - Returns: the pieces, and what the provider does not get of the client's.
    public func forwarded(
        _ body: ByteBuffer, model: [UInt8]?, askingForUsage: Bool, maximumOutput: Int64?, options: ChatRequestOptions
    ) -> (pieces: [ByteBuffer], losses: [Loss]) {
        guard options.editsRequests else {
            let pieces = forwarded(
                body, model: model, askingForUsage: askingForUsage, maximumOutput: maximumOutput,
                outputMember: options.outputMember)
            return (pieces, [])
        }
        var members = ProviderMembers(options, limitIsPutIn: maximumOutput != nil && self.maximumOutput == nil)
        let bytes = body.readableBytesUInt8Span
        // The body was read once: it has no fault.
        do throws(JSONFault) { try members.scan(bytes) } catch { return ([body], []) }
        var edits = Edits(textBytes: (model?.count ?? 0) + 128)
        addEdits(
            model: model, askingForUsage: askingForUsage && options.takesStreamOptions, maximumOutput: maximumOutput,
            outputMember: options.outputMember, to: &edits)
        members.addEdits(to: &edits)
        return (edits.applied(to: body), members.losses)
    }
}

extension ChatRequestOptions {
    /// Whether a chat client's own body may hold what the provider refuses.
    var editsRequests: Bool {
        takesOnlyMaxTokens || !takesStreamOptions || !takesDeveloperRole || takesRandomSeed || !refusedMembers.isEmpty
    }

    func refuses(_ name: StaticString) -> Bool {
        refusedMembers.contains { $0.count == name.utf8CodeUnitCount && RawText(escaping: $0).equals(name) }
    }
}

/// The members of a request as one provider wants them: some go, some get another name, a role another word.
private struct ProviderMembers {
    private let options: ChatRequestOptions
    private let limitIsPutIn: Bool
    private var members = MemberEdits()
    private var renames: [(name: Range<Int>, new: StaticString)] = []
    /// The values of roles that become `system`.
    private var roles: [Range<Int>] = []
    private(set) var losses: [Loss] = []

    init(_ options: ChatRequestOptions, limitIsPutIn: Bool) {
        self.options = options
        self.limitIsPutIn = limitIsPutIn
    }

    mutating func scan(_ b: Span<UInt8>) throws(JSONFault) {
        var cursor = JSONCursor(b)
        var (seed, completion): (Range<Int>?, Range<Int>?)
        var total: Int?
        var hasRandomSeed = false
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            var isNull = false
            if !options.takesDeveloperRole, name.equals("messages", in: b), try cursor.peek(b) == .array {
                try messages(&cursor, b)
            } else {
                isNull = try cursor.value(b).kind == .null
            }
            var goes = !options.takesStreamOptions && name.equals("stream_options", in: b)
            if name.equals("max_tokens", in: b) { total = members.count }
            if options.takesOnlyMaxTokens, name.equals("max_completion_tokens", in: b) {
                goes = isNull || limitIsPutIn
                if !goes { completion = name.range }
            }
            if name.equals("random_seed", in: b) { hasRandomSeed = true }
            if options.takesRandomSeed, name.equals("seed", in: b) { seed = name.range }
            if refuses(name, b) {
                goes = true
                if !isNull { losses.append(Loss(.unsupported, at: .body, clientMember: name.unescaped(in: b))) }
            }
            members.add(name, end: cursor.at, isRemoved: goes)
            more = try cursor.nextMember(b)
        }
        if let completion {
            renames.append((completion, "max_tokens"))
            // The newer name holds where a client sends both.
            if let total { members.remove(total) }
        }
        if let seed, !hasRandomSeed { renames.append((seed, "random_seed")) }
    }

    func addEdits(to edits: inout Edits) {
        for role in roles { edits.replace(role) { $0.writeStaticString("system") } }
        for rename in renames { edits.replace(rename.name) { $0.writeStaticString(rename.new) } }
        members.apply(to: &edits)
    }

    private func refuses(_ name: JSONText, _ b: Span<UInt8>) -> Bool {
        guard !options.refusedMembers.isEmpty else { return false }
        let text = name.unescaped(in: b)
        return options.refusedMembers.contains(text)
    }

    private mutating func messages(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var index = 0
        var more = try cursor.beginArray(b)
        while more {
            if try cursor.peek(b) == .object {
                var inner = try cursor.beginObject(b)
                while inner {
                    let name = try cursor.name(b)
                    let value = try cursor.value(b)
                    if name.equals("role", in: b), value.kind == .string, value.text.equals("developer", in: b) {
                        roles.append(value.text.range)
                        losses.append(Loss(.converted, at: Place(.messages, index)))
                    }
                    inner = try cursor.nextMember(b)
                }
            } else {
                _ = try cursor.value(b)
            }
            index += 1
            more = try cursor.nextElement(b)
        }
    }
}
