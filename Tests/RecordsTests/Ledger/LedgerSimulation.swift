import Vocabulary

@testable import Records

/// Numbers from a seed, the same on every machine.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 0x1234_5678_9abc_def1 }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func chance(oneIn bound: Int) -> Bool { below(bound) == 0 }
}

/// One run of simulated time: clients send operations over a network that loses, repeats, delays and reorders them and
/// their answers; clocks jump, both ways; clients die and leave holds behind. All of it follows from the seed (in the
/// manner of TigerBeetle's VOPR).
struct LedgerSimulation {
    /// What a run saw; equal for equal seeds.
    struct Outcome: Equatable {
        var answers: [TransferResult] = []
        var transfers: [LedgerTransfer] = []
        /// What broke, in words a person can look up by the seed.
        var faults: [String] = []
    }

    private var numbers: SeededNumbers
    private var clock: Int64 = 1_000
    private var nextID = 0
    private var inFlight: [LedgerOperation] = []
    /// The first decided answer of each id: a retry may turn `created` into `exists` and nothing else.
    private var decided: [LedgerID: (LedgerOperation, TransferResult)] = [:]
    private var holds: [LedgerID] = []
    private var topUps: [LedgerID] = []
    private var disputes: [LedgerID] = []
    private var outcome = Outcome()

    private static let organisations = [OrganisationID(1), OrganisationID(2)]

    init(seed: UInt64) { numbers = SeededNumbers(seed) }

    /// - Parameter crash: called between two deliveries, for engines that can lose their memory.
    mutating func run(
        _ steps: Int, on engine: any Engine, crash: ((any Engine) throws -> Void)? = nil
    ) throws -> Outcome {
        for _ in 0..<steps {
            passTime()
            inFlight.append(invent())
            // Up to three deliveries: some operations wait, some overtake, a few are lost.
            for _ in 0..<numbers.below(4) where !inFlight.isEmpty {
                let index = numbers.below(inFlight.count)
                let operation = inFlight[index]
                // A repeat stays in the network.
                if !numbers.chance(oneIn: 4) { inFlight.remove(at: index) }
                if numbers.chance(oneIn: 20) { continue }
                try deliver(operation, on: engine)
            }
            if let crash, numbers.chance(oneIn: 15) { try crash(engine) }
        }
        for operation in inFlight { try deliver(operation, on: engine) }
        // Every hold is resolved once its term is over.
        clock += 1_000
        _ = try engine.perform([.expireHolds(limit: .max)], at: clock)
        if try engine.accounts().contains(where: { $0.debitsPending != 0 || $0.creditsPending != 0 }) {
            outcome.faults.append("a hold outlived its term")
        }
        for finding in try engine.failures(at: clock) { outcome.faults.append(finding.invariant.rawValue) }
        try checkMoney(engine)
        outcome.transfers = try engine.transfers()
        return outcome
    }

    private mutating func passTime() {
        switch numbers.below(20) {
        case 0: clock -= Int64(numbers.below(50))
        case 1: clock += Int64(numbers.below(120))
        default: clock += Int64(numbers.below(3))
        }
    }

    private mutating func deliver(_ operation: LedgerOperation, on engine: any Engine) throws {
        let result = try engine.perform([operation], at: clock)[0].result
        outcome.answers.append(result)
        guard let id = operation.id else { return }
        if let (_, first) = decided[id] {
            let isSame =
                first == .created
                ? result == .exists : result == first || (first.isTransient && result == .idAlreadyFailed)
            // What time alone decides may be decided later: a hold expires between two tries.
            let isTimely = first != .created && !first.isTransient
            if !isSame && !isTimely {
                outcome.faults.append("\(id.text): first \(first.rawValue), then \(result.rawValue)")
            }
            if first != .created, result == .created, !isTimely {
                outcome.faults.append("\(id.text) failed, then happened")
            }
            if isTimely { decided[id] = (operation, result) }
        } else {
            decided[id] = (operation, result)
        }
    }

