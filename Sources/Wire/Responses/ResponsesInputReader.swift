import NIOCore
import Vocabulary

/// Reads `instructions` and `input` of a Responses request into turns.
///
/// Items are finer than turns: what the model said in a row (reasoning, messages, calls) is one turn of the assistant's, the
/// outputs of its calls are one of the user's.
struct ResponsesInputReader {
    private let tape: JSONTape
    private(set) var turns: [Turn] = []
    private(set) var losses: [Loss] = []
    /// Lists of tools that stand between the turns.
    private(set) var tools: [(list: JSONTape.Index, place: Place)] = []
    /// The turn told last takes more items of its side.
    private var isOpen = false

    init(_ tape: JSONTape) { self.tape = tape }

    mutating func instructions(_ text: RawText) {
        let place = Place(.instructions)
        turns.append(Turn(.system, [Block(.text(text), at: place)], at: place))
    }

    mutating func read(_ input: JSONTape.Index) throws(RequestRejection) {
        if let text = tape.text(input) {
            let place = Place(.input)
            turns.append(Turn(.user, [Block(.text(text), at: place)], at: place))
            return
        }
        guard tape.kind(input) == .array else {
            throw RequestRejection(code: .wrongType, member: .input, offset: tape.offset(input))
        }
        var entry = tape.first(input)
        var position = 0
        while let item = entry {
            guard tape.kind(item) == .object else {
                throw RequestRejection(code: .wrongType, member: .input, offset: tape.offset(item))
            }
            try self.item(item, Place(.input, position))
            position += 1
            entry = tape.next(item, in: input)
        }
    }

    private mutating func item(_ item: JSONTape.Index, _ place: Place) throws(RequestRejection) {
        guard let type = tape.text(item, "type") else {
            if tape.present(item, "role") != nil { return try message(item, place) }
            return losses.append(Loss(.unsupported, at: place))
        }
        if type.equals("message") {
            try message(item, place)
        } else if type.equals("function_call") {
            append(.assistant, call(item, place), place)
            unknown(item, place, ["call_id", "name", "arguments"])
        } else if type.equals("custom_tool_call") {
            append(.assistant, customCall(item, place), place)
            unknown(item, place, ["call_id", "name", "input"])
        } else if type.equals("function_call_output") || type.equals("custom_tool_call_output") {
            let result = ToolResult(
                callID: tape.text(item, "call_id") ?? RawText(), content: content(item, "output", place, .output))
            append(.user, Block(.toolResult(result), at: place), place)
            unknown(item, place, ["call_id", "output"])
        } else if type.equals("reasoning") {
            append(.assistant, reasoning(item, place), place)
            unknown(item, place, ["summary", "content", "encrypted_content"])
        } else if type.equals("item_reference") {
            // What it names stays with the provider that made it (`RULES.md` 8).
            losses.append(Loss(.unsupported, at: place))
        } else if type.equals("additional_tools"), let list = tape.present(item, "tools") {
            tools.append((list, place))
        } else {
            foreign(item, type, place)
        }
    }

    private mutating func foreign(_ item: JSONTape.Index, _ type: RawText, _ place: Place) {
        let isServer = ResponsesWords.isServerItem(tape, item)
        let isAnswer = type.hasSuffix("_output") || type.equals("mcp_approval_response")
        append(
            isAnswer && !isServer ? .user : .assistant,
            Block(.foreign(Foreign(.openAIResponses, tape.json(item), isServerTool: isServer)), at: place), place)
    }

    /// An item joins the turn of its side that is open.
    private mutating func append(_ role: Turn.Role, _ block: Block, _ place: Place) {
        if isOpen, turns.last?.role == role {
            turns[turns.count - 1].blocks.append(block)
        } else {
            turns.append(Turn(role, [block], at: place))
        }
        isOpen = true
    }

    private mutating func message(_ item: JSONTape.Index, _ place: Place) throws(RequestRejection) {
        let role: Turn.Role
        if tape.member(item, "role", is: "user") {
            role = .user
        } else if tape.member(item, "role", is: "assistant") {
            role = .assistant
        } else if tape.member(item, "role", is: "system") {
            role = .system
        } else if tape.member(item, "role", is: "developer") {
            role = .developer
        } else {
            throw RequestRejection(code: .outOfRange, member: .input, offset: tape.offset(item))
        }
        let blocks = content(item, "content", place, .content)
        unknown(item, place, ["role", "content"])
        if role == .assistant {
            // Its reasoning and its calls are items before and behind.
            for block in blocks { append(.assistant, block, place) }
            return
        }
        turns.append(Turn(role, blocks, at: place))
        isOpen = false
    }

