public import NIOCore
import Vocabulary

/// Writes a plain `GenerateContentResponse`.
public enum GeminiAnswerWriter {
    /// - Parameter events: a whole answer without a failure.
    public static func write(_ events: [AnswerEvent], into out: inout ByteBuffer) -> [Loss] {
        let answer = AnswerCollection(events)
        var losses: [Loss] = []
        out.writeStaticString("{\"candidates\":[{\"content\":{\"parts\":[")
        var parts = GeminiAnswerParts()
        for (index, part) in answer.parts.enumerated() {
            parts.begin(part.kind, index, &out)
            switch part.kind {
            case .text, .refusal: parts.text(part.text, &out)
            case .thinking, .reasoningItem: parts.thinking(part.text, &out)
            default: break
            }
            if case .toolCall = part.kind { parts.arguments(part.text) }
            if let signature = part.signature { parts.signature(signature) }
            for citation in part.citations { parts.citation(citation) }
            parts.end(&out)
        }
        parts.finish(&out)
        losses += parts.losses
        out.writeStaticString("],\"role\":\"model\"},\"finishReason\":\"")
        out.writeStaticString(GeminiWords.word(answer.stop))
        out.writeStaticString("\",\"index\":0")
        if !parts.citations.isEmpty {
            out.writeStaticString(",\"groundingMetadata\":")
            GeminiGrounding.write(parts.citations, &out)
        }
        if !answer.logprobs.isEmpty {
            out.writeStaticString(",\"logprobsResult\":")
            GeminiLogprobs.write(answer.logprobs, &out)
        }
        out.writeStaticString("}]")
        if let usage = answer.usage {
            out.writeStaticString(",\"usageMetadata\":")
            GeminiUsage.write(usage, &out)
        }
        out.writeStaticString(",\"modelVersion\":")
        out.writeJSONString(answer.model)
        out.writeStaticString(",\"responseId\":")
        out.writeJSONString(answer.id)
        out.writeInteger(UInt8.braceEnd)
        return losses
    }
}

/// Makes parts of blocks, for the plain writer and the stream's. What is written is one or more parts with commas between
/// them.
///
/// A signature stands on its own thought; where a thinking block has no words, it goes onto the call behind it, or into a
/// part of its own (`GeminiContentReader` has the way back).
struct GeminiAnswerParts: Sendable {
    private var elements = JSONElements()
    private var kind: BlockKind?
    private var block = 0
    private var hasText = false
    /// A call's arguments so far.
    private var pending = RawText()
    private var ownSignature: RawText?
    /// Of a thinking block without words, until it shows what follows.
    private var waiting: RawText?
    private(set) var citations: [Citation] = []
    private(set) var losses: [Loss] = []

    /// Begins a list of parts anew: the next one has no comma in front.
    mutating func newList() { elements = JSONElements() }

    mutating func begin(_ kind: BlockKind, _ index: Int, _ out: inout ByteBuffer) {
        self.kind = kind
        block = index
        hasText = false
        pending = RawText()
        ownSignature = nil
        if case .toolCall = kind { return }
        flush(&out)
        switch kind {
        case .redactedThinking(let data):
            elements.next(&out)
            GeminiPart.text(RawText(), isThought: true, signature: data, &out)
        case .media(let media):
            var one = ByteBuffer()
            guard GeminiPart.media(media, &one) else { return lose(.unsupported) }
            elements.next(&out)
            out.writeBuffer(&one)
        case .foreign(let foreign):
            guard foreign.dialect == .gemini else { return lose(foreign.isServerTool ? .serverTool : .unsupported) }
            elements.next(&out)
            out.writeImmutableBuffer(foreign.json.bytes)
        case .reasoningItem: losses.append(Loss(.unsupported, at: Place(.content, index), "id"))
        case .text, .thinking, .toolCall, .refusal: break
        }
    }

    mutating func text(_ text: RawText, _ out: inout ByteBuffer) {
        guard !text.isEmpty else { return }
        elements.next(&out)
        GeminiPart.text(text, &out)
    }

    mutating func thinking(_ text: RawText, _ out: inout ByteBuffer) {
        guard !text.isEmpty else { return }
        hasText = true
        elements.next(&out)
        GeminiPart.text(text, isThought: true, &out)
    }

    mutating func arguments(_ text: RawText) { pending.append(text) }

    mutating func signature(_ signature: RawText) { ownSignature = signature }

    mutating func citation(_ citation: Citation) {
        if GeminiGrounding.isCarried(citation) {
            citations.append(citation)
        } else {
            losses.append(Loss(.unsupported, at: Place(.content, block), "citations"))
        }
    }

    mutating func end(_ out: inout ByteBuffer) {
        switch kind {
        case .toolCall(let id, let name, let isCustom):
            let arguments = GeminiPart.object(.encoded(pending), isCustom: isCustom)
            if !arguments.isWhole { losses.append(Loss(.malformed, at: Place(.content, block), "input")) }
            elements.next(&out)
            GeminiPart.call(
                id: id, name: name, arguments: arguments.json, signature: ownSignature ?? waiting, &out)
            waiting = nil
        case .thinking, .reasoningItem:
            guard let signature = ownSignature, !signature.isEmpty else { break }
            if hasText {
                elements.next(&out)
                GeminiPart.text(RawText(), isThought: true, signature: signature, &out)
            } else {
                waiting = signature
            }
        default: break
        }
        kind = nil
    }

    /// The answer is complete.
    mutating func finish(_ out: inout ByteBuffer) { flush(&out) }

    private mutating func flush(_ out: inout ByteBuffer) {
        guard let waiting else { return }
        self.waiting = nil
        elements.next(&out)
        GeminiPart.text(RawText(), signature: waiting, &out)
    }

    private mutating func lose(_ reason: LossReason) { losses.append(Loss(reason, at: Place(.content, block))) }
}
