import NIOCore
import Vocabulary

/// Reads the `messages` of a chat request into turns.
struct ChatTurnsReader {
    private let tape: JSONTape
    private(set) var turns: [Turn] = []
    private(set) var losses: [Loss] = []
    /// Calls in the old form have no id: the name stands for it.
    private var functionCalls = 0

    init(_ tape: JSONTape) { self.tape = tape }

    mutating func read(_ messages: JSONTape.Index) throws(RequestRejection) {
        var entry = tape.first(messages)
        var position = 0
        while let message = entry {
            guard tape.kind(message) == .object else {
                throw RequestRejection(code: .wrongType, member: .messages, offset: tape.offset(message))
            }
            try self.message(message, Place(.messages, position))
            position += 1
            entry = tape.next(message, in: messages)
        }
    }

    private mutating func message(_ message: JSONTape.Index, _ place: Place) throws(RequestRejection) {
        if tape.member(message, "role", is: "user") {
            append(.user, blocks(message, place), message, place)
        } else if tape.member(message, "role", is: "assistant") {
            append(.assistant, assistant(message, place), message, place)
        } else if tape.member(message, "role", is: "tool") {
            let result = ToolResult(
                callID: tape.text(message, "tool_call_id") ?? RawText(), name: tape.text(message, "name"),
                content: blocks(message, place))
            var block = Block(.toolResult(result), at: place, cacheControl: tape.json(message, "cache_control"))
            if case .toolResult(var inner) = block.kind, block.cacheControl == nil, let last = inner.content.last {
                // Where the mark stands on the result's only part, it is meant for the result.
                block.cacheControl = last.cacheControl
                inner.content[inner.content.count - 1].cacheControl = nil
                block.kind = .toolResult(inner)
            }
            turns.append(Turn(.user, [block], at: place))
        } else if tape.member(message, "role", is: "function") {
            let name = tape.text(message, "name") ?? RawText()
            let result = ToolResult(callID: name, name: name, content: blocks(message, place))
            turns.append(Turn(.user, [Block(.toolResult(result), at: place)], at: place))
        } else if tape.member(message, "role", is: "system") {
            append(.system, blocks(message, place), message, place)
        } else if tape.member(message, "role", is: "developer") {
            append(.developer, blocks(message, place), message, place)
        } else {
            throw RequestRejection(code: .outOfRange, member: .messages, offset: tape.offset(message))
        }
        unknown(message, place)
    }

    private mutating func append(_ role: Turn.Role, _ blocks: [Block], _ message: JSONTape.Index, _ place: Place) {
        var blocks = blocks
        if let cache = tape.json(message, "cache_control"), !blocks.isEmpty {
            blocks[blocks.count - 1].cacheControl = blocks[blocks.count - 1].cacheControl ?? cache
        }
        turns.append(Turn(role, blocks, at: place, name: tape.text(message, "name")))
    }

    private mutating func unknown(_ message: JSONTape.Index, _ place: Place) {
        let known: [StaticString] = [
            "role", "content", "name", "tool_calls", "tool_call_id", "function_call", "refusal", "cache_control",
            "reasoning_content", "reasoning", "reasoning_details", "thinking_blocks",
            // What an answer had and a client sends back as it is: it says nothing to a provider.
            "annotations", "audio", "images", "provider_specific_fields",
        ]
        var entry = tape.first(message)
        while let member = entry {
            if tape.kind(member) != .null, !known.contains(where: { tape.isNamed(member, $0) }) {
                losses.append(Loss(.unknownMember, at: place, clientMember: tape.name(member)))
            }
            entry = tape.next(member, in: message)
        }
    }

    private mutating func assistant(_ message: JSONTape.Index, _ place: Place) -> [Block] {
        var out = thoughts(message, place)
        out += blocks(message, place)
        if let text = tape.text(message, "refusal"), !text.isEmpty { out.append(Block(.refusal(text), at: place)) }
        if tape.present(message, "audio") != nil { losses.append(Loss(.unsupported, at: place, "audio")) }
        if let list = tape.present(message, "tool_calls") {
            var entry = tape.first(list)
            var position = 0
            while let call = entry {
                self.call(call, place.inside(.toolCalls, position), &out)
                position += 1
                entry = tape.next(call, in: list)
            }
        }
        if let call = tape.present(message, "function_call"), let name = tape.text(call, "name") {
            let arguments = Arguments.encoded(tape.text(call, "arguments") ?? RawText())
            out.append(
                Block(.toolCall(ToolCall(id: name, name: name, arguments: arguments)), at: place.inside(.functionCall)))
        }
        return out
    }

    private mutating func call(_ call: JSONTape.Index, _ place: Place, _ out: inout [Block]) {
        let custom = tape.present(call, "custom")
        guard let function = tape.present(call, "function") ?? custom else {
            losses.append(Loss(.malformed, at: place))
            return
        }
        let isCustom = tape.present(call, "function") == nil
        let value = tape.present(function, isCustom ? "input" : "arguments")
        var arguments = Arguments.encoded(RawText())
        if let value { arguments = tape.text(value).map(Arguments.encoded) ?? .value(tape.json(value)) }
        var toolCall = ToolCall(
            id: tape.text(call, "id") ?? RawText(), name: tape.text(function, "name") ?? RawText(),
            arguments: arguments, isCustom: isCustom)
        // Google's compatible endpoint hands signatures out here.
        if let extra = tape.present(call, "extra_content"), let google = tape.present(extra, "google") {
            toolCall.signature = tape.text(google, "thought_signature")
        }
        out.append(Block(.toolCall(toolCall), at: place, cacheControl: tape.json(call, "cache_control")))
    }

