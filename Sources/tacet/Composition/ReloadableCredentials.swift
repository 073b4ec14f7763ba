import Accounts
import Secrets
import Synchronization
import Vocabulary

/// The provider keys in use; a reload brings new ones, and the old are wiped when their last use ends.
final class ReloadableCredentials: Credentials {
    private let current: Mutex<CredentialStore>
    private let vault: VaultDoor

    init(_ store: CredentialStore, vault: VaultDoor) {
        current = Mutex(store)
        self.vault = vault
    }

    func replace(_ store: CredentialStore) { current.withLock { $0 = store } }

    func withKey(of deployment: DeploymentID, _ body: (Span<UInt8>) -> Void) -> Bool {
        let store = current.withLock { $0 }
        return store.withKey(of: deployment, body)
            || vault.snapshot?.withKey(of: deployment, for: .home, body) ?? false
    }
}
