import Foundation
import Records
import Secrets
import Testing
import Vocabulary

@testable import Accounts

@Suite struct VaultTests {
    private static let now = Moment(microseconds: 1_700_000_000_000_000)
    private static let openAI = DeploymentID(5)
    private static let secret = "sk-canary-of-the-vault-0123456789"

    @Test func aKeyIsSetUsedReplacedAndDeleted() throws {
        let place = try Place()
        let vault = try place.vault()
        #expect(!vault.snapshot.withKey(of: Self.openAI, for: .home) { _ in Issue.record("there is none") })
        var text = Array(Self.secret.utf8)
        let row = try vault.set(&text, for: Self.openAI, of: .home, at: Self.now)
        #expect(text.allSatisfy { $0 == 0 })
        #expect(row.shown == "6789")
        #expect(Self.read(vault, Self.openAI, .home) == Self.secret)
        #expect(Self.read(vault, Self.openAI, OrganisationID(2)) == nil)
        #expect(Self.read(vault, DeploymentID(6), .home) == nil)
        try vault.noteUse(at: Self.now)
        #expect(try vault.list(.home).map(\.lastUsedAt) == [Self.now])
        // Another process, the same file.
        #expect(Self.read(try place.vault(), Self.openAI, .home) == Self.secret)
        var next = Array("sk-the-next-key-abcd".utf8)
        _ = try vault.set(&next, for: Self.openAI, of: .home, at: Self.now)
        #expect(Self.read(vault, Self.openAI, .home) == "sk-the-next-key-abcd")
        #expect(try vault.list(.home).count == 1)
        #expect(try vault.delete(Self.openAI, of: .home, at: Self.now))
        #expect(try !vault.delete(Self.openAI, of: .home, at: Self.now))
        #expect(Self.read(vault, Self.openAI, .home) == nil)
    }

    /// AU-6, AU-8: what any file of the directory shows of a key is its last four characters.
    @Test func noFileHoldsAKey() throws {
        let place = try Place()
        let vault = try place.vault()
        var text = Array(Self.secret.utf8)
        _ = try vault.set(&text, for: Self.openAI, of: .home, at: Self.now)
        _ = try vault.rotateDataKey(of: .home, at: Self.now)
        try vault.rotateMaster()
        let middle = Data("canary-of-the-vault".utf8)
        #expect(try place.files().allSatisfy { $0.range(of: middle) == nil })
        #expect(try place.files().contains { $0.range(of: Data("6789".utf8)) != nil })
    }

