public import Vocabulary

/// Checks the grammar of `AnswerEvent`. Each dialect has its own checker for its bytes; this one is for what stands between.
public struct AnswerGrammar: Sendable {
    private enum State: UInt8 {
        case new
        case open
        case stopped
        case ended
    }

    private var state = State.new
    private var next = 0
    private var kind: BlockKind?
    private var pieces = 0

    public init() {}

    /// Takes the next event.
    public mutating func take(_ event: AnswerEvent) throws(StreamViolation) {
        if state == .ended { throw .afterEnd }
        switch event {
        case .start:
            guard state == .new else { throw .secondStart }
            state = .open
            return
        case .failure:
            state = .ended
            return
        default: if state == .new { throw .beforeStart }
        }
        switch event {
        case .blockStart(let index, let new):
            guard state == .open, kind == nil else { throw .notOrdered }
            guard index == next else { throw .notDense }
            kind = new
            pieces = 0
        case .blockStop(let index):
            guard let open = kind else { throw .notOpen }
            guard index == next else { throw .notDense }
            if pieces == 0, Self.needsContent(open) { throw .emptyBlock }
            kind = nil
            next += 1
        case .text, .thinking, .arguments, .signature, .refusal, .citation: try piece(event)
        case .stop:
            guard kind == nil else { throw .notOrdered }
            guard state == .open else { throw .secondStop }
            state = .stopped
        case .end:
            guard kind == nil else { throw .notOrdered }
            state = .ended
        case .start, .failure, .usage, .logprobs: break
        }
    }

    /// After the last event.
    public func finish() throws(StreamViolation) { if state != .ended { throw state == .new ? .noStart : .noEnd } }

    private mutating func piece(_ event: AnswerEvent) throws(StreamViolation) {
        guard let kind else { throw .notOpen }
        guard kind.takes(event) else { throw .wrongPiece }
        switch event {
        case .text(let text), .thinking(let text), .refusal(let text): if !text.isEmpty { pieces += 1 }
        default: pieces += 1
        }
    }

    /// A call may have no arguments; what comes whole has no pieces.
    private static func needsContent(_ kind: BlockKind) -> Bool {
        switch kind {
        case .text, .thinking, .refusal: true
        case .redactedThinking, .reasoningItem, .toolCall, .media, .foreign: false
        }
    }
}
