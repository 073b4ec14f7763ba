import NIOCore
import Vocabulary

/// Reads what an assistant says in chat's dialect, a `message` or a `delta`, into a `BlockSequence`.
///
/// Providers differ: text as a string or as parts, thoughts as `reasoning_content`, `reasoning`, `reasoning_details`,
/// `thinking_blocks` or parts, calls without index, with one index for all, or with arguments as an object.
struct ChatMessageReader: Sendable {
    private struct Call: Sendable {
        var index: Int64?
        var id: RawText
        var name: RawText
        var isCustom: Bool
        var isTold = false
        /// Arguments that came before the name.
        var early: [RawText] = []
    }

    // Calls have keys from 0; their number is bounded by what an answer can hold.
    private static let textKey = -1
    private static let thinkingKey = -2
    private static let refusalKey = -3
    private static let wholeKey = -4

    var sequence = BlockSequence()
    private var calls: [Call] = []
    private(set) var losses: [Loss] = []

    var hasCalls: Bool { calls.contains { $0.isTold } }

    mutating func read(_ tape: JSONTape, _ message: JSONTape.Index, into events: inout [AnswerEvent]) {
        reasoning(tape, message, &events)
        if let content = tape.present(message, "content") { self.content(tape, content, &events) }
        if let text = tape.text(message, "refusal"), !text.isEmpty {
            sequence.add(.refusal(text), to: Self.refusalKey, .refusal, into: &events)
        }
        if let annotations = tape.present(message, "annotations") { citations(tape, annotations, &events) }
        if let images = tape.present(message, "images") { self.images(tape, images, &events) }
        if let audio = tape.present(message, "audio"), tape.kind(audio) == .object { self.audio(tape, audio, &events) }
        if let list = tape.present(message, "tool_calls") {
            var entry = tape.first(list)
            var position = 0
            while let call = entry {
                self.call(tape, call, position: position, &events)
                position += 1
                entry = tape.next(call, in: list)
            }
        } else if let call = tape.present(message, "function_call"), tape.kind(call) == .object,
            !calls.isEmpty || tape.text(call, "name").map({ !$0.isEmpty }) ?? false
        {
            take(
                index: 0, id: nil, name: tape.text(call, "name"), arguments: arguments(tape, call, "arguments"),
                isCustom: false, &events)
        }
    }

    mutating func finish(into events: inout [AnswerEvent]) {
        for call in calls where !call.isTold && !call.early.isEmpty {
            losses.append(Loss(.malformed, at: Place(.toolCalls)))
        }
        sequence.closeAll(into: &events)
        if sequence.droppedPieces > 0 { losses.append(Loss(.malformed, at: Place(.toolCalls))) }
    }

    private mutating func content(_ tape: JSONTape, _ content: JSONTape.Index, _ events: inout [AnswerEvent]) {
        if let text = tape.text(content) { return self.text(text, &events) }
        // Cloudflare answers a JSON schema with the object itself.
        if tape.kind(content) == .object { return self.text(Arguments.value(tape.json(content)).encoded, &events) }
        var entry = tape.first(content)
        while let part = entry {
            if tape.member(part, "type", is: "thinking") {
                thinkingPart(tape, part, &events)
            } else if let text = tape.text(part, "text") {
                self.text(text, &events)
            } else if tape.member(part, "type", is: "image_url") {
                image(tape, part, &events)
            } else if let text = tape.text(part) {
                self.text(text, &events)
            }
            entry = tape.next(part, in: content)
        }
    }

    private mutating func text(_ text: RawText, _ events: inout [AnswerEvent]) {
        guard !text.isEmpty else { return }
        sequence.add(.text(text), to: Self.textKey, .text, into: &events)
    }

    private mutating func thought(_ text: RawText, _ events: inout [AnswerEvent]) {
        guard !text.isEmpty else { return }
        sequence.add(.thinking(text), to: Self.thinkingKey, .thinking, into: &events)
    }