    /// Thoughts that a client hands back. Only the lists hold signatures; without them the plain text is all there is.
    private func thoughts(_ message: JSONTape.Index, _ place: Place) -> [Block] {
        let details = tape.present(message, "reasoning_details")
        guard let list = details ?? tape.present(message, "thinking_blocks"), !tape.isEmpty(list) else {
            var text = tape.text(message, "reasoning_content")
            if text?.isEmpty ?? true { text = tape.text(message, "reasoning") }
            guard let text, !text.isEmpty else { return [] }
            return [Block(.thinking(Thinking(text: text)), at: place)]
        }
        var out: [Block] = []
        var lastIndex: Int64?
        var entry = tape.first(list)
        var position = 0
        while let detail = entry {
            let text = tape.text(detail, "text") ?? tape.text(detail, "summary") ?? tape.text(detail, "thinking")
            let signature = tape.text(detail, "signature")
            let data = tape.text(detail, "data")
            let index = tape.present(detail, "index").flatMap { tape.count($0) }
            // A client may keep the pieces of one thought as they came, one entry each.
            if let index, index == lastIndex, data == nil, case .thinking(var known)? = out.last?.kind,
                known.signature == nil
            {
                if let text { known.text.append(text) }
                known.signature = signature
                out[out.count - 1].kind = .thinking(known)
            } else {
                var thinking = Thinking(text: text ?? RawText(), signature: signature, id: tape.text(detail, "id"))
                if let data {
                    if thinking.id == nil, thinking.text.isEmpty {
                        thinking.redacted = data
                    } else {
                        thinking.signature = data
                    }
                }
                let inside = place.inside(details == nil ? .thinkingBlocks : .reasoningDetails, position)
                out.append(Block(.thinking(thinking), at: inside, cacheControl: tape.json(detail, "cache_control")))
            }
            lastIndex = index
            position += 1
            entry = tape.next(detail, in: list)
        }
        return out
    }
}

// MARK: Content

extension ChatTurnsReader {
    private mutating func blocks(_ message: JSONTape.Index, _ place: Place) -> [Block] {
        guard let content = tape.present(message, "content") else { return [] }
        if let text = tape.text(content) { return text.isEmpty ? [] : [Block(.text(text), at: place)] }
        var out: [Block] = []
        var entry = tape.first(content)
        var position = 0
        while let part = entry {
            if let block = block(part, place.inside(.content, position)) { out.append(block) }
            position += 1
            entry = tape.next(part, in: content)
        }
        return out
    }

    private mutating func block(_ part: JSONTape.Index, _ place: Place) -> Block? {
        if let text = tape.text(part) { return Block(.text(text), at: place) }
        guard let kind = kind(part, place) else { return nil }
        return Block(kind, at: place, cacheControl: tape.json(part, "cache_control"))
    }

    private mutating func kind(_ part: JSONTape.Index, _ place: Place) -> Block.Kind? {
        if tape.member(part, "type", is: "text") || tape.member(part, "type", is: "input_text") {
            return .text(tape.text(part, "text") ?? RawText())
        }
        if tape.member(part, "type", is: "refusal") { return .refusal(tape.text(part, "refusal") ?? RawText()) }
        if tape.member(part, "type", is: "image_url"), let image = tape.present(part, "image_url") {
            guard let url = tape.text(image) ?? tape.text(image, "url") else { return malformed(place, "image_url") }
            let source = self.source(url, place)
            return .media(Media(.image, source, detail: tape.text(image, "detail")))
        }
        if tape.member(part, "type", is: "input_audio"), let audio = tape.present(part, "input_audio") {
            guard let data = tape.text(audio, "data") else { return malformed(place, "input_audio") }
            let type = tape.member(audio, "format", is: "mp3") ? RawText("audio/mpeg") : RawText("audio/wav")
            return .media(Media(.audio, .base64(mediaType: type, data: data)))
        }
        if tape.member(part, "type", is: "file"), let file = tape.present(part, "file") {
            let title = tape.text(file, "filename")
            if let data = tape.text(file, "file_data") {
                return .media(Media(.document, source(data, place, default: "application/pdf"), title: title))
            }
            if let id = tape.text(file, "file_id") { return .media(Media(.document, .file(id), title: title)) }
            return malformed(place, "file")
        }
        if tape.member(part, "type", is: "video_url"), let video = tape.present(part, "video_url"),
            let url = tape.text(video, "url")
        {
            return .media(Media(.video, source(url, place)))
        }
        return .foreign(Foreign(.openAI, tape.json(part), isServerTool: false))
    }

    private mutating func malformed(_ place: Place, _ member: StaticString) -> Block.Kind? {
        losses.append(Loss(.malformed, at: place, member))
        return nil
    }

    private mutating func source(_ url: RawText, _ place: Place, default type: StaticString = "") -> Media.Source {
        guard let data = DataURL(url) else {
            if type.utf8CodeUnitCount > 0, !url.hasPrefix("http") {
                return .base64(mediaType: RawText(type), data: url)
            }
            return .url(url)
        }
        if !data.data.isBase64 { losses.append(Loss(.malformed, at: place)) }
        return .base64(mediaType: data.mediaType, data: data.data)
    }
}
