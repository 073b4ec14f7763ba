public import NIOCore
public import Vocabulary
import Wire

/// What the router looks at of a request: its first and newest words, what it asks of a model, which session it is of. It
/// holds words, and lives for one decision.
public struct RoutePrompt: Sendable {
    /// Larger requests are not looked into: they go to whom they name (`RULES.md` 2).
    public static let largestBody = 256 << 10

    /// At most what the classifier reads.
    public private(set) var text: [UInt8] = []
    public private(set) var abilities: Abilities = []
    /// Under a secret of the process: the same key and the same first words are of one session.
    public private(set) var session = 0

    let tape: JSONTape

    /// `nil` for what is too large or no JSON object.
    public init?(_ body: ByteBuffer, _ dialect: Dialect, _ key: KeyID, upTo limit: Int = largestBody) {
        guard body.readableBytes <= limit, let tape = JSONTape.container(body),
            tape.nodes[0].kind == .object
        else { return nil }
        self.tape = tape
        let settings: Int?
        switch dialect {
        case .openAI:
            readTurns("messages", content: "content")
            settings = tape.member(0, "response_format")
        case .openAIResponses:
            if let input = tape.member(0, "input"), tape.nodes[input].kind == .string {
                text = Array(buffer: tape.unescaped(input).prefix(PromptReader.longestPrompt))
            } else {
                readTurns("input", content: "content")
            }
            settings = tape.member(0, "text").flatMap { tape.member($0, "format") }
        case .anthropic:
            readTurns("messages", content: "content")
            settings = tape.member(0, "output_config").flatMap { tape.member($0, "format") }
        case .gemini:
            readTurns("contents", content: "parts")
            settings = tape.member(0, "generationConfig").flatMap { tape.member($0, "responseSchema") }
        }
        if let settings, !tape.equals(tape.member(settings, "type"), "text") { abilities.insert(.structuredOutput) }
        if !tape.elements(tape.member(0, "tools")).isEmpty { abilities.insert(.tools) }
        var hasher = Hasher()
        hasher.combine(key.value)
        hasher.combine(first)
        session = hasher.finalize()
    }

    /// The first turn's words, before the newest are added.
    private var first: [UInt8] = []

    private mutating func readTurns(_ list: StaticString, content: StaticString) {
        let half = PromptReader.longestPrompt / 2
        let turns = tape.elements(tape.member(0, list)).filter { isUsers($0) }
        var oldest: Int?
        for turn in turns {
            first = words(tape.member(turn, content), atMost: half)
            oldest = turn
            if !first.isEmpty { break }
        }
        text = first
        for turn in turns.reversed() where turn != oldest {
            let newest = words(tape.member(turn, content), atMost: half)
            guard !newest.isEmpty else { continue }
            text += [0x0a] + newest
            break
        }
        for turn in turns { look(at: tape.member(turn, content)) }
    }

    /// A turn without a role is a user's, as Gemini has it; items of Responses that are no messages have none either.
    private func isUsers(_ turn: Int) -> Bool {
        guard let role = tape.member(turn, "role") else { return tape.member(turn, "type") == nil }
        return tape.equals(role, "user")
    }

    /// The text of a turn: a string, or a list of parts.
    private func words(_ content: Int?, atMost limit: Int) -> [UInt8] {
        guard let content else { return [] }
        if tape.nodes[content].kind == .string { return Array(buffer: tape.unescaped(content).prefix(limit)) }
        var words: [UInt8] = []
        for part in tape.elements(content) where words.count < limit {
            guard let text = tape.member(part, "text"), tape.nodes[text].kind == .string else { continue }
            if !words.isEmpty { words.append(0x0a) }
            words += Array(buffer: tape.unescaped(text).prefix(limit - words.count))
        }
        return words
    }

    /// Notes the kinds of media among a turn's parts. A document is read as images are.
    private mutating func look(at content: Int?) {
        for part in tape.elements(content) {
            let type = tape.member(part, "type")
            for name: StaticString in ["image_url", "input_image", "image", "document", "file", "input_file"]
            where tape.equals(type, name) {
                abilities.insert(.images)
            }
            if tape.equals(type, "input_audio") { abilities.insert(.audio) }
            guard let data = tape.member(part, "inlineData") ?? tape.member(part, "fileData"),
                let kind = tape.member(data, "mimeType")
            else { continue }
            abilities.insert(tape.unescaped(kind).readableBytesView.starts(with: "audio/".utf8) ? .audio : .images)
        }
    }
}

extension ByteBuffer {
    /// Its beginning, at most so long.
    fileprivate func prefix(_ limit: Int) -> ByteBuffer {
        getSlice(at: readerIndex, length: min(limit, readableBytes)) ?? ByteBuffer()
    }
}
