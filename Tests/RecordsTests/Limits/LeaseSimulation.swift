import Vocabulary

@testable import Records

/// The durable side under simulation: in memory, or the desk on SQLite.
protocol LeaseBank: AnyObject {
    func exchange(_ asks: [LeaseAsk], node: UInt32, at now: Moment) throws -> (terms: [LeaseTerms], nodes: Int)
    /// What the drain does with a batch of receipts.
    func post(_ charge: Int64, id: LedgerID, node: UInt32, at now: Moment) throws
    func release(node: UInt32, at now: Moment) throws
    func topUp(_ amount: Int64, id: LedgerID, at now: Moment) throws
    func accounts() throws -> [LedgerAccount]
    func failures(at now: Moment) throws -> [LedgerAudit.Finding]
}

/// Several nodes that spend one wallet from leases, under a seed: requests in any order, exchanges that fail or come late,
/// a ledger that is away for longer than leases last, nodes that die with holds open and are recovered from their journal,
/// clocks that differ and jump both ways.
struct LeaseSimulation {
    struct Node {
        var state: PurseState
        var epoch: UInt32 = 1
        var isAlive = true
        /// Held and not settled: what recovery finds opened, with the charge of the last progress.
        var open: [(hold: Hold, progress: Int64)] = []
        /// Settled and not drained yet.
        var journal: [Int64] = []
        /// How far its clock is from the true one, in microseconds.
        var skew: Int64 = 0
    }

    private var numbers: SeededNumbers
    private let bank: any LeaseBank
    private var nodes: [Node] = []
    private var now = Moment(microseconds: 1_700_000_000_000_000)
    /// The ledger cannot be reached before.
    private var isAwayUntil = Moment(microseconds: 0)
    private var lastID = 0
    private var granted: Int64 = 0
    private(set) var charged: Int64 = 0
    private(set) var faults: [String] = []
    private(set) var served = 0
    private(set) var refused = 0
    /// Requests that met leases which were over.
    private(set) var expired = 0
    /// Every answer in order; equal for equal seeds.
    private(set) var trace: [Int64] = []

    /// How long a lease is good for here.
    private static let term: Int64 = 8_000_000
    private static let payer = Payer(key: KeyID(1), organisation: .home)

    init(seed: UInt64, bank: any LeaseBank) {
        numbers = SeededNumbers(seed)
        self.bank = bank
        for _ in 0..<(1 + numbers.below(4)) { nodes.append(Node(state: Self.purse(epoch: 1))) }
    }

    private static func purse(epoch: UInt32) -> PurseState {
        var state = PurseState(epoch: epoch)
        state.setRules(SpendingRules(billing: .prepaid))
        return state
    }

    mutating func run(_ steps: Int) throws {
        try grant(Int64(numbers.below(3000)))
        for _ in 0..<steps {
            now.microseconds += Int64(numbers.below(400_000))
            if numbers.chance(oneIn: 60) { isAwayUntil = Moment(microseconds: now.microseconds + 12_000_000) }
            let index = numbers.below(nodes.count)
            if numbers.chance(oneIn: 12) { nodes[index].skew = Int64(numbers.below(8_000_000)) - 4_000_000 }
            switch numbers.below(20) {
            case 0: try grant(Int64(numbers.below(400)))
            case 1: if nodes[index].isAlive { try die(index) }
            case 2...5: if nodes[index].isAlive { try exchange(index) }
            case 6...7: if nodes[index].isAlive { try drain(index) }
            case 8...13: if nodes[index].isAlive { ask(index) }
            default: if nodes[index].isAlive { settle(index) }
            }
            if !nodes[index].isAlive, !isAway, numbers.chance(oneIn: 3) { try recover(index) }
            check()
        }
        isAwayUntil = now
        for index in nodes.indices {
            if !nodes[index].isAlive { try recover(index) }
            while !nodes[index].open.isEmpty { settle(index) }
            try drain(index)
            try bank.release(node: UInt32(index + 1), at: now)
        }
        try checkMoney()
    }

    private var isAway: Bool { now < isAwayUntil }

    private func clock(_ index: Int) -> Moment { Moment(microseconds: now.microseconds + nodes[index].skew) }

    private mutating func newID() -> LedgerID {
        lastID += 1
        return id(lastID)
    }

