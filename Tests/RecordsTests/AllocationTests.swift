import CAllocations
import Testing
import Vocabulary

@testable import Records

/// The drain's allocation budget: what a request costs behind the gateway, from the journal's bytes to the commit. It may
/// be tightened; loosening it needs a written reason. Debug code allocates more than release code, so each has its own.
@Suite struct AllocationTests {
    #if DEBUG
    // 14 until rows went in sixteen at a time: a debug build makes a box for what each lending closure holds. In a release
    // build a whole request stayed at 10.0.
    private static let perReceipt = 15.5
    #else
    private static let perReceipt = 8.0
    #endif

    @Test func aDrainedReceiptStaysInItsBudget() throws {
        let home = try Installation()
        let count = 4000
        let served = NodeEpoch(node: 1, epoch: 1)
        try home.write(
            segmentBytes(epoch: 1, (1...count).flatMap { [opened($0), closed($0)] }, room: 64), epoch: 1)
        let writer = try BatchWriter(
            ledger: home.ledger, identity: home.identity, profile: .strict,
            now: { Moment(microseconds: 1_700_000_000_000_000) })
        var reader = JournalReader(folder: home.directory.journalPath, node: 1, epoch: 1, isOver: false)
        // Statements are prepared and buffers made by the first batch.
        for share in [count / 4, count / 4 * 3] {
            let before = tacet_thread_allocations()
            var batch = try reader.read(after: writer.position(of: served), limit: share * 2)
            batch.receipts.salt()
            #expect(try writer.write(batch, served: served))
            let each = Double(tacet_thread_allocations() - before) / Double(share)
            #expect(batch.receipts.entries.count == share)
            if share > count / 4 { #expect(each <= Self.perReceipt, "\(each) allocations a receipt") }
        }
        #expect(try home.store.totals().receipts == Int64(count))
    }
}
