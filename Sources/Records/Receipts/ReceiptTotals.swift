import GRDB
import Secrets
public import Vocabulary

/// Sums over every receipt of the ledger, and the newest link of their chain.
public struct ReceiptTotals: Sendable, Equatable {
    public var receipts: Int64 = 0
    /// Those with an error code.
    public var failed: Int64 = 0
    public var inputTokens: Int64 = 0
    public var outputTokens: Int64 = 0
    public var providerCost = NanoUSD.zero
    public var charge = NanoUSD.zero
    public var batches: Int64 = 0
    /// The newest root in hexadecimal; empty before the first batch.
    public var root = ""

    public init() {}
}

extension ReceiptStore {
    /// Adds up the batches' sums: a row for each batch, none for each receipt.
    public func totals() throws(StorageFault) -> ReceiptTotals {
        try read { database in
            var totals = ReceiptTotals()
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT receipts, failed, input_tokens, output_tokens, provider_cost, charge FROM merkle_batches
                    """)
            while let row = try rows.next() {
                totals.batches += 1
                totals.receipts += row[0]
                totals.failed += row[1]
                totals.inputTokens = BatchSummary.sum(totals.inputTokens, row[2])
                totals.outputTokens = BatchSummary.sum(totals.outputTokens, row[3])
                totals.providerCost += NanoUSD(row[4])
                totals.charge += NanoUSD(row[5])
            }
            let newest = try Row.fetchOne(database, sql: "SELECT head FROM merkle_batches ORDER BY id DESC LIMIT 1")
            if let newest {
                guard let head = MerkleHead(canonicalBytes: newest.bytes("head")) else { throw StorageFault.damaged }
                totals.root = String(decoding: Hex.text(head.root.bytes), as: UTF8.self)
            }
            return totals
        }
    }
}
