import GRDB
import Secrets
public import Vocabulary

/// Reads receipts.
public struct ReceiptStore: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    func read<Value: Sendable>(_ body: (Database) throws -> Value) throws(StorageFault) -> Value {
        try ledger.read(body)
    }

    /// What a list is narrowed to; `nil` is all.
    public struct Filter: Sendable {
        public var since: Moment?
        public var until: Moment?
        public var key: KeyID?
        /// Requested or served.
        public var model: ModelID?
        public var organisation: OrganisationID?
        /// Only batches with one of these keys are looked into: an organisation with few receipts among many of others is
        /// found as fast.
        public var keys: [KeyID]?
        public var limit: Int

        public init(
            since: Moment? = nil, until: Moment? = nil, key: KeyID? = nil, model: ModelID? = nil,
            organisation: OrganisationID? = nil, limit: Int = 100
        ) {
            self.since = since
            self.until = until
            self.key = key
            self.model = model
            self.organisation = organisation
            self.limit = limit
        }
    }

    /// Newest first, without proofs.
    public func list(_ filter: Filter = Filter()) throws(StorageFault) -> [StoredReceipt] {
        try ledger.read { database in
            var names = ReceiptNames(database)
            return try ReceiptSearch(filter).run(in: database).map { try names.stored($0) }
        }
    }

    /// One receipt with its proof; `nil` when there is none.
    public func receipt(_ id: RequestID) throws(StorageFault) -> StoredReceipt? {
        try ledger.read { database in
            let row = try Row.fetchOne(
                database, sql: "SELECT place, salt, canonical FROM receipts WHERE id = ?", arguments: [id.bytes.stored])
            guard let row else { return nil }
            var names = ReceiptNames(database)
            var stored = try names.stored(try row.receipt("canonical"))
            let place: Int64 = row["place"]
            let batch = try StoredBatch(place: place, in: database)
            stored.proof = try BatchProofs(batch, in: database).proof(at: place, salt: row.bytes("salt"))
            return stored
        }
    }

    /// Every receipt opened since a moment with its proof, one JSON object a line, batch by batch; of erased ones the
    /// leaf. `emit` is called once per line.
    public func export(since: Moment? = nil, emit: (_ line: [UInt8]) -> Void) throws(StorageFault) {
        let batches = try ledger.read { try Int64.fetchAll($0, sql: "SELECT id FROM merkle_batches ORDER BY id") }
        for batch in batches {
            let lines = try ledger.read { database in
                try Self.lines(
                    of: StoredBatch(id: batch, in: database), since: since ?? Moment(microseconds: .min), in: database)
            }
            for line in lines { emit(line) }
        }
    }

    /// Erases receipts with their salts (`RULES.md` 28): the leaf hashes stay.
    /// - Returns: how many there were.
    public func erase(_ ids: [RequestID]) throws(StorageFault) -> Int {
        let erased = try ledger.write { database in
            var batches: [Int64: StoredBatch] = [:]
            var count = 0
            for id in ids {
                guard let place = try Self.erase(id, in: database) else { continue }
                let batch = try StoredBatch(place: place, in: database)
                batches[batch.id] = batch
                count += 1
            }
            for batch in batches.values { try batch.summarise(in: database) }
            return count
        }
        try ledger.truncateLog()
        return erased
    }

    /// The row and its salt go; that it was there stays.
    /// - Returns: the place of its leaf; `nil` when there is no such receipt.
    @discardableResult
    static func erase(_ id: RequestID, in database: Database) throws -> Int64? {
        let place = try Int64.fetchOne(
            database, sql: "DELETE FROM receipts WHERE id = ? RETURNING place", arguments: [id.bytes.stored])
        guard let place else { return nil }
        try database.execute(sql: "INSERT INTO erased_receipts VALUES (?)", arguments: [place])
        return place
    }

    /// Erases an organisation's receipts that were opened before a moment, all when there is none.
    /// - Returns: how many there were.
    public func erase(of organisation: OrganisationID, before end: Moment?) throws(StorageFault) -> Int {
        var count = 0
        while true {
            let found = try list(Filter(until: end, organisation: organisation, limit: 2000))
            guard !found.isEmpty else { return count }
            count += try erase(found.map(\.receipt.id))
        }
    }

    private static func lines(of batch: StoredBatch, since: Moment, in database: Database) throws -> [[UInt8]] {
        let proofs = try BatchProofs(batch, in: database)
        var names = ReceiptNames(database)
        var lines: [Int64: [UInt8]] = [:]
        try batch.forEachReceipt(in: database) { place, salt, receipt in
            guard receipt.openedAt >= since else { return }
            var stored = try names.stored(receipt)
            stored.proof = proofs.proof(at: place, salt: salt)
            lines[place] = stored.json()
        }
        let erased = try Int64.fetchAll(
            database, sql: "SELECT place FROM erased_receipts WHERE place >= ? AND place < ?",
            arguments: [batch.places.lowerBound, batch.places.upperBound])
        for place in erased { lines[place] = proofs.proof(at: place, salt: nil).erasedJSON() }
        return batch.places.compactMap { lines[$0] }
    }
}

/// The leaves of one batch, from which the proof of each is made.
struct BatchProofs {
    private let places: Range<Int64>
    private let tree: MerkleTree
    private let head: SignedHead
    private let certificate: NodeCertificate

    init(_ batch: StoredBatch, in database: Database) throws {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT head, b.signature AS signature, c.node AS node, public_key, installation_key,
                c.signature AS certificate, leaves
                FROM merkle_batches b JOIN node_certificates c ON c.node = b.node
                JOIN batch_leaves l ON l.batch = b.id WHERE b.id = ?
                """,
            arguments: [batch.id])
        guard let row, let head = MerkleHead(canonicalBytes: row.bytes("head")) else { throw StorageFault.damaged }
        self.head = SignedHead(head: head, signature: row.bytes("signature"))
        certificate = NodeCertificate(
            node: UInt32(truncatingIfNeeded: row["node"] as Int64), publicKey: row.bytes("public_key"),
            installationKey: row.bytes("installation_key"), signature: row.bytes("certificate"))
        let bytes = row.bytes("leaves")
        guard bytes.count == batch.places.count * MerkleHash.length else { throw StorageFault.damaged }
        tree = MerkleTree(
            stride(from: 0, to: bytes.count, by: MerkleHash.length).compactMap {
                MerkleHash(bytes[$0..<$0 + MerkleHash.length])
            })
        places = batch.places
    }

    /// - Parameter salt: `nil` for an erased receipt.
    /// - Precondition: `place` is one of the batch's.
    func proof(at place: Int64, salt: [UInt8]?) -> ReceiptProof {
        let position = Int(place - places.lowerBound)
        return ReceiptProof(
            leaf: tree.leaves[position], salt: salt, index: position, count: tree.leaves.count,
            path: tree.path(to: position), head: head, certificate: certificate)
    }
}
