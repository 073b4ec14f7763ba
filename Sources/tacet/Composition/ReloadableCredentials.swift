import Accounts
import Secrets
import Synchronization
import Vocabulary

/// The provider keys in use; a reload brings new ones, and the old are wiped when their last use ends.
final class ReloadableCredentials: Credentials {
    private struct State {
        var store: CredentialStore
        /// Fetched and renewed by `TokenKeeper`.
        var tokens: [DeploymentID: SecretBytes] = [:]
    }

    private let current: Mutex<State>
    private let vault: VaultDoor

    init(_ store: CredentialStore, vault: VaultDoor) {
        current = Mutex(State(store: store))
        self.vault = vault
    }

    func replace(_ store: CredentialStore) { current.withLock { $0.store = store } }

    func setToken(_ token: SecretBytes, of deployment: DeploymentID) {
        current.withLock { $0.tokens[deployment] = token }
    }

    func keepTokens(of deployments: Set<DeploymentID>) {
        current.withLock { $0.tokens = $0.tokens.filter { deployments.contains($0.key) } }
    }

    func withKey(
        of deployment: DeploymentID, for organisation: OrganisationID, _ body: (Span<UInt8>) -> Void
    ) -> Bool {
        let (store, token) = current.withLock { ($0.store, $0.tokens[deployment]) }
        if let token {
            token.withBytes(body)
            return true
        }
        return store.withKey(of: deployment, for: organisation, body)
            || vault.snapshot?.withKey(of: deployment, for: organisation, body) ?? false
    }
}
