import Policy
import Records
import Secrets
import Testing
import Vocabulary

@testable import Accounts

/// Members, roles and invitations.
@Suite struct TeamTests {
    private func refusal(_ body: () async throws -> Void) async -> PeopleRefusal? {
        do {
            try await body()
            return nil
        } catch { return error as? PeopleRefusal }
    }

    @Test func invitationsAreUsedOnce() async throws {
        let home = try PeopleTests.Home()
        let owner = try await home.setUp()
        let people = home.people
        let first = try people.invite("grace@example.org", as: .viewer, by: owner) { ("s", $0) }
        let second = try people.invite("grace@example.org", as: .developer, by: owner) { ("s", $0) }
        #expect(try people.invitation(secret: first) == nil, "a newer one ends the older")
        #expect(try people.invitations(to: .home).count == 1)
        #expect(await refusal { try people.accept(secret: second, by: owner) } == .otherAddress)
        let token = try await people.accept(secret: second, name: "Grace", password: PeopleTests.password)
        let grace = try #require(try people.account(token: token, .cookie))
        #expect(grace.member.role == .developer && grace.organisation == .home)
        #expect(
            await refusal {
                _ = try await people.accept(secret: second, name: "", password: PeopleTests.password)
            } == .over)
        #expect(
            await refusal { _ = try people.invite("grace@example.org", as: .viewer, by: owner) { ("s", $0) } }
                == .isMember)
        let late = try people.invite("late@example.org", as: .viewer, by: owner) { ("s", $0) }
        home.wait(7 * 86_400)
        #expect(try people.invitation(secret: late) == nil)
        let gone = try people.invite("gone@example.org", as: .viewer, by: owner) { ("s", $0) }
        let id = try #require(try people.invitations(to: .home).first { $0.mail.text == "gone@example.org" }).row.id
        try people.withdraw(id, by: owner)
        #expect(try people.invitation(secret: gone) == nil)
        #expect(await refusal { try people.withdraw(id, by: owner) } == .unknown)
    }

    @Test func onlyOwnersMakeOwners() async throws {
        let home = try PeopleTests.Home()
        let owner = try await home.setUp()
        let admin = try await home.member("admin@example.org", .admin, of: owner)
        let viewer = try await home.member("viewer@example.org", .viewer, of: owner)
        let people = home.people
        #expect(
            await refusal { _ = try people.invite("x@example.org", as: .owner, by: admin) { ("s", $0) } } == .notAllowed
        )
        #expect(
            await refusal { _ = try people.invite("x@example.org", as: .viewer, by: viewer) { ("s", $0) } }
                == .notAllowed)
        #expect(await refusal { try people.setRole(.owner, of: viewer.member.id, by: admin) } == .notAllowed)
        #expect(await refusal { try people.setRole(.viewer, of: owner.member.id, by: admin) } == .notAllowed)
        #expect(await refusal { try people.remove(owner.member.id, by: admin) } == .notAllowed)
        #expect(await refusal { try people.setRole(.viewer, of: owner.member.id, by: owner) } == .lastOwner)
        #expect(await refusal { try people.remove(owner.member.id, by: owner) } == .lastOwner)
        try people.setRole(.owner, of: admin.member.id, by: owner)
        try people.setRole(.billing, of: owner.member.id, by: owner)
        #expect(try people.team(of: .home).map(\.member.role) == [.billing, .owner, .viewer])
    }

    @Test func aRemovedMemberIsOutAtOnce() async throws {
        let home = try PeopleTests.Home()
        let owner = try await home.setUp()
        let people = home.people
        let secret = try people.invite("grace@example.org", as: .viewer, by: owner) { ("s", $0) }
        let token = try await people.accept(secret: secret, name: "", password: PeopleTests.password)
        let grace = try #require(try people.account(token: token, .cookie))
        try people.remove(grace.member.id, by: owner)
        #expect(try people.account(token: token, .cookie) == nil)
        #expect(
            await refusal {
                _ = try await people.signIn(
                    mail: "grace@example.org", password: PeopleTests.password,
                    from: GuessOrigin(address: [127, 0, 0, 1]))
            } == .wrong, "who belongs nowhere has no account")
    }

    /// Ids of another organisation are unknown, whoever asks.
    @Test func organisationsDoNotSeeEachOther() async throws {
        let home = try PeopleTests.Home(AccountTerms(isOpen: true, fields: .named))
        let owner = try await home.setUp()
        let people = home.people
        var sent = ""
        let text = try people.requestCode(mail: "other@example.org", from: GuessOrigin(address: [1, 2, 3, 4])) { code in
            sent = code
            return ("s", code)
        }
        guard case .session(let token) = try people.show(code: sent, text, from: GuessOrigin(address: [1, 2, 3, 4]))
        else { return }
        let other = try #require(try people.account(token: token, .cookie))
        let grace = try await home.member("grace@example.org", .viewer, of: owner)
        #expect(await refusal { try people.setRole(.viewer, of: grace.member.id, by: other) } == .unknown)
        #expect(await refusal { try people.remove(grace.member.id, by: other) } == .unknown)
        #expect(await refusal { try people.show(.home, for: other) } == .unknown)
        let secret = try people.invite("x@example.org", as: .viewer, by: owner) { ("s", $0) }
        let id = try #require(try people.invitations(to: .home).first).row.id
        #expect(await refusal { try people.withdraw(id, by: other) } == .unknown)
        #expect(try people.invitation(secret: secret) != nil)
        // Invited, a person belongs to both and chooses.
        let join = try people.invite("other@example.org", as: .viewer, by: owner) { ("s", $0) }
        try people.accept(secret: join, by: other)
        let both = try #require(try people.account(token: token, .cookie))
        #expect(both.memberships.count == 2 && both.organisation == .home)
        try people.show(other.organisation, for: both)
        #expect(try people.account(token: token, .cookie)?.organisation == other.organisation)
    }

    @Test func everyActIsInTheLog() async throws {
        let home = try PeopleTests.Home()
        let owner = try await home.setUp()
        let grace = try await home.member("grace@example.org", .viewer, of: owner)
        try home.people.setRole(.developer, of: grace.member.id, by: owner)
        try home.people.remove(grace.member.id, by: owner)
        try home.people.rename("Analytical", by: owner)
        let entries = try AuditLog(home.ledger).entries().map(\.entry)
        #expect(
            entries.map(\.action) == [
                .setUp, .invite, .invitationAccept, .roleSet, .memberRemove, .organisationRename,
            ])
        #expect(entries.allSatisfy { $0.actor == .person && $0.fields.first?.name == .by })
        #expect(entries[0].fields[0].digest == home.people.actorDigest(owner.person.id))
        #expect(entries[2].fields[0].digest == home.people.actorDigest(grace.person.id))
        #expect(try AuditLog(home.ledger).verify().isSound)
    }

    @Test func aPurgeTakesThePeopleToo() async throws {
        let home = try PeopleTests.Home()
        let owner = try await home.setUp()
        _ = try await home.member("grace@example.org", .viewer, of: owner)
        _ = try RightsStore(home.ledger).purge(.home, DataMap.ownedTables)
        #expect(try PersonStore(home.ledger).isEmpty())
        #expect(try MemberStore(home.ledger).organisation(.home) == nil)
        #expect(try home.people.team(of: .home).isEmpty)
    }

    /// Who asks for what it may not have stands in the log, and cannot fill it.
    @Test func refusalsAreWrittenDown() async throws {
        let home = try PeopleTests.Home()
        let owner = try await home.setUp()
        let viewer = try await home.member("viewer@example.org", .viewer, of: owner)
        for _ in 0..<100 { home.people.noteRefusal(of: viewer) }
        let noted = try AuditLog(home.ledger).newest(of: .home, limit: 200).filter { $0.action == .accessRefuse }
        #expect(noted.count == 8 && noted.allSatisfy { $0.result == .failed })
        #expect(noted[0].fields.first?.digest == home.people.actorDigest(viewer.person.id))
        home.wait(121)
        home.people.noteRefusal(of: viewer)
        #expect(try AuditLog(home.ledger).newest(of: .home, limit: 1).first?.action == .accessRefuse)
    }
}
