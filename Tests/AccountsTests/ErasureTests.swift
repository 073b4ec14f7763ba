import Foundation
import Policy
import Records
import Secrets
import Testing
import Vocabulary

@testable import Accounts

/// AN-24, `RULES.md` 39, 40: a purge reaches the copies of the ledger that were made before it.
@Suite struct ErasureTests {
    private static let start = Moment(microseconds: 1_700_000_000_000_000)
    private static let secret = "sk-canary-of-the-copy-0123"

    /// One owner, who has a second organisation that stays; a vault key, an invitation, names.
    private static func filled() async throws -> (place: Place, people: People, owner: Account, other: OrganisationID) {
        let place = try Place(.aura)
        let people = place.people(at: start)
        let token = try await place.owner(of: people)
        let owner = try #require(try people.account(token: token, .cookie))
        _ = try people.invite("grace@example.org", as: .viewer, by: owner) { ("s", $0) }
        var key = Array(secret.utf8)
        _ = try place.vault().set(&key, for: DeploymentID(7), of: .home, at: start)
        return (place, people, owner, OrganisationID(2))
    }

    /// A copy of the ledger, opened beside the keys there are now.
    private static func restored(_ copy: URL, over place: Place) throws -> Ledger {
        let folder = URL(fileURLWithPath: place.folder.path + "/restored")
        try FileManager.default.copyItem(at: copy, to: folder)
        try FileManager.default.removeItem(at: folder.appendingPathComponent("keys"))
        try FileManager.default.copyItem(
            at: URL(fileURLWithPath: place.folder.path + "/data/keys"), to: folder.appendingPathComponent("keys"))
        return try Ledger(DataDirectory(folder.path))
    }

    @Test func aCopyOfTheLedgerFromBeforeAPurgeOpensToNothing() async throws {
        let (place, people, owner, _) = try await Self.filled()
        let copy = URL(fileURLWithPath: place.folder.path + "/copy")
        try FileManager.default.copyItem(at: URL(fileURLWithPath: place.folder.path + "/data"), to: copy)
        let before = try #require(try PersonStore(place.ledger).person(id: owner.person.id))
        #expect(try people.person(before).mail == owner.person.mail)
        _ = try place.rights.apply(.requestDeletion(isFinal: true), to: .home, at: Self.start)
        let proof = try #require(try place.rights.work(at: Self.start).first)
        let destroyed = try #require(
            (try JSONSerialization.jsonObject(with: Data(proof)) as? [String: Any])?["statement"] as? [String: Any])
        #expect((destroyed["data_keys_destroyed"] as? [String])?.count == 3, "of vault, person and organisation")

        let ledger = try Self.restored(copy, over: place)
        let back = try #require(try PersonStore(ledger).person(id: owner.person.id))
        #expect(back == before)
        let keys = try AccountKeys.load(directory: place.folder.path + "/restored/keys")
        #expect(throws: VaultFault.self) {
            try keys.open(back.sealed, .person, row: back.id, of: .person(back.id))
        }
        let named = try #require(try MemberStore(ledger).organisation(.home)?.sealed)
        #expect(throws: VaultFault.self) {
            try keys.open(named, .organisation, row: 1, of: .organisation(.home))
        }
        let vault = try Vault(
            ledger, .file(MasterKeyFile(place.folder.path + "/restored/keys/master"), makes: false), keys.own)
        #expect(try vault.list(.home).count == 1)
        #expect(!vault.snapshot.withKey(of: DeploymentID(7), for: .home) { _ in Issue.record("it opens") })

        // Nor does it come back: what is in the copy goes before anything is served.
        let rights = Rights(
            ledger, policy: DeploymentPolicy(.aura), identity: place.identity, accountKeys: keys,
            erasures: ErasureLog(try DataDirectory(place.folder.path + "/restored")), secretsGone: {})
        #expect(try rights.eraseAgain(at: Self.start) == [.home])
        #expect(try PersonStore(ledger).isEmpty() && VaultStore(ledger).sealedKeys().isEmpty)
        #expect(try rights.eraseAgain(at: Self.start).isEmpty, "once")
        #expect(try place.rights.eraseAgain(at: Self.start).isEmpty, "the ledger itself is done")
    }

    /// Who belongs to another organisation too keeps account and key.
    @Test func aPersonOfTwoOrganisationsOutlivesOne() async throws {
        let (place, people, owner, other) = try await Self.filled()
        let row = try #require(try PersonStore(place.ledger).person(id: owner.person.id))
        let theirs = MemberRow(
            id: MemberID(9), organisation: other, person: 77, role: .owner, joinedAt: Self.start)
        let mail = Array("hedy@example.org\nHedy".utf8)
        let hedy = PersonRow(
            id: 77, mailbox: [UInt8](repeating: 5, count: 32),
            sealed: try place.accountKeys.seal(mail, .person, row: 77, of: .person(77)), verifier: nil,
            createdAt: Self.start)
        #expect(try PersonStore(place.ledger).insert(hedy, theirs, try people.newOrganisation(other, "Radio")))
        let invitation = try people.invite("hedy@example.org", as: .admin, by: owner) { ("s", $0) }
        let invited = try #require(try people.invitation(secret: invitation))
        let joined = MemberRow(
            id: MemberID(10), organisation: .home, person: 77, role: .admin, joinedAt: Self.start)
        #expect(try MemberStore(place.ledger).accept(invited.row, as: joined))
        _ = try place.rights.apply(.requestDeletion(isFinal: true), to: .home, at: Self.start)
        try place.rights.work(at: Self.start)
        #expect(try people.team(of: other).map(\.person.name) == ["Hedy"])
        #expect(try people.name(of: other) == "Radio")
        #expect(try PersonStore(place.ledger).person(id: row.id) == nil)
        let kept = place.folder.path + "/data/keys/people"
        #expect(try FileManager.default.contentsOfDirectory(atPath: kept) == ["77"])
        // A member who leaves the last organisation leaves nothing.
        let token = try people.begin(77, in: other)
        let account = try #require(try people.account(token: token, .cookie))
        try place.ledger.members(owner: 78, of: other, at: Self.start)
        try people.remove(account.member.id, by: account)
        #expect(try PersonStore(place.ledger).person(id: 77) == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: kept).isEmpty)
    }
}

extension Ledger {
    /// A second owner, so that the first may go.
    fileprivate func members(owner id: UInt64, of organisation: OrganisationID, at now: Moment) throws {
        let person = PersonRow(
            id: id, mailbox: [UInt8](repeating: 6, count: 32), sealed: [UInt8](repeating: 1, count: 40), verifier: nil,
            createdAt: now)
        let member = MemberRow(
            id: MemberID(id), organisation: organisation, person: id, role: .owner, joinedAt: now)
        #expect(try PersonStore(self).insert(person, member, nil))
    }
}