    private mutating func grant(_ amount: Int64) throws {
        granted += amount
        try bank.topUp(amount, id: newID(), at: now)
    }

    private mutating func ask(_ index: Int) {
        let amount = Int64(1 + numbers.below(numbers.chance(oneIn: 8) ? 900 : 120))
        let wasOver = max(clock(index), nodes[index].state.now) >= nodes[index].state.leaseUntil
        let answer = nodes[index].state.hold(HoldAsk(payer: Self.payer, amount: NanoUSD(amount)), at: clock(index))
        if wasOver { expired += 1 }
        switch answer {
        case .held(let hold):
            served += 1
            trace.append(hold.amount.value)
            if wasOver { faults.append("spent from a lease that is over") }
            if hold.number & Hold.prepaidBit == 0 { faults.append("a hold that no credit stands behind") }
            nodes[index].open.append((hold, Int64(numbers.below(Int(amount) + 1))))
        case .denied:
            refused += 1
            trace.append(-1)
            if wasOver { faults.append("refused for good though the ledger was not asked") }
        case .refill: break
        case .limited, .downgrade: faults.append("nothing limits here")
        }
    }

    private mutating func settle(_ index: Int) {
        guard !nodes[index].open.isEmpty else { return }
        let place = numbers.below(nodes[index].open.count)
        if numbers.chance(oneIn: 3) {
            var hold = nodes[index].open[place].hold
            _ = nodes[index].state.extend(&hold, by: NanoUSD(Int64(numbers.below(80))), at: clock(index))
            nodes[index].open[place].hold = hold
        }
        let (hold, progress) = nodes[index].open.remove(at: place)
        // Some go above what they held: the purse charges no more.
        let cost = numbers.chance(oneIn: 10) ? hold.amount.value * 2 : progress
        let charge = min(cost, hold.amount.value)
        nodes[index].state.settle(hold, charge: NanoUSD(cost), tokens: 0, at: clock(index))
        nodes[index].journal.append(charge)
        charged += charge
    }

    private mutating func exchange(_ index: Int) throws {
        if numbers.chance(oneIn: 4) { nodes[index].state.tick(at: clock(index)) }
        let wanted: [CreditSource] = numbers.chance(oneIn: 4) ? [.wallet(.home)] : []
        let asks = nodes[index].state.collect(wanted: wanted)
        // Requests go on while the ledger is asked.
        if numbers.chance(oneIn: 2) { ask(index) }
        if isAway || numbers.chance(oneIn: 6) { return nodes[index].state.apply(asks, nil) }
        let answer = try bank.exchange(asks.map(\.ask), node: UInt32(index + 1), at: now)
        for terms in answer.terms { trace.append(terms.taken) }
        nodes[index].state.renewed(until: Moment(microseconds: clock(index).microseconds + Self.term))
        nodes[index].state.apply(asks, answer.terms)
        nodes[index].state.setNodes(answer.nodes, rank: 0)
    }

    private mutating func drain(_ index: Int) throws {
        if isAway { return }
        let sum = nodes[index].journal.reduce(0, +)
        if sum > 0 { try bank.post(sum, id: newID(), node: UInt32(index + 1), at: now) }
        nodes[index].journal = []
    }

    private mutating func die(_ index: Int) throws {
        nodes[index].isAlive = false
        // What recovery settles of requests without an end.
        for (_, progress) in nodes[index].open {
            nodes[index].journal.append(progress)
            charged += progress
        }
        nodes[index].open = []
    }

    private mutating func recover(_ index: Int) throws {
        try drain(index)
        try bank.release(node: UInt32(index + 1), at: now)
        nodes[index].epoch += 1
        nodes[index].state = Self.purse(epoch: nodes[index].epoch)
        nodes[index].isAlive = true
    }

    private mutating func check() {
        let held = nodes.flatMap(\.open).reduce(0) { $0 + $1.hold.amount.value }
        if charged + held > granted { faults.append("charged \(charged) and held \(held) of \(granted)") }
    }