    @Test func whatIsNoKeyIsRefused() throws {
        let place = try Place()
        let vault = try place.vault()
        for wrong in ["", "abc", "two words", "line\nbreak", "schlüssel", String(repeating: "k", count: 8193)] {
            var bytes = Array(wrong.utf8)
            #expect(throws: VaultRefusal.badKey) {
                _ = try vault.set(&bytes, for: Self.openAI, of: .home, at: Self.now)
            }
        }
        var short = Array("abcd1234".utf8)
        #expect(try vault.set(&short, for: Self.openAI, of: .home, at: Self.now).shown == "····")
    }

    @Test func rotationsKeepEveryKeyAndChangeEveryCell() throws {
        let place = try Place()
        let vault = try place.vault()
        for (organisation, name) in [(OrganisationID.home, "one"), (.home, "two"), (OrganisationID(2), "three")] {
            var text = Array("sk-\(name)-0123456789".utf8)
            _ = try vault.set(
                &text, for: DeploymentID(UInt64(name.utf8.first ?? 0)), of: organisation, at: Self.now)
        }
        let store = VaultStore(place.ledger)
        let before = (cells: try store.sealedKeys(), keys: try store.wrappedKeys())
        #expect(try vault.rotateDataKey(of: .home, at: Self.now) == 2)
        try vault.rotateMaster()
        let after = (cells: try store.sealedKeys(), keys: try store.wrappedKeys())
        #expect(Set(after.keys.map(\.wrapped)).isDisjoint(with: before.keys.map(\.wrapped)))
        #expect(Set(after.keys.map(\.master)).isDisjoint(with: before.keys.map(\.master)))
        let home = { (rows: [SealedKeyRow]) in Set(rows.filter { $0.organisation == .home }.map(\.sealed)) }
        #expect(home(after.cells).isDisjoint(with: home(before.cells)))
        for vault in [vault, try place.vault()] {
            #expect(Self.read(vault, DeploymentID(UInt64(UInt8(ascii: "o"))), .home) == "sk-one-0123456789")
            #expect(
                Self.read(vault, DeploymentID(UInt64(UInt8(ascii: "t"))), OrganisationID(2)) == "sk-three-0123456789")
        }
    }

    /// A rotation of the master key that stopped at any step is ended by the next start.
    @Test(arguments: 0..<4) func aRotationCutShortIsEnded(step: Int) throws {
        let place = try Place()
        var text = Array(Self.secret.utf8)
        _ = try place.vault().set(&text, for: Self.openAI, of: .home, at: Self.now)
        let file = MasterKeyFile(place.master)
        let old = try #require(try file.load(makes: false))
        if step >= 1 {
            let next = try file.makeNext()
            if step >= 2 {
                let store = VaultStore(place.ledger)
                try store.rewrap(
                    store.wrappedKeys().map { row in
                        var row = row
                        row.wrapped = try old.rewrap(
                            row.wrapped, id: row.id, organisation: row.organisation, under: next)
                        row.master = next.id
                        return row
                    })
            }
            if step >= 3 {
                // The former key is overwritten; the rename did not happen.
                try Data(count: 32).write(to: URL(fileURLWithPath: place.master))
            }
        }
        for _ in 0..<2 {
            let vault = try place.vault()
            #expect(Self.read(vault, Self.openAI, .home) == Self.secret)
        }
        #expect(try file.next() == nil)
        let now = try #require(try file.load(makes: false))
        #expect((now.id == old.id) == (step == 0))
    }

    @Test func aGivenMasterMovesFromTheFormerAndAnotherIsRefused() throws {
        let place = try Place()
        var text = Array(Self.secret.utf8)
        let (first, second, third) = (try Self.master(1), try Self.master(2), try Self.master(3))
        _ = try place.vault(.given(first, previous: nil)).set(&text, for: Self.openAI, of: .home, at: Self.now)
        #expect(throws: VaultRefusal.vault(.otherMaster)) { _ = try place.vault(.given(second, previous: nil)) }
        #expect(throws: VaultRefusal.vault(.otherMaster)) { _ = try place.vault(.given(second, previous: third)) }
        let moved = try place.vault(.given(second, previous: first))
        #expect(Self.read(moved, Self.openAI, .home) == Self.secret)
        #expect(throws: VaultRefusal.masterIsGiven) { try moved.rotateMaster() }
        #expect(Self.read(try place.vault(.given(second, previous: nil)), Self.openAI, .home) == Self.secret)
        #expect(throws: VaultRefusal.lostMaster) {
            _ = try place.vault(.file(MasterKeyFile(place.folder.path + "/none"), makes: false))
        }
    }

    @Test func everyStateOfARotationHasOneStep() {
        let (present, previous, next, other): ([UInt8], [UInt8], [UInt8], [UInt8]) = ([1], [2], [3], [4])
        let cases: [(Set<[UInt8]>, [UInt8]?, [UInt8]?, MasterRotation)] = [
            ([], nil, nil, .none), ([present], nil, nil, .none), ([present], previous, nil, .none),
            ([previous], previous, nil, .fromPrevious), ([previous, present], previous, nil, .fromPrevious),
            ([previous], nil, nil, .otherMaster), ([other], previous, next, .otherMaster),
            ([present], nil, next, .toNext), ([present, next], nil, next, .toNext), ([], nil, next, .toNext),
            ([next], nil, next, .promote),
        ]
        for (wrapped, previous, next, step) in cases {
            #expect(
                MasterRotation.step(wrapped: wrapped, present: present, previous: previous, next: next) == step,
                "\(wrapped)")
        }
    }

    /// What was deleted, or sealed under a former data key, does not open in a copy of the ledger of before.
    @Test func aCopyOfBeforeADeletionDoesNotOpen() throws {
        let place = try Place()
        let vault = try place.vault()
        for (deployment, secret) in [(Self.openAI, Self.secret), (DeploymentID(6), "sk-another-key")] {
            var text = Array(secret.utf8)
            _ = try vault.set(&text, for: deployment, of: .home, at: Self.now)
        }
        let store = VaultStore(place.ledger)
        let copy = (keys: try store.wrappedKeys(), cells: try store.sealedKeys())
        #expect(try vault.delete(Self.openAI, of: .home, at: Self.now))
        #expect(Self.read(vault, Self.openAI, .home) == nil)
        #expect(Self.read(vault, DeploymentID(6), .home) == "sk-another-key", "what is left is sealed anew")
        try store.rotate(to: try #require(copy.keys.first), copy.cells, at: Self.now)
        let restored = try place.vault()
        #expect(try restored.list(.home).count == 2)
        for deployment in [Self.openAI, DeploymentID(6)] { #expect(Self.read(restored, deployment, .home) == nil) }
        // A key that is set again takes the place of what does not open.
        var again = Array(Self.secret.utf8)
        _ = try restored.set(&again, for: Self.openAI, of: .home, at: Self.now)
        #expect(Self.read(try place.vault(), Self.openAI, .home) == Self.secret)
    }

    private static func read(_ vault: Vault, _ deployment: DeploymentID, _ organisation: OrganisationID) -> String? {
        var text: String?
        let found = vault.snapshot.withKey(of: deployment, for: organisation) { bytes in
            text = String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
        }
        #expect(found == (text != nil))
        return text
    }

    private static func master(_ first: UInt8) throws -> MasterKey {
        let bytes = [first] + [UInt8](repeating: 9, count: 31)
        return try MasterKey(SecretBytes(copying: bytes.span))
    }

    private struct Place {
        let folder: TemporaryFolder
        let ledger: Ledger
        var master: String { folder.path + "/data/keys/master" }

        init() throws {
            folder = try TemporaryFolder()
            ledger = try Ledger(DataDirectory(folder.path + "/data"))
        }

        func vault(_ source: MasterSource? = nil) throws -> Vault {
            try Vault(
                ledger, source ?? .file(MasterKeyFile(master), makes: true),
                ErasableKeys(directory: folder.path + "/data/keys"))
        }

        func files() throws -> [Data] {
            let all = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
            #expect(all.count > 4)
            return all.compactMap { FileManager.default.contents(atPath: folder.path + "/" + $0) }
        }
    }
}
