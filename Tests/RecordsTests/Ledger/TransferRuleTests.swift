import Testing
import Vocabulary

@testable import Records

/// TigerBeetle's semantics, held by both engines.
@Suite struct TransferRuleTests {
    private static let wallet = AccountName.home.id
    private static let revenue = AccountName.revenue.id
    private static let clearing = AccountName.clearing.id

    /// A wallet with 100, transfer 1; pending transfers 2 (40, open), 3 (posted 5 of 10), 4 (voided), 5 (expired at 10 s).
    private func ledger(_ kind: EngineKind) throws -> any Engine {
        let engine = try kind.make()
        try engine.open([.home, .revenue, .clearing])
        let transfers = [
            single(1, Self.clearing, Self.wallet, 100), pending(2, 40), pending(3, 10), pending(4, 10),
            pending(5, 10, 10),
            LedgerTransfer(id(13), .post, amount: 5, pending: id(3), code: .usage),
            LedgerTransfer(id(14), .void, amount: 0, pending: id(4), code: .usage),
        ]
        for transfer in transfers { #expect(try engine.apply(transfer) == .created) }
        #expect(try engine.perform([.expireHolds(limit: 10)], at: 10)[0].count == 1)
        return engine
    }

    private func single(
        _ number: Int, _ debit: LedgerID, _ credit: LedgerID, _ amount: Int64, code: TransferCode = .topUp
    ) -> LedgerTransfer {
        LedgerTransfer(id(number), .single, debit: debit, credit: credit, amount: amount, code: code)
    }

    private func pending(_ number: Int, _ amount: Int64, _ timeout: UInt32 = 0) -> LedgerTransfer {
        LedgerTransfer(
            id(number), .pending, debit: Self.wallet, credit: Self.revenue, amount: amount, timeout: timeout,
            code: .usage)
    }

    private func post(
        _ number: Int, _ pending: Int, _ amount: Int64, _ kind: LedgerTransfer.Kind = .post
    ) -> LedgerTransfer {
        LedgerTransfer(id(number), kind, amount: amount, pending: id(pending), code: .usage)
    }

    private func with(_ transfer: LedgerTransfer, _ change: (inout LedgerTransfer) -> Void) -> LedgerTransfer {
        var changed = transfer
        change(&changed)
        return changed
    }

    /// Each case breaks the rule named and, where that can be, every rule after it.
    private var cases: [(LedgerTransfer, TransferResult)] {
        let stranger = AccountName(.wallet, organisation: 99).id
        return [
            (single(0, .zero, .zero, -1), .idMustNotBeZero),
            (with(single(1, .zero, .zero, -1)) { $0.id = .max }, .idMustNotBeMax),
            (with(pending(1, -1, 9)) { $0.pending = id(1) }, .existsWithDifferentFlags),
            (
                with(single(1, .zero, .zero, -1)) { ($0.pending, $0.timeout) = (id(1), 1) },
                .existsWithDifferentPendingID
            ),
            (with(single(1, .zero, .zero, -1)) { $0.timeout = 1 }, .existsWithDifferentTimeout),
            (single(1, .zero, .zero, -1), .existsWithDifferentDebit),
            (single(1, Self.clearing, .zero, -1), .existsWithDifferentCredit),
            (with(single(1, Self.clearing, Self.wallet, -1)) { $0.subject = id(9) }, .existsWithDifferentAmount),
            (
                with(single(1, Self.clearing, Self.wallet, 100)) { ($0.subject, $0.note) = (id(9), 1) },
                .existsWithDifferentSubject
            ),
            (
                with(single(1, Self.clearing, Self.wallet, 100)) { ($0.note, $0.parts) = (1, 2) },
                .existsWithDifferentNote
            ),
            (
                with(single(1, Self.clearing, Self.wallet, 100, code: .writeOff)) { $0.parts = 2 },
                .existsWithDifferentParts
            ),
            (single(1, Self.clearing, Self.wallet, 100, code: .writeOff), .existsWithDifferentCode),
            (single(1, Self.clearing, Self.wallet, 100), .exists),
            (post(13, 3, 5), .exists), (post(13, 3, 6), .existsWithDifferentAmount), (post(14, 4, 0, .void), .exists),
            (with(single(50, .zero, .zero, -1)) { $0.pending = id(1) }, .amountMustNotBeNegative),
            (with(single(50, .zero, .zero, 1)) { $0.pending = id(1) }, .debitMustNotBeZero),
            (single(50, .max, .zero, 1), .debitMustNotBeMax),
            (single(50, Self.wallet, .zero, 1), .creditMustNotBeZero),
            (single(50, Self.wallet, .max, 1), .creditMustNotBeMax),
            (with(single(50, stranger, stranger, 1)) { $0.pending = id(1) }, .accountsMustBeDifferent),
            (
                with(single(50, stranger, Self.wallet, 1)) { ($0.pending, $0.timeout) = (id(1), 1) },
                .pendingIDMustBeZero
            ),
            (with(single(50, stranger, Self.wallet, 1)) { $0.timeout = 1 }, .timeoutReservedForPending),
            (single(51, stranger, LedgerID(7), 1), .debitNotFound),
            (single(51, Self.clearing, Self.wallet, 1), .idAlreadyFailed),
            (single(52, Self.wallet, stranger, .max), .creditNotFound),
            (with(post(53, 2, 99)) { ($0.pending, $0.timeout) = (.zero, 1) }, .pendingIDMustNotBeZero),
            (with(post(53, 2, 99)) { ($0.pending, $0.timeout) = (.max, 1) }, .pendingIDMustNotBeMax),
            (with(post(53, 53, 99)) { $0.timeout = 1 }, .pendingIDMustBeDifferent),
            (with(post(53, 77, 99)) { $0.timeout = 1 }, .timeoutReservedForPending),
            (post(54, 77, 99), .pendingNotFound),
            (with(post(53, 1, 999)) { $0.debit = stranger }, .pendingNotPending),
            (with(post(53, 3, 99)) { ($0.debit, $0.credit) = (stranger, stranger) }, .pendingHasDifferentDebit),
            (with(post(53, 3, 99)) { ($0.credit, $0.code) = (stranger, .refund) }, .pendingHasDifferentCredit),
            (with(post(53, 3, 99)) { $0.code = .refund }, .pendingHasDifferentCode),
            (post(53, 3, 11), .exceedsPendingAmount), (post(53, 3, 9, .void), .pendingHasDifferentAmount),
            (post(53, 3, 10), .pendingAlreadyPosted), (post(53, 4, 10), .pendingAlreadyVoided),
            (post(53, 5, 10), .pendingExpired), (post(53, 5, 0, .void), .pendingExpired),
            (pending(55, .max), .overflowsDebitsPending), (pending(55, .max - 40), .overflowsDebits),
            (single(56, Self.clearing, Self.wallet, .max), .overflowsDebitsPosted),
            (pending(57, 56), .exceedsCredits), (pending(57, 1), .idAlreadyFailed), (pending(58, 55), .created),
            (single(59, Self.wallet, Self.revenue, 1), .exceedsCredits),
            (single(60, Self.wallet, Self.clearing, 30, code: .paymentRefund), .created),
            (post(61, 2, .max), .created), (post(61, 2, .max), .exists), (post(61, 2, 40), .exists),
        ]
    }

    @Test(arguments: EngineKind.allCases) func resultsFollowTheFixedOrder(kind: EngineKind) throws {
        let engine = try ledger(kind)
        for (index, (transfer, expected)) in cases.enumerated() {
            #expect(try engine.apply(transfer, at: 20) == expected, "case \(index)")
        }
        #expect(try engine.balance(.home) == 100 - 5 - 30 - 40)
        #expect(try engine.account(.home)?.available.value == -30)
        #expect(try engine.failures(at: 20).isEmpty)
    }

    @Test(arguments: EngineKind.allCases) func aChainIsAllOrNothing(kind: EngineKind) throws {
        let engine = try ledger(kind)
        let before = try engine.accounts()
        let chain = [pending(70, 20), post(71, 2, 1), post(72, 70, 20), pending(73, 90)]
        #expect(
            try engine.apply(chain, at: 20)
                == [.linkedEventFailed, .linkedEventFailed, .linkedEventFailed, .exceedsCredits])
        #expect(try engine.accounts() == before)
        // Only the one that failed stays failed; the rest may come again.
        #expect(try engine.apply(Array(chain.dropLast()), at: 20) == [.created, .created, .created])
        #expect(try engine.apply(pending(73, 1), at: 20) == .idAlreadyFailed)
        #expect(try engine.failures(at: 20).isEmpty)
    }

