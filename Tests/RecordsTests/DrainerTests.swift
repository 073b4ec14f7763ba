import Foundation
import GRDB
import Glibc
import Secrets
import Synchronization
import Testing
import Vocabulary

@testable import Records

@Suite struct DrainerTests {
    @Test func receiptsArriveOnceHoweverOftenTheJournalIsDrained() async throws {
        let home = try Installation()
        try home.write(
            segmentBytes(epoch: 1, [opened(1), name("openai/gpt"), closed(1), opened(2), closed(2)], room: 512),
            epoch: 1)
        let drainer = try home.drainer(epoch: 1)
        for _ in 0..<3 { try await drainer.drainNow() }
        // A drainer that starts anew goes on from the committed position.
        try await home.drainer(epoch: 1).drainNow()
        #expect(try home.receipts() == [receipt(1), receipt(2)])
        #expect(try home.exported().count == 2)
        #expect(try CatalogueNames(home.ledger).models().values.contains("openai/gpt"))
        #expect(try GatewayKeyStore(home.ledger).spent()[KeyID(7)] == NanoUSD(200))
        #expect(try home.segments.count == 1)
    }

    @Test func aSequenceOrAnIDSeenBeforeIsNotCountedAgain() async throws {
        let home = try Installation()
        try home.write(segmentBytes(epoch: 1, [closed(1)], room: 64), epoch: 1)
        let drainer = try home.drainer(epoch: 1)
        try await drainer.drainNow()
        // The same record once more behind itself, and the same request under another sequence.
        try home.write(
            segmentBytes(epoch: 1, [closed(1)]) + recordBytes(closed(1), sequence: 1)
                + recordBytes(closed(1, charge: 999), sequence: 2) + recordBytes(closed(3), sequence: 3),
            epoch: 1)
        try await drainer.drainNow()
        #expect(try home.receipts() == [receipt(1), receipt(3)])
        #expect(try GatewayKeyStore(home.ledger).spent()[KeyID(7)] == NanoUSD(200))
    }

    /// Rows go in sixteen at a time: one that is there already, wherever it stands among them, costs no other its place.
    @Test(arguments: [0, 7, 15, 16, 31, 39]) func whatIsThereAlreadyLeavesNoGap(_ known: Int) async throws {
        let home = try Installation()
        try home.write(segmentBytes(epoch: 1, [closed(known + 1)], room: 64), epoch: 1)
        let drainer = try home.drainer(epoch: 1)
        try await drainer.drainNow()
        let again = (1...40).map { recordBytes(closed($0), sequence: UInt64($0) + 1) }.joined()
        try home.write(segmentBytes(epoch: 1, [closed(known + 1)]) + again, epoch: 1)
        try await drainer.drainNow()
        #expect(Set(try home.receipts().map(\.id)) == Set((1...40).map { requestID($0) }))
        let places = try home.ledger.read { try Int64.fetchAll($0, sql: "SELECT place FROM receipts ORDER BY place") }
        #expect(places == Array(places[0]..<places[0] + 40))
        var verifier = ReceiptVerifier(installationKey: home.installationKey)
        for line in try home.exported() { _ = verifier.add(line: line) }
        #expect(verifier.summary == .init(ok: 40))
    }

    /// The writer dies at every byte: what lies before the cut counts, once, and nothing else does.
    @Test(arguments: [false, true]) func anyCutOfAJournalGivesTheSameRowsAsItsWholeRecords(padded: Bool) async throws {
        let records = [
            opened(1), progress(1, output: 5, charge: 40), opened(2), closed(2), name("openai/gpt"), closed(1),
        ]
        let whole = segmentBytes(epoch: 1, records)
        var ends = [64]
        for record in records { ends.append(ends[ends.count - 1] + record.recordLength) }
        let home = try Installation()
        var epoch: UInt32 = 1
        var expected = 0
        // Each cut is an epoch of its own with its own requests, so that one ledger serves them all.
        for cut in stride(from: 0, through: whole.count, by: padded ? 5 : 2) {
            let base = Int(epoch) * 10
            let mine = [
                opened(base + 1), progress(base + 1, output: 5, charge: 40), opened(base + 2),
                closed(base + 2, epoch: epoch), name("openai/gpt"), closed(base + 1, epoch: epoch),
            ]
            let bytes = segmentBytes(epoch: epoch, mine)
            var left = Array(bytes[..<cut])
            if padded { left += [UInt8](repeating: 0, count: whole.count + 128 - cut) }
            try home.write(left, epoch: epoch)
            // The commit word is the record's last word but for padding.
            let complete = zip(ends.dropFirst(), mine).prefix { end, record in
                let padding = record.recordLength - (JournalRecord.headerLength + record.payloadLength + 8)
                return cut >= end - (padded ? padding : 0)
            }.count
            let drainer = try home.drainer(epoch: epoch + 1)
            try await drainer.recover()
            try await drainer.recover()
            let one = try home.store.receipt(requestID(base + 1))?.receipt
            let two = try home.store.receipt(requestID(base + 2))?.receipt
            expected += complete >= 3 ? 2 : complete >= 1 ? 1 : 0
            try #require(one != nil || complete < 1)
            try #require(two != nil || complete < 3)
            if complete == 6 {
                #expect(one == receipt(base + 1, epoch: epoch))
            } else if complete >= 1 {
                #expect(one?.flags.contains(.recovered) == true)
                #expect(one?.error == .crashed)
                #expect(one?.charge == NanoUSD(complete >= 2 ? 40 : 0))
                #expect(one?.completion == (complete >= 2 ? .cut : .failed))
            }
            if complete >= 4 {
                #expect(two == receipt(base + 2, epoch: epoch))
            } else if complete == 3 {
                #expect(two?.flags == .recovered)
            }
            #expect(try home.segments.isEmpty)
            epoch += 1
        }
        var verifier = ReceiptVerifier(installationKey: home.installationKey)
        for line in try home.exported() { _ = verifier.add(line: line) }
        #expect(verifier.summary == .init(ok: expected))
    }

