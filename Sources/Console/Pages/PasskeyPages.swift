import Accounts
import HTTPTypes
import Records
import Secrets
import Vocabulary

/// Passkeys: signing in with one, proving again, adding and removing.
enum PasskeyPages {
    static let routes: [Route] = [
        .post("/sign-in/passkey", .open(begin)), .get("/sign-in/passkey", .open(ask)),
        .post("/sign-in/passkey/answer", .open(show)), .post("/confirm/passkey", .member(nil, confirm)),
        .post("/settings/passkeys", .confirmed(nil, returnTo: "/settings", add)),
        .post("/settings/passkeys/{id}/remove", .confirmed(nil, returnTo: "/settings", remove)),
    ]

    /// The form that a script fills in with what the browser says.
    struct FormView {
        let action: String
        /// What is asked of the browser: `create` or `get`.
        let act: String
        let label: String
        let challenge: String
        let party: String
        let user: String
        let mail: String
        let known: String
        let then: String
        let token: String?
        let named: Bool

        init(
            _ visit: Visit, _ request: PasskeyRequest, _ site: PasskeySite, action: String, label: StaticString,
            account: Account? = nil, makes: Bool = false
        ) {
            self.action = action
            act = makes ? "create" : "get"
            self.label = visit.words.text(label)
            challenge = SessionToken.base64url(request.challenge)
            party = site.party
            user = SessionToken.base64url(request.user)
            mail = account?.person.mail.text ?? ""
            known = request.known.map(SessionToken.base64url).joined(separator: " ")
            then = OriginCheck.path(visit.form.has("then") ? visit.form["then"] : visit.query["then"])
            token = account.map(visit.desk.people.formToken)
            named = makes
        }
    }

    // MARK: Signing in

    private struct View {
        let problem: String?
        let passkey: FormView
    }

    @Sendable private static func begin(_ visit: Visit) async throws -> PageAnswer {
        guard visit.passkeySite != nil else { throw PeopleRefusal.notAllowed }
        let then = Form.encoded(OriginCheck.path(visit.form["then"]))
        return .redirect("/sign-in/passkey?then=\(then)", cookie: .set(try visit.desk.people.beginPasskey()))
    }

    @Sendable private static func ask(_ visit: Visit) async throws -> PageAnswer {
        guard let site = visit.passkeySite, let request = try visit.desk.people.passkeyRequest(visit.token) else {
            return .redirect("/sign-in")
        }
        let form = FormView(
            visit, request, site, action: "/sign-in/passkey/answer", label: "passkey.button")
        return visit.page("passkey", View(problem: nil, passkey: form), title: "passkey.title")
    }

    @Sendable private static func show(_ visit: Visit) async throws -> PageAnswer {
        do {
            return SignInPages.next(try shown(visit, visit.token), then: visit.form["then"])
        } catch let refusal as PeopleRefusal where refusal != .over {
            return SignInPages.again(visit, refusal)
        }
    }

    /// Takes the passkey that the sign-in of a text asks for.
    static func shown(
        _ visit: Visit, _ text: String, _ carrier: SessionRow.Carrier = .cookie
    ) throws -> SignInResult {
        guard let site = visit.passkeySite else { throw PeopleRefusal.notAllowed }
        return try visit.desk.people.show(try visit.passkeyAnswer(), text, site: site, from: visit.from, carrier)
    }

    @Sendable private static func confirm(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do {
            return .redirect(OriginCheck.path(visit.form["then"]), cookie: .set(try proved(visit, account)))
        } catch let refusal as PeopleRefusal where refusal != .failed {
            return try SignInPages.proof(visit, account, problem: refusal)
        }
    }

    /// Proves again who it is: the text of a fresh session.
    static func proved(_ visit: Visit, _ account: Account) throws -> String {
        guard let site = visit.passkeySite else { throw PeopleRefusal.notAllowed }
        return try visit.desk.people.confirm(account, passkey: try visit.passkeyAnswer(), site: site, from: visit.from)
    }

    // MARK: In the settings

    @Sendable private static func add(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do {
            let codes = try added(visit, account)
            return codes.isEmpty ? visit.done("/settings", .passkeyAdded) : SettingsPages.recovery(visit, codes)
        } catch let refusal as PeopleRefusal where refusal != .failed {
            return try SettingsPages.page(visit, account, problem: refusal)
        }
    }

    /// Adds the passkey of the form: recovery codes, where there were none.
    static func added(_ visit: Visit, _ account: Account) throws -> [String] {
        guard let site = visit.passkeySite else { throw PeopleRefusal.notAllowed }
        return try visit.desk.people.addPasskey(
            named: visit.form["name"], client: try visit.bytes("client"), attestation: try visit.bytes("attestation"),
            site: site, to: account)
    }

    @Sendable private static func remove(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try visit.desk.people.removePasskey(visit.parameters["id"] ?? "", of: account)
        return visit.done("/settings", .passkeyRemoved)
    }
}

extension Visit {
    /// What passkeys are made for; `nil` where the browser has the host in numbers.
    var passkeySite: PasskeySite? { PasskeySite(address: address) }

    /// A member of the form in base64url.
    func bytes(_ name: String) throws(PageFault) -> [UInt8] {
        guard let bytes = SessionToken.bytes(base64url: form[name]) else { throw .unreadable }
        return bytes
    }

    /// What the browser gave for a passkey that was shown.
    func passkeyAnswer() throws(PageFault) -> PasskeyAnswer {
        PasskeyAnswer(
            id: try bytes("id"), client: try bytes("client"), authenticator: try bytes("authenticator"),
            signature: try bytes("signature"))
    }
}
