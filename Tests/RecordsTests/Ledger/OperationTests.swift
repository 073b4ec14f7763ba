import Testing
import Vocabulary

@testable import Records

/// Whole operations, held by both engines.
@Suite struct OperationTests {
    private func dollars(_ count: Int64) -> NanoUSD { NanoUSD(count * 1_000_000_000) }

    @Test(arguments: EngineKind.allCases) func whatIsNotSpentReturns(kind: EngineKind) throws {
        let engine = try kind.make()
        #expect(try engine.perform(.topUp(id(1), .home, dollars(10), processor: 0, note: 7)) == .created)
        #expect(try engine.perform(.hold(id(2), .home, dollars(8), timeout: 60)) == .created)
        #expect(try engine.account(.home)?.available == dollars(2))
        #expect(try engine.perform(.hold(id(3), .home, dollars(3), timeout: 60)) == .exceedsCredits)
        #expect(try engine.perform(.settle(id(4), hold: id(2), dollars(3))) == .created)
        #expect(try engine.account(.home)?.available == dollars(7))
        #expect(try engine.balance(.revenue) == dollars(3).value)
        // The same again, and something else under the same id.
        #expect(try engine.perform(.topUp(id(1), .home, dollars(10), processor: 0, note: 7)) == .exists)
        #expect(
            try engine.perform(.topUp(id(1), .home, dollars(9), processor: 0, note: 7)) == .existsWithDifferentAmount)
        #expect(
            try engine.perform(.topUp(id(1), .home, dollars(10), processor: 1, note: 7)) == .existsWithDifferentDebit)
        #expect(try engine.perform(.hold(id(2), .home, dollars(8), timeout: 60)) == .exists)
        #expect(try engine.perform(.hold(id(2), .home, dollars(8), timeout: 61)) == .existsWithDifferentTimeout)
        #expect(try engine.perform(.hold(id(3), .home, dollars(3), timeout: 60)) == .idAlreadyFailed)
        #expect(try engine.perform(.settle(id(4), hold: id(2), dollars(3))) == .exists)
        #expect(try engine.perform(.settle(id(4), hold: id(2), dollars(2))) == .existsWithDifferentAmount)
        #expect(try engine.perform(.settle(id(5), hold: id(2), dollars(3))) == .pendingAlreadyPosted)
        #expect(try engine.perform(.void(id(6), hold: id(2))) == .pendingAlreadyPosted)
        #expect(try engine.balance(.home) == dollars(7).value)
        #expect(try engine.failures().isEmpty)
    }

    @Test(arguments: EngineKind.allCases) func burnOrderIsFrozenAndARefundUnwindsIt(kind: EngineKind) throws {
        let engine = try kind.make()
        let promotions: [(Int, UInt8, Int64)] = [(1, 5, 900), (2, 1, 900), (3, 1, 500), (4, 0, 10)]
        for (number, priority, expiry) in promotions {
            let promotion = LedgerOperation.promotion(
                id(number), .home, dollars(1), priority: priority, expiresAt: seconds(expiry))
            #expect(try engine.perform(promotion) == .created)
            #expect(try engine.perform(promotion) == .exists)
        }
        try engine.perform(.topUp(id(9), .home, dollars(5), processor: 0, note: 0))
        // At 20 s the fourth has expired: the order is 3, 2, 1, paid.
        #expect(try engine.perform(.hold(id(10), .home, dollars(6), timeout: 60), at: 20) == .created)
        let parts = try engine.transfers().filter { $0.kind == .pending }
        #expect(parts.map(\.amount) == [dollars(1), dollars(1), dollars(1), dollars(3)].map(\.value))
        let order = parts.map(\.debit)
        #expect(order == [id(3), id(2), id(1)].map { number in promotionID(number) } + [AccountName.home.id])
        #expect(try engine.perform(.settle(id(11), hold: id(10), dollars(2) + NanoUSD(1)), at: 20) == .created)
        #expect(try engine.balance(.home) == dollars(5).value)
        // Paid credit was not touched; the last burnt comes back first.
        #expect(try engine.perform(.refund(id(12), hold: id(10), NanoUSD(5)), at: 21) == .created)
        let refunds = try engine.transfers().filter { $0.code == .refund }
        #expect(refunds.map(\.credit) == [order[2], order[1]])
        #expect(refunds.map(\.amount) == [1, 4])
        #expect(try engine.perform(.refund(id(13), hold: id(10), dollars(2)), at: 21) == .exceedsSubject)
        #expect(try engine.perform(.refund(id(14), hold: id(10), dollars(2) - NanoUSD(4)), at: 21) == .created)
        #expect(try engine.perform(.refund(id(14), hold: id(10), dollars(2) - NanoUSD(4)), at: 21) == .exists)
        #expect(try engine.perform(.refund(id(15), hold: id(10), NanoUSD(1)), at: 21) == .exceedsSubject)
        let total = try engine.accounts().filter { $0.name.kind == .promotion }.reduce(0) { $0 + $1.balance.value }
        #expect(total == dollars(4).value)
        // What nobody spent in time is breakage, once.
        #expect(
            try engine.perform([.expirePromotions(limit: 9), .expirePromotions(limit: 9)], at: 600).map(\.count) == [
                2, 0,
            ])
        #expect(try engine.balance(AccountName(.breakage)) == dollars(2).value)
        #expect(try engine.failures(at: 600).isEmpty)
    }

    private func promotionID(_ id: LedgerID) -> LedgerID {
        AccountName.promotion(.home, grant: id).id
    }

    @Test(arguments: EngineKind.allCases) func aboveTheHoldIsTheHousesLoss(kind: EngineKind) throws {
        let engine = try kind.make()
        try engine.perform(.topUp(id(1), .home, NanoUSD(100), processor: 0, note: 0))
        try engine.perform(.hold(id(2), .home, NanoUSD(60), timeout: 60))
        #expect(try engine.perform(.settle(id(3), hold: id(2), NanoUSD(75))) == .created)
        #expect(try engine.perform(.settle(id(3), hold: id(2), NanoUSD(75))) == .exists)
        #expect(try engine.balance(.home) == 40)
        #expect(try engine.balance(AccountName(.writeOff)) == -15)
        #expect(try engine.balance(.revenue) == 75)
        // A free model passes with an empty wallet, absurd figures do not.
        try engine.perform(.hold(id(4), .home, NanoUSD(40), timeout: 60))
        #expect(try engine.perform(.hold(id(5), .home, .zero, timeout: 60)) == .created)
        #expect(try engine.perform(.settle(id(6), hold: id(5), .zero)) == .created)
        #expect(try engine.perform(.settle(id(7), hold: id(4), NanoUSD(-1))) == .amountMustNotBeNegative)
        #expect(try engine.perform(.settle(id(7), hold: id(4), .max)) == .overflowsCreditsPosted)
        #expect(try engine.perform(.hold(id(8), .home, NanoUSD(1), timeout: 0)) == .timeoutMustNotBeZero)
        #expect(try engine.perform(.void(id(9), hold: id(4))) == .created)
        #expect(try engine.perform(.void(id(9), hold: id(4))) == .exists)
        #expect(try engine.perform(.providerCost(id(10), hold: id(2), NanoUSD(50))) == .created)
        #expect(try engine.balance(AccountName(.providerPayable)) == 50)
        #expect(try engine.failures().isEmpty)
    }

    @Test(arguments: EngineKind.allCases) func lateUsageIsChargedOnceAndMayPassZero(kind: EngineKind) throws {
        let engine = try kind.make()
        try engine.perform(.topUp(id(1), .home, NanoUSD(100), processor: 0, note: 0))
        try engine.perform(.hold(id(2), .home, NanoUSD(80), timeout: 60), at: 0)
        #expect(try engine.perform(.settleLate(id(3), hold: id(2), NanoUSD(70)), at: 61) == .pendingNotExpired)
        try engine.perform(.expireHolds(limit: 5), at: 61)
        #expect(try engine.perform(.settle(id(4), hold: id(2), NanoUSD(70)), at: 61) == .pendingExpired)
        try engine.perform(.hold(id(5), .home, NanoUSD(100), timeout: 60), at: 61)
        #expect(try engine.perform(.settleLate(id(6), hold: id(2), NanoUSD(90)), at: 62) == .created)
        #expect(try engine.perform(.settleLate(id(6), hold: id(2), NanoUSD(90)), at: 62) == .exists)
        #expect(try engine.perform(.settleLate(id(7), hold: id(2), NanoUSD(90)), at: 62) == .pendingAlreadyPosted)
        #expect(try engine.account(.home)?.available.value == -80)
        #expect(try engine.balance(AccountName(.writeOff)) == -10)
        #expect(try engine.perform(.refund(id(8), hold: id(2), NanoUSD(80)), at: 63) == .created)
        #expect(try engine.account(.home)?.available.value == 0)
        #expect(try engine.failures(at: 63).isEmpty)
    }

    @Test(arguments: EngineKind.allCases) func onlyExternalEventsTakeAWalletBelowZero(kind: EngineKind) throws {
        let engine = try kind.make()
        try engine.perform(.topUp(id(1), .home, NanoUSD(100), processor: 2, note: 0))
        try engine.perform(.hold(id(2), .home, NanoUSD(90), timeout: 60))
        try engine.perform(.settle(id(3), hold: id(2), NanoUSD(90)))
        #expect(try engine.perform(.refundPayment(id(4), topUp: id(1), NanoUSD(30))) == .created)
        #expect(try engine.perform(.disputeOpened(id(5), topUp: id(1), NanoUSD(71))) == .exceedsSubject)
        #expect(try engine.perform(.disputeOpened(id(6), topUp: id(1), NanoUSD(70))) == .created)
        #expect(try engine.balance(.home) == -90)
        #expect(try engine.perform(.hold(id(7), .home, .zero, timeout: 60)) == .exceedsCredits)
        #expect(try engine.perform(.disputeWon(id(8), dispute: id(6))) == .created)
        #expect(try engine.perform(.disputeWon(id(8), dispute: id(6))) == .exists)
        #expect(try engine.perform(.disputeLost(id(9), dispute: id(6))) == .disputeAlreadyDecided)
        #expect(try engine.balance(.home) == -20)
        #expect(try engine.perform(.disputeOpened(id(10), topUp: id(1), NanoUSD(70))) == .created)
        #expect(try engine.perform(.disputeLost(id(11), dispute: id(10))) == .created)
        #expect(try engine.balance(AccountName(.clearing, number: 2)) == 0)
        #expect(try engine.balance(AccountName(.disputes)) == 0)
        #expect(try engine.perform(.writeOff(id(12), .home, NanoUSD(91))) == .exceedsSubject)
        #expect(try engine.perform(.writeOff(id(13), .home, NanoUSD(50))) == .created)
        // A top-up repays what is owed first.
        try engine.perform(.topUp(id(14), .home, NanoUSD(41), processor: 0, note: 0))
        #expect(try engine.account(.home)?.available.value == 1)
        #expect(try engine.perform(.refundPayment(id(15), topUp: id(3), NanoUSD(1))) == .subjectNotFound)
        #expect(try engine.failures().isEmpty)
    }

    /// TigerBeetle records transfers of nothing: their repeat is found, and their id is taken.
    @Test(arguments: EngineKind.allCases) func whatMovesNothingHappensOnceToo(kind: EngineKind) throws {
        let engine = try kind.make()
        let operations: [LedgerOperation] = [
            .topUp(id(1), .home, .zero, processor: 0, note: 0), .hold(id(2), .home, .zero, timeout: 60),
            .settle(id(3), hold: id(2), .zero), .refund(id(4), hold: id(2), .zero),
            .refundPayment(id(5), topUp: id(1), .zero), .disputeOpened(id(6), topUp: id(1), .zero),
            .disputeWon(id(7), dispute: id(6)), .writeOff(id(8), .home, .zero),
            .providerCost(id(9), hold: id(2), .zero), .lease(id(10), .home, node: 1, .zero),
            .leaseUsage(id(11), .home, node: 1, .zero, subject: id(2)), .leaseReturn(id(12), .home, node: 1, .zero),
            // Of a node that never leased anything.
            .leaseReturn(id(13), .home, node: 2, .zero),
        ]
        for operation in operations {
            #expect(try engine.perform(operation) == .created, "\(operation)")
            #expect(try engine.perform(operation) == .exists, "\(operation)")
        }
        #expect(try engine.perform(.leaseReturn(id(12), .home, node: 1, NanoUSD(1))) == .existsWithDifferentAmount)
        #expect(try engine.perform(.leaseReturn(id(14), .home, node: 1, NanoUSD(1))) == .exceedsSubject)
        #expect(try engine.accounts().allSatisfy { $0.balance == .zero })
        #expect(try engine.failures().isEmpty)
    }

    /// What returns within one batch can be held again in the same.
    @Test(arguments: EngineKind.allCases) func creditThatReturnsIsThereAtOnce(kind: EngineKind) throws {
        let engine = try kind.make()
        try engine.perform(.promotion(id(1), .home, NanoUSD(10), priority: 0, expiresAt: seconds(900)))
        try engine.perform(.hold(id(2), .home, NanoUSD(10), timeout: 60))
        let answers = try engine.perform(
            [
                .topUp(id(3), .home, NanoUSD(5), processor: 0, note: 0), .hold(id(4), .home, NanoUSD(5), timeout: 60),
                .void(id(5), hold: id(2)), .hold(id(6), .home, NanoUSD(10), timeout: 60),
            ], at: 0)
        #expect(answers.map(\.result) == [.created, .created, .created, .created])
        #expect(try engine.account(.home)?.held == NanoUSD(5))
        #expect(try engine.failures().isEmpty)
    }
}
