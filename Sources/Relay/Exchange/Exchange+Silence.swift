import Metering
import NIOCore
import Planning
import Vocabulary
import Wire

/// What a client hears while its provider says nothing (`RULES.md` 5), and how a begun answer ends that cannot go on.
extension Exchange {
    /// Tells the client of a silent stream that its answer is still being made. Before the provider's head that opens the
    /// answer: from then on errors and fallbacks stay inside the stream.
    func ping() {
        guard let client, let request, let plan, client.isWritable else { return }
        clocks.sent(limits, loop.soon)
        if isPartPrepared, part.readableBytes > 0 {
            // What was held back is better than a ping.
            state.committed()
            return flushPart()
        }
        if !hasBegun {
            receipt.status = 200
            beginAnswer(
                UpstreamHead(
                    status: 200, isEventStream: request.framing == .events, isFrameStream: false, contentType: .json,
                    isEncoded: false), plan.candidates[state.candidate], client)
        }
        preparePart(client)
        target(request).writeKeepAlive(into: &part)
        client.send(part: &part)
        isPartPrepared = false
        client.flush()
    }

    /// Whether the client waits for a stream that may be kept alive: what is passed on is not ours to write into.
    var isKeptAlive: Bool {
        guard let request, request.isStreamed, request.passed == nil else { return false }
        return state.phase == .attempting || state.phase == .streaming
    }

    func beginAnswer(_ head: UpstreamHead, _ candidate: Candidate, _ client: any ClientSide) {
        hasBegun = true
        client.begin(answerHead(head, candidate))
    }

    /// Ends a running stream (PAINS 8); a client that has read nothing yet gets a whole error answer.
    func endStream(_ code: ErrorCode, _ message: ErrorMessage = ErrorMessage()) {
        if let realtime { return realtime.end(code, message) }
        guard let plan else { return }
        let candidate = plan.candidates[state.candidate]
        state.finished()
        clocks.upstreamEnded()
        receipt.error = code
        // What never left for the client is no part of a call that failed, whatever the provider bills.
        let isPartial = hasGenerated && hasBegun
        receipt.completion = isPartial ? .cut : .failed
        receipt.status = hasBegun ? head?.status ?? 200 : code.status
        if isPartial { meterStream() }
        settle(cost: candidate.price.cost(of: receipt.tokens))
        sendError(code, message)
    }

    /// The last event of a begun answer is an error of the client's dialect.
    func endBegun(_ code: ErrorCode, _ message: ErrorMessage) {
        guard let client, let request else { return }
        guard request.passed == nil || head?.isEventStream == true else {
            close()
            return client.abort()
        }
        preparePart(client)
        let start = part.writerIndex
        ErrorReply.writeEvent(
            code, message, to: stream?.target ?? target(request), after: stream?.sequence ?? 0,
            isFirst: (stream?.report.eventCount ?? 0) == 0, id: id, limits: limits, into: &part)
        verify(from: start, isEnd: true)
        var last = part
        part = ByteBuffer()
        close()
        client.send(part: &last)
        client.end()
        client.flush()
    }
}
