import NIOCore
import Vocabulary

/// Reads `systemInstruction` and `contents` into turns.
struct GeminiTurnsReader {
    private let tape: JSONTape
    private(set) var turns: [Turn] = []
    private(set) var losses: [Loss] = []
    /// Calls without an answer yet: answers without an id are matched by name, in order.
    private var unanswered: [(id: RawText, name: RawText)] = []

    init(_ tape: JSONTape) { self.tape = tape }

    /// A content, or its text alone.
    mutating func readSystem(_ content: JSONTape.Index) {
        let place = Place(.systemInstruction)
        if let text = tape.text(content) {
            turns.append(Turn(.system, [Block(.text(text), at: place)], at: place))
            return
        }
        let blocks = self.blocks(content, place, turn: 0)
        if !blocks.isEmpty { turns.append(Turn(.system, blocks, at: place)) }
    }

    mutating func read(_ contents: JSONTape.Index) throws(RequestRejection) {
        for (index, content) in tape.entries(contents).enumerated() {
            let place = Place(.contents, index)
            if let text = tape.text(content) {
                turns.append(Turn(.user, [Block(.text(text), at: place)], at: place))
                continue
            }
            guard tape.kind(content) == .object else {
                throw RequestRejection(code: .wrongType, member: .contents, offset: tape.offset(content))
            }
            let isModel = tape.member(content, "role", is: "model") || tape.member(content, "role", is: "assistant")
            let isKnown = tape.present(content, "role").map { role in
                isModel || tape.equals(role, "user") || tape.equals(role, "function") || tape.equals(role, "")
            }
            guard isKnown ?? true else {
                throw RequestRejection(code: .outOfRange, member: .contents, offset: tape.offset(content))
            }
            turns.append(Turn(isModel ? .assistant : .user, blocks(content, place, turn: index), at: place))
            unknown(content, ["role", "parts"], place)
        }
    }

    private mutating func blocks(_ content: JSONTape.Index, _ place: Place, turn: Int) -> [Block] {
        guard let parts = tape.present(content, "parts") else { return [] }
        var out: [Block] = []
        for (index, part) in tape.entries(parts).enumerated() {
            let place = place.inside(.parts, index)
            if let text = tape.text(part) {
                out.append(Block(.text(text), at: place))
            } else if tape.kind(part) == .object {
                self.part(part, place, turn: turn, index: index, &out)
            }
        }
        return out
    }

    private mutating func part(
        _ part: JSONTape.Index, _ place: Place, turn: Int, index: Int, _ out: inout [Block]
    ) {
        let signature = self.signature(part)
        if let text = tape.text(part, "text") {
            self.text(part, text, signature, place, &out)
        } else if let call = tape.present(part, "functionCall", "function_call") {
            if let signature {
                out.append(Block(.thinking(Thinking(text: RawText(), signature: signature)), at: place))
            }
            out.append(Block(.toolCall(self.call(call, GeminiWords.madeID(turn: turn, part: index))), at: place))
            unknown(call, ["id", "name", "args"], place)
        } else if let response = tape.present(part, "functionResponse", "function_response") {
            out.append(Block(.toolResult(result(response, place)), at: place))
        } else if let media = self.media(part, place) {
            out.append(Block(.media(media), at: place))
            if let signature {
                out.append(Block(.thinking(Thinking(text: RawText(), signature: signature)), at: place))
            }
        } else if signature != nil, tape.first(part).map({ tape.next($0, in: part) == nil }) ?? false {
            out.append(Block(.thinking(Thinking(text: RawText(), signature: signature)), at: place))
        } else if !tape.isEmpty(part) {
            let isServerPart = GeminiContentReader.isServerPart(tape, part)
            out.append(Block(.foreign(Foreign(.gemini, tape.json(part), isServerTool: isServerPart)), at: place))
            return
        }
        unknown(
            part,
            [
                "text", "thought", "thoughtSignature", "thought_signature", "functionCall", "function_call",
                "functionResponse", "function_response", "inlineData", "inline_data", "fileData", "file_data",
            ], place)
    }

    /// Google's client libraries spell bytes in base64 for URLs, whatever they got: a provider that signed in the standard
    /// alphabet has to get that back. OpenAI's encrypted content is spelled for URLs itself.
    private func signature(_ part: JSONTape.Index) -> RawText? {
        guard let text = tape.text(part, "thoughtSignature", "thought_signature"), !text.isEmpty else { return nil }
        return text.hasPrefix("gAAAA") ? text : text.standardBase64
    }

