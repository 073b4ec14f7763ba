import Testing
import Vocabulary

@testable import Records

/// The purse as a value, with a bank of memory behind it.
@Suite struct PurseTests {
    private let payer = Payer(key: KeyID(1), organisation: .home)
    private let start = Moment(microseconds: 1_700_000_000_000_000)

    /// A purse whose sources are these budgets, all asked for and leased.
    private func purse(_ budgets: [Budget], limits: [BudgetOwner: RateLimits] = [:]) -> PurseState {
        var rules = SpendingRules()
        for budget in budgets { rules.add(budget) }
        for (owner, limits) in limits { rules.add(limits, of: owner) }
        var purse = PurseState(epoch: 1)
        purse.setRules(rules)
        purse.renewed(until: Moment(microseconds: .max))
        return purse
    }

    private func ask(_ amount: Int64, tokens: Int64 = 0, isSubstitute: Bool = false) -> HoldAsk {
        HoldAsk(payer: payer, amount: NanoUSD(amount), tokens: tokens, isSubstitute: isSubstitute)
    }

    /// Holds after the bank answered, as a request that waits does.
    private func hold(_ purse: inout PurseState, _ bank: inout MemoryBank, _ ask: HoldAsk) -> HoldAnswer {
        for _ in 0..<3 {
            let answer = purse.hold(ask, at: start)
            guard case .refill = answer else { return answer }
            bank.serve(&purse)
        }
        return purse.hold(ask, at: start)
    }

