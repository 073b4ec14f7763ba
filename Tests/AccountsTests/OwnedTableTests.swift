import Accounts
import Foundation
import GRDB
import Policy
import Secrets
import Testing
import Vocabulary

@testable import Records

/// What the data map says of each table is what a purge takes and an export gives.
@Suite struct OwnedTableTests {
    private static let start = Moment(microseconds: 1_700_000_000_000_000)

    /// Rows that need a person to stand on; `TeamTests` purges those.
    private static let ofPeople: Set<String> = ["members", "invitations", "sessions"]

    /// Every table with a row of two organisations; the purge of one leaves none of its own and all of the other's.
    @Test func aPurgeTakesWhatTheDataMapSaysAndNoMore() throws {
        let place = try Place(.aura)
        let purged = DataMap.ownedTables.filter(\.isPurged)
        #expect(purged.count > 12)
        let mapped = Set(
            DataMap.fields.filter { field in
                field.store.hasPrefix("ledger.")
                    && [.atOnce, .withTheOrganisation, .withTheReceipt].contains(field.erasure)
            }.map { String($0.store.dropFirst("ledger.".count)) })
        // People are found by their membership: `MemberStore.forget` takes them and what hangs on them.
        let byMembership: Set<String> = ["people", "recovery_codes", "passkeys", "organisations"]
        let unlinked = mapped.subtracting(purged.map(\.name)).subtracting(byMembership)
        #expect(unlinked.isEmpty, "erased with its organisation, and no link to it: \(unlinked)")
        try place.ledger.write { database in
            for organisation in [Int64(1), 2] {
                // Parents first: what refers to a key or a batch needs it.
                let order = ["gateway_keys", "vault_data_keys", "merkle_batches"]
                let tables = purged.filter { $0.link != .receipt && !Self.ofPeople.contains($0.name) }.map(\.name)
                for table in order.filter(tables.contains) + tables.filter({ !order.contains($0) }) {
                    try Self.fill(table, organisation, database)
                }
            }
        }
        func rows(_ organisation: UInt64) throws -> [String: Int] {
            try place.ledger.read { database in
                var counts: [String: Int] = [:]
                for table in purged where table.link != .receipt {
                    counts[table.name] = try Int.fetchOne(
                        database, sql: "SELECT count(*) FROM \(table.name) WHERE \(table.condition)",
                        arguments: [organisation.stored])
                }
                return counts
            }
        }
        for (table, count) in try rows(1) where !Self.ofPeople.contains(table) {
            #expect(count > 0, "\(table) is empty: the test shows nothing of it")
        }
        let other = try rows(2)
        let count = try RightsStore(place.ledger).purge(OrganisationID(1), DataMap.ownedTables)
        #expect(count.gatewayKeys == 1 && count.providerKeys == 1 && count.openRequests == 1)
        #expect(count.fingerprints.count == 1)
        for (table, count) in try rows(1) { #expect(count == 0, "\(table) keeps rows of a purged organisation") }
        #expect(try rows(2) == other)
    }

    /// A row by the table's own columns: numbers differ by organisation, text and bytes are as long as they must be.
    private static func fill(_ table: String, _ organisation: Int64, _ database: Database) throws {
        var names: [String] = []
        var values: [DatabaseValue] = []
        let sizes = [
            "digest": 32, "master": 16, "wrapped": 61, "fingerprint": 16, "sealed": 40, "canonical": 352, "salt": 32,
            "id": 16, "origin": 16, "mark": 16,
        ]
        for column in try database.columns(in: table) where column.isNotNull || column.primaryKeyIndex > 0 {
            names.append(column.name)
            switch (column.name, column.type) {
            case ("organisation", _), ("owner", _): values.append(organisation.databaseValue)
            case ("owner_kind", _): values.append(Int64(BudgetOwner.Kind.organisation.rawValue).databaseValue)
            case ("key", _), ("data_key", _): values.append((100 + organisation).databaseValue)
            case ("batch", _): values.append(organisation.databaseValue)
            case ("id", "INTEGER"): values.append((100 + organisation).databaseValue)
            case ("streamed", _), ("environment", _): values.append(0.databaseValue)
            case ("action", _): values.append(3.databaseValue)
            case ("shown", _): values.append((table == "gateway_keys" ? "tct_live_abcd" : "abcd").databaseValue)
            case (_, "TEXT"): values.append("k\(organisation == 1 ? "a" : "b")".databaseValue)
            case (let name, "BLOB"):
                values.append(Data(repeating: UInt8(organisation), count: sizes[name] ?? 1).databaseValue)
            default: values.append(organisation.databaseValue)
            }
        }
        if table == "batch_keys" {
            try database.execute(
                sql: """
                    INSERT INTO merkle_batches VALUES (?1, 1, 1, ?1, ?1, 1, zeroblob(120), zeroblob(64), 0, 0, 0, 0, 0, 0,
                    NULL, NULL)
                    """, arguments: [organisation])
        }
        let marks = names.map { _ in "?" }.joined(separator: ", ")
        try database.execute(
            sql: "INSERT INTO \(table) (\(names.joined(separator: ", "))) VALUES (\(marks))",
            arguments: StatementArguments(values))
    }
}
