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
    public func purge(_ organisation: OrganisationID) throws(StorageFault) -> PurgeCount {
        let erased = try eraseReceipts(of: organisation)
        var count = try ledger.write { database in
            var count = PurgeCount(receipts: erased)
            let number = organisation.value.stored
            func delete(_ sql: String) throws -> Int {
                try database.execute(sql: sql, arguments: [number])
                return database.changesCount
            }
            // From here on nothing that comes late is kept but its amount.
            try database.execute(
                sql: "UPDATE account_lives SET phase = ? WHERE organisation = ?",
                arguments: [Int64(AccountLifeRow.Phase.purged.rawValue), number])
            let keys = "(SELECT id FROM gateway_keys WHERE organisation = ?)"
            for (kind, ids) in owners {
                for table in ["budgets", "rate_limits", "spending", "alerts"] {
                    _ = try delete("DELETE FROM \(table) WHERE owner_kind = \(kind.rawValue) AND owner IN \(ids)")
                }
            }
            for grain in UsageGrain.allCases { _ = try delete("DELETE FROM \(grain.table) WHERE organisation = ?") }
            _ = try delete("DELETE FROM batch_keys WHERE key IN \(keys)")
            count.openRequests = try delete("DELETE FROM open_requests WHERE organisation = ?")
            count.gatewayKeys = try delete("DELETE FROM gateway_keys WHERE organisation = ?")
            // A member that no key is of is nobody else's.
            for table in ["budgets", "rate_limits", "spending", "alerts"] {
                try database.execute(
                    sql: """
                        DELETE FROM \(table) WHERE owner_kind = \(BudgetOwner.Kind.member.rawValue)
                        AND owner NOT IN (SELECT member FROM gateway_keys)
                        """)
            }
            try MemberStore.forget(organisation, in: database)
            let vault = try VaultStore.forget(organisation, in: database)
            count.providerKeys = vault.keys
            count.fingerprints = vault.fingerprints
            return count
        }
        count.receipts += try eraseReceipts(of: organisation)
        try ledger.rewrite()
        return count
    }

    private func eraseReceipts(of organisation: OrganisationID) throws(StorageFault) -> Int {
        let receipts = ReceiptStore(ledger)
        var count = 0
        while true {
            let found = try receipts.list(.init(organisation: organisation, limit: 2000))
            guard !found.isEmpty else { return count }
            count += try receipts.erase(found.map(\.receipt.id))
        }
    }

    /// Whose budgets, rates, sums and alerts are an organisation's: its own, its keys' and their members'. Those of a provider
    /// and of the whole installation tell of nobody and stay.
    private var owners: [(BudgetOwner.Kind, String)] {
        [
            (.key, "(SELECT id FROM gateway_keys WHERE organisation = ?)"),
            (.member, "(SELECT member FROM gateway_keys WHERE organisation = ?)"),
            (.organisation, "(?)"),
        ]
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
