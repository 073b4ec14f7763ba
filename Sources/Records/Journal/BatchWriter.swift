import GRDB
import Secrets
import Vocabulary

/// The transactions of the drain. Each leaves rows, tree and position in step, or nothing changed.
struct BatchWriter: Sendable {
    let ledger: Ledger
    let identity: NodeIdentity
    let profile: ProfileID
    let now: @Sendable () -> Moment

    init(
        ledger: Ledger, identity: NodeIdentity, profile: ProfileID, now: @escaping @Sendable () -> Moment
    ) throws(StorageFault) {
        self.ledger = ledger
        self.identity = identity
        self.profile = profile
        self.now = now
        let certificate = identity.certificate
        try ledger.write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO node_certificates VALUES (?, ?, ?, ?)",
                arguments: [
                    Int64(certificate.node), certificate.publicKey.stored, certificate.installationKey.stored,
                    certificate.signature.stored,
                ])
        }
    }

    func position(of served: NodeEpoch) throws(StorageFault) -> JournalPosition {
        try ledger.read { try JournalPosition.stored(of: served, in: $0) }
    }

    func epochsWithOpenRequests(node: UInt32) throws(StorageFault) -> [UInt32] {
        try ledger.read { database in
            try Int64.fetchAll(
                database, sql: "SELECT DISTINCT epoch FROM open_requests WHERE node = ?", arguments: [Int64(node)]
            ).map { UInt32(truncatingIfNeeded: $0) }
        }
    }

    /// Writes what was read, its receipts salted, and moves the position behind it.
    /// - Returns: `false`, with nothing written, when the batch does not begin where the ledger's position is.
    func write(_ batch: JournalBatch, served: NodeEpoch) throws(StorageFault) -> Bool {
        try ledger.write { database in
            guard try JournalPosition.stored(of: served, in: database) == batch.start else { return false }
            for named in batch.names {
                try CatalogueNames.learn(
                    model: named.model, name: String(decoding: named.name, as: UTF8.self), in: database)
            }
            for record in batch.marked { try IdempotencyStore.keep(record, in: database) }
            for progress in batch.progressed { try OpenRequest.update(progress, in: database) }
            for id in batch.ended { try OpenRequest.remove(id, in: database) }
            for request in batch.opened.values { try request.insert(served: served, into: database) }
            try add(batch.receipts, served: served, behind: batch.start.sequence, to: database)
            try batch.position.store(of: served, in: database)
            return true
        }
    }

    /// Makes a receipt, flagged `recovered`, of each request that an epoch which is over left open.
    func closeOpenRequests(of served: NodeEpoch) throws(StorageFault) -> Int {
        try ledger.write { database in
            let open = try OpenRequest.fetch(of: served, from: database)
            var receipts = ReceiptBatch()
            for request in open {
                let receipt = request.recovered(served: served, profile: profile)
                let canonical = receipt.canonicalBytes
                unsafe receipts.append(receipt, canonical: canonical.span.bytes, sequence: request.sequence)
            }
            receipts.salt()
            try add(receipts, served: served, behind: nil, to: database)
            try database.execute(
                sql: "DELETE FROM open_requests WHERE node = ? AND epoch = ?",
                arguments: [Int64(served.node), Int64(served.epoch)])
            return open.count
        }
    }

    /// Inserts receipts that are not there yet and signs one tree over them.
    /// - Parameter behind: the highest sequence that the ledger has seen of this epoch. Sequences rise along a journal,
    ///   so one that does not was counted before (`RULES.md` 25). `nil` for receipts that only have their opening's.
    private func add(
        _ batch: ReceiptBatch, served: NodeEpoch, behind seen: UInt64?, to database: Database
    ) throws {
        guard !batch.entries.isEmpty else { return }
        let firstPlace = try MerkleRow.nextPlace(in: database)
        var added: [MerkleHash] = []
        added.reserveCapacity(batch.entries.count)
        var first = UInt64.max
        var last: UInt64 = 0
        var summary = BatchSummary()
        let purged = try RightsStore.purged(in: database)
        var due: [Int] = []
        due.reserveCapacity(batch.entries.count)
        var highest = seen ?? 0
        for (index, entry) in batch.entries.enumerated() {
            if seen != nil, entry.sequence <= highest { continue }
            due.append(index)
            highest = entry.sequence
        }
        for index in try ReceiptRows(in: database).insert(due, of: batch, from: firstPlace) {
            let entry = batch.entries[index]
            let isPurged = purged.contains(entry.booked.organisation)
            if isPurged { try ReceiptStore.erase(entry.id, in: database) }
            added.append(batch.leaves.hash(of: index))
            first = min(first, entry.sequence)
            last = max(last, entry.sequence)
            if isPurged {
                summary.addAmount(entry.booked, id: entry.id)
            } else {
                summary.add(entry.booked, id: entry.id)
            }
        }
        guard !added.isEmpty else { return }
        let previous = try MerkleRow.last(of: served, in: database)
        let head = MerkleHead(
            served: served, index: previous.map { $0.index + 1 } ?? 0, firstSequence: first, lastSequence: last,
            leafCount: UInt32(added.count), root: MerkleTree.root(of: added), previous: previous?.digest ?? .zero,
            at: now())
        try MerkleRow.insert(
            identity.sign(head), firstPlace: firstPlace, leaves: added, summary: summary, into: database)
        try UsageWriter(node: served.node, database: database).add(summary.usage, nameless: summary.nameless)
        try post(summary, node: served.node, in: database)
    }

    /// Charges prepaid receipts to what the node leased. A receipt counts once, because only rows that were not there yet
    /// are in the sums; each posting has the id of its first one.
    private func post(_ summary: BatchSummary, node: UInt32, in database: Database) throws {
        guard !summary.prepaid.isEmpty else { return }
        var operations: [LedgerOperation] = []
        for (organisation, sum) in summary.prepaid.sorted(by: { $0.key.value < $1.key.value }) where sum.charge > .zero
        {
            let id = LedgerID(UInt128(sum.first.high) << 64 | UInt128(sum.first.low))
            operations.append(
                .leaseUsage(id, organisation, node: UInt16(truncatingIfNeeded: node), sum.charge, subject: id))
            operations.append(.providerCost(id.part(Self.costPart), hold: id, sum.cost))
        }
        let answers = try LedgerBook.perform(operations, at: now(), in: database)
        guard answers.allSatisfy({ $0.result.isDone }) else { throw StorageFault.damaged }
    }

    /// Beyond the parts that a charge may have.
    private static let costPart = 1 << 20
}

extension JournalPosition {
    static func stored(of served: NodeEpoch, in database: Database) throws -> JournalPosition {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: "SELECT segment, offset, sequence FROM journal_positions WHERE node = ? AND epoch = ?"),
            arguments: [Int64(served.node), Int64(served.epoch)])
        guard let row else { return .start }
        return JournalPosition(
            segment: UInt32(truncatingIfNeeded: row[0] as Int64), offset: Int(row[1] as Int64),
            sequence: UInt64(bitPattern: row[2] as Int64))
    }

    func store(of served: NodeEpoch, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO journal_positions (node, epoch, segment, offset, sequence) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (node, epoch) DO UPDATE
                SET segment = excluded.segment, offset = excluded.offset, sequence = excluded.sequence
                """
        ).execute(arguments: [
            Int64(served.node), Int64(served.epoch), Int64(segment), Int64(offset), sequence.stored,
        ])
    }
}
