import Records
import Secrets
import Synchronization
public import Vocabulary

/// The sealed provider keys of the installation at one moment. A key is opened for one call and wiped at its end.
public final class VaultSnapshot: Sendable {
    private let cells: [Place: Cell]

    private struct Place: Hashable {
        var organisation: OrganisationID
        var deployment: DeploymentID
    }

    private final class Cell: Sendable {
        let id: UInt64
        let sealed: [UInt8]
        let key: DataKey
        let isUsed = Atomic<Bool>(false)

        init(_ row: SealedKeyRow, _ key: DataKey) {
            id = row.id
            sealed = row.sealed
            self.key = key
        }
    }

    init(_ rows: [SealedKeyRow], _ keys: [UInt64: DataKey]) {
        var cells: [Place: Cell] = [:]
        for row in rows {
            guard let key = keys[row.dataKey], key.organisation == row.organisation else { continue }
            cells[Place(organisation: row.organisation, deployment: row.deployment)] = Cell(row, key)
        }
        self.cells = cells
    }

    public func holds(_ deployment: DeploymentID, of organisation: OrganisationID) -> Bool {
        cells[Place(organisation: organisation, deployment: deployment)] != nil
    }

    /// Opens the key for the length of `body`. `false`: there is none, or it does not open.
    public func withKey(
        of deployment: DeploymentID, for organisation: OrganisationID, _ body: (Span<UInt8>) -> Void
    ) -> Bool {
        guard let cell = cells[Place(organisation: organisation, deployment: deployment)] else { return false }
        guard let plain = try? cell.key.open(cell.sealed, .providerKey, row: cell.id) else { return false }
        if !cell.isUsed.load(ordering: .relaxed) { cell.isUsed.store(true, ordering: .relaxed) }
        plain.withBytes(body)
        return true
    }

    func takeUsed() -> [UInt64] {
        cells.values.filter { $0.isUsed.exchange(false, ordering: .relaxed) }.map(\.id)
    }
}
