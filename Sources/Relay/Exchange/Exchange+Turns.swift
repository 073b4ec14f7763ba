import NIOCore
import Planning
import Vocabulary
import Wire

/// Where as many requests are in flight as may be: the rest waits for a moment, then it is 429.
extension Exchange {
    /// A request that stands in line.
    struct Waiting {
        /// What it does when its turn comes.
        enum Step {
            /// Its body is still arriving, or another request's answer is waited for.
            case nothing
            case hold
            case call
        }

        /// Its number in line.
        let number: UInt64
        let until: Instant
        /// How it is refused.
        let denial: RateDenial
        var step: Step
    }

    /// Nothing was counted at the gate: it stands in line to be admitted while its body arrives.
    func awaitAdmission() { take(.request(grant.payer), then: .nothing) }

    /// Takes a place among the calls of a candidate's deployment, or of the next one's that has room.
    /// - Returns: whether `state.candidate` may be called now; else it stands in line.
    func takesTurn(_ index: Int, _ plan: Plan) -> Bool {
        // What was called before is over, and its place free.
        endAttempt()
        if turn != nil { return true }
        clocks.pausing()
        let others = plan.candidates.indices.filter { $0 != index && !state.tried.contains($0) }
        let deployments = ([index] + others).map { serving.deployments[plan.candidates[$0].deployment].id }
        take(.call(deployments, for: grant.organisation), then: .call)
        return turn != nil
    }

    private func take(_ ask: TurnAsk, then step: Waiting.Step) {
        switch loop.shared.doors.purse.take(ask, for: Turn(self), at: Clock.moment()) {
        case .waits(let number, let denial):
            waiting = Waiting(
                number: number, until: Clock.instant().after(milliseconds: limits.queueTime), denial: denial,
                step: step)
        case .limited(let denial): refuse(denial)
        case let answer: came(answer)
        }
    }

    /// It is this request's turn, or never will be.
    fileprivate func turnCame(_ answer: TurnAnswer) {
        guard let step = waiting?.step, !isFinished else { return giveBack(answer) }
        waiting = nil
        if case .limited(let denial) = answer { return refuse(denial) }
        came(answer)
        switch step {
        case .nothing: break
        case .hold:
            guard let plan, let request else { return }
            hold(plan, request)
        case .call: callUpstream(state.candidate)
        }
    }

    private func came(_ answer: TurnAnswer) {
        switch answer {
        case .admitted(let allowance):
            self.allowance = allowance
            isCounted = true
        case .called(let deployment):
            turn = deployment
            guard let plan, serving.deployments[plan.candidates[state.candidate].deployment].id != deployment else {
                return
            }
            let other = plan.candidates.indices.first {
                !state.tried.contains($0) && serving.deployments[plan.candidates[$0].deployment].id == deployment
            }
            if let other { state.moved(to: other) }
        case .waits, .limited: break
        }
    }

    private func giveBack(_ answer: TurnAnswer) {
        switch answer {
        case .admitted: loop.shared.doors.purse.leave(grant.payer)
        case .called(let deployment): loop.shared.doors.purse.endCall(to: deployment)
        case .waits, .limited: break
        }
    }

    /// At the end of every exchange: it waits for nothing, and keeps no place.
    func leaveLine() {
        if let waiting { loop.shared.doors.purse.giveUp(waiting.number) }
        waiting = nil
        if let turn { loop.shared.doors.purse.endCall(to: turn) }
        turn = nil
    }

    func refuse(_ denial: RateDenial) {
        allowance = denial.allowance
        refuse(denial.kind.code, ErrorMessage(denial))
    }
}

/// An exchange in line, as those see it who free its place: on any thread.
final class Turn: TurnWaiter {
    private let exchange: NIOLoopBound<Exchange>

    init(_ exchange: Exchange) { self.exchange = NIOLoopBound(exchange, eventLoop: exchange.loop.eventLoop) }

    func turnCame(_ answer: TurnAnswer) {
        exchange.eventLoop.execute { self.exchange.value.turnCame(answer) }
    }
}
