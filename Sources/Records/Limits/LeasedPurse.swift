import Dispatch
import Synchronization
public import Vocabulary

/// Credit, budgets and rates of this node: `PurseState` behind one short lock, and the queue on which the ledger is asked for
/// credit, off every event loop (`RULES.md` 31).
public final class LeasedPurse: Purse {
    static let pollMilliseconds: Int64 = 250

    private let state: Mutex<PurseState>
    private let desk: LeaseDesk
    private let events: any EventLog
    private let clock: @Sendable () -> Moment
    private let queue = DispatchQueue(label: "tacet.purse")
    private let isCalled = Atomic<Bool>(false)
    private let watching = Atomic<Bool>(false)
    private let limiting = Atomic<Bool>(false)
    private let failures = Atomic<Int>(0)

    /// - Parameters:
    ///   - served: the node's start; what an earlier one leased must have been released.
    ///   - waiting: requests of one organisation that wait at most while others are in flight.
    ///   - now: the wall clock.
    public init(
        ledger: Ledger, served: NodeEpoch, events: any EventLog, waiting: Int = 0,
        now: @escaping @Sendable () -> Moment
    ) {
        state = Mutex(PurseState(epoch: served.epoch, queue: waiting))
        desk = LeaseDesk(ledger: ledger, served: served)
        self.events = events
        clock = now
    }

    /// Takes new budgets and rates; what stands behind them is asked for at once.
    public func setRules(_ rules: SpendingRules) {
        state.withLock { $0.setRules(rules) }
        watching.store(state.withLock { $0.watchesDeployments }, ordering: .relaxed)
        limiting.store(state.withLock { $0.limitsCalls }, ordering: .relaxed)
        call()
    }

    // MARK: The request path

    public func admit(_ payer: Payer, at now: Moment) -> Admission {
        state.withLock { $0.admit(payer, at: now) }
    }

    public func leave(_ payer: Payer) { tell(state.withLock { $0.leave(payer) }) }

    public func take(_ ask: TurnAsk, for waiter: any TurnWaiter, at now: Moment) -> TurnAnswer {
        state.withLock { $0.take(ask, for: waiter, at: now) }
    }

    public func giveUp(_ number: UInt64) { state.withLock { $0.giveUp(number) } }

    public func endCall(to deployment: DeploymentID) { tell(state.withLock { $0.endCall(to: deployment) }) }

    private func tell(_ grants: [PurseState.Grant]) {
        for grant in grants { grant.waiter.turnCame(grant.answer) }
    }

    public func hold(_ ask: HoldAsk, at now: Moment) -> HoldAnswer {
        let (answer, needsCredit) = state.withLock { ($0.hold(ask, at: now), $0.needsCredit) }
        if needsCredit { call() }
        return answer
    }

    public func extend(_ hold: inout Hold, by amount: NanoUSD, at now: Moment) -> HoldDenial? {
        var copy = hold
        let (denial, needsCredit) = state.withLock { ($0.extend(&copy, by: amount, at: now), $0.needsCredit) }
        hold = copy
        if needsCredit { call() }
        return denial
    }

    public func settle(_ hold: Hold, charge: NanoUSD, tokens: Int64, at now: Moment) {
        state.withLock { $0.settle(hold, charge: charge, tokens: tokens, at: now) }
    }

    public var watchesDeployments: Bool { watching.load(ordering: .relaxed) }
    public var limitsCalls: Bool { limiting.load(ordering: .relaxed) }
    /// Requests that wait while others are in flight.
    public var waiting: Int { state.withLock { $0.queue.count } }

    public func balance(of payer: Payer, at now: Moment) -> PurseBalance {
        state.withLock { $0.balance(of: payer, at: now) }
    }

    // MARK: The ledger

    /// Wakes the queue unless it is awake already.
    private func call() {
        guard !isCalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        queue.async { self.exchange() }
    }

    /// Asks the ledger for what is needed now. Only on the queue.
    private func exchange(wanted: [CreditSource] = [], renews: Bool = false) {
        isCalled.store(false, ordering: .sequentiallyConsistent)
        let now = clock()
        let asks = state.withLock { $0.collect(wanted: wanted) }
        let isExpiring = state.withLock { $0.leaseUntil.microseconds - now.microseconds < LeaseDesk.term / 2 }
        guard !asks.isEmpty || (renews && isExpiring) else { return state.withLock { $0.apply([], []) } }
        do throws(StorageFault) {
            let (terms, others) = try desk.exchange(asks.map(\.ask), at: now)
            state.withLock { state in
                state.renewed(until: Moment(microseconds: now.microseconds + LeaseDesk.term - LeaseDesk.slack))
                state.apply(asks, terms)
                state.setNodes(others.nodes, rank: others.rank)
            }
            failures.store(0, ordering: .relaxed)
        } catch {
            state.withLock { $0.apply(asks, nil) }
            // Once at the start of a series and then about every minute.
            if failures.add(1, ordering: .relaxed).newValue % 240 == 1 { events.record(.creditUnconfirmed) }
        }
    }

    /// Before the first request: the node is entered, and its leases begin.
    public func open() { queue.sync { exchange(renews: true) } }

    /// Looks what changed in the ledger, renews, and keeps the pace, until the task is cancelled.
    public func run() async {
        var version: Int64?
        var sinceTick: Int64 = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
            sinceTick += Self.pollMilliseconds
            let isTick = sinceTick >= 1000
            if isTick { sinceTick = 0 }
            let last = version
            version = await withCheckedContinuation { continuation in
                queue.async { continuation.resume(returning: self.poll(last, isTick: isTick)) }
            }
        }
    }

    private func poll(_ version: Int64?, isTick: Bool) -> Int64? {
        let now = clock()
        if isTick { state.withLock { $0.tick(at: now) } }
        // Limits, or this node's share of them, may have become wider.
        tell(state.withLock { $0.queue.isEmpty ? [] : $0.serveAll() })
        let current = try? desk.ledger.dataVersion()
        var wanted: [CreditSource] = []
        if current != version, let others = try? desk.others(at: now) {
            wanted = others.wanted
            state.withLock { $0.setNodes(others.nodes, rank: others.rank) }
        }
        if current != version || isTick { exchange(wanted: wanted, renews: isTick) }
        return current
    }

    /// After the last request, once its receipt is in the ledger: everything leased goes back.
    public func close() { queue.sync { try? desk.release(at: clock()) } }

    /// What is held and may be spent now, for tests.
    var lines: [CreditLine] { state.withLock { $0.lines } }
}
