import Accounts
import HTTPTypes
import Records
import Vocabulary

/// What a person proves itself with, where it is signed in, and how the console speaks.
enum SettingsPages {
    static let routes: [Route] = [
        .get("/settings", .member(nil, show)),
        .post("/settings/password", .confirmed(nil, returnTo: "/settings", setPassword)),
        .post("/settings/factor", .confirmed(nil, returnTo: "/settings", addFactor)),
        .post("/settings/factor/remove", .confirmed(nil, returnTo: "/settings", removeFactor)),
        .post("/settings/sessions/others", .member(nil, endOthers)),
        .post("/settings/sessions/{name}", .member(nil, endOne)),
        .post("/settings/name", .member(nil, setName)),
        .post("/settings/language", .member(nil, setLanguage)),
        .post("/settings/organisation", .member(.changeOrganisation, rename)),
    ]

    private struct View {
        let problem: String?
        let token: String
        let mail: String
        let name: String?
        let confirmed: Bool
        let sends: Bool
        let hasPassword: Bool
        let hasFactor: Bool
        let codesLeft: String
        let passkeys: [Passkey]
        let takesPasskeys: Bool
        let passkey: PasskeyPages.FormView?
        let secret: String
        let link: String
        let square: SquareCode.View?
        let sessions: [Session]
        let languages: [Choice]
        let organisation: String
        let namesOrganisation: Bool
        let ownName: String
        let namesPeople: Bool
    }

    private struct Passkey {
        let id: String
        let name: String
        let used: TimeView
    }

    private struct Session {
        let name: String
        let created: TimeView
        let seen: TimeView
        let current: Bool
    }

    static func page(_ visit: Visit, _ account: Account, problem: PeopleRefusal? = nil) throws -> PageAnswer {
        let words = visit.words
        let people = visit.desk.people
        let confirmed = SessionLife.isConfirmed(account.session, at: visit.now)
        let offers = confirmed && !account.person.hasSecondFactor
        let secret = offers ? people.offerSecondFactor(to: account) : ""
        let link =
            "otpauth://totp/Tacet:\(account.person.mail.text)?secret=\(secret)&issuer=Tacet&algorithm=SHA1&digits=6&period=30"
        let view = View(
            problem: problem.map(words.sentence), token: people.formToken(account), mail: account.person.mail.text,
            name: account.person.name.isEmpty ? nil : account.person.name, confirmed: confirmed,
            sends: people.outbox.canSend,
            hasPassword: account.person.hasPassword, hasFactor: account.person.hasSecondFactor,
            codesLeft: words.text("settings.codes_left", .count(Int64(try people.recoveryCodesLeft(of: account)))),
            passkeys: confirmed
                ? try people.passkeys(of: account).map { .init(id: $0.id, name: $0.name, used: words.time($0.usedAt)) }
                : [],
            takesPasskeys: people.terms.allowsPasskey,
            passkey: try visit.passkeySite.flatMap { site in
                guard confirmed else { return nil }
                return .init(
                    visit, try people.passkeyRequest(account), site, action: "/settings/passkeys", label: "passkey.add",
                    account: account, makes: true)
            },
            secret: grouped(secret), link: link, square: offers ? SquareCode(Array(link.utf8))?.view : nil,
            sessions: try people.sessions(of: account).map {
                Session(
                    name: People.name(of: $0), created: words.time($0.createdAt), seen: words.time($0.seenAt),
                    current: $0.digest == account.session.digest)
            },
            languages: [.init(value: "0", label: words.text("settings.browser"), current: account.person.language == 0)]
                + Language.allCases.map {
                    .init(
                        value: "\($0.rawValue + 1)", label: $0.ownName.description,
                        current: account.person.language == $0.rawValue + 1)
                },
            organisation: account.organisationName,
            namesOrganisation: people.terms.fields != .mailOnly && account.may(.changeOrganisation),
            ownName: account.person.name, namesPeople: people.terms.fields == .named)
        return visit.page("settings", view, title: "settings.title", status: problem?.status ?? .ok)
    }

    private static func grouped(_ secret: String) -> String {
        stride(from: 0, to: secret.count, by: 4).map { String(secret.dropFirst($0).prefix(4)) }.joined(separator: " ")
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try page(visit, account)
    }

    @Sendable private static func setPassword(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do {
            try await visit.desk.people.setPassword(visit.form["password"], of: account)
            return visit.done("/settings", .passwordSet)
        } catch let refusal where refusal != .failed {
            return try page(visit, account, problem: refusal)
        }
    }

    private struct RecoveryView {
        struct Code {
            let text: String
        }
        let codes: [Code]
    }

    /// Shows recovery codes, once.
    static func recovery(_ visit: Visit, _ codes: [String]) -> PageAnswer {
        visit.page("recovery", RecoveryView(codes: codes.map(RecoveryView.Code.init)), title: "recovery.title")
    }

    @Sendable private static func addFactor(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do {
            return recovery(visit, try visit.desk.people.addSecondFactor(code: visit.form["code"], to: account))
        } catch let refusal where refusal != .failed {
            return try page(visit, account, problem: refusal)
        }
    }

    @Sendable private static func removeFactor(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try visit.desk.people.removeSecondFactor(of: account)
        return visit.done("/settings", .factorRemoved)
    }

    @Sendable private static func endOthers(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try visit.desk.people.endOtherSessions(of: account)
        return visit.done("/settings", .sessionsEnded)
    }

    @Sendable private static func endOne(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try visit.desk.people.endSession(visit.parameters["name"] ?? "", of: account)
        return visit.done("/settings", .sessionsEnded)
    }

    @Sendable private static func setName(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do {
            try visit.desk.people.setName(visit.form["name"], of: account)
            return visit.done("/settings", .saved)
        } catch let refusal where refusal != .failed {
            return try page(visit, account, problem: refusal)
        }
    }

    @Sendable private static func setLanguage(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        guard let number = UInt8(visit.form["language"]), number <= Language.allCases.count else {
            throw PageFault.unreadable
        }
        try visit.desk.people.setLanguage(number, of: account)
        return visit.done("/settings", .saved)
    }

    @Sendable private static func rename(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do {
            try visit.desk.people.rename(visit.form["name"], by: account)
            return visit.done("/settings", .saved)
        } catch let refusal where refusal != .failed {
            return try page(visit, account, problem: refusal)
        }
    }
}
