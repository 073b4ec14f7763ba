import NIOCore
import Planning
import Vocabulary
import Wire

/// What of an exchange is Bedrock's own: its frames, and answers of its Converse API, which become Anthropic's first.
extension Exchange {
    func speaksConverse(_ candidate: Candidate) -> Bool {
        serving.deployments[candidate.deployment].speaksConverse(to: candidate.upstreamModel)
    }

    /// `nil` for a provider without binary frames.
    func bedrockEvents(_ candidate: Candidate) -> BedrockEvents? {
        guard serving.deployments[candidate.deployment].cloud == .bedrock else { return nil }
        return speaksConverse(candidate)
            ? BedrockEvents(converseID: answerID, model: RawText(escaping: candidate.upstreamModel)) : BedrockEvents()
    }

    /// The answer in the dialect of its deployment; `nil` when it is no answer.
    func unwrapped(_ answer: ByteBuffer, _ candidate: Candidate) -> ByteBuffer? {
        guard speaksConverse(candidate) else { return answer }
        let model = RawText(escaping: candidate.upstreamModel)
        guard let events = ConverseAnswerReader.read(answer, id: answerID, model: model) else { return nil }
        var out = ByteBuffer()
        losses += MessagesAnswerWriter.write(events, into: &out)
        return out
    }

    /// Converse gives its answers no ids.
    private var answerID: RawText { RawText(escaping: Array("msg_".utf8) + id.text.dropFirst(4)) }
}
