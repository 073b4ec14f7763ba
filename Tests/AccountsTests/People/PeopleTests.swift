import Foundation
import Records
import Secrets
import Synchronization
import Testing
import Vocabulary

@testable import Accounts

/// People at work on a ledger, with a clock of the test's own.
@Suite struct PeopleTests {
    static let password = "correct horse battery staple"

    final class Clock: Sendable {
        private let time = Mutex(Moment(microseconds: 1_700_000_000_000_000))
        var now: Moment { time.withLock { $0 } }
        func wait(_ seconds: Int64) {
            time.withLock { $0 = Moment(microseconds: $0.microseconds + seconds * 1_000_000) }
        }
    }

    final class Home {
        let folder: TemporaryFolder
        let directory: DataDirectory
        let ledger: Ledger
        let keys: AccountKeys
        let people: People
        let clock = Clock()

        init(_ terms: AccountTerms = AccountTerms(fields: .named)) throws {
            folder = try TemporaryFolder()
            directory = try DataDirectory(folder.path + "/data")
            ledger = try Ledger(directory)
            keys = try AccountKeys.load(directory: directory.keysPath)
            let clock = clock
            people = People(
                ledger, keys, terms, outbox: Outbox(now: { clock.now }) { _ in true }, bcryptCost: 4,
                now: { clock.now })
        }

        var now: Moment { clock.now }
        func wait(_ seconds: Int64) { clock.wait(seconds) }

        func setUp() async throws -> Account {
            let secret = try #require(try people.offerSetUp())
            let token = try await people.setUp(
                secret: secret, mail: "Ada@example.org", name: "Ada", organisation: "Engines", password: password)
            return try #require(try people.account(token: token, .cookie))
        }

        /// A member of the account's organisation.
        func member(_ mail: String, _ role: Role, of owner: Account) async throws -> Account {
            wait(1)
            let secret = try people.invite(mail, as: role, by: owner) { ("s", $0) }
            let token = try await people.accept(secret: secret, name: "", password: password)
            return try #require(try people.account(token: token, .cookie))
        }
    }

    private let here = GuessOrigin(address: [127, 0, 0, 1])

    private func refusal(_ body: () async throws -> Void) async -> PeopleRefusal? {
        do {
            try await body()
            return nil
        } catch { return error as? PeopleRefusal }
    }