    /// Mistral: `{"type":"thinking","thinking":[{"type":"text","text":…}]}`.
    private mutating func thinkingPart(_ tape: JSONTape, _ part: JSONTape.Index, _ events: inout [AnswerEvent]) {
        guard let thinking = tape.present(part, "thinking") else { return }
        if let text = tape.text(thinking) { return thought(text, &events) }
        var entry = tape.first(thinking)
        while let inner = entry {
            if let text = tape.text(inner, "text") { thought(text, &events) }
            entry = tape.next(inner, in: thinking)
        }
    }

    /// The same thoughts often come under two names: the first that has text is taken. Signatures stand in the lists alone.
    private mutating func reasoning(_ tape: JSONTape, _ message: JSONTape.Index, _ events: inout [AnswerEvent]) {
        var plain = tape.text(message, "reasoning_content")
        if plain?.isEmpty ?? true { plain = tape.text(message, "reasoning") }
        let list = tape.present(message, "reasoning_details") ?? tape.present(message, "thinking_blocks")
        guard let list, let first = tape.first(list) else {
            if let plain { thought(plain, &events) }
            return
        }
        // With several entries the lists say which thoughts each signature is about; then the plain text repeats them.
        var hasText = false
        var entry: JSONTape.Index? = first
        while let detail = entry {
            if let text = detailText(tape, detail), !text.isEmpty { hasText = true }
            entry = tape.next(detail, in: list)
        }
        if !hasText, let plain { thought(plain, &events) }
        entry = first
        while let detail = entry {
            if let text = detailText(tape, detail) { thought(text, &events) }
            let signature = tape.text(detail, "signature")
            let data = tape.text(detail, "data")
            if let signature, !signature.isEmpty {
                sequence.add(.signature(signature), to: Self.thinkingKey, .thinking, into: &events)
                sequence.close(Self.thinkingKey, into: &events)
            } else if let data, !data.isEmpty {
                encrypted(tape, detail, data, &events)
            }
            entry = tape.next(detail, in: list)
        }
    }

    private func detailText(_ tape: JSONTape, _ detail: JSONTape.Index) -> RawText? {
        tape.text(detail, "text") ?? tape.text(detail, "summary") ?? tape.text(detail, "thinking")
    }

    private mutating func encrypted(
        _ tape: JSONTape, _ detail: JSONTape.Index, _ data: RawText, _ events: inout [AnswerEvent]
    ) {
        sequence.close(Self.thinkingKey, into: &events)
        if let id = tape.text(detail, "id"), !id.isEmpty, !tape.member(detail, "type", is: "redacted_thinking") {
            sequence.add(.signature(data), to: Self.wholeKey, .reasoningItem(id: id), into: &events)
        } else {
            sequence.add(nil, to: Self.wholeKey, .redactedThinking(data), into: &events)
        }
        sequence.close(Self.wholeKey, into: &events)
    }

    private mutating func citations(_ tape: JSONTape, _ list: JSONTape.Index, _ events: inout [AnswerEvent]) {
        var entry = tape.first(list)
        while let annotation = entry {
            let inner = tape.present(annotation, "url_citation") ?? annotation
            var citation = Citation(
                .openAI, tape.json(annotation), url: tape.text(inner, "url"), title: tape.text(inner, "title"))
            citation.start = tape.json(inner, "start_index")
            citation.end = tape.json(inner, "end_index")
            sequence.add(.citation(citation), to: Self.textKey, .text, into: &events)
            entry = tape.next(annotation, in: list)
        }
    }

    private mutating func images(_ tape: JSONTape, _ list: JSONTape.Index, _ events: inout [AnswerEvent]) {
        var entry = tape.first(list)
        while let part = entry {
            image(tape, part, &events)
            entry = tape.next(part, in: list)
        }
    }

    private mutating func image(_ tape: JSONTape, _ part: JSONTape.Index, _ events: inout [AnswerEvent]) {
        guard let image = tape.present(part, "image_url"), let url = tape.text(image, "url") ?? tape.text(image) else {
            return
        }
        var source = Media.Source.url(url)
        if let data = DataURL(url) { source = .base64(mediaType: data.mediaType, data: data.data) }
        whole(.media(Media(.image, source)), &events)
    }

