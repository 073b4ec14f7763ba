import Records
import Testing
import Vocabulary

@testable import Accounts

/// The decisions about accounts, as values.
@Suite struct RuleTests {
    private func at(_ seconds: Int64) -> Moment { Moment(microseconds: 1_700_000_000_000_000 + seconds * 1_000_000) }

    @Test(
        arguments: [
            ("short", .tooShort), ("fourteen chars", .tooShort), ("correct horse battery staple", nil),
            ("aaaaaaaaaaaaaaaa", .tooRegular), ("abcabcabcabcabcabc", .tooRegular), ("1234567890123456", .tooRegular),
            ("qwertyuiopasdfgh", .tooRegular), ("passwordpassword1", .knownWord), ("ada@example.org!", .knownWord),
            ("Ünïcödé ist gut 漢字", nil), (String(repeating: "xK9#", count: 200), .tooLong),
            ("seventeen cats!!!", nil), ("P@ssw0rd12345678", .knownWord), ("iloveyouforever1", .knownWord),
            ("liverpoolfootball", .knownWord), ("thisismypassword", .knownWord), ("1qaz2wsx3edc4rfv", .knownWord),
            ("Summer2024Summer2025!", .knownWord), ("jesuschrist12345", .knownWord), ("Welcome1Welcome1", .knownWord),
            ("michaeljordan1990", .knownWord), ("qwerty123456789!", .tooRegular), ("mypasswordispassword", .knownWord),
            ("tulip-anvil-quartz", nil), ("drowsy marmalade kite", nil), ("k7#pQ2vLx9!mZr4", nil),
            ("ada example tacet 1", .knownWord),
        ] as [(String, PasswordRules.Refusal?)])
    func passwords(_ password: String, _ refusal: PasswordRules.Refusal?) {
        #expect(PasswordRules.check(password, context: ["ada@example.org", "Ada"]) == refusal, "\(password)")
    }