    @Test func theFirstPersonOwnsTheHome() async throws {
        let home = try Home()
        let secret = try #require(try home.people.offerSetUp())
        #expect(home.people.isSetUpSecret(secret))
        #expect(!home.people.isSetUpSecret(secret + "A") && !home.people.isSetUpSecret(""))
        let account = try await home.setUp()
        #expect(account.person.mail.text == "ada@example.org" && account.person.name == "Ada")
        #expect(account.organisation == .home && account.organisationName == "Engines")
        #expect(account.member.role == .owner && account.may(.own))
        #expect(try home.people.offerSetUp() == nil)
        #expect(
            await refusal {
                _ = try await home.people.setUp(
                    secret: secret, mail: "b@example.org", name: "", organisation: "", password: Self.password)
            } == .over)
    }

    /// What the ledger's files show to whoever has them alone.
    @Test func addressesAndNamesAreSealed() async throws {
        let home = try Home()
        let account = try await home.setUp()
        _ = try home.people.invite("grace@example.org", as: .viewer, by: account) { ("s", $0) }
        _ = home.people.offerSecondFactor(to: account)
        for name in ["ledger.sqlite", "ledger.sqlite-wal"] {
            let bytes = FileManager.default.contents(atPath: home.directory.path + "/" + name) ?? Data()
            for word in ["ada@example.org", "grace@example.org", "Engines", Self.password, "Ada"] {
                #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word) in \(name)")
            }
        }
    }

    @Test func theProfileDecidesWhatIsKept() async throws {
        for (fields, name, organisation) in [
            (PolicyProfile.AccountFields.named, "Ada", "Engines"), (.business, "", "Engines"), (.mailOnly, "", ""),
        ] {
            let account = try await Home(AccountTerms(fields: fields)).setUp()
            #expect(account.person.name == name && account.organisationName == organisation, "\(fields)")
        }
    }

    @Test func signInByPassword() async throws {
        let home = try Home()
        _ = try await home.setUp()
        let result = try await home.people.signIn(mail: "ADA@example.org", password: Self.password, from: here)
        guard case .session(let token) = result else {
            Issue.record("no session")
            return
        }
        let account = try #require(try home.people.account(token: token, .cookie))
        #expect(try home.people.account(token: token, .bearer) == nil, "a cookie's token is no bearer's")
        for (mail, password) in [
            ("ada@example.org", "wrong horse battery staple"), ("nobody@example.org", Self.password),
            ("ada@example.org", ""),
        ] {
            #expect(
                await refusal {
                    _ = try await home.people.signIn(mail: mail, password: password, from: here)
                } == .wrong)
        }
        try home.people.signOut(account)
        #expect(try home.people.account(token: token, .cookie) == nil)
    }

    @Test func guessingIsSlowed() async throws {
        let home = try Home()
        _ = try await home.setUp()
        var refusals: [PeopleRefusal?] = []
        for number in 0..<10 {
            refusals.append(
                await refusal {
                    _ = try await home.people.signIn(
                        mail: "ada@example.org", password: "wrong horse \(number)",
                        from: GuessOrigin(address: [10, UInt8(number), 0, 1]))
                })
        }
        #expect(refusals == Array(repeating: .wrong, count: 8) + Array(repeating: .wait(120), count: 2))
        home.wait(120)
        guard case .session = try await home.people.signIn(mail: "ada@example.org", password: Self.password, from: here)
        else {
            Issue.record("the owner is locked out")
            return
        }
    }

    /// AN-1: where people sign in by code alone, nothing is kept of a password that is sent all the same.
    @Test func withoutPasswordsNoneIsKept() async throws {
        let home = try Home(AccountTerms(allowsPassword: false))
        #expect(try await !home.setUp().person.hasPassword)
        #expect(
            await refusal {
                _ = try await home.people.signIn(mail: "ada@example.org", password: Self.password, from: here)
            } == .notAllowed)
    }

    @Test func signInByMailedCode() async throws {
        let home = try Home()
        _ = try await home.setUp()
        var sent = ""
        let text = try home.people.requestCode(mail: "ada@example.org", from: here) { code in
            sent = code
            return ("s", code)
        }
        #expect(sent.utf8.count == 8)
        #expect(try home.people.account(token: text, .cookie) == nil, "a sign-in under way is no session")
        let wrong = sent == "12345678" ? "12345679" : "12345678"
        #expect(await refusal { _ = try home.people.show(code: wrong, text, from: here) } == .wrongCode(triesLeft: 4))
        let foreign = try home.people.requestCode(mail: "ada@example.org", from: here) { ("s", $0) }
        #expect(
            await refusal { _ = try home.people.show(code: sent, foreign, from: here) } == .wrongCode(triesLeft: 4),
            "a code belongs to the browser that asked")
        let result = try home.people.show(code: sent.prefix(4) + " " + sent.suffix(4), text, from: here)
        guard case .session(let token) = result else {
            Issue.record("no session")
            return
        }
        #expect(try home.people.account(token: token, .cookie) != nil && token != text)
        #expect(await refusal { _ = try home.people.show(code: sent, text, from: here) } == .over, "once")
    }

    @Test func nobodyIsToldWhoHasAnAccount() async throws {
        let home = try Home()
        _ = try await home.setUp()
        var sent = ""
        let text = try home.people.requestCode(mail: "nobody@example.org", from: here) { code in
            sent = code
            return ("s", code)
        }
        #expect(home.people.pendingSignIn(text) != nil)
        #expect(await refusal { _ = try home.people.show(code: sent, text, from: here) } == .wrongCode(triesLeft: 4))
        let open = try Home(AccountTerms(isOpen: true))
        _ = try await open.setUp()
        let other = try open.people.requestCode(mail: "new@example.org", from: here) { code in
            sent = code
            return ("s", code)
        }
        guard case .session(let token) = try open.people.show(code: sent, other, from: here) else {
            Issue.record("no account was opened")
            return
        }
        let account = try #require(try open.people.account(token: token, .cookie))
        #expect(account.organisation != .home && account.member.role == .owner)
    }

    @Test func theAuthenticatorIsAskedFor() async throws {
        let home = try Home()
        let account = try await home.setUp()
        let secret = try #require(base32(home.people.offerSecondFactor(to: account)))
        func code() -> String {
            OneTimeCode.code(secret, step: OneTimeCode.step(atSeconds: home.now.microseconds / 1_000_000))
        }
        #expect(await refusal { _ = try home.people.addSecondFactor(code: "000", to: account) } == .wrong)
        let recovery = try home.people.addSecondFactor(code: code(), to: account)
        #expect(recovery.count == 10 && Set(recovery).count == 10)
        guard
            case .pending(let text) = try await home.people.signIn(
                mail: "ada@example.org", password: Self.password, from: here)
        else {
            Issue.record("the password alone was enough")
            return
        }
        #expect(
            await refusal { _ = try home.people.show(code: code(), text, from: here) } == .wrongCode(triesLeft: 4),
            "the step was used when the authenticator was added")
        home.wait(30)
        guard case .session = try home.people.show(code: code(), text, from: here) else {
            Issue.record("the right code was refused")
            return
        }
        // A recovery code, once.
        for (round, isTaken) in [(0, true), (1, false)] {
            guard
                case .pending(let text) = try await home.people.signIn(
                    mail: "ada@example.org", password: Self.password, from: here)
            else { return }
            let refused = await refusal { _ = try home.people.show(code: recovery[0].lowercased(), text, from: here) }
            #expect((refused == nil) == isTaken, "round \(round)")
        }
        #expect(try home.people.recoveryCodesLeft(of: account) == 9)
    }

    @Test func aNewPasswordEndsOtherSessions() async throws {
        let home = try Home()
        let account = try await home.setUp()
        guard
            case .session(let other) = try await home.people.signIn(
                mail: "ada@example.org", password: Self.password, from: here)
        else { return }
        #expect(
            await refusal { try await home.people.setPassword("short", of: account) } == .badPassword(.tooShort))
        try await home.people.setPassword("another horse battery staple", of: account)
        #expect(try home.people.account(token: other, .cookie) == nil)
        #expect(try home.people.sessions(of: account).count == 1)
    }

    @Test func provingAgainIsAFreshSession() async throws {
        let home = try Home()
        let account = try await home.setUp()
        home.wait(600)
        #expect(!SessionLife.isConfirmed(account.session, at: home.now))
        #expect(await refusal { _ = try await home.people.confirm(account, proof: "wrong", from: here) } == .wrong)
        let token = try await home.people.confirm(account, proof: Self.password, from: here)
        let fresh = try #require(try home.people.account(token: token, .cookie))
        #expect(SessionLife.isConfirmed(fresh.session, at: home.now))
        #expect(try home.people.sessions(of: fresh).map(\.digest) == [fresh.session.digest], "the former one is over")
    }

    @Test func tokensAreOurs() async throws {
        let home = try Home()
        _ = try await home.setUp()
        guard
            case .session(let token) = try await home.people.signIn(
                mail: "ada@example.org", password: Self.password, from: here)
        else { return }
        let parts = token.split(separator: ".").map(String.init)
        let none = SessionToken.base64url(Array(#"{"alg":"none","typ":"JWT"}"#.utf8))
        for forged in [
            "", "a.b.c", token + "A", String(token.dropLast()), "\(none).\(parts[1]).",
            "\(none).\(parts[1]).\(parts[2])",
            "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[2]).\(parts[1])", token.uppercased(), token + ".",
        ] { #expect(try home.people.account(token: forged, .cookie) == nil, "\(forged)") }
        home.wait(12 * 3600)
        #expect(try home.people.account(token: token, .cookie) == nil, "idle for twelve hours")
    }

    private func base32(_ text: String) -> [UInt8]? {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var bits: UInt64 = 0
        var count = 0
        var out: [UInt8] = []
        for letter in text {
            guard let value = alphabet.firstIndex(of: letter) else { return nil }
            bits = bits << 5 | UInt64(value)
            count += 5
            if count >= 8 {
                count -= 8
                out.append(UInt8(truncatingIfNeeded: bits >> UInt64(count)))
            }
        }
        return out
    }
}
