import GRDB
public import Vocabulary

/// What a purge took, for its proof.
public struct PurgeCount: Equatable, Sendable {
    public var receipts = 0
    public var gatewayKeys = 0
    public var providerKeys = 0
    public var openRequests = 0
    /// Of the data keys destroyed: 16 bytes each.
    public var fingerprints: [[UInt8]] = []
}

/// Takes every row of an organisation out of the ledger, and its bytes out of the file: freed cells are overwritten
/// (secure_delete), the write-ahead log is emptied, the file is written anew without free pages.
///
/// Amounts under a number stay in the double-entry ledger, and hashes of erased receipts in the signed trees.
extension RightsStore {
    /// - Parameter tables: all of the data map; a purge takes the rows of those that say so.
    public func purge(
        _ organisation: OrganisationID, _ tables: [OwnedTable]
    ) throws(StorageFault) -> PurgeCount {
        let receipts = try ReceiptStore(ledger).erase(of: organisation, before: nil)
        var count = try ledger.write { database in
            var count = PurgeCount(receipts: receipts)
            // From here on nothing that comes late is kept but its amount.
            try database.execute(
                sql: "UPDATE account_lives SET phase = ? WHERE organisation = ?",
                arguments: [Int64(AccountLifeRow.Phase.purged.rawValue), organisation.value.stored])
            // People are found by their membership, so they go before it.
            try MemberStore.forget(organisation, in: database)
            // What refers to keys goes before the keys.
            let last = ["gateway_keys", "vault_data_keys"]
            let purged = tables.filter { $0.isPurged && $0.link != .receipt }
                .sorted { (last.firstIndex(of: $0.name) ?? -1) < (last.firstIndex(of: $1.name) ?? -1) }
            for table in purged {
                if table.name == "vault_data_keys" {
                    count.fingerprints = try Row.fetchAll(
                        database, sql: "SELECT fingerprint FROM vault_data_keys WHERE organisation = ?1",
                        arguments: [organisation.value.stored]
                    ).map { $0.bytes("fingerprint") }
                }
                try database.execute(
                    sql: "DELETE FROM \(table.name) WHERE \(table.condition)",
                    arguments: [organisation.value.stored])
                switch table.name {
                case "gateway_keys": count.gatewayKeys = database.changesCount
                case "vault_provider_keys": count.providerKeys = database.changesCount
                case "open_requests": count.openRequests = database.changesCount
                default: break
                }
            }
            // A member that no key is of is nobody else's.
            for table in tables where table.isPurged && table.link == .owner {
                try database.execute(
                    sql: """
                        DELETE FROM \(table.name) WHERE owner_kind = \(BudgetOwner.Kind.member.rawValue)
                        AND owner NOT IN (SELECT member FROM gateway_keys)
                        """)
            }
            return count
        }
        count.receipts += try ReceiptStore(ledger).erase(of: organisation, before: nil)
        try ledger.rewrite()
        return count
    }
}

extension Ledger {
    /// Writes the file anew without its free pages, and empties the write-ahead log.
    func rewrite() throws(StorageFault) {
        do {
            try pool.vacuum()
        } catch {
            throw StorageFault(mapping: error)
        }
        try truncateLog()
    }
}
