import Foundation
import GRDB
import Secrets
import Vocabulary

/// Takes the rows of an archive back into the ledger, within one transaction.
struct ArchiveReader {
    private let tables: [OwnedTable]
    private let files: [String: [UInt8]]

    /// - Parameters:
    ///   - files: whose digests were signed.
    ///   - schema: as this ledger would write it.
    init(_ tables: [OwnedTable], _ files: [String: [UInt8]], _ schema: [UInt8]) throws(ArchiveFault) {
        guard files["schema.json"] == schema else { throw .otherSchema }
        self.tables = tables
        self.files = files
    }

    func restore(_ organisation: OrganisationID, _ database: Database) throws -> AccountArchive.Restored {
        var restored = AccountArchive.Restored()
        for table in tables {
            guard let json = files["tables/\(table.name).json"],
                let rows = ArchiveTable(
                    table.name, table.archived, types: try AccountArchive.types(of: table, in: database), json: json)
            else { throw ArchiveFault.otherSchema }
            let before = restored.rows
            if table.link == .receipt {
                restored.rows += try receipts(rows, organisation, database)
            } else if table.isRestored {
                restored.rows += try insert(rows, table, organisation, database)
            }
            restored.kept += rows.rows.count - (restored.rows - before)
        }
        return restored
    }

    private func insert(
        _ rows: ArchiveTable, _ table: OwnedTable, _ organisation: OrganisationID, _ database: Database
    ) throws -> Int {
        let marks = rows.columns.map { _ in "?" }.joined(separator: ", ")
        let own = "SELECT count(*) FROM \(table.name) WHERE \(table.condition)"
        let number = organisation.value.stored
        let before = try Int.fetchOne(database, sql: own, arguments: [number]) ?? 0
        var count = 0
        for row in rows.rows {
            do {
                try database.execute(
                    sql: """
                        INSERT INTO \(table.name) (\(rows.columns.joined(separator: ", "))) VALUES (\(marks))
                        ON CONFLICT DO NOTHING
                        """, arguments: StatementArguments(row))
            } catch {
                throw ArchiveFault.contradicts(table: table.name)
            }
            count += database.changesCount
        }
        // A row that came in is the organisation's own, or the archive is not what it says.
        let after = try Int.fetchOne(database, sql: own, arguments: [number]) ?? 0
        guard after == before + count else { throw ArchiveFault.contradicts(table: table.name) }
        return count
    }

    /// A receipt comes back to its place in the signed tree, where its leaf has stayed: no other fits there.
    private func receipts(
        _ rows: ArchiveTable, _ organisation: OrganisationID, _ database: Database
    ) throws -> Int {
        var count = 0
        var batches: [Int64: StoredBatch] = [:]
        for values in rows.rows {
            let row = Dictionary(zip(rows.columns, values), uniquingKeysWith: { first, _ in first })
            guard let place = row["place"].flatMap({ Int64.fromDatabaseValue($0) }),
                let id = row["id"].flatMap({ Data.fromDatabaseValue($0) }),
                let salt = row["salt"].flatMap({ Data.fromDatabaseValue($0) }).map({ Array($0) }),
                let canonical = row["canonical"].flatMap({ Data.fromDatabaseValue($0) }).map({ Array($0) }),
                let receipt = unsafe Receipt(canonicalBytes: canonical.span.bytes),
                receipt.organisation == organisation, Data(receipt.id.bytes) == id,
                let batch = try? StoredBatch(place: place, in: database),
                let leaves = try Row.fetchOne(
                    database, sql: "SELECT leaves FROM batch_leaves WHERE batch = ?", arguments: [batch.id]
                )?.bytes("leaves")
            else { throw ArchiveFault.contradicts(table: rows.name) }
            let start = Int(place - batch.places.lowerBound) * MerkleHash.length
            let leaf = Merkle.leaf(schema: Receipt.schema, salt: salt, content: canonical)
            guard start + MerkleHash.length <= leaves.count,
                leaf.bytes.elementsEqual(leaves[start..<start + MerkleHash.length])
            else { throw ArchiveFault.contradicts(table: rows.name) }
            try database.execute(
                sql: "INSERT INTO receipts (place, id, salt, canonical) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                arguments: [place, id, Data(salt), Data(canonical)])
            guard database.changesCount > 0 else { continue }
            try database.execute(sql: "DELETE FROM erased_receipts WHERE place = ?", arguments: [place])
            batches[batch.id] = batch
            count += 1
        }
        for batch in batches.values { try batch.summarise(in: database) }
        return count
    }
}