    private mutating func text(
        _ part: JSONTape.Index, _ text: RawText, _ signature: RawText?, _ place: Place, _ out: inout [Block]
    ) {
        guard tape.isTrue(part, "thought") else {
            if !text.isEmpty { out.append(Block(.text(text), at: place)) }
            if let signature {
                out.append(Block(.thinking(Thinking(text: RawText(), signature: signature)), at: place))
            }
            return
        }
        // A stream's pieces of one thought may come back one by one, its signature on the last.
        if case .thinking(var known)? = out.last?.kind, known.signature == nil, known.redacted == nil {
            known.text.append(text)
            known.signature = signature
            out[out.count - 1].kind = .thinking(known)
        } else if text.isEmpty, let signature {
            out.append(Block(.thinking(Thinking(text: RawText(), redacted: signature)), at: place))
        } else if !text.isEmpty {
            out.append(Block(.thinking(Thinking(text: text, signature: signature)), at: place))
        }
    }

    private mutating func call(_ call: JSONTape.Index, _ made: RawText) -> ToolCall {
        let name = tape.text(call, "name") ?? RawText()
        var id = tape.text(call, "id") ?? RawText()
        if id.isEmpty { id = made }
        unanswered.append((id, name))
        let arguments = tape.json(call, "args").map { Arguments.value($0) } ?? .value(RawJSON("{}"))
        return ToolCall(id: id, name: name, arguments: arguments)
    }

    private mutating func result(_ response: JSONTape.Index, _ place: Place) -> ToolResult {
        let name = tape.text(response, "name") ?? RawText()
        var id = tape.text(response, "id") ?? RawText()
        if let match = unanswered.firstIndex(where: {
            id.isEmpty ? $0.name.isSpelled(like: name) : $0.id.isSpelled(like: id)
        }) {
            id = unanswered[match].id
            unanswered.remove(at: match)
        }
        // An answer to no call: its name is all there is to tell it by.
        if id.isEmpty { id = name }
        var result = ToolResult(callID: id, name: name, content: [])
        if let value = tape.present(response, "response") { output(value, place, &result) }
        if let parts = tape.present(response, "parts") {
            for (index, part) in tape.entries(parts).enumerated() {
                let inside = place.inside(.parts, index)
                if let media = self.media(part, inside) {
                    result.content.append(Block(.media(media), at: inside))
                } else {
                    losses.append(Loss(.unsupported, at: inside))
                }
            }
        }
        unknown(response, ["id", "name", "response", "parts"], place)
        return result
    }

    /// `{"output":"…"}` and `{"error":"…"}` are Google's words for a text and a failure; any other object is told as JSON.
    private func output(_ value: JSONTape.Index, _ place: Place, _ result: inout ToolResult) {
        if let only = tape.first(value), tape.next(only, in: value) == nil, let text = tape.text(only),
            tape.isNamed(only, "output") || tape.isNamed(only, "error")
        {
            result.isError = tape.isNamed(only, "error")
            if !text.isEmpty { result.content.append(Block(.text(text), at: place)) }
            return
        }
        result.content.append(Block(.text(Arguments.value(tape.json(value)).encoded), at: place))
    }

    private mutating func media(_ part: JSONTape.Index, _ place: Place) -> Media? {
        if let data = tape.present(part, "inlineData", "inline_data") {
            let type = tape.text(data, "mimeType", "mime_type") ?? RawText()
            let bytes = tape.text(data, "data") ?? RawText()
            if !bytes.isBase64 { losses.append(Loss(.malformed, at: place, "inlineData.data")) }
            return Media(
                GeminiWords.mediaKind(type), .base64(mediaType: type, data: bytes.standardBase64),
                title: tape.text(data, "displayName", "display_name"))
        }
        guard let file = tape.present(part, "fileData", "file_data"),
            let url = tape.text(file, "fileUri", "file_uri")
        else { return nil }
        let type = tape.text(file, "mimeType", "mime_type") ?? RawText()
        // What Google holds, nobody else can fetch.
        let isHeld = url.hasPrefix("gs://") || url.hasPrefix("https://generativelanguage.googleapis.com/")
        return Media(
            GeminiWords.mediaKind(type), isHeld || !url.hasPrefix("http") ? .file(url) : .url(url),
            title: tape.text(file, "displayName", "display_name"))
    }

    private mutating func unknown(_ object: JSONTape.Index, _ known: [StaticString], _ place: Place) {
        var entry = tape.first(object)
        while let member = entry {
            if tape.kind(member) != .null, !known.contains(where: { tape.isNamed(member, $0) }) {
                losses.append(Loss(.unknownMember, at: place, clientMember: tape.name(member)))
            }
            entry = tape.next(member, in: object)
        }
    }
}
