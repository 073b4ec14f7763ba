import Crypto
public import Vocabulary

/// Keys that die with whom they are of: 32 random bytes each, in files of their own beside the ledger.
///
/// A copy of the ledger holds none of them. What was sealed under one stays closed in every copy, however old, once its file
/// is gone.
public struct ErasableKeys: Sendable {
    /// Whose a key is.
    public struct Owner: Hashable, Sendable {
        fileprivate let file: String

        /// Its name, its invitations, its letters.
        public static func organisation(_ id: OrganisationID) -> Owner { Owner(file: "organisations/\(id.value)") }
        /// Address, name, authenticator.
        public static func person(_ id: UInt64) -> Owner { Owner(file: "people/\(id)") }
        /// A data key of the vault, of which this is one half.
        public static func dataKey(_ id: UInt64) -> Owner { Owner(file: "vault/\(id)") }
    }

    private let directory: String

    /// - Parameter directory: of the installation's keys.
    public init(directory: String) { self.directory = directory }

    /// `nil` when it was destroyed, or never was.
    func key(of owner: Owner) throws(KeyFileFault) -> SecretBytes? {
        try SecretFile.load(path: path(of: owner), count: 32)
    }

    /// The key, made when there is none.
    func keyOrNew(of owner: Owner) throws(KeyFileFault) -> SecretBytes {
        let path = path(of: owner)
        try SecretFile.makeFolder(of: path)
        return try SecretFile.loadOrCreate(path: path, count: 32) { randomBytes(32) }
    }

    /// Overwrites and deletes a key.
    /// - Returns: 16 bytes that name it in a proof of deletion; `nil` when there was none.
    @discardableResult
    public func destroy(_ owner: Owner) throws(KeyFileFault) -> [UInt8]? {
        guard let key = try key(of: owner) else { return nil }
        try SecretFile.destroy(path: path(of: owner))
        return SealedCell.symmetric(key).fingerprint(of: "tacet own key")
    }

    private func path(of owner: Owner) -> String { directory + "/" + owner.file }
}

extension SecretBytes {
    /// A key that nobody has who lacks one of the two.
    func joined(with half: SecretBytes) -> SecretBytes {
        let code = half.withBytes { bytes in
            unsafe bytes.withUnsafeBytes {
                unsafe HMAC<SHA256>.authenticationCode(for: $0, using: SealedCell.symmetric(self))
            }
        }
        var bytes = Array(code)
        return SecretBytes(taking: &bytes)
    }
}
