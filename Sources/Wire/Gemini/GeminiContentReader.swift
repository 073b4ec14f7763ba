import NIOCore
import Vocabulary

/// Reads the parts of a model's content into blocks. Gemini tells parts one behind the other, so no block waits.
///
/// A thought signature stands on a part of any kind. On a thought it is that block's signature; on anything else it becomes
/// a thinking block without text, in front of a call, behind all else: clients of other dialects hand thinking blocks
/// back as they are, and `GeminiTurnsWriter` puts the signature where it came from.
struct GeminiContentReader: Sendable {
    private enum Open: UInt8 {
        case none
        case text
        case thinking
    }

    /// The answer's id, for ids of calls.
    var response = RawText()
    private var open = Open.none
    private var count = 0
    private var calls = 0
    private var ids = CallIDs()
    /// Of a text or medium, to be told behind it.
    private var signature: RawText?
    /// No character of the text so far takes more than a byte.
    private var isASCII = true
    private(set) var losses: [Loss] = []

    var hasCalls: Bool { calls > 0 }

    mutating func part(_ tape: JSONTape, _ part: JSONTape.Index, into events: inout [AnswerEvent]) {
        var signature = tape.text(part, "thoughtSignature", "thought_signature")
        if signature?.isEmpty ?? false { signature = nil }
        if let text = tape.text(part, "text") {
            if tape.isTrue(part, "thought") {
                thought(text, signature, &events)
            } else {
                self.text(text, signature, &events)
            }
        } else if let call = tape.present(part, "functionCall", "function_call") {
            flush(&events)
            self.call(tape, call, signature, &events)
        } else if let data = tape.present(part, "inlineData", "inline_data") {
            flush(&events)
            let type = tape.text(data, "mimeType", "mime_type") ?? RawText()
            let source = Media.Source.base64(
                mediaType: type, data: tape.text(data, "data")?.standardBase64 ?? RawText())
            whole(.media(Media(GeminiWords.mediaKind(type), source)), &events)
            self.signature = signature
        } else if let file = tape.present(part, "fileData", "file_data") {
            flush(&events)
            let type = tape.text(file, "mimeType", "mime_type") ?? RawText()
            let url = tape.text(file, "fileUri", "file_uri") ?? RawText()
            whole(.media(Media(GeminiWords.mediaKind(type), .url(url))), &events)
            self.signature = signature
        } else if Self.isServerPart(tape, part) {
            flush(&events)
            whole(.foreign(Foreign(.gemini, tape.json(part), isServerTool: true)), &events)
        } else if let signature {
            flush(&events)
            self.signature = signature
        } else if !tape.isEmpty(part) {
            flush(&events)
            whole(.foreign(Foreign(.gemini, tape.json(part), isServerTool: false)), &events)
        }
    }

    /// Parts that a server tool of Google's makes: never calls for the client.
    static func isServerPart(_ tape: JSONTape, _ part: JSONTape.Index) -> Bool {
        tape.present(part, "executableCode", "executable_code") != nil
            || tape.present(part, "codeExecutionResult", "code_execution_result") != nil
            || tape.present(part, "toolCall", "tool_call") != nil
            || tape.present(part, "toolResponse", "tool_response") != nil
    }

    /// The answer is complete. Citations belong to its text.
    mutating func finish(citations: [Citation], into events: inout [AnswerEvent]) {
        if !citations.isEmpty {
            if open != .text {
                flush(&events)
                begin(.text, .text, &events)
            }
            for var citation in citations {
                // Bytes are no characters: the cited words tell the place.
                if !isASCII { (citation.start, citation.end) = (nil, nil) }
                events.append(.citation(citation))
            }
        }
        flush(&events)
        close(&events)
    }

    private mutating func text(_ text: RawText, _ signature: RawText?, _ events: inout [AnswerEvent]) {
        if !text.isEmpty {
            flush(&events)
            begin(.text, .text, &events)
            if isASCII { isASCII = text.isASCII }
            events.append(.text(text))
        }
        guard let signature else { return }
        flush(&events)
        self.signature = signature
    }

    private mutating func thought(_ text: RawText, _ signature: RawText?, _ events: inout [AnswerEvent]) {
        flush(&events)
        if !text.isEmpty {
            begin(.thinking, .thinking, &events)
            events.append(.thinking(text))
        }
        guard let signature else { return }
        if open == .thinking {
            events.append(.signature(signature))
            close(&events)
        } else {
            whole(.redactedThinking(signature), &events)
        }
    }

    private mutating func call(
        _ tape: JSONTape, _ call: JSONTape.Index, _ signature: RawText?, _ events: inout [AnswerEvent]
    ) {
        if let signature { signed(signature, &events) }
        guard let name = tape.text(call, "name"), !name.isEmpty else {
            losses.append(Loss(.malformed, at: Place(.parts, count), "functionCall"))
            return
        }
        let arguments = tape.present(call, "args").map { tape.json($0) }
        let id = ids.own(tape.text(call, "id") ?? RawText(), answer: response, name: name, arguments: arguments)
        calls += 1
        close(&events)
        events.append(.blockStart(count, .toolCall(id: id, name: name, isCustom: false)))
        if let arguments { events.append(.arguments(Arguments.value(arguments).encoded)) }
        events.append(.blockStop(count))
        count += 1
    }

    /// A signature without thoughts.
    private mutating func signed(_ signature: RawText, _ events: inout [AnswerEvent]) {
        close(&events)
        events.append(.blockStart(count, .thinking))
        events.append(.signature(signature))
        events.append(.blockStop(count))
        count += 1
    }

    /// Tells the signature that waits.
    private mutating func flush(_ events: inout [AnswerEvent]) {
        guard let signature else { return }
        self.signature = nil
        signed(signature, &events)
    }

    private mutating func whole(_ kind: BlockKind, _ events: inout [AnswerEvent]) {
        close(&events)
        events.append(.blockStart(count, kind))
        events.append(.blockStop(count))
        count += 1
    }

    private mutating func begin(_ new: Open, _ kind: BlockKind, _ events: inout [AnswerEvent]) {
        guard open != new else { return }
        close(&events)
        open = new
        events.append(.blockStart(count, kind))
    }

    private mutating func close(_ events: inout [AnswerEvent]) {
        guard open != .none else { return }
        open = .none
        events.append(.blockStop(count))
        count += 1
    }
}

extension RawText {
    /// Whether no character is beyond ASCII. An escape by number counts as one that is.
    fileprivate var isASCII: Bool {
        let bytes = bytes.readableBytesUInt8Span
        var at = 0
        while at < bytes.count {
            if bytes[at] >= 0x80 { return false }
            if bytes[at] == .backslash {
                at += 1
                if at < bytes.count, bytes[at] == UInt8(ascii: "u") { return false }
            }
            at += 1
        }
        return true
    }
}
