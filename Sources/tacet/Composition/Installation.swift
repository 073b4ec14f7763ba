import Accounts
import Policy
import Records
import Secrets
import Vocabulary

/// What every command and the server open of a data directory.
struct Installation: Sendable {
    var directory: DataDirectory
    var ledger: Ledger
    var keys: Keys
    var identity: InstallationIdentity
    /// What addresses and names of people are sealed under.
    var accountKeys: AccountKeys

    static func open(_ path: String, node: UInt32 = 1) throws(Failure) -> Installation {
        do throws(StorageFault) {
            return try open(try DataDirectory(path, node: node))
        } catch {
            throw Failure(text: "\(path): \(FaultText.of(error))")
        }
    }

    private static func open(_ directory: DataDirectory) throws(StorageFault) -> Installation {
        let ledger = try Ledger(directory)
        do throws(KeyFileFault) {
            return Installation(
                directory: directory, ledger: ledger, keys: try Keys(ledger: ledger, directory: directory),
                identity: try InstallationIdentity(directory: directory.keysPath),
                accountKeys: try AccountKeys.load(directory: directory.keysPath))
        } catch {
            // The key files stand in the same directory; their faults are its faults.
            throw error == .openToOthers ? .notWritable : .damaged
        }
    }

    var receipts: ReceiptStore { ReceiptStore(ledger) }
    func desk(_ vault: VaultDoor, _ policy: DeploymentPolicy) -> Desk {
        Desk(
            keys: keys, receipts: receipts, book: LedgerBook(ledger), names: CatalogueNames(ledger),
            audit: AuditLog(ledger), vault: vault, rights: rights(vault, policy), spending: SpendingStore(ledger),
            alerts: AlertStore(ledger), legal: LegalStore(ledger), incidents: IncidentStore(ledger),
            decisions: DecisionStore(ledger), installationKey: identity.publicKey)
    }

    func rights(_ vault: VaultDoor, _ policy: DeploymentPolicy) -> Rights {
        Rights(
            ledger, policy: policy, identity: identity, accountKeys: accountKeys, erasures: ErasureLog(directory)
        ) { vault.refresh() }
    }

    func vault(_ settings: Settings.Vault, environment: [String: String]) -> VaultDoor {
        VaultDoor(ledger, directory, accountKeys.own, settings, environment: environment)
    }
}
