import NIOCore
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
