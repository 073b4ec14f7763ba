import GRDB
import Secrets
import Vocabulary

/// Puts receipts into the ledger, sixteen by one statement: beginning and ending one takes a quarter of the time of a row.
struct ReceiptRows {
    static let width = 16
    private static let columns = 4
    /// Written once: a drain asks for them five times a second.
    private static let insertOne = insertion(rows: 1)
    private static let insertMany = insertion(rows: width)

    private let one: RowStatement
    private let many: RowStatement
    private let database: Database

    init(in database: Database) throws {
        self.database = database
        one = try RowStatement(Self.insertOne, in: database)
        many = try RowStatement(Self.insertMany, in: database)
    }

    /// Inserts those receipts of a batch that are not there yet, each at the place behind the one before.
    /// - Parameters:
    ///   - indices: in the batch.
    ///   - place: of the first.
    /// - Returns: the indices of those that were inserted, in order.
    func insert(_ indices: [Int], of batch: ReceiptBatch, from place: Int64) throws -> [Int] {
        var inserted: [Int] = []
        inserted.reserveCapacity(indices.count)
        var rest = indices[...]
        while rest.count >= Self.width {
            let group = rest.prefix(Self.width)
            rest = rest.dropFirst(Self.width)
            let next = place + Int64(inserted.count)
            if try run(many, group, of: batch, from: next) == Self.width {
                inserted += group
            } else {
                // One of them was there: the others are not to leave its place empty.
                try database.execute(sql: "DELETE FROM receipts WHERE place >= ?", arguments: [next])
                try insertSingly(group, of: batch, from: place, &inserted)
            }
        }
        try insertSingly(rest, of: batch, from: place, &inserted)
        return inserted
    }

    private func insertSingly(
        _ indices: ArraySlice<Int>, of batch: ReceiptBatch, from place: Int64, _ inserted: inout [Int]
    ) throws {
        for index in indices {
            let next = place + Int64(inserted.count)
            if try run(one, [index], of: batch, from: next) == 1 { inserted.append(index) }
        }
    }

    /// - Returns: how many rows were not there before.
    private func run(
        _ statement: RowStatement, _ indices: ArraySlice<Int>, of batch: ReceiptBatch, from place: Int64
    ) throws -> Int {
        var ids: [UInt64] = []
        ids.reserveCapacity(2 * Self.width)
        for index in indices {
            ids.append(batch.entries[index].id.high.bigEndian)
            ids.append(batch.entries[index].id.low.bigEndian)
        }
        return try batch.leaves.withBytes { leaves in
            for (row, index) in indices.enumerated() {
                let first = Int32(row * Self.columns)
                statement.bind(first + 1, place + Int64(row))
                unsafe statement.bind(first + 2, ids.span.bytes.extracting(row * 16..<row * 16 + 16))
                statement.bind(first + 3, leaves.extracting(batch.leaves.salt(of: index)))
                statement.bind(first + 4, leaves.extracting(batch.leaves.content(of: index)))
            }
            return try statement.run()
        }
    }

    private static func insertion(rows: Int) -> String {
        let row = "(" + repeatElement("?", count: columns).joined(separator: ", ") + ")"
        return "INSERT INTO receipts VALUES " + repeatElement(row, count: rows).joined(separator: ", ")
            + " ON CONFLICT (id) DO NOTHING"
    }
}