    @Test func aBudgetIsHeldChargedAndReturned() throws {
        var purse = purse([Budget(.key(KeyID(1)), .ever, NanoUSD(100))])
        var bank = MemoryBank()
        // Before the ledger answered nobody is refused for good.
        #expect(purse.hold(ask(60), at: start) == .refill(milliseconds: PurseState.firstWait))
        guard case .held(let first) = hold(&purse, &bank, ask(60)) else { return #expect(Bool(false)) }
        #expect(
            hold(&purse, &bank, ask(41))
                == .denied(HoldDenial(code: .budgetExhausted, left: NanoUSD(40), resetsAt: nil, owner: .key)))
        guard case .held(let second) = hold(&purse, &bank, ask(40)) else { return #expect(Bool(false)) }
        #expect(second.number == first.number + 1)
        purse.settle(first, charge: NanoUSD(10), tokens: 0, at: start)
        // Nothing costs nothing, also with nothing left.
        #expect(hold(&purse, &bank, ask(51)) != .refill(milliseconds: 50))
        guard case .held = hold(&purse, &bank, ask(50)) else { return #expect(Bool(false)) }
        guard case .held = hold(&purse, &bank, ask(0)) else { return #expect(Bool(false)) }
        guard case .denied = hold(&purse, &bank, ask(1)) else { return #expect(Bool(false)) }
        purse.settle(second, charge: .max, tokens: 0, at: start)
        #expect(bank.spendable(purse) == 100 - 10 - 40 - 50)
    }

    @Test func aBudgetThatIsRaisedOrLoweredHoldsAtOnce() {
        var purse = purse([Budget(.key(KeyID(1)), .ever, NanoUSD(100))])
        var bank = MemoryBank()
        guard case .held = hold(&purse, &bank, ask(30)) else { return #expect(Bool(false)) }
        var rules = SpendingRules()
        rules.add(Budget(.key(KeyID(1)), .ever, NanoUSD(50)))
        purse.setRules(rules)
        bank.serve(&purse)
        guard case .denied(let denial) = hold(&purse, &bank, ask(21)) else { return #expect(Bool(false)) }
        #expect(denial.left == NanoUSD(20))
        rules = SpendingRules()
        rules.add(Budget(.key(KeyID(1)), .ever, NanoUSD(1000)))
        purse.setRules(rules)
        guard case .held = hold(&purse, &bank, ask(900)) else { return #expect(Bool(false)) }
        purse.setRules(SpendingRules())
        guard case .held = hold(&purse, &bank, ask(.max)) else { return #expect(Bool(false)) }
    }

    @Test func everyOwnerOfAKeyMustCoverAndAllOrNoneIsTaken() {
        var purse = purse([
            Budget(.key(KeyID(1)), .day, NanoUSD(100)), Budget(.organisation(.home), .month, NanoUSD(70)),
            Budget(.installation, .ever, NanoUSD(1000)),
        ])
        var bank = MemoryBank()
        guard case .held = hold(&purse, &bank, ask(60)) else { return #expect(Bool(false)) }
        guard case .denied(let denial) = hold(&purse, &bank, ask(20)) else { return #expect(Bool(false)) }
        #expect(denial.owner == .organisation && denial.left == NanoUSD(10))
        // 1 December 2023, when November is over.
        #expect(denial.resetsAt == Moment(microseconds: 1_701_388_800_000_000))
        guard case .held = hold(&purse, &bank, ask(10)) else { return #expect(Bool(false)) }
    }

    @Test func aPeriodThatEndsBeginsAnew() {
        var purse = purse([Budget(.key(KeyID(1)), .day, NanoUSD(100))])
        var bank = MemoryBank()
        guard case .held(let held) = hold(&purse, &bank, ask(100)) else { return #expect(Bool(false)) }
        let tomorrow = Moment(microseconds: start.microseconds + 86_400_000_000)
        #expect(purse.hold(ask(90), at: tomorrow) == .refill(milliseconds: PurseState.firstWait))
        bank.serve(&purse)
        guard case .held = purse.hold(ask(90), at: tomorrow) else { return #expect(Bool(false)) }
        // Yesterday's hold is yesterday's charge.
        purse.settle(held, charge: NanoUSD(100), tokens: 0, at: tomorrow)
        guard case .held = purse.hold(ask(10), at: tomorrow) else { return #expect(Bool(false)) }
        purse.tick(at: tomorrow)
        #expect(purse.lines.count == 2)
        // The clock goes back: the day is not lived twice.
        guard case .denied = hold(&purse, &bank, ask(1)) else { return #expect(Bool(false)) }
    }

    @Test func aUsedUpBudgetSendsElsewhereOnce() {
        var purse = purse([Budget(.key(KeyID(1)), .ever, NanoUSD(50), .downgrade, substitute: Array("cheap".utf8))])
        var bank = MemoryBank()
        guard case .held = hold(&purse, &bank, ask(50)) else { return #expect(Bool(false)) }
        guard case .downgrade(let substitute, let denial) = hold(&purse, &bank, ask(10)) else {
            return #expect(Bool(false))
        }
        #expect(substitute == Array("cheap".utf8) && denial.owner == .key)
        guard case .held(let held) = hold(&purse, &bank, ask(10, isSubstitute: true)) else {
            return #expect(Bool(false))
        }
        #expect(held.places.isEmpty)
    }

    @Test func leasesEndAndBeginAgain() {
        var purse = purse([Budget(.key(KeyID(1)), .ever, NanoUSD(100))])
        var bank = MemoryBank()
        guard case .held = hold(&purse, &bank, ask(10)) else { return #expect(Bool(false)) }
        purse.renewed(until: Moment(microseconds: start.microseconds - 1))
        // The ledger cannot be asked: nothing is spent past the lease's end, and nobody is told that it is empty.
        #expect(purse.hold(ask(1), at: start) == .refill(milliseconds: PurseState.wait))
        purse.renewed(until: Moment(microseconds: .max))
        guard case .held = purse.hold(ask(1), at: start) else { return #expect(Bool(false)) }
    }

    @Test func noWindowOfAMinuteHasTwiceTheRateAndRetryAfterIsTrue() {
        var random = SplitMix(state: 11)
        for limit in [Int64(1), 2, 7, 60] {
            for weight in [Int64(1), 3] {
                var window = SlidingWindow()
                var now = start
                var taken: [Int64] = []
                for _ in 0..<2000 {
                    now.microseconds += Int64.random(in: 0...(90_000_000 / limit), using: &random)
                    if let wait = window.wait(for: weight, limit: limit, at: now) {
                        #expect(wait > 0 && wait <= 120_000_000)
                        var later = window
                        let moment = Moment(microseconds: now.microseconds + wait)
                        #expect(later.wait(for: weight, limit: limit, at: moment) == nil)
                    } else {
                        window.add(min(weight, limit), at: now)
                        taken.append(now.microseconds)
                    }
                    let recent = taken.filter { $0 > now.microseconds - 60_000_000 }.count
                    #expect(Int64(recent) * min(weight, limit) <= limit * 2)
                    #expect(window.used(at: now) <= limit + 1)
                }
                #expect(taken.count > 100)
            }
        }
        var none = SlidingWindow()
        #expect(none.wait(for: 1, limit: 0, at: start) == 60_000_000)
    }

    @Test func ratesCountRequestsTokensAndThoseInFlight() {
        var purse = purse(
            [],
            limits: [
                .key(KeyID(1)): RateLimits(requestsPerMinute: 5, tokensPerMinute: 1000, inFlight: 3)
            ])
        for number in 0..<3 {
            guard case .admitted(let allowance?) = purse.admit(payer, at: start) else { return #expect(Bool(false)) }
            #expect(allowance.requests?.left == Int64(4 - number) && allowance.tokens?.limit == 1000)
        }
        guard case .limited(let full) = purse.admit(payer, at: start) else { return #expect(Bool(false)) }
        #expect(full.kind == .inFlight && full.owner == .key && full.limit == 3 && full.retryAfterSeconds == 1)
        #expect(full.allowance.requests?.left == 2)
        purse.leave(payer)
        guard case .admitted = purse.admit(payer, at: start) else { return #expect(Bool(false)) }
        purse.leave(payer)
        purse.leave(payer)
        guard case .admitted = purse.admit(payer, at: start) else { return #expect(Bool(false)) }
        purse.leave(payer)
        guard case .limited(let fast) = purse.admit(payer, at: start) else { return #expect(Bool(false)) }
        #expect(fast.kind == .requests && fast.limit == 5 && fast.allowance.requests?.left == 0)
        // A clock that goes back gives nothing away.
        guard case .limited = purse.admit(payer, at: Moment(microseconds: 0)) else { return #expect(Bool(false)) }

        guard case .held(let first) = purse.hold(ask(0, tokens: 700), at: start) else { return #expect(Bool(false)) }
        guard case .limited(let many) = purse.hold(ask(0, tokens: 400), at: start) else {
            return #expect(Bool(false))
        }
        #expect(many.kind == .tokens && many.limit == 1000 && many.allowance.tokens?.left == 300)
        purse.settle(first, charge: .zero, tokens: 100, at: start)
        guard case .held = purse.hold(ask(0, tokens: 900), at: start) else { return #expect(Bool(false)) }
    }

    /// The denial names whose budget or rate it is.
    @Test func theOwnerOfWhatIsUsedUpIsNamed() {
        let payer = Payer(key: KeyID(1), member: MemberID(2), organisation: .home)
        let provider = DeploymentID(9)
        let owners: [BudgetOwner] = [
            .key(payer.key), .member(payer.member), .organisation(.home), .installation, .deployment(provider),
        ]
        for owner in owners {
            let ask = HoldAsk(payer: payer, amount: NanoUSD(60), tokens: 6, deployments: [provider])
            var spending = purse([Budget(owner, .day, NanoUSD(100))])
            var bank = MemoryBank()
            guard case .held(var first) = hold(&spending, &bank, ask) else { return #expect(Bool(false)) }
            guard case .denied(let denial) = hold(&spending, &bank, ask) else { return #expect(Bool(false)) }
            #expect(denial.owner == owner.kind && denial.code == .budgetExhausted && denial.left == NanoUSD(40))
            #expect(spending.extend(&first, by: NanoUSD(41), at: start) == denial)
            #expect(spending.extend(&first, by: NanoUSD(40), at: start) == nil && first.amount == NanoUSD(100))

            var tokens = purse([], limits: [owner: RateLimits(tokensPerMinute: 10)])
            guard case .held = tokens.hold(ask, at: start) else { return #expect(Bool(false)) }
            guard case .limited(let fast) = tokens.hold(ask, at: start) else { return #expect(Bool(false)) }
            #expect(fast.owner == owner.kind && fast.kind == .tokens)

            guard owner.kind != .deployment else { continue }
            var flying = purse([], limits: [owner: RateLimits(inFlight: 1)])
            for _ in 0..<3 {
                guard case .admitted = flying.admit(payer, at: start) else { return #expect(Bool(false)) }
                guard case .limited(let full) = flying.admit(payer, at: start) else { return #expect(Bool(false)) }
                #expect(full.owner == owner.kind && full.kind == .inFlight)
                flying.leave(payer)
            }
        }
    }

    /// A stream that reaches its hold before the ledger was asked again is told that, and not that credit is used up.
    @Test func whatIsNotConfirmedIsNotUsedUp() {
        var rules = SpendingRules(billing: .prepaid)
        rules.add(Budget(.key(KeyID(1)), .ever, NanoUSD(10_000)))
        var purse = PurseState(epoch: 1)
        purse.setRules(rules)
        purse.renewed(until: Moment(microseconds: .max))
        var bank = MemoryBank(wallet: 5000)
        guard case .held(var held) = hold(&purse, &bank, ask(100)) else { return #expect(Bool(false)) }
        #expect(purse.extend(&held, by: NanoUSD(4000), at: start)?.code == .creditUnconfirmed)
        bank.serve(&purse)
        #expect(purse.extend(&held, by: NanoUSD(4000), at: start) == nil)
        #expect(purse.extend(&held, by: NanoUSD(4000), at: start)?.code == .insufficientCredit)
    }

    @Test func nodesTogetherNeverPassARate() {
        for nodes in 1...5 {
            var admitted = 0
            for rank in 0..<nodes {
                var purse = purse([], limits: [.organisation(.home): RateLimits(requestsPerMinute: 7, inFlight: 7)])
                purse.setNodes(nodes, rank: rank)
                for _ in 0..<10 {
                    if case .admitted = purse.admit(payer, at: start) { admitted += 1 }
                }
            }
            #expect(admitted == 7)
        }
    }

    @Test func periodsBeginInUTCAndWeeksOnMonday() {
        // Wednesday, 2026-11-25 13:14:15 UTC.
        let moment = Moment(microseconds: 1_795_612_455_000_000)
        func text(_ value: Int64?) -> String {
            value.map { String(decoding: CivilTime(Moment(microseconds: $0)).text, as: UTF8.self) } ?? "never"
        }
        let windows = BudgetPeriod.allCases.map { BudgetWindow(.installation, $0, at: moment) }
        #expect(
            windows.map { text($0.beginsAt).prefix(10) } == ["2026-11-25", "2026-11-23", "2026-11-01", "1970-01-01"])
        #expect(
            windows.map { text($0.endsAt?.microseconds).prefix(10) }
                == ["2026-11-26", "2026-11-30", "2026-12-01", "never"])
        #expect(windows.dropLast().allSatisfy { text($0.beginsAt).hasSuffix("T00:00:00.000000Z") })
    }
}

/// The ledger's side of leases in memory: what the desk does in SQLite.
struct MemoryBank {
    /// Left at each source; a budget's is its amount less what was taken.
    var taken: [CreditSource: Int64] = [:]
    var wallet: Int64 = 0

    mutating func serve(_ purse: inout PurseState) {
        let asks = purse.collect(wanted: [])
        let terms = asks.map { entry in
            let ask = entry.ask
            let amount = if case .wallet = ask.source { wallet } else { ask.limit.value }
            taken[ask.source, default: 0] -= ask.giveBack
            let left = max(0, amount - taken[ask.source, default: 0])
            let share = min(left, max(ask.least, ask.take))
            taken[ask.source, default: 0] += share
            return LeaseTerms(taken: share, given: ask.giveBack, left: left - share, elsewhere: 0)
        }
        purse.apply(asks, terms)
    }

    func spendable(_ purse: PurseState) -> Int64 {
        purse.lines.reduce(0) { sum, line in
            let amount = if case .wallet = line.source { wallet } else { line.limit.value }
            return sum + line.free + amount - taken[line.source, default: 0]
        }
    }
}

/// A generator whose numbers are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
