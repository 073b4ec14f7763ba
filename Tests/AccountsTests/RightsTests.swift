import Foundation
import Policy
import Records
import Secrets
import Testing
import Vocabulary

@testable import Accounts

@Suite struct RightsTests {
    private static let start = Moment(microseconds: 1_700_000_000_000_000)

    /// AX-20, AN-24: after the purge no byte of the account is in any file of the ledger, and the proof says so.
    @Test func aPurgeLeavesNoByteAndASignedProof() throws {
        let place = try Place(.aura)
        let name = "canary-name-of-the-key"
        var (text, record) = try place.keys.create(name: name, at: Self.start)
        wipe(&text)
        var secret = Array("sk-canary-of-the-purge-0123".utf8)
        let vault = try place.vault()
        let sealed = try vault.set(&secret, for: DeploymentID(7), of: .home, at: Self.start).sealed
        let marks = [Data(name.utf8), Data(sealed), Data(record.shown.prefix(9).utf8)]
        #expect(try marks.dropLast().allSatisfy { mark in try place.holds(mark) })
        #expect(try place.rights.apply(.requestDeletion(isFinal: false), to: .home, at: Self.start) == nil)
        #expect(try place.rights.work(at: Self.start).isEmpty)
        #expect(try VaultStore(place.ledger).sealedKeys().isEmpty && !place.holds(Data(sealed)))
        #expect(try place.keys.list().count == 1, "the recovery window keeps the rest")
        #expect(try place.rights.work(at: Self.start.adding(days: 29)).isEmpty)
        let proofs = try place.rights.work(at: Self.start.adding(days: 30))
        let proof = try #require(proofs.first)
        #expect(try place.keys.list().isEmpty)
        for mark in marks.dropLast() { #expect(try !place.holds(mark)) }
        #expect(DeletionProof.isValid(proof, installation: place.identity.publicKey))
        let statement = String(decoding: proof, as: UTF8.self)
        #expect(statement.contains(#""gateway_keys":1"#) && !statement.contains(name))
        #expect(statement.contains("data_keys_destroyed"))
        for index in proof.indices {
            var changed = proof
            changed[index] ^= 1
            #expect(!DeletionProof.isValid(changed, installation: place.identity.publicKey), "byte \(index)")
        }
        #expect(!DeletionProof.isValid(Array(proof.dropLast()), installation: place.identity.publicKey))
        #expect(!DeletionProof.isValid(proof, installation: [UInt8](repeating: 1, count: 32)))
        #expect(try place.rights.store.proofs() == [proof])
        #expect(try AuditLog(place.ledger).verify().isSound)
        // At the end of the years the tombstone goes, and with it the register's rows.
        _ = try place.rights.store.enter(.erasure, of: .home, at: Self.start, dueAt: Self.start)
        try place.rights.work(at: Self.start.adding(days: 30 + 2557))
        #expect(try place.rights.store.lives().isEmpty && place.rights.store.requests().isEmpty)
    }

    /// Who wants to take it back signs in anew.
    @Test func aDeletionEndsEverySession() async throws {
        let place = try Place(.aura)
        let people = place.people(at: Self.start)
        let token = try await place.owner(of: people)
        _ = try place.rights.apply(.requestDeletion(isFinal: false), to: .home, at: Self.start)
        try place.rights.work(at: Self.start)
        #expect(try people.account(token: token, .cookie) == nil)
        let again = try await people.signIn(
            mail: "ada@example.org", password: Place.password, from: GuessOrigin(address: [127, 0, 0, 1]))
        guard case .session(let fresh) = again else {
            Issue.record("no session")
            return
        }
        #expect(try people.account(token: fresh, .cookie) != nil)
    }

    @Test func aDeletionTakenBackBringsEverythingBackButSecrets() throws {
        let place = try Place(.aura)
        var (text, _) = try place.keys.create(name: "app", at: Self.start)
        let digest = place.keys.hasher.digest(of: text.span)
        wipe(&text)
        let snapshot = try KeySnapshot(ledger: place.ledger, purse: nil, events: Silence())
        _ = try place.rights.apply(.requestDeletion(isFinal: false), to: .home, at: Self.start)
        try place.rights.work(at: Self.start)
        try snapshot.refresh()
        #expect(snapshot.grant(for: digest)?.standing == .locked)
        let key = try #require(snapshot.grant(for: digest)?.key)
        #expect(!snapshot.isLive(key))
        #expect(try place.rights.apply(.cancelDeletion, to: .home, at: Self.start.adding(days: 29)) == nil)
        try snapshot.refresh()
        #expect(snapshot.grant(for: digest)?.standing == .active && snapshot.isLive(key))
        #expect(try place.rights.work(at: Self.start.adding(days: 99)).isEmpty)
        #expect(try place.keys.list().count == 1)
    }

    /// AX-21: the snapshot knows at its next look, which is within a second.
    @Test func withdrawnConsentReachesTheSnapshot() throws {
        let place = try Place(.strict)
        var (text, record) = try place.keys.create(name: "app", at: Self.start)
        let digest = place.keys.hasher.digest(of: text.span)
        wipe(&text)
        let snapshot = try KeySnapshot(ledger: place.ledger, purse: nil, events: Silence())
        let version = snapshot.version
        #expect(try place.rights.apply(.withdrawConsent, to: .home, at: Self.start) == nil)
        try snapshot.refresh()
        #expect(snapshot.version > version)
        #expect(snapshot.grant(for: digest)?.standing == .consentWithdrawn && !snapshot.isLive(record.id))
        #expect(try place.rights.apply(.giveConsent, to: .home, at: Self.start) == nil)
        try snapshot.refresh()
        #expect(snapshot.grant(for: digest)?.standing == .active && snapshot.isLive(record.id))
        #expect(try place.rights.apply(.cancelDeletion, to: .home, at: Self.start) == .isNotDeleted)
    }

    /// AU-31, AN-23: a request has a due date from the profile, and is answered once.
    @Test func requestsHaveDueDates() throws {
        let place = try Place(.auxen)
        let store = place.rights.store
        let due = Self.start.adding(days: try place.rights.terms(of: .home).answerDays)
        let first = try store.enter(.access, of: .home, at: Self.start, dueAt: due)
        #expect(first.dueAt == Self.start.adding(days: 7))
        let second = try store.enter(.authority, of: .home, at: Self.start, dueAt: Self.start.adding(days: 1))
        #expect(try store.requests().map(\.id) == [second.id, first.id])
        #expect(try store.answer(second.id, .refused, at: Self.start))
        #expect(try !store.answer(second.id, .done, at: Self.start) && !store.answer(99, .done, at: Self.start))
        #expect(try store.requests().map(\.outcome) == [nil, .refused])
    }
}
