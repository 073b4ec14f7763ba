import GRDB
import Secrets
import Vocabulary

/// Rows of signed batches: one of the head with what the receipts come to, one of all leaves.
enum MerkleRow {
    static func last(of served: NodeEpoch, in database: Database) throws -> MerkleHead? {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: "SELECT head FROM merkle_batches WHERE node = ? AND epoch = ? ORDER BY batch_index DESC LIMIT 1"),
            arguments: [Int64(served.node), Int64(served.epoch)])
        guard let row else { return nil }
        guard let head = MerkleHead(canonicalBytes: row.bytes("head")) else { throw StorageFault.damaged }
        return head
    }

    /// The place of the next leaf; that of an erased one is never given again.
    static func nextPlace(in database: Database) throws -> Int64 {
        try Int64.fetchOne(
            database.cachedStatement(
                sql: "SELECT first_place + leaf_count FROM merkle_batches ORDER BY id DESC LIMIT 1")) ?? 1
    }

    static func insert(
        _ signed: SignedHead, firstPlace: Int64, leaves: [MerkleHash], summary: BatchSummary, into database: Database
    ) throws {
        let head = signed.head
        try database.cachedStatement(
            sql: """
                INSERT INTO merkle_batches (node, epoch, batch_index, first_place, leaf_count, head, signature,
                receipts, failed, input_tokens, output_tokens, provider_cost, charge, oldest, newest)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            Int64(head.served.node), Int64(head.served.epoch), head.index.stored, firstPlace, Int64(head.leafCount),
            head.canonicalBytes.stored, signed.signature.stored, summary.receipts, summary.failed, summary.input,
            summary.output, summary.providerCost.value, summary.charge.value, summary.oldest?.microseconds,
            summary.newest?.microseconds,
        ])
        let batch = database.lastInsertedRowID
        var bytes: [UInt8] = []
        bytes.reserveCapacity(leaves.count * MerkleHash.length)
        for leaf in leaves { leaf.append(to: &bytes) }
        try database.cachedStatement(sql: "INSERT INTO batch_leaves VALUES (?, ?)").execute(
            arguments: [batch, bytes.stored])
        let keys = try RowStatement("INSERT INTO batch_keys VALUES (?, ?)", in: database)
        for key in summary.keys {
            keys.bind(1, key.value.stored)
            keys.bind(2, batch)
            try keys.run()
        }
    }
}

/// A batch as it stands in the ledger.
struct StoredBatch {
    let id: Int64
    let places: Range<Int64>

    init(id: Int64, in database: Database) throws {
        let row = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT id, first_place, leaf_count FROM merkle_batches WHERE id = ?"),
            arguments: [id])
        guard let row else { throw StorageFault.damaged }
        self.init(row)
    }

    /// The one in which a leaf stands.
    init(place: Int64, in database: Database) throws {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT id, first_place, leaf_count FROM merkle_batches WHERE first_place <= ?
                    ORDER BY first_place DESC LIMIT 1
                    """),
            arguments: [place])
        guard let row else { throw StorageFault.damaged }
        self.init(row)
        guard places.contains(place) else { throw StorageFault.damaged }
    }

    /// - Parameter row: id, first place and count of the leaves.
    init(_ row: Row) {
        id = row[0]
        let first: Int64 = row[1]
        places = first..<first + (row[2] as Int64)
    }

    /// Calls `body` with each receipt that is left, in the order of the leaves.
    func forEachReceipt(
        in database: Database, _ body: (_ place: Int64, _ salt: [UInt8], _ receipt: Receipt) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: "SELECT place, salt, canonical FROM receipts WHERE place >= ? AND place < ? ORDER BY place"),
            arguments: [places.lowerBound, places.upperBound])
        while let row = try rows.next() { try body(row["place"], row.bytes("salt"), row.receipt("canonical")) }
    }

    /// Sums up anew what is left, so that nothing of an erased receipt stays in them.
    func summarise(in database: Database) throws {
        var summary = BatchSummary()
        try forEachReceipt(in: database) { summary.add(BatchSummary.Entry($2)) }
        try database.execute(
            sql: """
                UPDATE merkle_batches SET receipts = ?, failed = ?, input_tokens = ?, output_tokens = ?,
                provider_cost = ?, charge = ?, oldest = ?, newest = ? WHERE id = ?
                """,
            arguments: [
                summary.receipts, summary.failed, summary.input, summary.output, summary.providerCost.value,
                summary.charge.value, summary.oldest?.microseconds, summary.newest?.microseconds, id,
            ])
        try database.execute(sql: "DELETE FROM batch_keys WHERE batch = ?", arguments: [id])
        for key in summary.keys {
            try database.execute(sql: "INSERT INTO batch_keys VALUES (?, ?)", arguments: [key.value.stored, id])
        }
    }
}
