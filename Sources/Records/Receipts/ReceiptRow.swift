import GRDB
import Secrets
import Vocabulary

/// A receipt's row: the signed bytes and the columns that lists are filtered by.
enum ReceiptRow {
    /// `false` when a receipt of this id or this journal sequence is there already.
    static func insert(
        _ receipt: Receipt, content: [UInt8], served: NodeEpoch, sequence: UInt64, into database: Database
    ) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """)
        try statement.execute(arguments: [
            receipt.id.bytes.stored, Int64(served.node), Int64(served.epoch), sequence.stored,
            receipt.openedAt.microseconds, receipt.organisation.value.stored, receipt.key.value.stored,
            receipt.requestedModel.value.stored, receipt.servedModel.value.stored, receipt.deployment.value.stored,
            Int64(min(receipt.status, 999)), Int64(receipt.error.rawValue), receipt.tokens.totalInput,
            receipt.tokens.totalOutput, receipt.providerCost.value, receipt.charge.value,
            Int64(receipt.flags.rawValue), content.stored,
        ])
        return database.changesCount == 1
    }
}

/// Rows of trees: one per batch, one per leaf.
enum MerkleRow {
    static func last(of served: NodeEpoch, in database: Database) throws -> MerkleHead? {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT head FROM merkle_batches WHERE node = ? AND epoch = ? ORDER BY batch_index DESC LIMIT 1",
            arguments: [Int64(served.node), Int64(served.epoch)])
        guard let row else { return nil }
        guard let head = MerkleHead(canonicalBytes: row.bytes("head")) else { throw StorageFault.damaged }
        return head
    }

    static func insert(_ signed: SignedHead, into database: Database) throws -> Int64 {
        let head = signed.head
        try database.execute(
            sql: """
                INSERT INTO merkle_batches (node, epoch, batch_index, leaf_count, head, signature)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                Int64(head.served.node), Int64(head.served.epoch), head.index.stored, Int64(head.leafCount),
                head.canonicalBytes.stored, signed.signature.stored,
            ])
        return database.lastInsertedRowID
    }

    static func insert(
        batch: Int64, position: Int, leaf: MerkleHash, receipt: [UInt8], salt: [UInt8], into database: Database
    ) throws {
        try database.cachedStatement(sql: "INSERT INTO receipt_salts VALUES (?, ?, ?, ?, ?)").execute(
            arguments: [batch, Int64(position), leaf.bytes.stored, receipt.stored, salt.stored])
    }
}