    private mutating func audio(_ tape: JSONTape, _ audio: JSONTape.Index, _ events: inout [AnswerEvent]) {
        if let transcript = tape.text(audio, "transcript") { text(transcript, &events) }
        guard let data = tape.text(audio, "data"), !data.isEmpty else { return }
        whole(.media(Media(.audio, .base64(mediaType: RawText("audio/wav"), data: data))), &events)
    }

    private mutating func whole(_ kind: BlockKind, _ events: inout [AnswerEvent]) {
        sequence.add(nil, to: Self.wholeKey, kind, into: &events)
        sequence.close(Self.wholeKey, into: &events)
    }
}

// MARK: Calls

extension ChatMessageReader {
    private mutating func call(
        _ tape: JSONTape, _ call: JSONTape.Index, position: Int, _ events: inout [AnswerEvent]
    ) {
        guard tape.kind(call) == .object else { return }
        // Snowflake sends both, the one that is not meant with an empty name.
        var custom = tape.present(call, "custom")
        var function = tape.present(call, "function")
        if function != nil, custom.flatMap({ tape.text($0, "name") })?.isEmpty ?? true { custom = nil }
        function = custom ?? function
        // A server tool's trace (Groq's and others' `type`) is no call of the client's.
        guard let function, tape.kind(function) == .object else { return }
        take(
            index: tape.present(call, "index").flatMap { tape.count($0) }, id: tape.text(call, "id"),
            name: tape.text(function, "name"),
            arguments: arguments(tape, function, custom == nil ? "arguments" : "input"),
            isCustom: custom != nil, position: position, &events)
    }

    private func arguments(_ tape: JSONTape, _ function: JSONTape.Index, _ member: StaticString) -> RawText? {
        guard let value = tape.present(function, member) else { return nil }
        return tape.text(value) ?? Arguments.value(tape.json(value)).encoded
    }

    private mutating func take(
        index: Int64?, id: RawText?, name: RawText?, arguments: RawText?, isCustom: Bool, position: Int = 0,
        _ events: inout [AnswerEvent]
    ) {
        let place = place(index: index, id: id, name: name, position: position, isCustom: isCustom)
        if calls[place].name.isEmpty, let name { calls[place].name = name }
        if calls[place].id.isEmpty, let id { calls[place].id = id }
        guard !calls[place].name.isEmpty else {
            if let arguments, !arguments.isEmpty { calls[place].early.append(arguments) }
            return
        }
        let call = calls[place]
        let kind = BlockKind.toolCall(id: call.id, name: call.name, isCustom: call.isCustom)
        if !call.isTold {
            calls[place].isTold = true
            sequence.add(nil, to: place, kind, into: &events)
            for piece in call.early { sequence.add(.arguments(piece), to: place, kind, into: &events) }
            calls[place].early = []
        }
        if let arguments, !arguments.isEmpty { sequence.add(.arguments(arguments), to: place, kind, into: &events) }
    }

    /// Which call a piece is about. A piece with another id and a name is a new call, even where the provider numbers all
    /// of them 0; one without index goes to the call of its id, else to the newest.
    private mutating func place(index: Int64?, id: RawText?, name: RawText?, position: Int, isCustom: Bool) -> Int {
        if let id, !id.isEmpty, let known = calls.lastIndex(where: { $0.id.isSpelled(like: id) }) {
            if index == nil || calls[known].index == nil || calls[known].index == index { return known }
        }
        let known =
            index == nil ? (calls.isEmpty ? nil : calls.count - 1) : calls.lastIndex { $0.index == index }
        if let known {
            let isOther =
                id.map { !$0.isEmpty && !calls[known].id.isEmpty && !$0.isSpelled(like: calls[known].id) } ?? false
            if !isOther || (name?.isEmpty ?? true) { return known }
        }
        calls.append(Call(index: index, id: id ?? RawText(), name: name ?? RawText(), isCustom: isCustom))
        return calls.count - 1
    }
}
