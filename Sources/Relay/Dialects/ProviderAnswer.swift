import NIOCore
import Vocabulary
import Wire

/// A provider's whole answer: what was used, and the bytes the client gets of it.
struct ProviderAnswer {
    let meter: AnswerMeter
    /// In the client's dialect.
    private(set) var body: ByteBuffer
    /// What the client's dialect has no place for.
    private(set) var losses: [Loss] = []

    /// - Parameter isStreamed: the client asked for a stream: where the answer is translated, it becomes one.
    /// - Returns: `nil` when a translation is due and the answer is not one of its dialect.
    init?(_ answer: ByteBuffer, from provider: Dialect, to target: AnswerTarget, isStreamed: Bool) {
        meter = provider.meterAnswer(answer)
        body = answer
        guard provider != target.dialect else { return }
        guard let events = provider.readAnswer(answer) else { return nil }
        body = ByteBuffer()
        if isStreamed {
            var writer = target.streamWriter
            for event in events { writer.write(event, into: &body) }
            losses = writer.losses
        } else {
            losses = target.write(events, into: &body)
        }
    }

    /// A provider's error body in the client's dialect.
    /// - Parameter isForeign: whether it has to be written anew.
    static func error(
        _ body: ByteBuffer, status: UInt16, from provider: Dialect, to client: Dialect, isForeign: Bool
    ) -> ByteBuffer {
        guard isForeign else { return body }
        var out = ByteBuffer()
        client.write(provider.readError(body, status: status), into: &out)
        return out
    }
}
