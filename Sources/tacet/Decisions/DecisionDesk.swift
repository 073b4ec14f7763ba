import Planning
import Records
import Synchronization
import Vocabulary

/// Joins the router to the ledger: counts in memory what it proposes and how requests turned out, and writes sums every few
/// seconds. Of a single request it remembers, for an hour at most, which arm it was of and what it was charged.
final class DecisionDesk: DecisionBook {
    private static let interval = Duration.seconds(2)
    /// Requests whose outcome may still be told.
    private static let remembered = 1 << 16
    /// Moves are few: categories by pairs of models. More are not counted.
    private static let moves = 4096

    private struct Awaited {
        var organisation: OrganisationID
        /// What it is compared by, and whether it is of the control arm.
        var arms: [(kind: TrialKind, isControl: Bool)] = []
        var charge: NanoUSD
    }

    private struct Compared: Hashable {
        var organisation: OrganisationID
        var kind: TrialKind
    }

    private struct Breaker: Hashable {
        var organisation: OrganisationID
        var key: KeyID
    }

    private struct State {
        var pending: [OrganisationID: [RouteMove: RouteTally]] = [:]
        var pendingMoves = 0
        var approved: [OrganisationID: Set<RouteMove>] = [:]
        var trials: [Compared: ControlledTrial] = [:]
        var changed: Set<Compared> = []
        /// By organisation, key and class; each `PrefixBreak` has a place.
        var breaks: [Breaker: [Int64]] = [:]
        var young: [RequestID: Awaited] = [:]
        var old: [RequestID: Awaited] = [:]
        var turnsAt = Moment(microseconds: 0)

        mutating func await(
            _ id: RequestID, _ organisation: OrganisationID, _ kind: TrialKind, isControl: Bool, _ charge: NanoUSD,
            at now: Moment
        ) {
            if now >= turnsAt || young.count >= DecisionDesk.remembered {
                old = young
                young = [:]
                turnsAt = Moment(microseconds: now.microseconds + 1_800_000_000)
            }
            young[id, default: Awaited(organisation: organisation, charge: charge)].arms.append((kind, isControl))
        }
    }

    private let store: DecisionStore
    private let alerts: AlertStore
    private let state = Mutex(State())

    init(_ ledger: Ledger) throws(StorageFault) {
        store = DecisionStore(ledger)
        alerts = AlertStore(ledger)
        try refresh()
    }

    func note(_ note: RouteNote) {
        let now = Moment.now
        state.withLock { state in
            if state.pendingMoves < Self.moves || state.pending[note.organisation]?[note.move] != nil {
                if state.pending[note.organisation]?[note.move] == nil { state.pendingMoves += 1 }
                state.pending[note.organisation, default: [:]][note.move, default: RouteTally()].add(note)
            }
            guard note.arm != .watched else { return }
            state.await(
                note.id, note.organisation, .routing, isControl: note.arm == .control, note.charge, at: now)
        }
    }

    func compressed(_ id: RequestID, of organisation: OrganisationID, isControl: Bool, charge: NanoUSD) {
        let now = Moment.now
        state.withLock { $0.await(id, organisation, .compression, isControl: isControl, charge, at: now) }
    }

    func isApproved(_ move: RouteMove, of organisation: OrganisationID) -> Bool {
        state.withLock { $0.approved[organisation]?.contains(move) ?? false }
    }

    func hasStopped(_ kind: TrialKind, _ organisation: OrganisationID) -> Bool {
        state.withLock { $0.trials[Compared(organisation: organisation, kind: kind)]?.hasStopped ?? false }
    }

    func outcome(of id: RequestID, _ organisation: OrganisationID?, isGood: Bool) -> Bool {
        state.withLock { state in
            guard let awaited = state.young[id] ?? state.old[id],
                awaited.organisation == organisation ?? awaited.organisation
            else { return false }
            // Each is told once.
            state.young[id] = nil
            state.old[id] = nil
            for arm in awaited.arms {
                let compared = Compared(organisation: awaited.organisation, kind: arm.kind)
                _ = state.trials[compared, default: ControlledTrial()].record(
                    isControl: arm.isControl, isGood: isGood, cost: awaited.charge)
                state.changed.insert(compared)
            }
            return true
        }
    }

    func prefixBroke(_ what: PrefixBreak, _ key: KeyID, of organisation: OrganisationID) {
        let none = [Int64](repeating: 0, count: PrefixBreak.allCases.count)
        state.withLock {
            $0.breaks[Breaker(organisation: organisation, key: key), default: none][Int(what.rawValue)] += 1
        }
    }

    /// Writes and reads until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            try? synchronise()
        }
    }

    /// Writes what is new and reads what others decided. Does I/O: never from an event loop.
    func synchronise() throws(StorageFault) {
        let now = Moment.now
        let (tallies, trials, breaks) = state.withLock { state in
            let trials = state.changed.compactMap { compared in
                state.trials[compared].map { RouteTrialRow(compared.organisation, compared.kind, $0) }
            }
            let tallies = state.pending
            state.pending = [:]
            let breaks = state.breaks.flatMap { breaker, counts in
                zip(PrefixBreak.allCases, counts).filter { $0.1 > 0 }.map { what, requests in
                    PrefixBreakCount(
                        organisation: breaker.organisation, key: breaker.key, what: what, requests: requests,
                        latestAt: now)
                }
            }
            state.pendingMoves = 0
            state.changed = []
            state.breaks = [:]
            return (tallies, trials, breaks)
        }
        if !tallies.isEmpty || !trials.isEmpty || !breaks.isEmpty {
            try alerts.add(try store.add(tallies, trials, breaks, at: now))
        }
        try refresh()
    }

    private func refresh() throws(StorageFault) {
        var approved: [OrganisationID: Set<RouteMove>] = [:]
        for proposal in try store.proposals() where proposal.approvedAt != nil {
            approved[proposal.organisation, default: []].insert(proposal.move)
        }
        let trials = try store.trials()
        state.withLock { state in
            state.approved = approved
            // A row that is gone was taken for a new beginning.
            let kept = Dictionary(
                trials.map { (Compared(organisation: $0.organisation, kind: $0.kind), $0.trial) }
            ) { first, _ in first }
            state.trials = state.trials.filter { state.changed.contains($0.key) }.merging(kept) { own, _ in own }
        }
    }
}

extension RouteTrialRow {
    init(_ organisation: OrganisationID, _ kind: TrialKind, _ trial: ControlledTrial) {
        self.init(organisation, kind)
        routed = Arm(count: trial.routed.count, good: trial.routed.good, cost: trial.routed.cost)
        control = Arm(count: trial.control.count, good: trial.control.good, cost: trial.control.cost)
        stoppedAt = trial.hasStopped ? .now : nil
    }

    var trial: ControlledTrial {
        func arm(_ arm: Arm) -> ControlledTrial.Arm {
            ControlledTrial.Arm(count: arm.count, good: arm.good, cost: arm.cost)
        }
        return ControlledTrial(routed: arm(routed), control: arm(control), hasStopped: stoppedAt != nil)
    }
}