    private mutating func checkMoney() throws {
        func sum(_ kind: AccountKind) throws -> Int64 {
            try bank.accounts().filter { $0.name.kind == kind }.reduce(0) { $0 + $1.balance.value }
        }
        if try sum(.revenue) != charged { faults.append("revenue \(try sum(.revenue)), charged \(charged)") }
        if try sum(.lease) != 0 { faults.append("a lease stayed out") }
        if try sum(.writeOff) != 0 { faults.append("something was written off") }
        if try sum(.wallet) != granted - charged { faults.append("the wallet has \(try sum(.wallet))") }
        for finding in try bank.failures(at: now) { faults.append(finding.invariant.rawValue) }
    }
}

final class MemoryLeaseBank: LeaseBank {
    private var state = LedgerState(EmptySource())
    private var live: Set<UInt32> = []
    private var last = 1 << 40

    private func perform(_ operation: LedgerOperation, at now: Moment) {
        let result = state.perform(operation, at: now).result
        precondition(result.isDone)
    }

    private func newID() -> LedgerID {
        last += 1
        return id(last)
    }

    func exchange(_ asks: [LeaseAsk], node: UInt32, at now: Moment) -> (terms: [LeaseTerms], nodes: Int) {
        live.insert(node)
        let terms = asks.map { ask in
            let node = UInt16(node)
            if ask.giveBack > 0 { perform(.leaseReturn(newID(), .home, node: node, NanoUSD(ask.giveBack)), at: now) }
            let left = state.account(AccountName.home.id)?.available.value ?? 0
            let taken = max(0, min(left, max(ask.least, min(ask.take, live.count > 1 ? left / 4 : left))))
            if taken > 0 { perform(.lease(newID(), .home, node: node, NanoUSD(taken)), at: now) }
            let elsewhere = state.accounts.values.filter { $0.name.kind == .lease && $0.name.node != node }
                .reduce(0) { $0 + $1.available.value }
            return LeaseTerms(taken: taken, given: ask.giveBack, left: left - taken, elsewhere: elsewhere)
        }
        return (terms, live.count)
    }

    func post(_ charge: Int64, id: LedgerID, node: UInt32, at now: Moment) {
        perform(.leaseUsage(id, .home, node: UInt16(node), NanoUSD(charge), subject: id), at: now)
    }

    func release(node: UInt32, at now: Moment) {
        live.remove(node)
        let sum = state.accounts.values.filter { $0.name.kind == .lease && $0.name.node == UInt16(node) }
            .reduce(0) { $0 + $1.available.value }
        perform(.leaseReturn(newID(), .home, node: UInt16(node), NanoUSD(sum)), at: now)
    }

    func topUp(_ amount: Int64, id: LedgerID, at now: Moment) {
        perform(.topUp(id, .home, NanoUSD(amount), processor: 0, note: 0), at: now)
    }

    func accounts() -> [LedgerAccount] { state.opened.compactMap { state.accounts[$0.id] } }

    func failures(at now: Moment) -> [LedgerAudit.Finding] { state.audit().filter { $0.failed > 0 } }
}

final class DeskLeaseBank: LeaseBank {
    let engine: SQLiteEngine

    init() throws { engine = try SQLiteEngine() }

    private func desk(_ node: UInt32) -> LeaseDesk {
        LeaseDesk(ledger: engine.ledger, served: NodeEpoch(node: node, epoch: 1))
    }

    func exchange(_ asks: [LeaseAsk], node: UInt32, at now: Moment) throws -> (terms: [LeaseTerms], nodes: Int) {
        let (terms, others) = try desk(node).exchange(asks, at: now)
        return (terms, others.nodes)
    }

    func post(_ charge: Int64, id: LedgerID, node: UInt32, at now: Moment) throws {
        _ = try engine.book.perform(
            [.leaseUsage(id, .home, node: UInt16(node), NanoUSD(charge), subject: id)], at: now)
    }

    func release(node: UInt32, at now: Moment) throws { try desk(node).release(at: now) }

    func topUp(_ amount: Int64, id: LedgerID, at now: Moment) throws {
        _ = try engine.book.perform([.topUp(id, .home, NanoUSD(amount), processor: 0, note: 0)], at: now)
    }

    func accounts() throws -> [LedgerAccount] { try engine.accounts() }

    func failures(at now: Moment) throws -> [LedgerAudit.Finding] {
        try engine.book.check(at: now).findings.filter { $0.failed > 0 && $0.invariant != .grants }
    }
}
