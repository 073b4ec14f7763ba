import NIOCore
import Vocabulary

/// Reads `system` and `messages` of a messages request into turns.
struct MessagesTurnsReader {
    private let tape: JSONTape
    private(set) var turns: [Turn] = []
    private(set) var losses: [Loss] = []

    init(_ tape: JSONTape) { self.tape = tape }

    mutating func readSystem(_ system: JSONTape.Index) {
        let place = Place(.system)
        if let text = tape.text(system) {
            if !text.isEmpty { turns.append(Turn(.system, [Block(.text(text), at: place)], at: place)) }
            return
        }
        var blocks: [Block] = []
        var entry = tape.first(system)
        var position = 0
        while let block = entry {
            if let read = self.block(block, Place(.system, position)) { blocks.append(read) }
            position += 1
            entry = tape.next(block, in: system)
        }
        if !blocks.isEmpty { turns.append(Turn(.system, blocks, at: place)) }
    }

    mutating func read(_ messages: JSONTape.Index) throws(RequestRejection) {
        var entry = tape.first(messages)
        var position = 0
        while let message = entry {
            guard tape.kind(message) == .object else {
                throw RequestRejection(code: .wrongType, member: .messages, offset: tape.offset(message))
            }
            let place = Place(.messages, position)
            let role: Turn.Role
            if tape.member(message, "role", is: "assistant") {
                role = .assistant
            } else if tape.member(message, "role", is: "user") {
                role = .user
            } else if tape.member(message, "role", is: "system") {
                role = .system
            } else {
                throw RequestRejection(code: .outOfRange, member: .messages, offset: tape.offset(message))
            }
            turns.append(Turn(role, content(message, "content", place), at: place))
            position += 1
            entry = tape.next(message, in: messages)
        }
    }

    private mutating func content(_ owner: JSONTape.Index, _ member: StaticString, _ place: Place) -> [Block] {
        guard let content = tape.present(owner, member) else { return [] }
        if let text = tape.text(content) { return text.isEmpty ? [] : [Block(.text(text), at: place)] }
        var out: [Block] = []
        var entry = tape.first(content)
        var position = 0
        while let block = entry {
            if let read = self.block(block, place.inside(.content, position)) { out.append(read) }
            position += 1
            entry = tape.next(block, in: content)
        }
        return out
    }

    private mutating func block(_ block: JSONTape.Index, _ place: Place) -> Block? {
        if let text = tape.text(block) { return Block(.text(text), at: place) }
        return Block(
            kind(block, place), at: place, cacheControl: tape.json(block, "cache_control"),
            citations: tape.json(block, "citations"))
    }

    private mutating func kind(_ block: JSONTape.Index, _ place: Place) -> Block.Kind {
        if tape.member(block, "type", is: "text") { return .text(tape.text(block, "text") ?? RawText()) }
        if tape.member(block, "type", is: "tool_use") {
            let input = tape.present(block, "input").map { Arguments.value(tape.json($0)) }
            return .toolCall(
                ToolCall(
                    id: tape.text(block, "id") ?? RawText(), name: tape.text(block, "name") ?? RawText(),
                    arguments: input ?? .encoded(RawText())))
        }
        if tape.member(block, "type", is: "tool_result") {
            return .toolResult(
                ToolResult(
                    callID: tape.text(block, "tool_use_id") ?? RawText(), content: content(block, "content", place),
                    isError: tape.isTrue(block, "is_error")))
        }
        if tape.member(block, "type", is: "thinking") {
            return .thinking(
                Thinking(
                    text: tape.text(block, "thinking") ?? RawText(),
                    signature: tape.text(block, "signature").flatMap { $0.isEmpty ? nil : $0 }))
        }
        if tape.member(block, "type", is: "redacted_thinking") {
            return .thinking(Thinking(text: RawText(), redacted: tape.text(block, "data")))
        }
        if tape.member(block, "type", is: "image"), let source = source(block, place) {
            return .media(Media(.image, source))
        }
        if tape.member(block, "type", is: "document"), let source = source(block, place) {
            return .media(
                Media(.document, source, title: tape.text(block, "title"), context: tape.text(block, "context")))
        }
        return .foreign(
            Foreign(.anthropic, tape.json(block), isServerTool: MessagesWords.isServerBlock(tape, block)))
    }

    private mutating func source(_ block: JSONTape.Index, _ place: Place) -> Media.Source? {
        guard let source = tape.present(block, "source") else { return nil }
        if tape.member(source, "type", is: "base64"), let data = tape.text(source, "data") {
            if !data.isBase64 { losses.append(Loss(.malformed, at: place, "source.data")) }
            return .base64(mediaType: tape.text(source, "media_type") ?? RawText(), data: data)
        }
        if tape.member(source, "type", is: "url"), let url = tape.text(source, "url") { return .url(url) }
        if tape.member(source, "type", is: "file"), let id = tape.text(source, "file_id") { return .file(id) }
        if tape.member(source, "type", is: "text"), let text = tape.text(source, "data") { return .text(text) }
        if tape.member(source, "type", is: "content") { return .blocks(content(source, "content", place)) }
        return nil
    }
}
