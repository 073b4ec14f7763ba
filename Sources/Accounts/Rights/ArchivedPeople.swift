import Records
import Secrets
import Vocabulary

extension AccountKeys {
    private static let archivedCells: [String: (cell: Cell, columns: [String])] = [
        "people": (.person, ["mail_address", "name"]), "organisations": (.organisation, ["name"]),
        "invitations": (.invitation, ["mail_address"]),
    ]

    /// What stands in an archive in place of the sealed cell of a table.
    static func archivedColumns(of table: String) -> [String] { archivedCells[table]?.columns ?? [] }

    /// The texts of those columns.
    func archived(
        _ table: String, row: UInt64, _ cell: [UInt8], of organisation: OrganisationID
    ) throws(StorageFault) -> [String] {
        guard let (kind, columns) = Self.archivedCells[table],
            let plain = try? open(
                cell, kind, row: row, of: kind == .person ? .person(row) : .organisation(organisation))
        else { throw .damaged }
        let lines = String(decoding: plain, as: UTF8.self)
            .split(separator: "\n", maxSplits: columns.count - 1, omittingEmptySubsequences: false)
        guard lines.count == columns.count else { throw .damaged }
        return lines.map { String($0) }
    }
}
