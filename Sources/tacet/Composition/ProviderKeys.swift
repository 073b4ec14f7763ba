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
        case .none, .vault, .passthrough: return nil
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

    /// A key that is a document of several lines.
    static func document(
        _ source: Settings.KeySource, environment: [String: String]
    ) throws(Failure) -> [UInt8] {
        switch source {
        case .none, .vault, .passthrough: return []
        case .environment(let name): return Array((environment[name] ?? "").utf8)
        case .file(let path):
            guard let data = FileManager.default.contents(atPath: path), data.count <= 64 << 10 else {
                throw Failure(text: "The key file \(path) cannot be read, or is larger than 64 KiB.", code: 2)
            }
            return Array(data)
        }
    }

    static func store(
        _ providers: [Settings.Provider], environment: [String: String]
    ) throws(Failure) -> CredentialStore {
        var keys: [(DeploymentID, SecretBytes)] = []
        for provider in providers {
            // A service account's key is no key of a request: `TokenKeeper` fetches tokens with it.
            if case .google = provider.account { continue }
            guard let key = try load(provider.key, environment: environment) else { continue }
            keys.append((provider.deployment, try pair(key, provider.account, environment: environment)))
        }
        return CredentialStore(keys)
    }

    /// An AWS key pair as `Authentication.signature` wants it; any other key as it is.
    private static func pair(
        _ key: SecretBytes, _ account: Settings.Provider.Account, environment: [String: String]
    ) throws(Failure) -> SecretBytes {
        guard case .aws(_, let secret, let session) = account, let secret = try load(secret, environment: environment)
        else { return key }
        var bytes: [UInt8] = []
        func append(_ part: SecretBytes) {
            part.withBytes { span in for index in span.indices { bytes.append(span[index]) } }
        }
        append(key)
        bytes.append(0x0a)
        append(secret)
        if let token = try load(session, environment: environment) {
            bytes.append(0x0a)
            append(token)
        }
        return SecretBytes(taking: &bytes)
    }
}
