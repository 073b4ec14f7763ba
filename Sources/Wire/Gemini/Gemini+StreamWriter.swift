import CBytes
public import NIOCore
import Vocabulary

/// Writes an answer as a stream of Gemini's, in either framing. Every chunk has parts; a call comes whole in one.
public struct GeminiStreamWriter: AnswerStreamWriter {
    private let framing: GeminiFraming
    /// Behind a chunk's candidates: the names of model and answer.
    private var tail = ByteBuffer()
    private var parts = GeminiAnswerParts()
    private var usage: TokenUsage?
    private var stop: StopReason?
    private var logprobs: [RawJSON] = []
    private var hasWritten = false
    /// Where the chunk in the making begins.
    private var chunkStart = 0

    public var losses: [Loss] { parts.losses }

    public init(framing: GeminiFraming) { self.framing = framing }

    public mutating func write(_ event: AnswerEvent, into out: inout ByteBuffer) {
        switch event {
        case .start(let id, let model):
            tail.writeStaticString(",\"modelVersion\":")
            tail.writeJSONString(model)
            tail.writeStaticString(",\"responseId\":")
            tail.writeJSONString(id)
        case .blockStart(let index, let kind): chunk(&out) { $0.begin(kind, index, &$1) }
        case .text(let text), .refusal(let text): chunk(&out) { $0.text(text, &$1) }
        case .thinking(let text): chunk(&out) { $0.thinking(text, &$1) }
        case .arguments(let text): parts.arguments(text)
        case .signature(let text): parts.signature(text)
        case .citation(let citation): parts.citation(citation)
        case .blockStop: chunk(&out) { $0.end(&$1) }
        case .usage(let report): usage = report
        case .logprobs(let json): logprobs.append(json)
        case .stop(let reason): stop = reason
        case .failure(let error):
            open(&out)
            GeminiErrorWriter.write(error, into: &out)
            close(isLast: true, &out)
        case .end: end(&out)
        }
    }

    /// A chunk of the parts that `write` writes; nothing where it writes none.
    private mutating func chunk(
        _ out: inout ByteBuffer, _ write: (inout GeminiAnswerParts, inout ByteBuffer) -> Void
    ) {
        open(&out)
        out.writeStaticString("{\"candidates\":[{\"content\":{\"parts\":[")
        parts.newList()
        let empty = out.writerIndex
        write(&parts, &out)
        guard out.writerIndex > empty else { return out.moveWriterIndex(to: chunkStart) }
        out.writeStaticString("],\"role\":\"model\"},\"index\":0}]")
        out.writeImmutableBuffer(tail)
        out.writeInteger(UInt8.braceEnd)
        close(isLast: false, &out)
    }

    private mutating func end(_ out: inout ByteBuffer) {
        open(&out)
        out.writeStaticString("{\"candidates\":[{\"content\":{\"parts\":[")
        parts.newList()
        let empty = out.writerIndex
        parts.finish(&out)
        // Google's last chunk has an empty text, and clients look for a part.
        if out.writerIndex == empty { out.writeStaticString("{\"text\":\"\"}") }
        out.writeStaticString("],\"role\":\"model\"},\"finishReason\":\"")
        out.writeStaticString(GeminiWords.word(stop))
        out.writeStaticString("\",\"index\":0")
        if !parts.citations.isEmpty {
            out.writeStaticString(",\"groundingMetadata\":")
            GeminiGrounding.write(parts.citations, &out)
        }
        if !logprobs.isEmpty {
            out.writeStaticString(",\"logprobsResult\":")
            GeminiLogprobs.write(logprobs, &out)
        }
        out.writeStaticString("}]")
        if let usage {
            out.writeStaticString(",\"usageMetadata\":")
            GeminiUsage.write(usage, &out)
        }
        out.writeImmutableBuffer(tail)
        out.writeInteger(UInt8.braceEnd)
        close(isLast: true, &out)
    }

    private mutating func open(_ out: inout ByteBuffer) {
        chunkStart = out.writerIndex
        switch framing {
        case .events: out.writeStaticString("data: ")
        case .array: out.writeStaticString(hasWritten ? ",\r\n" : "[")
        }
    }

    private mutating func close(isLast: Bool, _ out: inout ByteBuffer) {
        hasWritten = true
        switch framing {
        case .events:
            out.spaceLineEnds(from: chunkStart)
            out.writeStaticString("\r\n\r\n")
        case .array: if isLast { out.writeStaticString("\n]") }
        }
    }
}

extension ByteBuffer {
    /// Makes spaces of line ends in JSON from `start` on: values stand as they were spelled, over several lines perhaps, and
    /// an event's data is one line. Outside of strings a line end is white space, inside there is none.
    fileprivate mutating func spaceLineEnds(from start: Int) {
        var at = start
        while let end = lineEnd(from: at) {
            setInteger(UInt8(0x20), at: end)
            at = end + 1
        }
    }

    private func lineEnd(from start: Int) -> Int? {
        let offset = start - readerIndex
        let found = unsafe readableBytesUInt8Span.withUnsafeBufferPointer { memory in
            guard let base = memory.baseAddress else { return memory.count }
            return unsafe offset + tacet_line_end(base + offset, memory.count - offset)
        }
        return found < readableBytes ? readerIndex + found : nil
    }
}