    private mutating func unknown(_ item: JSONTape.Index, _ place: Place, _ known: [StaticString]) {
        var entry = tape.first(item)
        while let member = entry {
            // Ids and states of items say nothing to another provider.
            let isKnown = ["type", "id", "status"].contains { tape.isNamed(member, $0) }
            if !isKnown, tape.kind(member) != .null, !known.contains(where: { tape.isNamed(member, $0) }) {
                losses.append(Loss(.unknownMember, at: place, clientMember: tape.name(member)))
            }
            entry = tape.next(member, in: item)
        }
    }
}

// MARK: Items

extension ResponsesInputReader {
    private func call(_ item: JSONTape.Index, _ place: Place) -> Block {
        let call = ToolCall(
            id: tape.text(item, "call_id") ?? RawText(), name: tape.text(item, "name") ?? RawText(),
            arguments: .encoded(tape.text(item, "arguments") ?? RawText()))
        return Block(.toolCall(call), at: place)
    }

    /// Custom tools are functions here, which take `{"input":…}`.
    private func customCall(_ item: JSONTape.Index, _ place: Place) -> Block {
        let call = ToolCall(
            id: tape.text(item, "call_id") ?? RawText(), name: tape.text(item, "name") ?? RawText(),
            arguments: .value(MessagesBlock.wrapped(tape.text(item, "input") ?? RawText())))
        return Block(.toolCall(call), at: place)
    }

    private func reasoning(_ item: JSONTape.Index, _ place: Place) -> Block {
        var text = RawText()
        for name: StaticString in ["summary", "content"] {
            guard let list = tape.present(item, name) else { continue }
            var entry = tape.first(list)
            while let part = entry {
                if let piece = tape.text(part, "text"), !piece.isEmpty {
                    if !text.isEmpty { text.append(RawText("\\n\\n")) }
                    text.append(piece)
                }
                entry = tape.next(part, in: list)
            }
        }
        let encrypted = tape.text(item, "encrypted_content").flatMap { $0.isEmpty ? nil : $0 }
        let id = tape.text(item, "id").flatMap { $0.isEmpty ? nil : $0 }
        return Block(.thinking(ResponsesWords.thinking(text, encrypted: encrypted, id: id)), at: place)
    }

    private mutating func content(
        _ owner: JSONTape.Index, _ member: StaticString, _ place: Place, _ list: Place.List
    ) -> [Block] {
        guard let content = tape.present(owner, member) else { return [] }
        if let text = tape.text(content) { return text.isEmpty ? [] : [Block(.text(text), at: place)] }
        guard tape.kind(content) == .array else {
            losses.append(Loss(.malformed, at: place, member))
            return []
        }
        var out: [Block] = []
        var entry = tape.first(content)
        var position = 0
        while let part = entry {
            if let block = self.part(part, place.inside(list, position)) { out.append(block) }
            position += 1
            entry = tape.next(part, in: content)
        }
        return out
    }

    private mutating func part(_ part: JSONTape.Index, _ place: Place) -> Block? {
        if let text = tape.text(part) { return Block(.text(text), at: place) }
        if tape.member(part, "type", is: "refusal"), let text = tape.text(part, "refusal") {
            return Block(.refusal(text), at: place)
        }
        if let text = tape.text(part, "text") {
            var block = Block(.text(text), at: place)
            if let list = tape.present(part, "annotations"), !tape.isEmpty(list) { block.citations = tape.json(list) }
            return block
        }
        if tape.member(part, "type", is: "input_image") {
            guard let source = source(part, "image_url", place) else { return nil }
            return Block(.media(Media(.image, source, detail: tape.text(part, "detail"))), at: place)
        }
        if tape.member(part, "type", is: "input_file") {
            guard let source = source(part, "file_data", place) else { return nil }
            return Block(.media(Media(.document, source, title: tape.text(part, "filename"))), at: place)
        }
        if tape.member(part, "type", is: "input_audio"), let audio = tape.present(part, "input_audio"),
            let data = tape.text(audio, "data")
        {
            let type = RawText(tape.member(audio, "format", is: "mp3") ? "audio/mpeg" : "audio/wav")
            return Block(.media(Media(.audio, .base64(mediaType: type, data: data))), at: place)
        }
        return Block(.foreign(Foreign(.openAIResponses, tape.json(part), isServerTool: false)), at: place)
    }

    private mutating func source(_ part: JSONTape.Index, _ member: StaticString, _ place: Place) -> Media.Source? {
        if let text = tape.text(part, member) {
            guard let url = DataURL(text) else {
                // Files come as bare base64 too.
                if text.isBase64, !text.hasPrefix("http") {
                    return .base64(mediaType: RawText("application/pdf"), data: text)
                }
                return .url(text)
            }
            if !url.data.isBase64 { losses.append(Loss(.malformed, at: place, member)) }
            return .base64(mediaType: url.mediaType, data: url.data)
        }
        if let url = tape.text(part, "file_url") { return .url(url) }
        if let id = tape.text(part, "file_id") { return .file(id) }
        losses.append(Loss(.malformed, at: place))
        return nil
    }
}
