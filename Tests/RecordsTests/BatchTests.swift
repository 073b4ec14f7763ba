import GRDB
import Secrets
import Testing
import Vocabulary

@testable import Records

/// What is kept once per batch instead of once per receipt says the same as the receipts do.
@Suite struct BatchTests {
    /// Drains `groups` as one batch each.
    private func drained(_ groups: [[Receipt]]) async throws -> Installation {
        let home = try Installation()
        let drainer = try home.drainer(epoch: 1)
        var records: [any JournalPayload] = []
        for group in groups {
            records += group
            try home.write(segmentBytes(epoch: 1, records, room: 64), epoch: 1)
            try await drainer.drainNow()
        }
        return home
    }

    private func receipt(_ number: Int, at second: Int64, key: UInt64 = 7, charge: Int64 = 100) -> Receipt {
        var made = RecordsTests.receipt(number, charge: charge, key: key)
        made.openedAt = Moment(microseconds: second * 1_000_000)
        return made
    }

    private func count(_ table: String, _ home: Installation) throws -> Int64? {
        try home.ledger.read { try Int64.fetchOne($0, sql: "SELECT count(*) FROM \(table)") }
    }

    /// Requests end in another order than they began in: the list is by beginning over all batches.
    @Test func listsAreNewestFirstOverBatchesThatOverlap() async throws {
        var random = SystemRandomNumberGenerator()
        var seconds = Array(1...120).map { Int64($0) }.shuffled(using: &random)
        // Two that began together are told apart by their ids.
        seconds[5] = seconds[100]
        let all = seconds.enumerated().map { receipt($0 + 1, at: $1, key: UInt64($0 % 3)) }
        let home = try await drained(
            stride(from: 0, to: all.count, by: 7).map { Array(all[$0..<min($0 + 7, all.count)]) })
        let sorted = all.sorted { ($0.openedAt, $0.id.low) > ($1.openedAt, $1.id.low) }
        for limit in [0, 1, 6, 7, 50, 119, 120, 500] {
            #expect(try home.store.list(.init(limit: limit)).map(\.receipt) == Array(sorted.prefix(limit)))
        }
        let filter = ReceiptStore.Filter(
            since: Moment(microseconds: 20_000_000), until: Moment(microseconds: 100_000_000), key: KeyID(1), limit: 15)
        let expected = sorted.filter {
            $0.key == KeyID(1) && $0.openedAt >= Moment(microseconds: 20_000_000)
                && $0.openedAt < Moment(microseconds: 100_000_000)
        }
        #expect(try home.store.list(filter).map(\.receipt) == Array(expected.prefix(15)))
    }

    @Test func erasedReceiptsLeaveNothingInTheSumsOfTheirBatch() async throws {
        let home = try await drained([
            [receipt(1, at: 10), receipt(2, at: 30, key: 9, charge: 5), receipt(3, at: 20)], [receipt(4, at: 40)],
        ])
        let before = try home.store.totals()
        #expect(before.receipts == 4 && before.batches == 2)
        #expect(before.charge == NanoUSD(305) && before.providerCost == NanoUSD(305))
        #expect(before.inputTokens == 44 && before.outputTokens == 88)
        #expect(try home.store.erase([requestID(2), requestID(4)]) == 2)
        let after = try home.store.totals()
        #expect(after.receipts == 2 && after.batches == 2 && after.charge == NanoUSD(200))
        #expect(after.inputTokens == 22 && after.root == before.root)
        #expect(try home.store.list().map(\.receipt.id) == [requestID(3), requestID(1)])
        try home.ledger.read { database in
            let times = try Row.fetchAll(database, sql: "SELECT oldest, newest FROM merkle_batches ORDER BY id")
            #expect(times[0] == ["oldest": 10_000_000, "newest": 20_000_000])
            #expect(times[1] == ["oldest": nil, "newest": nil])
            #expect(try Int64.fetchAll(database, sql: "SELECT key FROM batch_keys") == [7])
        }
        // A place is never given again: the erased leaf keeps its own.
        let records = (1...5).map { closed($0) }
        try home.write(segmentBytes(epoch: 1, records, room: 64), epoch: 1)
        try await home.drainer(epoch: 1).drainNow()
        var verifier = ReceiptVerifier(installationKey: home.installationKey)
        for line in try home.exported() { _ = verifier.add(line: line) }
        #expect(verifier.summary == .init(ok: 3, erased: 2))
    }

    /// Only what was erased on purpose is called so.
    @Test func aRowThatIsLostIsMissing() async throws {
        let home = try await drained([[receipt(1, at: 1), receipt(2, at: 2), receipt(3, at: 3)]])
        #expect(try home.store.erase([requestID(1)]) == 1)
        try home.ledger.write {
            try $0.execute(sql: "DELETE FROM receipts WHERE id = ?", arguments: [requestID(2).bytes.stored])
        }
        var verifier = ReceiptVerifier(installationKey: home.installationKey)
        for line in try home.exported() { _ = verifier.add(line: line) }
        #expect(verifier.summary == .init(ok: 1, erased: 1, missing: 1))
    }

    @Test func onlyRequestsThatAreStillOpenHaveARow() async throws {
        let home = try Installation()
        let drainer = try home.drainer(epoch: 1)
        var records = [opened(1), opened(2), closed(1)]
        try home.write(segmentBytes(epoch: 1, records, room: 64), epoch: 1)
        try await drainer.drainNow()
        #expect(try count("open_requests", home) == 1)
        records += [opened(3), progress(2, output: 3, charge: 10), progress(3, output: 4, charge: 20)]
        try home.write(segmentBytes(epoch: 1, records, room: 64), epoch: 1)
        try await drainer.drainNow()
        #expect(try count("open_requests WHERE output IS NOT NULL", home) == 2)
        records += [closed(2), closed(3)]
        try home.write(segmentBytes(epoch: 1, records, room: 64), epoch: 1)
        try await drainer.drainNow()
        #expect(try count("open_requests", home) == 0)
        #expect(try home.receipts() == [1, 2, 3].map { RecordsTests.receipt($0) })
    }

    /// Two drains that read the same place: the second changes nothing.
    @Test func aBatchReadFromAnOlderPositionIsNotWritten() throws {
        let home = try Installation()
        let served = NodeEpoch(node: 1, epoch: 1)
        try home.write(segmentBytes(epoch: 1, [opened(1), closed(1)], room: 64), epoch: 1)
        let writer = try BatchWriter(
            ledger: home.ledger, identity: home.identity, profile: .strict,
            now: { Moment(microseconds: 1_700_000_000_000_000) })
        var reader = JournalReader(folder: home.directory.journalPath, node: 1, epoch: 1, isOver: false)
        var batch = try reader.read(after: writer.position(of: served), limit: 10)
        batch.receipts.salt()
        #expect(try writer.write(batch, served: served))
        #expect(try !writer.write(batch, served: served))
        #expect(try count("merkle_batches", home) == 1)
        #expect(try writer.position(of: served) == batch.position)
    }
}
