import Foundation
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
            try Row.fetchAll(
                database,
                sql: """
                    \(Self.selection)
                    WHERE opened_at >= ?1 AND opened_at < ?2 AND (?3 IS NULL OR r.key = ?3)
                    AND (?4 IS NULL OR r.requested_model = ?4 OR r.served_model = ?4)
                    AND (?5 IS NULL OR r.organisation = ?5)
                    ORDER BY opened_at DESC, r.id DESC LIMIT ?6
                    """,
                arguments: [
                    filter.since?.microseconds ?? .min, filter.until?.microseconds ?? .max,
                    filter.key?.value.stored, filter.model?.value.stored, filter.organisation?.value.stored,
                    Int64(max(0, filter.limit)),
                ]
            ).map(Self.stored)
        }
    }

    /// One receipt with its proof; `nil` when there is none.
    public func receipt(_ id: RequestID) throws(StorageFault) -> StoredReceipt? {
        try ledger.read { database in
            let row = try Row.fetchOne(
                database, sql: "\(Self.selection) WHERE r.id = ?", arguments: [id.bytes.stored])
            guard var stored = try row.map(Self.stored) else { return nil }
            let place = try Row.fetchOne(
                database, sql: "SELECT batch, position FROM receipt_salts WHERE receipt = ?",
                arguments: [id.bytes.stored])
            guard let place else { throw StorageFault.damaged }
            stored.proof = try BatchProofs(place[0], in: database)?.proof(at: Int(place[1] as Int64))
            return stored
        }
    }

    /// Every receipt opened since a moment with its proof, one JSON object a line, batch by batch; of erased ones the
    /// leaf. `emit` is called once per line.
    public func export(since: Moment? = nil, emit: (_ line: [UInt8]) -> Void) throws(StorageFault) {
        let batches = try ledger.read { try Int64.fetchAll($0, sql: "SELECT id FROM merkle_batches ORDER BY id") }
        for batch in batches {
            let lines = try ledger.read { database in
                try Self.lines(of: batch, since: since ?? Moment(microseconds: .min), in: database)
            }
            for line in lines { emit(line) }
        }
    }

    /// Erases receipts with their salts (`RULES.md` 28): the leaf hashes stay.
    /// - Returns: how many there were.
    public func erase(_ ids: [RequestID]) throws(StorageFault) -> Int {
        let erased = try ledger.write { database in
            var count = 0
            for id in ids {
                try database.execute(
                    sql: "UPDATE receipt_salts SET salt = NULL WHERE receipt = ?", arguments: [id.bytes.stored])
                try database.execute(sql: "DELETE FROM receipts WHERE id = ?", arguments: [id.bytes.stored])
                count += database.changesCount
            }
            return count
        }
        try ledger.truncateLog()
        return erased
    }

    private static let selection = """
        SELECT r.canonical AS canonical, a.name AS requested, b.name AS served, d.name AS deployment_name
        FROM receipts r LEFT JOIN models a ON a.id = r.requested_model LEFT JOIN models b ON b.id = r.served_model
        LEFT JOIN deployments d ON d.id = r.deployment
        """

    private static func stored(_ row: Row) throws -> StoredReceipt {
        let canonical = row.bytes("canonical")
        guard let receipt = unsafe Receipt(canonicalBytes: canonical.span.bytes) else { throw StorageFault.damaged }
        return StoredReceipt(
            receipt: receipt, requestedModel: row["requested"], servedModel: row["served"],
            deployment: row["deployment_name"], proof: nil)
    }

    private static func lines(of batch: Int64, since: Moment, in database: Database) throws -> [[UInt8]] {
        guard let proofs = try BatchProofs(batch, in: database) else { return [] }
        var found: [Data: StoredReceipt] = [:]
        let rows = try Row.fetchAll(
            database, sql: "\(selection) WHERE r.id IN (SELECT receipt FROM receipt_salts WHERE batch = ?)",
            arguments: [batch])
        for row in rows {
            let stored = try stored(row)
            found[stored.receipt.id.bytes.stored] = stored
        }
        return proofs.receipts.indices.compactMap { position in
            let proof = proofs.proof(at: position)
            guard let id = proofs.receipts[position], var stored = found[id] else { return proof.erasedJSON() }
            guard stored.receipt.openedAt >= since else { return nil }
            stored.proof = proof
            return stored.json()
        }
    }
}

/// The leaves of one batch, from which the proof of each is made.
struct BatchProofs {
    let receipts: [Data?]
    private let tree: MerkleTree
    private let salts: [[UInt8]?]
    private let head: SignedHead
    private let certificate: NodeCertificate

    init?(_ batch: Int64, in database: Database) throws {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT head, b.signature AS signature, c.node AS node, public_key, installation_key,
                c.signature AS certificate
                FROM merkle_batches b JOIN node_certificates c ON c.node = b.node WHERE b.id = ?
                """,
            arguments: [batch])
        guard let row, let head = MerkleHead(canonicalBytes: row.bytes("head")) else { return nil }
        self.head = SignedHead(head: head, signature: row.bytes("signature"))
        certificate = NodeCertificate(
            node: UInt32(truncatingIfNeeded: row["node"] as Int64), publicKey: row.bytes("public_key"),
            installationKey: row.bytes("installation_key"), signature: row.bytes("certificate"))
        var leaves: [MerkleHash] = []
        var receipts: [Data?] = []
        var salts: [[UInt8]?] = []
        let rows = try Row.fetchAll(
            database, sql: "SELECT leaf, receipt, salt FROM receipt_salts WHERE batch = ? ORDER BY position",
            arguments: [batch])
        for row in rows {
            guard let leaf = MerkleHash(row.bytes("leaf")) else { throw StorageFault.damaged }
            leaves.append(leaf)
            receipts.append(row["receipt"])
            salts.append((row["salt"] as Data?).map { Array($0) })
        }
        tree = MerkleTree(leaves)
        self.receipts = receipts
        self.salts = salts
    }

    func proof(at position: Int) -> ReceiptProof {
        ReceiptProof(
            leaf: tree.leaves[position], salt: salts[position], index: position, count: tree.leaves.count,
            path: tree.path(to: position), head: head, certificate: certificate)
    }
}
