import NIOCore
import Planning
import Vocabulary
import Wire

/// `count_tokens` for a model whose provider speaks another dialect: counted here, and told to be an estimate, for no
/// provider says how it counts what stands around the words.
extension Exchange {
    func countTokens(_ request: ClientRequest, model: [UInt8]) {
        let counter = loop.shared.tokens
        let body = body
        let promise = loop.eventLoop.makePromise(of: Result<Int64, RequestRejection>.self)
        promise.completeWithTask { await counter.count(request, body, model: model) }
        promise.futureResult.assumeIsolated().whenSuccess { [weak self] result in
            guard let self, !self.isFinished else { return }
            switch result {
            case .success(let count): self.answerCount(count)
            case .failure(let rejection): self.refuse(rejection.code, ErrorMessage(rejection))
            }
        }
    }

    /// Counts what a plain answer used whose provider does not tell, and then finishes it. What is too long for that is
    /// estimated by its bytes.
    func countAnswer(_ answer: ByteBuffer, visibleBytes: Int64, _ finish: @escaping () -> Void) {
        guard let plan, let request, body.readableBytes + answer.readableBytes <= Self.countedBytes else {
            estimate(outputBytes: visibleBytes)
            return finish()
        }
        let (counter, body, dialect) = (loop.shared.tokens, body, dialect)
        let model = plan.candidates[state.candidate].upstreamModel
        let promise = loop.eventLoop.makePromise(of: TokenUsage?.self)
        promise.completeWithTask { await counter.use(of: request, body, answer, in: dialect, model: model) }
        promise.futureResult.assumeIsolated().whenComplete { result in
            if case .success(let usage?) = result {
                self.receipt.flags.insert(.estimated)
                self.receipt.tokens = usage
            } else {
                self.estimate(outputBytes: visibleBytes)
            }
            finish()
        }
    }

    /// Of request and answer: some milliseconds of one core.
    private static var countedBytes: Int { 1 << 20 }

    private func answerCount(_ count: Int64) {
        guard let client else { return }
        state.finished()
        receipt.flags.insert(.estimated)
        receipt.status = 200
        receipt.completion = .complete
        settle(cost: .zero)
        var body = ByteBuffer()
        if receipt.dialect == .gemini {
            GeminiReply.tokenCount(count, into: &body)
        } else {
            AnthropicReply.tokenCount(count, into: &body)
        }
        var head = AnswerHead(status: 200)
        head.request = id
        head.warnings = Array("estimated".utf8)
        clocks.answered()
        close()
        client.send(head, body: body)
        client.flush()
    }
}

extension Endpoint {
    /// Whether a request asks for a count of its tokens, not for an answer.
    var countsTokens: Bool { self == .countMessageTokens || self == .countTokens }
}