    /// A new operation, about something earlier or about nothing.
    private mutating func invent() -> LedgerOperation {
        nextID += 1
        let new = id(nextID)
        let organisation = Self.organisations[numbers.below(2)]
        let node = UInt16(1 + numbers.below(2))
        let amount = NanoUSD(Int64(numbers.below(numbers.chance(oneIn: 10) ? 100_000 : 1_000)))
        func any(_ ids: [LedgerID]) -> LedgerID { ids.isEmpty ? id(999_999) : ids[numbers.below(ids.count)] }
        switch numbers.below(36) {
        case 0...2:
            topUps.append(new)
            return .topUp(new, organisation, amount, processor: UInt32(numbers.below(3)), note: 0)
        case 3...4:
            return .promotion(
                new, organisation, amount, priority: UInt8(numbers.below(3)),
                expiresAt: seconds(clock + Int64(numbers.below(400))))
        case 5...14:
            holds.append(new)
            return .hold(new, organisation, amount, timeout: UInt32(1 + numbers.below(90)))
        case 15...20: return .settle(new, hold: any(holds.suffix(12)), amount)
        case 21: return .settleLate(new, hold: any(holds), amount)
        case 22: return .void(new, hold: any(holds.suffix(12)))
        case 23: return .expireHolds(limit: 1 + numbers.below(8))
        case 24: return .refund(new, hold: any(holds), NanoUSD(amount.value / 8))
        case 25: return .refundPayment(new, topUp: any(topUps), amount)
        case 26:
            disputes.append(new)
            return .disputeOpened(new, topUp: any(topUps), amount)
        case 27:
            let dispute = any(disputes)
            return numbers.chance(oneIn: 2) ? .disputeWon(new, dispute: dispute) : .disputeLost(new, dispute: dispute)
        case 30...32: return .lease(new, organisation, node: node, amount)
        case 33...34: return .leaseUsage(new, organisation, node: node, NanoUSD(amount.value / 3), subject: any(holds))
        case 35: return .leaseReturn(new, organisation, node: node, NanoUSD(amount.value / 2))
        case 28: return .writeOff(new, organisation, amount)
        default: return .expirePromotions(limit: 1 + numbers.below(4))
        }
    }

    /// Counts money by the answers alone, without looking at any posting.
    private mutating func checkMoney(_ engine: any Engine) throws {
        var expected: [AccountKind: Int64] = [:]
        for (operation, result) in decided.values where result.isDone {
            switch operation {
            case .topUp(_, _, let amount, _, _): expected[.clearing, default: 0] -= amount.value
            case .promotion(_, _, let amount, _, _): expected[.promotionCost, default: 0] -= amount.value
            case .settle(_, _, let amount), .settleLate(_, _, let amount), .leaseUsage(_, _, _, let amount, _):
                expected[.revenue, default: 0] += amount.value
            case .refund(_, _, let amount): expected[.refunds, default: 0] -= amount.value
            case .refundPayment(_, _, let amount): expected[.clearing, default: 0] += amount.value
            case .disputeOpened(_, _, let amount): expected[.disputes, default: 0] += amount.value
            case .disputeLost(_, let dispute):
                guard case .disputeOpened(_, _, let amount) = decided[dispute]?.0 else { continue }
                expected[.disputes, default: 0] -= amount.value
                expected[.clearing, default: 0] += amount.value
            case .disputeWon(_, let dispute):
                guard case .disputeOpened(_, _, let amount) = decided[dispute]?.0 else { continue }
                expected[.disputes, default: 0] -= amount.value
            case .hold, .void, .writeOff, .expireHolds, .expirePromotions, .providerCost, .lease, .leaseReturn: break
            }
        }
        let accounts = try engine.accounts()
        for kind in [AccountKind.clearing, .promotionCost, .revenue, .refunds, .disputes] {
            let actual = accounts.filter { $0.name.kind == kind }.reduce(0) { $0 + $1.balance.value }
            if actual != expected[kind] ?? 0 {
                outcome.faults.append("\(kind.name): \(actual), by the answers \(expected[kind] ?? 0)")
            }
        }
    }
}
