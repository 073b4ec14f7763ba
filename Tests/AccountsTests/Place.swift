import Accounts
import Foundation
import Policy
import Records
import Secrets
import Testing
import Vocabulary

/// An installation in a folder of its own.
struct Place {
    let folder: TemporaryFolder
    let ledger: Ledger
    let keys: Keys
    let identity: InstallationIdentity
    let rights: Rights

    init(_ profile: ProfileID) throws {
        folder = try TemporaryFolder()
        let directory = try DataDirectory(folder.path + "/data")
        ledger = try Ledger(directory)
        keys = try Keys(ledger: ledger, directory: directory)
        identity = try InstallationIdentity(directory: directory.keysPath)
        rights = Rights(ledger, policy: DeploymentPolicy(profile), identity: identity) {}
    }

    func vault() throws -> Vault {
        try Vault(ledger, .file(MasterKeyFile(folder.path + "/data/keys/master"), makes: true))
    }

    func holds(_ mark: Data) throws -> Bool {
        let all = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        #expect(all.contains("data/ledger.sqlite"))
        return all.contains { name in
            FileManager.default.contents(atPath: folder.path + "/" + name)?.range(of: mark) != nil
        }
    }
}

final class Silence: EventLog {
    func record(_ event: LogEvent) {}
}
