public import NIOCore

/// Checks the bytes of a stream of Gemini's as it leaves, in either framing: every chunk an answer with one candidate, parts
/// in each and none empty but the last, one finish reason, and it in the last chunk, calls with a name and an object, one
/// error at most, and it at the end; of an array, that it is one.
public struct GeminiStreamGrammar: Sendable {
    private enum State: UInt8 {
        case new
        case open
        case ended
    }

    private let framing: GeminiFraming
    private var events = EventBodies(limit: 64 << 20)
    private var objects = ObjectBodies(limit: 64 << 20)
    private var tape = JSONTape()
    private var state = State.new
    /// The whole array, which has to be one JSON text.
    private var all = ByteBuffer()

    public init(framing: GeminiFraming) { self.framing = framing }

    /// Takes the next bytes, cut anywhere.
    public mutating func take(_ bytes: ByteBuffer) throws(GrammarFault) {
        if framing == .events {
            events.feed(bytes)
        } else {
            objects.feed(bytes)
            all.writeImmutableBuffer(bytes)
        }
        while true {
            var data: ByteBuffer?
            do throws(StreamFault) { data = framing == .events ? try events.next() : try objects.next() } catch {
                throw .notJSON
            }
            guard let data else { return }
            try check(data)
        }
    }

    /// After the last byte.
    public mutating func finish() throws(GrammarFault) {
        if framing == .events {
            if events.rest() != nil { throw .noEnd }
        } else {
            do throws(JSONFault) { try tape.read(all) } catch { throw .notJSON }
            guard tape.kind(JSONTape.root) == .array else { throw .notJSON }
        }
        if state != .ended { throw state == .new ? .noStart : .noEnd }
    }

    private mutating func check(_ data: ByteBuffer) throws(GrammarFault) {
        if state == .ended { throw .afterEnd }
        do throws(JSONFault) { try tape.read(data) } catch { throw .notJSON }
        let root = JSONTape.root
        if let error = tape.present(root, "error") {
            guard tape.present(error, "code").flatMap({ tape.count($0) }) != nil, tape.text(error, "message") != nil,
                tape.text(error, "status") != nil
            else { throw .unknownEvent }
            state = .ended
            return
        }
        guard let list = tape.present(root, "candidates"), let candidate = tape.first(list),
            tape.next(candidate, in: list) == nil, tape.text(root, "responseId") != nil,
            tape.text(root, "modelVersion") != nil
        else { throw .unknownEvent }
        state = .open
        let isLast = tape.present(candidate, "finishReason") != nil
        if isLast {
            state = .ended
        } else if tape.present(root, "usageMetadata") != nil {
            throw .notOrdered
        }
        guard let content = tape.present(candidate, "content"), tape.member(content, "role", is: "model"),
            let parts = tape.present(content, "parts"), !tape.isEmpty(parts)
        else { throw .emptyBlock }
        for part in tape.entries(parts) { try check(part, isLast: isLast) }
    }

    private func check(_ part: JSONTape.Index, isLast: Bool) throws(GrammarFault) {
        if let text = tape.text(part, "text") {
            if text.isEmpty, !isLast, tape.text(part, "thoughtSignature")?.isEmpty ?? true { throw .emptyBlock }
        } else if let call = tape.present(part, "functionCall") {
            guard let name = tape.text(call, "name"), !name.isEmpty else { throw .emptyBlock }
            guard let arguments = tape.present(call, "args"), tape.kind(arguments) == .object else { throw .wrongPiece }
        } else if tape.isEmpty(part) {
            throw .emptyBlock
        }
    }
}
