import Foundation
import Secrets
import Vocabulary

/// Reads provider keys from where the settings say they are.
enum ProviderKeys {
    /// The longest key any provider has, with room.
    private static let limit = 8192

    /// `nil` when the source is `none`, or the vault, which opens its keys one by one. The error names the source, never what it holds.
    static func load(
        _ source: Settings.KeySource, environment: [String: String]
    ) throws(Failure) -> SecretBytes? {
        var bytes: [UInt8]
        switch source {
        case .none, .vault: return nil
        case .environment(let name):
            guard let value = environment[name] else { throw Failure(text: "\(name) is not set.", code: 2) }
            bytes = Array(value.utf8)
        case .file(let path):
            guard let data = FileManager.default.contents(atPath: path), data.count <= limit else {
                throw Failure(text: "The key file \(path) cannot be read, or is larger than \(limit) bytes.", code: 2)
            }
            bytes = Array(data)
        }
        while let last = bytes.last, last == 0x0a || last == 0x0d || last == 0x20 { bytes.removeLast() }
        // A key becomes a header value: one line of visible ASCII.
        guard !bytes.isEmpty, bytes.count <= limit, bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            wipe(&bytes)
            throw Failure(text: "\(source.text) does not hold a key: one line of visible ASCII.", code: 2)
        }
        return SecretBytes(taking: &bytes)
    }

    static func store(
        _ providers: [Settings.Provider], environment: [String: String]
    ) throws(Failure) -> CredentialStore {
        var keys: [(DeploymentID, SecretBytes)] = []
        for provider in providers {
            if let key = try load(provider.key, environment: environment) { keys.append((provider.deployment, key)) }
        }
        return CredentialStore(keys)
    }
}
