import Accounts
import HTTPTypes
import Vocabulary

/// In and out: password or mailed code, the second factor, proving again.
enum SignInPages {
    static let routes: [Route] = [
        .get("/sign-in", .open(ask)), .post("/sign-in", .open(signIn)), .post("/sign-in/code", .open(requestCode)),
        .get("/code", .open(askCode)), .post("/code", .open(showCode)), .post("/sign-out", .member(nil, signOut)),
        .get("/confirm", .member(nil, askProof)), .post("/confirm", .member(nil, confirm)),
    ]

    private struct SignInView {
        let problem: String?
        let mail: String
        let then: String
        let password: Bool
        let mailCode: Bool
        let passkey: Bool
        let open: Bool
    }

    private static func view(_ visit: Visit, problem: String? = nil) -> SignInView {
        let terms = visit.desk.people.terms
        return SignInView(
            problem: problem, mail: String(visit.form["mail"].prefix(254)),
            then: OriginCheck.path(visit.form.has("then") ? visit.form["then"] : visit.query["then"]),
            password: terms.allowsPassword, mailCode: terms.allowsMailCode && visit.desk.people.outbox.canSend,
            passkey: terms.allowsPasskey && visit.passkeySite != nil, open: terms.isOpen)
    }

    @Sendable private static func ask(_ visit: Visit) async throws -> PageAnswer {
        if visit.account != nil { return .redirect(OriginCheck.path(visit.query["then"])) }
        return visit.page("sign-in", view(visit), title: "sign_in.title")
    }

    @Sendable private static func signIn(_ visit: Visit) async throws -> PageAnswer {
        do {
            let result = try await visit.desk.people.signIn(
                mail: visit.form["mail"], password: visit.form["password"], from: visit.from)
            return next(result, then: visit.form["then"])
        } catch let refusal {
            return again(visit, refusal)
        }
    }

    @Sendable private static func requestCode(_ visit: Visit) async throws -> PageAnswer {
        do {
            return next(.pending(try mailedCode(visit)), then: visit.form["then"])
        } catch let refusal {
            return again(visit, refusal)
        }
    }

    /// Sends a code to the address of the form: the text that binds it to who asked.
    static func mailedCode(_ visit: Visit) throws(PeopleRefusal) -> String {
        let words = visit.words
        return try visit.desk.people.requestCode(mail: visit.form["mail"], from: visit.from) { code in
            (words.text("letter.code.subject"), words.text("letter.code.text", .text(code), .text(visit.address)))
        }
    }

    static func again(_ visit: Visit, _ refusal: PeopleRefusal) -> PageAnswer {
        visit.page(
            "sign-in", view(visit, problem: visit.words.sentence(for: refusal)), title: "sign_in.title",
            status: refusal.status)
    }

    static func next(_ result: SignInResult, then: String) -> PageAnswer {
        let path = OriginCheck.path(then)
        switch result {
        case .session(let token): return .redirect(path, cookie: .set(token))
        case .pending(let token): return .redirect("/code?then=\(Form.encoded(path))", cookie: .set(token))
        }
    }

    // MARK: The second step

    private struct CodeView {
        let problem: String?
        let mailed: Bool
        let mail: String
        let delayed: Bool
        let then: String
        let passkey: PasskeyPages.FormView?
    }

    private static func code(_ visit: Visit, problem: PeopleRefusal? = nil) throws -> PageAnswer {
        guard let pending = visit.desk.people.pendingSignIn(visit.token) else { return .redirect("/sign-in") }
        let view = CodeView(
            problem: problem.map(visit.words.sentence), mailed: pending.step == .mailCode, mail: pending.mail.text,
            delayed: pending.step == .mailCode && visit.desk.people.outbox.isDelayed(pending.mail),
            then: OriginCheck.path(visit.form.has("then") ? visit.form["then"] : visit.query["then"]),
            passkey: try visit.passkeySite.flatMap { site in
                try visit.desk.people.passkeyRequest(visit.token).map {
                    .init(visit, $0, site, action: "/sign-in/passkey/answer", label: "passkey.button")
                }
            })
        return visit.page("code", view, title: "code.title", status: problem?.status ?? .ok)
    }

    @Sendable private static func askCode(_ visit: Visit) async throws -> PageAnswer { try code(visit) }

    @Sendable private static func showCode(_ visit: Visit) async throws -> PageAnswer {
        do {
            let code = String(visit.form["code"].prefix(64))
            return next(try visit.desk.people.show(code: code, visit.token, from: visit.from), then: visit.form["then"])
        } catch let refusal where refusal != .over {
            return try self.code(visit, problem: refusal)
        }
    }

    @Sendable private static func signOut(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try visit.desk.people.signOut(account)
        return .redirect("/sign-in?done=\(Notice.signedOut.rawValue)", cookie: .clear)
    }

    // MARK: Proving again

    private struct ConfirmView {
        let problem: String?
        let then: String
        let token: String
        let possible: Bool
        let factor: Bool
        let passkey: PasskeyPages.FormView?
    }

    static func proof(
        _ visit: Visit, _ account: Account, problem: PeopleRefusal? = nil
    ) throws -> PageAnswer {
        let view = ConfirmView(
            problem: problem.map(visit.words.sentence),
            then: OriginCheck.path(visit.form.has("then") ? visit.form["then"] : visit.query["then"]),
            token: visit.desk.people.formToken(account),
            possible: account.person.hasPassword || account.person.hasSecondFactor,
            factor: account.person.hasSecondFactor,
            passkey: try visit.passkeySite.flatMap { site in
                guard account.person.hasPasskey else { return nil }
                return .init(
                    visit, try visit.desk.people.passkeyRequest(account), site, action: "/confirm/passkey",
                    label: "passkey.use", account: account)
            })
        return visit.page("confirm", view, title: "confirm.title", status: problem?.status ?? .ok)
    }

    @Sendable private static func askProof(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try proof(visit, account)
    }

    @Sendable private static func confirm(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do {
            let token = try await visit.desk.people.confirm(account, proof: visit.form["proof"], from: visit.from)
            return .redirect(OriginCheck.path(visit.form["then"]), cookie: .set(token))
        } catch let refusal where refusal != .failed {
            return try proof(visit, account, problem: refusal)
        }
    }
}
