import Metering
import NIOCore
import Planning
import Secrets
import Vocabulary
import Wire

/// OpenAI's Realtime API: a request that becomes a WebSocket. It is decided, held and called like any other; the session
/// then lasts until either side ends it.
extension Exchange {
    func decideRealtime() {
        guard let head = passed?.head, head.upgrade != nil else { return refuse(.upgradeRequired) }
        guard !head.model.isEmpty else {
            var message = ErrorMessage()
            message.member = .model
            return refuse(.missingMember, message)
        }
        decide(ClientRequest(PassedRequest(endpoint: .realtime, model: head.model), receipt.dialect))
    }

    /// The provider goes on by WebSocket, and so may the client.
    func upstreamUpgraded(_ connection: UpgradedConnection) {
        guard let client, let plan, let upgrade = passed?.head.upgrade, let key = passed?.upgrade?.key,
            state.phase == .attempting, connection.accept == WebSocketKey.accept(key)
        else {
            connection.channel.close(promise: nil)
            return upstreamFailed(.upstreamMalformed, onReusedConnection: false)
        }
        let candidate = plan.candidates[state.candidate]
        let session = RealtimeSession(self, budget: loop.shared.budget)
        var answer = upgrade.accepted()
        answer.writeStaticString("x-tacet-request-id: ")
        answer.writeBytes(id.text)
        answer.writeStaticString("\r\nx-tacet-model: ")
        answer.writeBytes(serving.deployments[candidate.deployment].name + [0x2f] + candidate.upstreamModel)
        answer.writeStaticString("\r\n\r\n")
        guard connection.handOver(to: session.provider), client.upgrade(answer, to: session.client) else {
            connection.channel.close(promise: nil)
            return upstreamFailed(.upstreamCut, onReusedConnection: false)
        }
        intern(candidate)
        clocks.heard(limits, loop.soon)
        clocks.answered()
        receipt.status = 101
        attempt?.outcome = .success
        state.upgraded()
        realtime = session
        call = session
        session.provider.keep(connection.rest)
        session.begin()
    }

    /// Books what an event tells, and has the hold cover what may come.
    /// - Returns: `false` when it cannot.
    func meter(_ event: RealtimeEvent) -> HoldDenial? {
        guard let plan, let request = request?.passed else { return nil }
        let candidate = plan.candidates[state.candidate]
        realtimeTally.take(event, price: candidate.price, transcription: transcriptionPrice(candidate))
        switch event {
        case .generated, .session, .failed, .other: return nil
        case .asksForResponse, .responseBegun, .responseEnded, .transcribed: break
        }
        guard grant.isBudgeted, candidate.price != .free, var hold else { return nil }
        var cost = realtimeTally.cost
        let bound = upperBound(request, candidate.price)
        for _ in 0..<realtimeTally.foreseen { cost += bound }
        let wanted = serving.routing.tariff.charge(for: cost)
        guard wanted > held else { return nil }
        let denial = loop.shared.doors.purse.extend(&hold, by: wanted - held, at: Clock.moment())
        self.hold = hold
        return denial
    }

    /// Of the model that writes down what is said; where none is known, as if the session's own did.
    private func transcriptionPrice(_ candidate: Candidate) -> Price {
        guard let name = realtimeTally.transcriber,
            case .plan(let plan) = serving.plan(
                serving.deployments[candidate.deployment].name + [0x2f] + name, sandboxOnly: false,
                at: receipt.openedAt)
        else { return candidate.price }
        return plan.candidates[0].price
    }

    /// The session is over, by whatever end.
    func sessionEnded(_ code: ErrorCode) {
        guard client != nil, let plan else { return }
        realtime?.ended()
        realtime = nil
        state.finished()
        clocks.upstreamEnded()
        realtimeTally.finish(price: plan.candidates[state.candidate].price)
        receipt.error = code
        receipt.completion = code == .none ? .complete : realtimeTally.hasContent ? .cut : .failed
        receipt.tokens = realtimeTally.usage
        if realtimeTally.isEstimated { receipt.flags.insert(.estimated) }
        settle(cost: realtimeTally.cost)
        close()
    }
}

/// A provider's connection that HTTP has ended on.
struct UpgradedConnection {
    let channel: any Channel
    /// `Sec-WebSocket-Accept`.
    let accept: [UInt8]
    /// What came behind the provider's head.
    let rest: ByteBuffer
    /// What read the head.
    let handler: HTTP1UpstreamHandler

    /// Puts a handler in the place of HTTP's.
    /// - Returns: `false` when the connection is closed.
    func handOver(to other: WebSocketHandler) -> Bool {
        let pipeline = channel.pipeline.syncOperations
        guard channel.isActive, (try? pipeline.addHandler(other)) != nil else { return false }
        pipeline.removeHandler(handler, promise: nil)
        return true
    }
}
