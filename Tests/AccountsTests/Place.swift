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
    let accountKeys: AccountKeys
    let rights: Rights

    init(_ profile: ProfileID) throws {
        folder = try TemporaryFolder()
        let directory = try DataDirectory(folder.path + "/data")
        ledger = try Ledger(directory)
        keys = try Keys(ledger: ledger, directory: directory)
        identity = try InstallationIdentity(directory: directory.keysPath)
        accountKeys = try AccountKeys.load(directory: directory.keysPath)
        rights = Rights(
            ledger, policy: DeploymentPolicy(profile), identity: identity, accountKeys: accountKeys,
            erasures: ErasureLog(directory), secretsGone: {})
    }

    static let password = "correct horse battery staple"

    /// Its people, at a time that stands still.
    func people(at now: Moment) -> People {
        People(
            ledger, accountKeys, AccountTerms(fields: .named), outbox: Outbox(now: { now }) { _ in true },
            bcryptCost: 4,
            now: { now })
    }

    /// The text of the first person's session.
    func owner(of people: People) async throws -> String {
        let secret = try #require(try people.offerSetUp())
        return try await people.setUp(
            secret: secret, mail: "ada@example.org", name: "Ada, Countess", organisation: "Engines",
            password: Self.password)
    }

    func vault() throws -> Vault {
        try Vault(ledger, .file(MasterKeyFile(folder.path + "/data/keys/master"), makes: true), accountKeys.own)
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
