public import Policy
public import Records
import Secrets

extension DataMap {
    /// The tables of the ledger whose rows belong to organisations, read off the map: what a purge takes, and what its owner
    /// may have.
    public static let ownedTables: [OwnedTable] = tables.compactMap { name in
        let fields = fields.filter { $0.store == "ledger.\(name)" }
        let names = Set(fields.map(\.name))
        let link: OwnedTable.Link? =
            if name == "receipts" {
                .receipt
            } else if names.contains("organisation") {
                .organisation
            } else if names.isSuperset(of: ["owner", "owner_kind"]) {
                .owner
            } else if names.contains("key") {
                .key
            } else if name == "people" {
                .person
            } else if name == "organisations" {
                .itself
            } else if name == "ledger_transfers" {
                .transfer
            } else if name == "ledger_grants" {
                .grant
            } else {
                nil
            }
        // People and the organisation itself go in `MemberStore.forget`, which asks who belongs to others too.
        let isPurged = link != .person && link != .itself && fields.contains { $0.erasure.isOfAnOrganisation }
        let exported = fields.filter { $0.export != .no }.map(\.name)
        guard let link, isPurged || !exported.isEmpty else { return nil }
        return OwnedTable(
            name: name, link: link, exported: exported, opened: AccountKeys.archivedColumns(of: name),
            isPurged: isPurged, isRestored: isPurged && !fields.contains { $0.purpose == .authenticate })
    }

    /// What the map says of each column that an owner may have: name, class, purpose, basis, retention.
    public static var meanings: [String: [[String]]] {
        Dictionary(
            ownedTables.map { table in
                let rows = table.archived.compactMap { column in
                    let stored = table.opened.contains(column) ? "sealed" : column
                    return field("ledger.\(table.name)", stored).map { field in
                        [
                            column, field.kind.rawValue, field.purpose.rawValue, field.basis.rawValue,
                            field.retention.text,
                        ]
                    }
                }
                return (table.name, rows)
            }, uniquingKeysWith: { first, _ in first })
    }

    private static var tables: [String] {
        var tables: [String] = []
        for field in fields where field.store.hasPrefix("ledger.") {
            let name = String(field.store.dropFirst("ledger.".count))
            if !tables.contains(name) { tables.append(name) }
        }
        return tables
    }
}

extension DataField.Erasure {
    /// Whether it goes when its organisation does.
    fileprivate var isOfAnOrganisation: Bool {
        switch self {
        case .withTheReceipt, .withTheRequest, .atOnce, .withTheOrganisation: true
        case .withTheSegment, .withTheLogFile, .withTheInstallation, .withTheTombstone, .never: false
        }
    }
}
