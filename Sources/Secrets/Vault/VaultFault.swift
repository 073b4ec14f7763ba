/// Why something sealed could not be opened, or a key not be had.
public struct VaultFault: Error, Hashable, Sendable {
    private enum Kind: Hashable, Sendable {
        case badMaster
        case otherMaster
        case damaged
        case commandFailed
    }

    private let kind: Kind

    /// What was read is no 256-bit key.
    public static let badMaster = VaultFault(kind: .badMaster)
    /// The vault was sealed under another master key.
    public static let otherMaster = VaultFault(kind: .otherMaster)
    /// A sealed cell was changed, cut, or stands in another row than it was sealed for.
    public static let damaged = VaultFault(kind: .damaged)
    /// The command that was to print the master key failed.
    public static let commandFailed = VaultFault(kind: .commandFailed)

    /// The stable name of the fault.
    public var name: StaticString {
        switch kind {
        case .badMaster: "master_key_malformed"
        case .otherMaster: "master_key_of_another_vault"
        case .damaged: "vault_damaged"
        case .commandFailed: "master_key_command_failed"
        }
    }
}
