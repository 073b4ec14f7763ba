import Foundation
import Policy
import Records
import Secrets
import Synchronization
import Testing
import Vocabulary

@testable import Accounts

/// Another address, and letters that outlive the process.
@Suite struct MailTests {
    private static let origin = GuessOrigin(address: [192, 0, 2, 1])

    private final class Codes {
        var old = ""
        var new = ""
    }

    private func begin(_ people: People, _ account: Account, to mail: String) throws -> Codes {
        let codes = Codes()
        try people.beginMailChange(
            to: mail, of: account, from: Self.origin,
            old: { code in
                codes.old = code
                return ("old", code)
            },
            new: { code in
                codes.new = code
                return ("new", code)
            })
        return codes
    }

    @Test func anAddressChangesWhenBothConfirm() async throws {
        let home = try PeopleTests.Home()
        let owner = try await home.setUp()
        let people = home.people
        let codes = try begin(people, owner, to: "ada@new.example")
        #expect(codes.old != codes.new && people.mailChange(of: owner)?.mail.text == "ada@new.example")
        func show(_ old: String, _ new: String) throws {
            try people.showMailCodes(old: old, new: new, of: owner, from: Self.origin)
        }
        #expect(throws: PeopleRefusal.wrongCode(triesLeft: 4)) { try show(codes.old, codes.old) }
        #expect(throws: PeopleRefusal.wrongCode(triesLeft: 3)) { try show(codes.new, codes.new) }
        #expect(throws: PeopleRefusal.wrongCode(triesLeft: 2)) { try show(codes.new, codes.old) }
        #expect(throws: PeopleRefusal.wrongCode(triesLeft: 1)) { try show("", "") }
        try show(" \(codes.old.prefix(4)) \(codes.old.suffix(4))", codes.new)
        #expect(throws: PeopleRefusal.over) { try show(codes.old, codes.new) }
        #expect(try people.team(of: .home).map(\.person.mail.text) == ["ada@new.example"])
        // The password goes with the account; the old address is nobody's.
        guard
            case .session = try await people.signIn(
                mail: "ada@new.example", password: PeopleTests.password, from: Self.origin)
        else {
            Issue.record("the new address does not sign in")
            return
        }
        await #expect(throws: PeopleRefusal.wrong) {
            _ = try await people.signIn(
                mail: owner.person.mail.text, password: PeopleTests.password, from: Self.origin)
        }
    }

    @Test func aChangeEndsByTimeTriesAndTakenAddresses() async throws {
        let home = try PeopleTests.Home()
        let owner = try await home.setUp()
        let people = home.people
        _ = try await home.member("grace@example.org", .viewer, of: owner)
        #expect(throws: PeopleRefusal.badMail) { _ = try begin(people, owner, to: "nobody") }
        #expect(throws: PeopleRefusal.isMember) { _ = try begin(people, owner, to: owner.person.mail.text) }
        // That an address has an account is told only to who reads its mail.
        let taken = try begin(people, owner, to: "grace@example.org")
        #expect(throws: PeopleRefusal.isMember) {
            try people.showMailCodes(old: taken.old, new: taken.new, of: owner, from: Self.origin)
        }
        let first = try begin(people, owner, to: "a@new.example")
        let second = try begin(people, owner, to: "b@new.example")
        #expect(throws: PeopleRefusal.wrongCode(triesLeft: 4)) {
            try people.showMailCodes(old: first.old, new: first.new, of: owner, from: Self.origin)
        }
        home.wait(601)
        #expect(people.mailChange(of: owner) == nil)
        #expect(throws: PeopleRefusal.over) {
            try people.showMailCodes(old: second.old, new: second.new, of: owner, from: Self.origin)
        }
    }

    @Test func lettersSurviveARestartAndGoWithTheirOrganisation() async throws {
        let folder = try TemporaryFolder()
        let directory = try DataDirectory(folder.path + "/data")
        let ledger = try Ledger(directory)
        let keys = try AccountKeys.load(directory: directory.keysPath)
        let now = Moment(microseconds: 1_700_000_000_000_000)
        let to = try #require(MailAddress("grace-hopper@example.org"))
        func letter(_ organisation: OrganisationID?, until seconds: Int64) -> Letter {
            Letter(
                to: to, subject: "Subject", text: "A link:\nhttps://x/1", endsAt: now.adding(days: seconds),
                organisation: organisation)
        }
        let isUp = Mutex(false)
        let sent = Mutex<[Letter]>([])
        func outbox(at now: Moment) -> Outbox {
            let send = { @Sendable (letter: Letter) -> Bool in
                guard isUp.withLock({ $0 }) else { return false }
                sent.withLock { $0.append(letter) }
                return true
            }
            return Outbox(now: { now }, kept: KeptLetters(ledger, keys), send: send)
        }
        let before = outbox(at: now)
        for (organisation, days) in [(OrganisationID(5), 7), (OrganisationID(6), 1), (nil, 7)]
            as [(OrganisationID?, Int64)]
        {
            #expect(before.add(letter(organisation, until: days)))
        }
        #expect(before.count == 3)
        // On the disk neither address nor link is to be read.
        let files = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
        for file in files {
            guard let bytes = FileManager.default.contents(atPath: "\(folder.path)/\(file)") else { continue }
            #expect(bytes.firstRange(of: Array("grace-hopper".utf8)) == nil, "\(file)")
            #expect(bytes.firstRange(of: Array("https://x/1".utf8)) == nil, "\(file)")
        }
        // After a restart: what was a code's is gone, what is too old as well.
        let after = outbox(at: now.adding(days: 2))
        #expect(after.count == 1)
        isUp.withLock { $0 = true }
        await after.work()
        #expect(sent.withLock { $0 } == [letter(OrganisationID(5), until: 7)] && after.count == 0)
        #expect(outbox(at: now.adding(days: 2)).count == 0, "sent once")
    }
}
