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
        try ledger.read { database in
            let row = try Row.fetchOne(
                database, sql: "SELECT segment, offset, sequence FROM journal_positions WHERE node = ? AND epoch = ?",
                arguments: [Int64(served.node), Int64(served.epoch)])
            guard let row else { return .start }
            return JournalPosition(
                segment: UInt32(truncatingIfNeeded: row[0] as Int64), offset: Int(row[1] as Int64),
                sequence: UInt64(bitPattern: row[2] as Int64))
        }
    }

    func epochsWithOpenRequests(node: UInt32) throws(StorageFault) -> [UInt32] {
        try ledger.read { database in
            try Int64.fetchAll(
                database, sql: "SELECT DISTINCT epoch FROM open_requests WHERE node = ?", arguments: [Int64(node)]
            ).map { UInt32(truncatingIfNeeded: $0) }
        }
    }

    /// Writes what was read and moves the position behind it.
    func write(_ batch: JournalReader.Batch, served: NodeEpoch) throws(StorageFault) {
        try ledger.write { database in
            var receipts: [(UInt64, Receipt)] = []
            // What opens and closes within one batch never reaches the table of open requests.
            var opened: [RequestID: OpenRequest] = [:]
            for entry in batch.entries {
                switch entry.record {
                case .opened(let record):
                    opened[record.id] = OpenRequest(opened: record, sequence: entry.sequence, progress: nil)
                case .progress(let progress):
                    if opened[progress.id] != nil {
                        opened[progress.id]?.progress = progress
                    } else {
                        try OpenRequest.update(progress, in: database)
                    }
                case .closed(let receipt):
                    if opened.removeValue(forKey: receipt.id) == nil {
                        try OpenRequest.remove(receipt.id, in: database)
                    }
                    receipts.append((entry.sequence, receipt))
                case .named(let id, let name):
                    try CatalogueNames.learn(model: id, name: String(decoding: name, as: UTF8.self), in: database)
                }
            }
            for request in opened.values { try request.insert(served: served, into: database) }
            try add(receipts, served: served, to: database)
            try database.cachedStatement(
                sql: """
                    INSERT INTO journal_positions (node, epoch, segment, offset, sequence) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (node, epoch) DO UPDATE
                    SET segment = excluded.segment, offset = excluded.offset, sequence = excluded.sequence
                    """
            ).execute(arguments: [
                Int64(served.node), Int64(served.epoch), Int64(batch.position.segment), Int64(batch.position.offset),
                batch.position.sequence.stored,
            ])
        }
    }

    /// Makes a receipt, flagged `recovered`, of each request that an epoch which is over left open.
    func closeOpenRequests(of served: NodeEpoch) throws(StorageFault) -> Int {
        try ledger.write { database in
            let open = try OpenRequest.fetch(of: served, from: database)
            try add(
                open.map { ($0.sequence, $0.recovered(served: served, profile: profile)) }, served: served,
                to: database)
            try database.execute(
                sql: "DELETE FROM open_requests WHERE node = ? AND epoch = ?",
                arguments: [Int64(served.node), Int64(served.epoch)])
            return open.count
        }
    }

    /// Inserts receipts that are not there yet and signs one tree over them.
    private func add(_ receipts: [(UInt64, Receipt)], served: NodeEpoch, to database: Database) throws {
        var added: [(id: [UInt8], leaf: MerkleHash, salt: [UInt8])] = []
        added.reserveCapacity(receipts.count)
        var first = UInt64.max
        var last: UInt64 = 0
        var spent: [KeyID: NanoUSD] = [:]
        let salts = randomBytes(receipts.count * Merkle.saltLength)
        for (position, (sequence, receipt)) in receipts.enumerated() {
            let content = receipt.canonicalBytes
            guard try ReceiptRow.insert(receipt, content: content, served: served, sequence: sequence, into: database)
            else { continue }
            let salt = Array(salts[position * Merkle.saltLength..<(position + 1) * Merkle.saltLength])
            let leaf = Merkle.leaf(schema: Receipt.schema, salt: salt, content: content)
            added.append((receipt.id.bytes, leaf, salt))
            first = min(first, sequence)
            last = max(last, sequence)
            spent[receipt.key, default: .zero] += receipt.charge
        }
        guard !added.isEmpty else { return }
        let previous = try MerkleRow.last(of: served, in: database)
        let head = MerkleHead(
            served: served, index: previous.map { $0.index + 1 } ?? 0, firstSequence: first, lastSequence: last,
            leafCount: UInt32(added.count), root: MerkleTree(added.map(\.leaf)).root,
            previous: previous?.digest ?? .zero, at: now())
        let batch = try MerkleRow.insert(identity.sign(head), into: database)
        for (position, leaf) in added.enumerated() {
            try MerkleRow.insert(
                batch: batch, position: position, leaf: leaf.leaf, receipt: leaf.id, salt: leaf.salt, into: database)
        }
        for (key, charge) in spent {
            // Added here, where sums saturate: SQLite would turn an overflow into a REAL and refuse it for ever.
            let before = try Int64.fetchOne(
                database.cachedStatement(sql: "SELECT charge FROM key_spend WHERE key = ?"),
                arguments: [key.value.stored])
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO key_spend VALUES (?, ?)").execute(
                arguments: [key.value.stored, (NanoUSD(before ?? 0) + charge).value])
        }
    }
}
