public import Vocabulary

/// The provider keys of a configuration, one per deployment, fixed when it is built.
public final class CredentialStore: Credentials {
    private let keys: [DeploymentID: SecretBytes]

    /// The last entry of a deployment named twice holds.
    public init(_ keys: [(DeploymentID, SecretBytes)]) {
        self.keys = Dictionary(keys, uniquingKeysWith: { _, last in last })
    }

    /// The deployment's key, whoever asks.
    public func withKey(
        of deployment: DeploymentID, for organisation: OrganisationID, _ body: (Span<UInt8>) -> Void
    ) -> Bool {
        guard let key = keys[deployment] else { return false }
        key.withBytes(body)
        return true
    }
}