    @Test(
        arguments: [
            ("Ada@Example.org", "ada@example.org"), (" a@b.c ", "a@b.c"), ("root@localhost", "root@localhost"),
            ("a.b+c@d.example", "a.b+c@d.example"),
            ("", nil), ("ada", nil), ("@b.c", nil), ("a@", nil), ("a@b", nil), ("a@b..c", nil), ("a@.b", nil),
            ("a b@c.d", nil),
            ("a@b.c\r\nBcc: x@y.z", nil), ("a@b@c.d", nil), ("<a@b.c>", nil), ("ä@b.c", nil), ("a,b@c.d", nil),
            ("a@b.c\0", nil),
        ] as [(String, String?)])
    func addresses(_ text: String, _ wanted: String?) { #expect(MailAddress(text)?.text == wanted, "\(text)") }

    @Test func longAddressesAreRefused() {
        #expect(MailAddress(String(repeating: "a", count: 64) + "@example.org") != nil)
        #expect(MailAddress(String(repeating: "a", count: 65) + "@example.org") == nil)
        #expect(MailAddress("a@" + String(repeating: "b.", count: 130) + "org") == nil)
    }

    /// Who may do what, written out: a change of the table is a change of this one.
    @Test func permissions() {
        let table: [(Permission, String)] = [
            (.readUsage, "oadbv"), (.readCredit, "oab"), (.readMembers, "oadb"), (.readAuditLog, "oa"),
            (.changeKeys, "oad"), (.changeBudgets, "oab"), (.changeProviderKeys, "oa"), (.changeMembers, "oa"),
            (.changeOrganisation, "oa"), (.operate, "oa"), (.own, "o"),
        ]
        #expect(Set(table.map(\.0)) == Set(Permission.allCases))
        for (permission, letters) in table {
            for (role, letter) in zip(Role.allCases, "oadbv") {
                #expect(permission.isGranted(to: role) == letters.contains(letter), "\(permission) \(role.name)")
            }
        }
    }

    @Test func guessesAreSlowedByAccount() {
        var limiter = GuessLimiter()
        let subjects: [GuessLimiter.Subject] = [.account([1])]
        for count in 0..<8 {
            #expect(limiter.wait(subjects, at: at(0)) == nil, "\(count)")
            limiter.count(subjects, at: at(0))
        }
        #expect(limiter.wait(subjects, at: at(0)) == 120)
        #expect(limiter.wait(subjects, at: at(119)) == 1)
        #expect(limiter.wait(subjects, at: at(120)) == nil)
        #expect(limiter.wait([.account([2])], at: at(0)) == nil)
        // A right one takes back only its own.
        limiter.forgive(subjects, at: at(0))
        #expect(limiter.wait(subjects, at: at(0)) == nil)
        limiter.count(subjects, at: at(0))
        #expect(limiter.wait(subjects, at: at(0)) == 120)
        // Far fewer than a hundred in a row in a day of trying.
        var tries = 0
        for minute in stride(from: Int64(0), to: 1440, by: 1) where limiter.wait(subjects, at: at(minute * 60)) == nil {
            limiter.count(subjects, at: at(minute * 60))
            tries += 1
        }
        #expect(tries > 700 && tries < 730, "\(tries)")
    }

    @Test func networksAreCountedTogether() {
        var limiter = GuessLimiter()
        for host in 0..<100 {
            limiter.count(GuessOrigin(address: [10, 0, 0, UInt8(host)]).subjects, at: at(0))
        }
        #expect(limiter.wait(GuessOrigin(address: [10, 0, 0, 200]).subjects, at: at(0)) == 15)
        #expect(limiter.wait(GuessOrigin(address: [10, 0, 1, 200]).subjects, at: at(0)) == nil)
    }

    @Test func aFloodOfSubjectsDoesNotGrow() {
        var limiter = GuessLimiter(capacity: 100)
        for number in 0..<1000 {
            limiter.count([.address([UInt8(number & 255), UInt8(number >> 8), 0, 0])], at: at(0))
        }
        for _ in 0..<20 { limiter.count([.account([9])], at: at(0)) }
        #expect(limiter.wait([.account([9])], at: at(0)) != nil, "the heaviest stays")
    }

    @Test func aSignInUnderWay() throws {
        let mail = try #require(MailAddress("a@b.c"))
        func fresh(_ purpose: PendingSignIn.Purpose = .signIn, second: Bool) -> PendingSignIn {
            PendingSignIn(purpose, mail, person: 1, step: .mailCode, hasSecondFactor: second, at: at(0))
        }
        var plain = fresh(second: false)
        #expect(plain.show(isRight: false, at: at(1)) == .wrong(triesLeft: 4))
        #expect(plain.show(isRight: true, at: at(2)) == .done)
        #expect(plain.show(isRight: true, at: at(3)) == .over, "once")

        var guessed = fresh(second: false)
        for left in [4, 3, 2, 1] { #expect(guessed.show(isRight: false, at: at(1)) == .wrong(triesLeft: left)) }
        #expect(guessed.show(isRight: false, at: at(1)) == .over)
        #expect(guessed.show(isRight: true, at: at(1)) == .over)

        var late = fresh(second: false)
        #expect(late.show(isRight: true, at: at(600)) == .over)
        var back = fresh(second: false)
        #expect(back.show(isRight: true, at: at(-1)) == .over, "a clock that was set back")

        // A code by mail does not stand for the authenticator (ASVS 6.4.3).
        var both = fresh(second: true)
        #expect(both.show(isRight: true, at: at(1)) == .more)
        #expect(both.step == .secondFactor)
        #expect(both.show(isRight: false, at: at(1)) == .wrong(triesLeft: 4))
        #expect(both.show(isRight: true, at: at(1)) == .done)

        var nobody = fresh(.nobody, second: false)
        #expect(nobody.show(isRight: true, at: at(1)) == .wrong(triesLeft: 4), "no code is right for nobody")
    }

    @Test func lettersAreTriedAgainAndDropped() throws {
        var state = OutboxState()
        let mail = try #require(MailAddress("a@b.c"))
        var last: UInt64 = 0
        func add(until end: Int64, at second: Int64) -> Bool {
            last += 1
            return state.add(Letter(to: mail, subject: "s", text: "t", endsAt: at(end)), as: last, at: at(second))
        }
        func take(at second: Int64) -> [UInt64] { state.take(at: at(second)).map(\.id) }
        #expect(add(until: 600, at: 0))
        #expect(take(at: 0) == [1])
        #expect(state.isDelayed(mail))
        #expect(take(at: 4).isEmpty)
        let times = (1..<Int64(700)).filter { !take(at: $0).isEmpty }
        #expect(times == [5, 15, 35, 75, 155, 315, 475])
        #expect(state.waiting.isEmpty, "dropped when it was of no use")
        #expect(add(until: 900, at: 700))
        state.sent(2)
        #expect(!state.isDelayed(mail))
        for _ in 0..<1000 { _ = add(until: 900, at: 700) }
        #expect(!add(until: 900, at: 700))
        #expect(add(until: 9000, at: 901))
    }

    @Test func sessionsEnd() {
        func session(created: Int64, seen: Int64, confirmed: Int64 = 0) -> SessionRow {
            SessionRow(
                digest: [], person: 1, organisation: .home, carrier: .cookie, createdAt: at(created), seenAt: at(seen),
                confirmedAt: at(confirmed))
        }
        let hour: Int64 = 3600
        #expect(SessionLife.isAlive(session(created: 0, seen: 0), at: at(12 * hour - 1)))
        #expect(!SessionLife.isAlive(session(created: 0, seen: 0), at: at(12 * hour)))
        #expect(SessionLife.isAlive(session(created: 0, seen: 335 * hour), at: at(336 * hour - 1)))
        #expect(!SessionLife.isAlive(session(created: 0, seen: 335 * hour), at: at(336 * hour)))
        #expect(SessionLife.isConfirmed(session(created: 0, seen: 0), at: at(599)))
        #expect(!SessionLife.isConfirmed(session(created: 0, seen: 0), at: at(600)))
    }
}
