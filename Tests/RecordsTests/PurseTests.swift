import Dispatch
import Synchronization
import Testing
import Vocabulary

@testable import Records

@Suite struct PurseTests {
    private let key = KeyID(1)

    @Test func aThousandHoldsAtOnceNeverPassTheBudget() {
        let budget: Int64 = 100_000
        let purse = KeyPurse(epoch: 1, spent: [key: NanoUSD(1000)])
        purse.setLimits(key, budget: NanoUSD(budget), requestsPerMinute: nil)
        let held = Atomic<Int64>(0)
        let most = Atomic<Int64>(0)
        let charged = Atomic<Int64>(1000)
        let granted = Mutex<Set<UInt64>>([])
        let repeated = Atomic<Int64>(0)
        DispatchQueue.concurrentPerform(iterations: 1000) { index in
            for turn in 0..<4 {
                let amount = Int64((index * 7919 + turn * 104_729) % 900 + 1)
                guard case .held(let hold) = purse.hold(key, NanoUSD(amount)) else { continue }
                if !granted.withLock({ $0.insert(hold).inserted }) { repeated.add(1, ordering: .relaxed) }
                // What is charged never falls: read first, it makes the sum at most what the purse has.
                let paid = charged.load(ordering: .sequentiallyConsistent)
                let now = held.add(amount, ordering: .sequentiallyConsistent).newValue
                _ = most.max(paid + now, ordering: .relaxed)
                if turn == 3 { continue }
                let charge = amount * Int64(index % 3) / 2
                held.subtract(amount, ordering: .sequentiallyConsistent)
                purse.settle(key, held: NanoUSD(amount), charge: NanoUSD(charge))
                charged.add(min(charge, amount), ordering: .sequentiallyConsistent)
            }
        }
        let balance = purse.balance(of: key)
        #expect(balance.spent + balance.held <= NanoUSD(budget))
        #expect(balance.spent.value == charged.load(ordering: .relaxed))
        #expect(balance.held.value == held.load(ordering: .relaxed))
        #expect(most.load(ordering: .relaxed) <= budget)
        #expect(balance.spent > NanoUSD(90_000) - balance.held)
        #expect(repeated.load(ordering: .relaxed) == 0)
    }

    /// Any sequence of calls, each amount absurd or not.
    @Test func holdsAndChargesStayWithinTheBudgetInAnyOrder() {
        var random = SplitMix(state: 7)
        for _ in 0..<300 {
            var account = KeyAccount()
            account.budget = NanoUSD(Int64.random(in: 0...1000, using: &random))
            var holds: [NanoUSD] = []
            for _ in 0..<60 {
                if Bool.random(using: &random) {
                    let amount = NanoUSD(
                        [Int64.random(in: 0...400, using: &random), -5, .max, .min].randomElement(using: &random) ?? 0)
                    if account.hold(amount) == nil { holds.append(amount) }
                } else if let hold = holds.popLast() {
                    account.settle(
                        held: hold,
                        charge: NanoUSD(
                            [Int64.random(in: 0...500, using: &random), -9, .max].randomElement(using: &random) ?? 0))
                }
                #expect(account.spent + account.held <= account.budget ?? .zero)
                #expect(account.held >= .zero && account.spent >= .zero)
            }
        }
    }

    @Test func limitsChangeLiveAndKeysWithoutPass() {
        let purse = KeyPurse(epoch: 3, spent: [:])
        #expect(purse.hold(key, .max) == .held(hold: 3 << 40 + 1))
        purse.settle(key, held: .max, charge: NanoUSD(60))
        purse.setLimits(key, budget: NanoUSD(100), requestsPerMinute: nil)
        #expect(purse.hold(key, NanoUSD(41)) == .denied(left: NanoUSD(40)))
        #expect(purse.hold(key, NanoUSD(40)) == .held(hold: 3 << 40 + 2))
        #expect(purse.hold(key, NanoUSD(1)) == .denied(left: .zero))
        purse.setLimits(key, budget: NanoUSD(50), requestsPerMinute: nil)
        #expect(purse.hold(key, NanoUSD(1)) == .denied(left: .zero))
        purse.setLimits(key, budget: nil, requestsPerMinute: nil)
        #expect(purse.hold(key, NanoUSD(1_000_000)) == .held(hold: 3 << 40 + 3))
        // A budget of nothing still allows what cannot cost anything.
        purse.setLimits(KeyID(2), budget: .zero, requestsPerMinute: nil)
        #expect(purse.hold(KeyID(2), .zero) == .held(hold: 3 << 40 + 4))
        #expect(purse.hold(KeyID(2), NanoUSD(1)) == .denied(left: .zero))
    }

    @Test func noWindowOfAMinuteHasTwiceTheRateAndRetryAfterIsTrue() {
        var random = SplitMix(state: 11)
        for limit in [Int64(1), 2, 7, 60] {
            var rate = SlidingRate()
            rate.limit = limit
            var now = Moment(microseconds: 1_700_000_000_000_000)
            var admitted: [Int64] = []
            for _ in 0..<2000 {
                now.microseconds += Int64.random(in: 0...(90_000_000 / limit), using: &random)
                switch rate.admit(at: now) {
                case .admitted: admitted.append(now.microseconds)
                case .limited(let wait):
                    #expect(wait >= 1 && wait <= 120)
                    var later = rate
                    let moment = Moment(microseconds: now.microseconds + wait * 1_000_000)
                    #expect(later.admit(at: moment) == .admitted)
                }
                let recent = admitted.suffix(Int(limit) * 3).filter { $0 > now.microseconds - 60_000_000 }
                #expect(recent.count <= Int(limit) * 2)
            }
            #expect(admitted.count > 100)
        }
        var none = SlidingRate()
        none.limit = 0
        #expect(none.admit(at: Moment(microseconds: 5)) == .limited(retryAfterSeconds: 60))
    }

    @Test func aBurstIsCutAtTheRate() {
        let purse = KeyPurse(epoch: 1, spent: [:])
        purse.setLimits(key, budget: nil, requestsPerMinute: 5)
        let now = Moment(microseconds: 60_000_000 * 1000)
        #expect((0..<9).filter { _ in purse.admit(key, at: now) == .admitted }.count == 5)
        // A clock that goes back gives nothing away.
        #expect(purse.admit(key, at: Moment(microseconds: 0)) != .admitted)
        #expect(purse.admit(KeyID(9), at: now) == .admitted)
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
