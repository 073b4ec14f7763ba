public import NIOCore
import Vocabulary

/// Writes an answer as a chat stream.
public struct ChatStreamWriter: AnswerStreamWriter {
    private let includesUsage: Bool
    private let created: Int64
    /// What every chunk begins with, up to the delta.
    private var head = ByteBuffer()
    private var kind: BlockKind?
    private var block = 0
    private var calls = 0
    private var thoughts = 0
    private var hasArguments = false
    private var usage: TokenUsage?
    private var stop: StopReason?
    public private(set) var losses: [Loss] = []

    /// - Parameters:
    ///   - includesUsage: the client asked for `stream_options.include_usage`.
    ///   - created: seconds since 1970.
    public init(includesUsage: Bool, created: Int64) {
        self.includesUsage = includesUsage
        self.created = created
    }

    public mutating func write(_ event: AnswerEvent, into out: inout ByteBuffer) {
        switch event {
        case .start(let id, let model):
            head(id: id, model: model)
            chunk(&out) { $0.writeStaticString("\"role\":\"assistant\",\"content\":\"\"") }
        case .blockStart(let index, let kind): begin(index, kind, &out)
        case .blockStop: close(&out)
        case .text(let text): delta("content", text, &out)
        case .refusal(let text): delta("refusal", text, &out)
        case .thinking(let text):
            guard let kind else { return }
            let detail = ReasoningDetail(kind, index: thoughts)
            chunk(&out) {
                $0.writeStaticString("\"reasoning_content\":")
                $0.writeJSONString(text)
                $0.writeStaticString(",\"reasoning_details\":[")
                detail.write(text: text, signature: nil, &$0)
                $0.writeInteger(UInt8.bracketEnd)
            }
        case .signature(let signature): self.signature(signature, &out)
        case .arguments(let text): arguments(text, &out)
        case .citation(let citation): self.citation(citation, &out)
        case .usage(let report): usage = report
        case .logprobs(let json):
            open(&out)
            out.writeStaticString("},\"logprobs\":{\"content\":")
            out.writeImmutableBuffer(json.bytes)
            out.writeStaticString("},\"finish_reason\":null}]}\n\n")
        case .stop(let reason): stop = reason
        case .failure(let error):
            out.writeStaticString("data: ")
            ChatErrorWriter.write(error, into: &out)
            out.writeStaticString("\n\n")
        case .end: end(&out)
        }
    }

    private mutating func begin(_ index: Int, _ kind: BlockKind, _ out: inout ByteBuffer) {
        self.kind = kind
        block = index
        hasArguments = false
        switch kind {
        case .text, .thinking, .reasoningItem, .refusal: break
        case .redactedThinking:
            let detail = ReasoningDetail(kind, index: thoughts)
            chunk(&out) {
                $0.writeStaticString("\"reasoning_details\":[")
                detail.write(text: RawText(), signature: nil, &$0)
                $0.writeInteger(UInt8.bracketEnd)
            }
        case .toolCall(let id, let name, let isCustom):
            let index = calls
            chunk(&out) {
                $0.writeStaticString("\"tool_calls\":[")
                ChatCall.write(id: id, name: name, isCustom: isCustom, arguments: RawText(), index: index, &$0)
                $0.writeInteger(UInt8.bracketEnd)
            }
        case .media(let media):
            guard media.kind == .image, let url = media.url else {
                losses.append(Loss(.unsupported, at: Place(.content, index)))
                return
            }
            chunk(&out) {
                $0.writeStaticString("\"images\":[")
                ChatCall.write(image: url, &$0)
                $0.writeInteger(UInt8.bracketEnd)
            }
        case .foreign(let foreign):
            losses.append(Loss(foreign.isServerTool ? .serverTool : .unsupported, at: Place(.content, index)))
        }
    }

    private mutating func close(_ out: inout ByteBuffer) {
        switch kind {
        case .toolCall(_, _, let isCustom):
            if !hasArguments, !isCustom { arguments(RawText("{}"), &out) }
            calls += 1
        case .thinking, .redactedThinking, .reasoningItem: thoughts += 1
        default: break
        }
        kind = nil
    }

    private mutating func arguments(_ text: RawText, _ out: inout ByteBuffer) {
        guard case .toolCall(_, _, let isCustom) = kind else { return }
        hasArguments = true
        let index = calls
        chunk(&out) {
            $0.writeStaticString("\"tool_calls\":[{\"index\":")
            $0.writeDecimal(index)
            $0.writeStaticString(isCustom ? ",\"custom\":{\"input\":" : ",\"function\":{\"arguments\":")
            $0.writeJSONString(text)
            $0.writeStaticString("}}]")
        }
    }

    private mutating func signature(_ signature: RawText, _ out: inout ByteBuffer) {
        guard let kind else { return }
        if case .toolCall = kind {
            losses.append(Loss(.unsupported, at: Place(.content, block), "signature"))
            return
        }
        let detail = ReasoningDetail(kind, index: thoughts)
        chunk(&out) {
            $0.writeStaticString("\"reasoning_details\":[")
            detail.write(text: RawText(), signature: signature, &$0)
            $0.writeInteger(UInt8.bracketEnd)
        }
    }

    private mutating func citation(_ citation: Citation, _ out: inout ByteBuffer) {
        var one = ByteBuffer()
        guard ChatWords.write(citation, &one) else {
            losses.append(Loss(.unsupported, at: Place(.content, block), "citations"))
            return
        }
        chunk(&out) {
            $0.writeStaticString("\"annotations\":[")
            $0.writeImmutableBuffer(one)
            $0.writeInteger(UInt8.bracketEnd)
        }
    }

    private func end(_ out: inout ByteBuffer) {
        open(&out)
        out.writeStaticString("},\"logprobs\":null,\"finish_reason\":\"")
        out.writeStaticString(ChatWords.word(stop, hasCalls: calls > 0))
        out.writeStaticString("\"}]}\n\n")
        if includesUsage, let usage {
            out.writeImmutableBuffer(head)
            out.writeStaticString("\"choices\":[],\"usage\":")
            ChatWords.write(usage, &out)
            out.writeStaticString("}\n\n")
        }
        out.writeStaticString("data: [DONE]\n\n")
    }

    private func delta(_ name: StaticString, _ text: RawText, _ out: inout ByteBuffer) {
        chunk(&out) {
            $0.writeInteger(UInt8.quote)
            $0.writeStaticString(name)
            $0.writeStaticString("\":")
            $0.writeJSONString(text)
        }
    }

    private func chunk(_ out: inout ByteBuffer, _ delta: (inout ByteBuffer) -> Void) {
        open(&out)
        delta(&out)
        out.writeStaticString("},\"logprobs\":null,\"finish_reason\":null}]}\n\n")
    }

    private func open(_ out: inout ByteBuffer) {
        out.writeImmutableBuffer(head)
        out.writeStaticString("\"choices\":[{\"index\":0,\"delta\":{")
    }

    private mutating func head(id: RawText, model: RawText) {
        var members = JSONMembers()
        head.writeStaticString("data: {")
        members.text("id", id, &head)
        members.text("object", "chat.completion.chunk", &head)
        members.number("created", created, &head)
        members.text("model", model, &head)
        head.writeInteger(UInt8.comma)
    }
}
