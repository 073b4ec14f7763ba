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
    /// Reads every row: for a page that is looked at now and then, not for a request.
    public func totals() throws(StorageFault) -> ReceiptTotals {
        try read { database in
            var totals = ReceiptTotals()
            let sums = try Row.fetchOne(
                database,
                sql: """
                    SELECT count(*), count(*) FILTER (WHERE error <> 0), coalesce(sum(input_tokens), 0),
                    coalesce(sum(output_tokens), 0), coalesce(sum(provider_cost), 0), coalesce(sum(charge), 0)
                    FROM receipts
                    """)
            if let sums {
                totals.receipts = sums[0]
                totals.failed = sums[1]
                totals.inputTokens = sums[2]
                totals.outputTokens = sums[3]
                totals.providerCost = NanoUSD(sums[4])
                totals.charge = NanoUSD(sums[5])
            }
            totals.batches = try Int64.fetchOne(database, sql: "SELECT count(*) FROM merkle_batches") ?? 0
            let newest = try Row.fetchOne(database, sql: "SELECT head FROM merkle_batches ORDER BY id DESC LIMIT 1")
            if let newest {
                guard let head = MerkleHead(canonicalBytes: newest.bytes("head")) else { throw StorageFault.damaged }
                totals.root = String(decoding: Hex.text(head.root.bytes), as: UTF8.self)
            }
            return totals
        }
    }
}
