import Foundation
import Testing
import Vocabulary

@testable import Records

@Suite struct LedgerBookTests {
    /// The ways in which others credit twice (`CONTROL.md` 2.4).
    @Test func aBusinessKeyCreditsOnce() throws {
        let engine = try SQLiteEngine()
        let amount = NanoUSD(13_000_000_000)
        let first = try engine.book.grant(amount, to: .home, businessKey: "pi_1/inv-2", note: 4, at: seconds(1))
        #expect(first?.answer.result == .created)
        let again = try engine.book.grant(amount, to: .home, businessKey: "pi_1/inv-2", note: 4, at: seconds(2))
        #expect(again?.answer.result == .exists)
        #expect(again?.id == first?.id)
        try engine.reopen()
        #expect(
            try engine.book.grant(amount, to: .home, businessKey: "pi_1/inv-2", note: 4, at: seconds(3))?.answer.result
                == .exists)
        #expect(
            try engine.book.grant(NanoUSD(1), to: .home, businessKey: "pi_1/inv-2", at: seconds(4))?.answer.result
                == .existsWithDifferentAmount)
        #expect(
            try engine.book.grant(amount, to: OrganisationID(2), businessKey: "pi_1/inv-2", note: 4, at: seconds(4))?
                .answer
                .result == .existsWithDifferentCredit)
        // Another processor has its own keys.
        #expect(
            try engine.book.grant(amount, to: .home, businessKey: "pi_1/inv-2", processor: 1, at: seconds(5))?.answer
                .result
                == .created)
        for key in ["", "a b", "é", String(repeating: "k", count: 97)] {
            #expect(try engine.book.grant(amount, to: .home, businessKey: key, at: seconds(6)) == nil)
        }
        #expect(try engine.balance(.home) == 2 * amount.value)
        #expect(try engine.book.check(at: seconds(9)).isSound)
    }

    @Test func aBusinessKeyCreditsOnceInParallel() async throws {
        let engine = try SQLiteEngine()
        let books = [engine.book, LedgerBook(try Ledger(try DataDirectory(engine.folder.path + "/data")))]
        let results = try await withThrowingTaskGroup(of: TransferResult?.self) { group in
            for number in 0..<50 {
                let book = books[number % 2]
                group.addTask {
                    try book.grant(NanoUSD(5), to: .home, businessKey: "k", at: seconds(1))?.answer.result
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.filter { $0 == .created }.count == 1)
        #expect(results.filter { $0 == .exists }.count == 49)
        #expect(try engine.balance(.home) == 5)
    }

    /// 1,000 at once against a wallet that affords 10, through one queue and through two that know nothing of each other.
    @Test(arguments: [1, 2]) func theSumOfHoldsNeverPassesTheWallet(processes: Int) async throws {
        let engine = try SQLiteEngine()
        _ = try engine.book.grant(NanoUSD(1009), to: .home, businessKey: "k", at: seconds(1))
        let queues = try (0..<processes).map { number in
            LedgerQueue(
                number == 0 ? engine.ledger : try Ledger(try DataDirectory(engine.folder.path + "/data")),
                batchLimit: 64,
                now: { seconds(1) })
        }
        let results = try await withThrowingTaskGroup(of: TransferResult.self) { group in
            for number in 1...1000 {
                let queue = queues[number % processes]
                group.addTask {
                    let held = try await queue.perform(.hold(id(number), .home, NanoUSD(100), timeout: 60)).result
                    guard held == .created else { return held }
                    // A client that retries is charged once.
                    let settle = LedgerOperation.settle(id(number + 10_000), hold: id(number), NanoUSD(100))
                    let first = try await queue.perform(settle).result
                    let second = try await queue.perform(settle).result
                    return first == .created && second == .exists ? .created : .linkedEventFailed
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.filter { $0 == .created }.count == 10)
        #expect(results.filter { $0 == .exceedsCredits }.count == 990)
        #expect(try engine.balance(.home) == 9)
        #expect(try engine.balance(.revenue) == 1000)
        #expect(try engine.book.check(at: seconds(1)).isSound)
    }

    /// What happens to a payment is booked once for each key, at once or by many; a key that was refused stays so.
    @Test func aCorrectionIsBookedOnceUnderItsKey() async throws {
        let engine = try SQLiteEngine()
        let book = engine.book
        _ = try book.grant(NanoUSD(100), to: .home, businessKey: "pay", at: seconds(1))
        func correct(_ correction: LedgerBook.Correction, _ key: String) throws -> TransferResult? {
            try book.correct(correction, businessKey: key, at: seconds(2))?.answer.result
        }
        let results = try await withThrowingTaskGroup(of: TransferResult?.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try book.correct(.refund(of: "pay", NanoUSD(30)), businessKey: "r", at: seconds(2))?.answer.result
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.filter { $0 == .created }.count == 1 && results.filter { $0 == .exists }.count == 19)
        #expect(try correct(.refund(of: "pay", NanoUSD(31)), "r") == .existsWithDifferentAmount)
        #expect(try correct(.dispute(of: "pay", NanoUSD(30)), "r") == .existsWithDifferentCode)
        #expect(try correct(.refund(of: "nobody's", NanoUSD(1)), "r2") == .subjectNotFound)
        #expect(try correct(.refund(of: "pay", NanoUSD(1)), "r2") == .idAlreadyFailed)
        #expect(try correct(.dispute(of: "pay", NanoUSD(70)), "d") == .created)
        #expect(try correct(.disputeWon, "d") == .created && correct(.disputeWon, "d") == .exists)
        #expect(try correct(.disputeLost, "d") != .created && correct(.disputeWon, "r") == .subjectNotFound)
        #expect(try correct(.writeOff(.home, NanoUSD(1)), "w") == .exceedsSubject)
        #expect(try correct(.writeOff(.home, NanoUSD(1)), "a key with spaces") == nil)
        #expect(try engine.balance(.home) == 70 && book.check(at: seconds(3)).isSound)
    }

    @Test func aStatementRunsBackFromTheBalance() throws {
        let engine = try SQLiteEngine()
        _ = try engine.book.grant(NanoUSD(100), to: .home, businessKey: "a", note: 3, at: seconds(1))
        _ = try engine.perform(
            [
                .hold(id(2), .home, NanoUSD(60), timeout: 60), .settle(id(3), hold: id(2), NanoUSD(25)),
                .hold(id(4), .home, NanoUSD(60), timeout: 60), .void(id(5), hold: id(4)),
            ], at: 2)
        let lines = try #require(try engine.book.statement(of: .home, limit: 100))
        #expect(lines.map(\.transfer.kind) == [.void, .pending, .post, .pending, .single])
        #expect(lines.map(\.balance.value) == [75, 75, 75, 100, 100])
        #expect(lines.map(\.change.value) == [0, 0, -25, 0, 100])
        #expect(lines.last?.counterpart == .clearing)
        #expect(try engine.book.statement(of: .home, limit: 2)?.map(\.transfer.kind) == [.void, .pending])
        #expect(try engine.book.statement(of: AccountName.wallet(OrganisationID(7)), limit: 2) == nil)
    }

    /// `make simulate` asks for 1,000,000.
    @Test func aMillionPostingsSumExactly() throws {
        let count = ProcessInfo.processInfo.environment["TACET_POSTINGS"].flatMap { Int($0) } ?? 50_000
        var numbers = SeededNumbers(1)
        var sum: Int64 = 0
        let engine = MemoryEngine()
        engine.state.open(.home)
        engine.state.open(.clearing)
        for number in 1...count {
            let amount = Int64(numbers.next() % 9_000_000_000)
            sum += amount
            let transfer = LedgerTransfer(
                id(number), .single, debit: AccountName.clearing.id, credit: AccountName.home.id, amount: amount,
                code: .topUp)
            let result = engine.state.apply([transfer])
            if result != [.created] { Issue.record("posting \(number): \(result)") }
        }
        #expect(try engine.balance(.home) == sum)
        #expect(try engine.balance(.clearing) == -sum)
        #expect(try engine.failures().isEmpty)
    }
}
