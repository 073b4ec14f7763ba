import GRDB
import Vocabulary

/// Finds the newest receipts that a filter lets through. Batches are looked into, the newest first, until none that is
/// left can hold a newer one: the rows need no index of their own by time or by key.
struct ReceiptSearch {
    private let filter: ReceiptStore.Filter
    private var found: [Receipt] = []

    init(_ filter: ReceiptStore.Filter) { self.filter = filter }

    consuming func run(in database: Database) throws -> [Receipt] {
        guard filter.limit > 0 else { return [] }
        let keys = filter.key.map { [$0] } ?? filter.keys
        let numbers = keys.map { $0.map { String($0.value.stored) }.joined(separator: ",") }
        let batches = try Row.fetchCursor(
            database,
            sql: """
                SELECT id, first_place, leaf_count, newest FROM merkle_batches b
                WHERE newest >= ?1 AND oldest < ?2
                \(numbers.map { "AND EXISTS (SELECT 1 FROM batch_keys k WHERE k.key IN (\($0)) AND k.batch = b.id)" } ?? "")
                ORDER BY newest DESC
                """,
            arguments: [filter.since?.microseconds ?? .min, filter.until?.microseconds ?? .max])
        while let row = try batches.next() {
            if isFull, let last = found.last, last.openedAt.microseconds > row["newest"] as Int64 { break }
            try StoredBatch(row).forEachReceipt(in: database) { _, _, receipt in
                if admits(receipt) { found.append(receipt) }
            }
            trim()
        }
        return found
    }

    private var isFull: Bool { found.count == filter.limit }

    private mutating func trim() {
        found.sort { ($0.openedAt, $0.id.high, $0.id.low) > ($1.openedAt, $1.id.high, $1.id.low) }
        found.removeLast(max(0, found.count - filter.limit))
    }

    private func admits(_ receipt: Receipt) -> Bool {
        if let since = filter.since, receipt.openedAt < since { return false }
        if let until = filter.until, receipt.openedAt >= until { return false }
        if let key = filter.key, receipt.key != key { return false }
        if let model = filter.model, receipt.requestedModel != model, receipt.servedModel != model { return false }
        if let organisation = filter.organisation, receipt.organisation != organisation { return false }
        return true
    }
}

/// Names behind the numbers of receipts, each looked up once.
struct ReceiptNames {
    private let database: Database
    private var models: [ModelID: String?] = [:]
    private var deployments: [DeploymentID: String?] = [:]

    init(_ database: Database) { self.database = database }

    mutating func stored(_ receipt: Receipt) throws -> StoredReceipt {
        StoredReceipt(
            receipt: receipt, requestedModel: try model(receipt.requestedModel),
            servedModel: try model(receipt.servedModel), deployment: try deployment(receipt.deployment), proof: nil)
    }

    private mutating func model(_ id: ModelID) throws -> String? {
        if let known = models[id] { return known }
        let name = try String.fetchOne(
            database.cachedStatement(sql: "SELECT name FROM models WHERE id = ?"), arguments: [id.value.stored])
        models[id] = .some(name)
        return name
    }

    private mutating func deployment(_ id: DeploymentID) throws -> String? {
        if let known = deployments[id] { return known }
        let name = try String.fetchOne(
            database.cachedStatement(sql: "SELECT name FROM deployments WHERE id = ?"), arguments: [id.value.stored])
        deployments[id] = .some(name)
        return name
    }
}