    @Test func segmentsGoOnlyWhenTheWriterHasLeftThem() async throws {
        let home = try Installation()
        let drainer = try home.drainer(epoch: 1)
        try home.write(segmentBytes(epoch: 1, [closed(1)], room: 640), epoch: 1)
        // Made ahead, not begun: its first sequence is not known yet.
        try home.write(segmentBytes(epoch: 1, number: 2, first: 0, [], room: 640), epoch: 1, number: 2)
        try await drainer.drainNow()
        #expect(try home.segments.count == 2)
        // The writer switched, with one record more in the old segment.
        try home.write(segmentBytes(epoch: 1, [closed(1), closed(2)], room: 64), epoch: 1)
        try home.write(segmentBytes(epoch: 1, number: 2, first: 3, [closed(3)], room: 640), epoch: 1, number: 2)
        try await drainer.drainNow()
        #expect(try home.receipts().map(\.id) == [requestID(1), requestID(2), requestID(3)])
        #expect(try home.segments == ["0000000001-0000000002.seg"])
    }

    /// A drained file is kept for the next segment, and nothing of what stood in it; more than four are not.
    @Test func drainedFilesAreEmptiedAndKept() async throws {
        let home = try Installation()
        let drainer = try home.drainer(epoch: 1)
        for number in 1...6 {
            try home.write(
                segmentBytes(epoch: 1, number: UInt32(number), first: UInt64(number), [closed(number)]), epoch: 1,
                number: UInt32(number))
        }
        try await drainer.drainNow()
        #expect(try home.receipts().count == 6)
        let spares = try home.journalFiles.filter { !$0.hasSuffix(".seg") }
        #expect(spares == (0..<SpareSegment.limit).map { SpareSegment.name($0) })
        for spare in spares {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: home.directory.journalPath + "/" + spare))
            #expect(!bytes.isEmpty && bytes.allSatisfy { $0 == 0 })
        }
        // What the next start finds of an epoch that is over goes altogether.
        try await home.drainer(epoch: 2).recover()
        #expect(try home.segments.isEmpty)
    }

    @Test func aRecordNotYetCommittedIsWaitedFor() async throws {
        let home = try Installation()
        let drainer = try home.drainer(epoch: 1)
        var bytes = segmentBytes(epoch: 1, [closed(1), closed(2)], room: 64)
        let commit = bytes.count - 64 - 4 - (closed(2).recordLength - 16 - closed(2).payloadLength - 8)
        bytes[commit] = 0
        try home.write(bytes, epoch: 1)
        try home.write(segmentBytes(epoch: 1, number: 2, first: 3, [closed(3)], room: 64), epoch: 1, number: 2)
        for _ in 0..<5 { try await drainer.drainNow() }
        #expect(try home.receipts().map(\.id) == [requestID(1)])
        bytes[commit] = UInt8(truncatingIfNeeded: JournalRecord.commitWord)
        try home.write(bytes, epoch: 1)
        try await drainer.drainNow()
        #expect(try home.receipts().map(\.id) == [requestID(1), requestID(2), requestID(3)])
    }

    @Test func aDamagedRecordCostsItselfAndIsReported() async throws {
        let home = try Installation()
        var bytes = segmentBytes(epoch: 1, [closed(1), closed(2), closed(3)], room: 64)
        bytes[64 + closed(1).recordLength + 40] ^= 0xff
        try home.write(bytes, epoch: 1)
        let drainer = try home.drainer(epoch: 1)
        for _ in 0..<2 { try await drainer.drainNow() }
        #expect(try home.receipts().map(\.id) == [requestID(1), requestID(3)])
        #expect(home.events.all == [.journalDamaged(segment: 1)])
    }

    @Test func recoveryOfARequestWhoseOpeningWasDrainedBefore() async throws {
        let home = try Installation()
        try home.write(segmentBytes(epoch: 1, [opened(1), opened(2, streamed: false)], room: 64), epoch: 1)
        try await home.drainer(epoch: 1).drainNow()
        #expect(try home.receipts().isEmpty)
        try home.write(
            segmentBytes(
                epoch: 1,
                [
                    opened(1), opened(2, streamed: false), progress(1, output: 9, charge: 70),
                    progress(2, output: 4, charge: 30),
                ]),
            epoch: 1)
        let next = try home.drainer(epoch: 2)
        #expect(try await next.recover() == 2)
        #expect(try await next.recover() == 0)
        let receipts = try home.receipts()
        #expect(receipts.map(\.charge) == [NanoUSD(70), NanoUSD(30)])
        #expect(receipts.map(\.status) == [200, 0])
        #expect(receipts.map(\.completion) == [.cut, .cut])
        #expect(receipts[0].tokens[.output] == 9)
        #expect(receipts[0].served.epoch == 1)
        #expect(home.events.all == [.recovered(requests: 2)])
    }

    @Test func longJournalsGoInBatchesWithOneChain() async throws {
        let home = try Installation()
        let count = 5400
        try home.write(segmentBytes(epoch: 1, (1...count).map { closed($0) }, room: 64), epoch: 1)
        try await home.drainer(epoch: 1).drainNow()
        var verifier = ReceiptVerifier(installationKey: home.installationKey)
        for line in try home.exported() { _ = verifier.add(line: line) }
        #expect(verifier.summary == .init(ok: count))
    }

    @Test func aFullDiskLosesNothingAndIsReportedOnce() async throws {
        let home = try Installation()
        try home.write(segmentBytes(epoch: 1, [closed(1)], room: 64), epoch: 1)
        let drainer = try home.drainer(epoch: 1)
        // A full disk, by SQLite's own limit.
        let pages = try home.ledger.write { try Int64.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
        try home.ledger.write { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
        try home.write(segmentBytes(epoch: 1, (1...200).map { closed($0) }, room: 64), epoch: 1)
        await #expect(throws: StorageFault.diskFull) { try await drainer.drainNow() }
        for _ in 0..<3 { await drainer.attempt() }
        #expect(home.events.all == [.drainFailed])
        #expect(try home.receipts().isEmpty)
        #expect(try home.segments.count == 1)
        try home.ledger.write { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        await drainer.attempt()
        #expect(try home.receipts().count == 200)
    }

    /// The reader copies bytes while the writer stores them: a record is seen whole or not yet, never as damage.
    @Test func aJournalIsReadWhileItIsWritten() async throws {
        let home = try Installation()
        let count = 3000
        let drainer = try home.drainer(epoch: 1)
        let paths = (1...3).map { home.segmentPath(1, UInt32($0)) }
        let writing = Writing()
        let writer = Task.detached {
            defer { writing.isOver.store(true, ordering: .releasing) }
            try mapAndWrite(count: count, paths: paths)
        }
        while !writing.isOver.load(ordering: .acquiring) { try await drainer.drainNow() }
        try await writer.value
        try await drainer.drainNow()
        #expect(try home.receipts().map(\.id) == (1...count).map { requestID($0) })
        #expect(home.events.all.isEmpty)
        #expect(try home.segments.count == 1)
    }
}

private final class Writing: Sendable {
    let isOver = Atomic<Bool>(false)
}

/// Stores receipts into mapped segments as the relay does: payload first, commit word last, the next segment made ahead.
private func mapAndWrite(count: Int, paths: [String]) throws {
    let share = count / paths.count
    let capacity = 64 + share * closed(1).recordLength + 64
    func map(_ index: Int) throws -> UnsafeMutableRawPointer {
        let file = unsafe open(paths[index], O_RDWR | O_CREAT | O_EXCL, 0o600)
        defer { close(file) }
        try #require(file >= 0 && ftruncate(file, capacity) == 0)
        let base = unsafe try #require(mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0))
        let header = segmentBytes(epoch: 1, number: UInt32(index + 1), first: 0, [])
        unsafe base.copyMemory(from: header, byteCount: header.count)
        return unsafe base
    }
    var next = unsafe try map(0)
    for index in paths.indices {
        let base = unsafe next
        if index + 1 < paths.count { unsafe next = try map(index + 1) }
        unsafe base.storeBytes(of: UInt64(index * share + 1), toByteOffset: 24, as: UInt64.self)
        var offset = 64
        for number in index * share + 1...(index + 1) * share {
            let bytes = recordBytes(closed(number), sequence: UInt64(number))
            let stored = JournalRecord.headerLength + closed(number).payloadLength + 4
            unsafe (base + offset).copyMemory(from: bytes, byteCount: stored)
            atomicMemoryFence(ordering: .releasing)
            unsafe base.storeBytes(of: JournalRecord.commitWord, toByteOffset: offset + stored, as: UInt32.self)
            offset += bytes.count
        }
        unsafe munmap(base, capacity)
    }
}
