import Metering
import NIOCore
import Synchronization
import Vocabulary
import Wire

/// settle → receipt (DESIGN §3.10): the ways an exchange ends. Each comes through `close()`.
extension Exchange {
    /// The client is gone: the provider is told at once (PAINS 20).
    func clientGone() {
        if replaying != nil { return stopReplay(.clientGone) }
        guard !outlivesClient(), case .cancel(let completion) = state.clientGone(generated: hasGenerated) else {
            return
        }
        call?.cancel()
        receipt.completion = completion
        receipt.error = .clientGone
        if completion == .cut { meterWhatWasGenerated() } else { settle(cost: .zero) }
        close()
    }

    /// Answers with an error of ours; nothing was sent before.
    func refuse(_ code: ErrorCode, _ message: ErrorMessage = ErrorMessage()) {
        state.finished()
        call?.cancel()
        receipt.error = code
        receipt.completion = .failed
        receipt.status = hasBegun ? 200 : code.status
        settle(cost: .zero)
        sendError(code, message)
    }

    /// Closes the exchange with an error: a whole answer, or the end of a begun one.
    func sendError(_ code: ErrorCode, _ message: ErrorMessage = ErrorMessage()) {
        guard let client else { return }
        guard !hasBegun else { return endBegun(code, message) }
        let reply = ErrorReply(code, message, dialect: receipt.dialect, id: id, limits: limits)
        var head = reply.head
        head.rates = rates
        close()
        client.send(head, body: reply.body)
        client.flush()
    }

    /// The last step of every exchange: the receipt is in the journal before the client's last byte is written.
    func close() {
        guard let client else { return }
        self.client = nil
        call = nil
        endAttempt()
        hedge?.drop()
        hedge = nil
        leaveLine()
        leaveShared()
        let now = Clock.instant()
        receipt.totalMicroseconds = now - clocks.opened
        receipt.firstByteMicroseconds = clocks.firstByte.map { $0 - clocks.opened } ?? 0
        receipt.overheadMicroseconds = clocks.overhead(at: now)
        noteDecisions()
        _ = loop.shared.journal.write(receipt)
        if isCounted { loop.shared.doors.purse.leave(grant.payer) }
        loop.shared.counters.count(status: receipt.status)
        if receipt.error != .none { logFailure() }
        releaseBody()
        loop.sweeper.remove(self)
        loop.inFlight -= 1
        loop.shared.counters.inFlight.subtract(1, ordering: .relaxed)
        client.setReading(true)
    }

    /// A request that went well is told by its receipt alone.
    private func logFailure() {
        loop.shared.doors.log.record(
            .request(
                id: id, endpoint: receipt.endpoint, status: receipt.status, error: receipt.error,
                completion: receipt.completion, key: receipt.key, deployment: receipt.deployment,
                totalMicroseconds: receipt.totalMicroseconds))
    }

    /// Books what the call cost and gives back the rest of the hold.
    func settle(cost: NanoUSD) {
        receipt.providerCost = cost + lost
        var charge = serving.routing.tariff.charge(for: cost)
        if let hold {
            if grant.isBudgeted && charge > held {
                receipt.flags.insert(.overHold)
                charge = held
            }
            loop.shared.doors.purse.settle(
                hold, charge: charge, tokens: receipt.tokens.totalInput + receipt.tokens.totalOutput,
                at: receipt.openedAt)
            self.hold = nil
        }
        receipt.charge = charge
        bookSavings()
    }

    func releaseBody() {
        body = ByteBuffer()
        loop.shared.budget.giveBack(drawn)
        drawn = 0
    }

    /// Ends the exchange from outside the request: an error answer, or the end of a running stream.
    func end(with code: ErrorCode) {
        if replaying != nil { return stopReplay(code) }
        if state.phase == .streaming {
            call?.cancel()
            endStream(code)
        } else {
            refuse(code)
        }
    }
}