    @Test(arguments: EngineKind.allCases) func timeNeverGoesBack(kind: EngineKind) throws {
        let engine = try ledger(kind)
        #expect(try engine.apply(pending(80, 1, 5), at: 100) == .created)
        #expect(try engine.perform([.expireHolds(limit: 9)], at: 50)[0].count == 0)
        #expect(try engine.apply(pending(81, 1, 5), at: 3) == .created)
        #expect(try engine.apply(post(82, 80, 1), at: 105) == .pendingExpired)
        #expect(try engine.perform([.expireHolds(limit: 1), .expireHolds(limit: 9)], at: 105).map(\.count) == [1, 1])
        #expect(try engine.failures(at: 105).isEmpty)
    }

    @Test func partsOfAnIDDiffer() {
        var seen: Set<LedgerID> = []
        for number in 0..<500 { for part in 0..<20 { seen.insert(LedgerID(UInt128(number) << 64 | 5).part(part)) } }
        #expect(seen.count == 10_000)
        #expect(LedgerID(text: id(0xabc).text) == id(0xabc))
        for text in ["wallet:1", "promotion:3:8f", "clearing:2", "revenue", "write-off"] {
            #expect(AccountName(text: text)?.text == text)
            #expect(AccountName(text: text).flatMap { AccountName($0.id) }?.text == text)
        }
        for text in ["", "wallet", "wallet:", "wallet:x", "revenue:1", "promotion:1", "till:1"] {
            #expect(AccountName(text: text) == nil)
        }
    }
}
