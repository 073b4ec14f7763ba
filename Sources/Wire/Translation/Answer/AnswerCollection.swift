public import Vocabulary

/// The events of a whole answer put together, for the writers of plain answers.
public struct AnswerCollection: Sendable {
    public struct Part: Sendable {
        public var kind: BlockKind
        /// Text, thoughts, a refusal, or a call's arguments escaped for a string.
        public var text = RawText()
        public var signature: RawText?
        public var citations: [Citation] = []
    }

    public private(set) var id = RawText()
    public private(set) var model = RawText()
    public private(set) var parts: [Part] = []
    public private(set) var usage: TokenUsage?
    public private(set) var stop: StopReason?
    public private(set) var logprobs: [RawJSON] = []
    public private(set) var failure: ProviderError?

    public init(_ events: [AnswerEvent]) { for event in events { take(event) } }

    public var hasCalls: Bool {
        parts.contains { part in
            if case .toolCall = part.kind { true } else { false }
        }
    }

    private mutating func take(_ event: AnswerEvent) {
        switch event {
        case .start(let id, let model):
            self.id = id
            self.model = model
        case .blockStart(_, let kind): parts.append(Part(kind: kind))
        case .text(let text), .thinking(let text), .arguments(let text), .refusal(let text):
            guard !parts.isEmpty else { return }
            parts[parts.count - 1].text.append(text)
        case .signature(let text):
            guard !parts.isEmpty else { return }
            parts[parts.count - 1].signature = text
        case .citation(let citation):
            guard !parts.isEmpty else { return }
            parts[parts.count - 1].citations.append(citation)
        case .usage(let report): usage = report
        case .logprobs(let json): logprobs.append(json)
        case .stop(let reason): stop = reason
        case .failure(let error): failure = error
        case .blockStop, .end: break
        }
    }
}
