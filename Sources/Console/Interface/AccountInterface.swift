import Accounts
import HTTPTypes
import Records
import Vocabulary

/// The ways in, and the account of who is in. The token travels in `Authorization: Bearer`; no cookie is read or set.
enum AccountInterface {
    static let routes: [Route] = [
        .api(
            open: "/api/session", "Signs in by password",
            takes: [.init("mail", .text, "An address."), .init("password", .text, "Its password.")], gives: .signIn
        ) { visit in
            try await visit.desk.people.signIn(
                mail: visit.form["mail"], password: visit.form["password"], from: visit.from, .bearer)
        },
        .api(
            open: "/api/session/mail", "Sends a code to an address",
            takes: [.init("mail", .text, "An address.")], gives: .signIn
        ) { visit in .pending(try SignInPages.mailedCode(visit)) },
        .api(
            open: "/api/session/code", "Shows the code that is asked for: mailed, the authenticator's, or for recovery",
            takes: [.init("pending", .text, "Of the answer before."), .init("code", .text, "The code.")], gives: .signIn
        ) { visit in
            try visit.desk.people.show(
                code: String(visit.form["code"].prefix(64)), visit.form["pending"], from: visit.from, .bearer)
        },
        .api(
            open: "/api/set-up/{secret}", "Makes the first account, once",
            takes: [
                .init("mail", .text, "An address."), .init("password", .text, "15 to 512 characters."),
                .init("name", .text, "Where the profile keeps it.", isOptional: true),
                .init("organisation", .text, "Where the profile keeps it.", isOptional: true),
            ], gives: .signIn
        ) { visit in .session(try await SetUpPages.made(visit)) },
        .api(
            open: "/api/invitation/{secret}", "Joins as somebody new",
            takes: [
                .init("password", .text, "15 to 512 characters."),
                .init("name", .text, "Where the profile keeps it.", isOptional: true),
            ], gives: .signIn
        ) { visit in
            .session(
                try await visit.desk.people.accept(
                    secret: visit.parameters["secret"] ?? "", name: visit.form["name"],
                    password: visit.form["password"], .bearer))
        },
        .api(.post, "/api/invitation/{secret}/join", "Joins as who is signed in", nil) { visit, account in
            try visit.desk.people.accept(secret: visit.parameters["secret"] ?? "", by: account)
        },
        .api(
            .post, "/api/session/proof", "Proves again who it is, for what is dangerous: a fresh token", nil,
            takes: [.init("proof", .text, "Password, or the authenticator's code.")], gives: .signIn
        ) { visit, account in
            .session(try await visit.desk.people.confirm(account, proof: visit.form["proof"], from: visit.from))
        },
        .api(.delete, "/api/session", "Signs out", nil) { visit, account in try visit.desk.people.signOut(account) },
        .api(.get, "/api/me", "Who is signed in, and as what", nil, gives: .account) { _, account in account },
        .api(.get, "/api/sessions", "Where the person is signed in", nil, lists: .session) { visit, account in
            try visit.desk.people.sessions(of: account)
        },
        .api(.delete, "/api/sessions", "Signs out everywhere else", nil) { visit, account in
            try visit.desk.people.endOtherSessions(of: account)
        },
        .api(.delete, "/api/sessions/{name}", "Signs out in one place", nil) { visit, account in
            try visit.desk.people.endSession(visit.parameters["name"] ?? "", of: account)
        },
        .api(
            .put, "/api/me/organisation", "Shows another organisation of the person", nil,
            takes: [.init("organisation", .text, "One of `organisations`.")]
        ) { visit, account in try TeamPage.chosen(visit, account) },
        .api(
            .put, "/api/me/password", "Sets a password and ends other sessions", nil,
            takes: [.init("password", .text, "15 to 512 characters.")], isConfirmed: true
        ) { visit, account in try await visit.desk.people.setPassword(visit.form["password"], of: account) },
        .api(
            .put, "/api/me/mail",
            "Sends a code to the old address and one to a new; without a mail server the new one holds at once", nil,
            takes: [.init("mail", .text, "The new address.")], isConfirmed: true
        ) { visit, account in try MailPages.begun(visit, account) },
        .api(
            .put, "/api/me/name", "Corrects the person's name", nil,
            takes: [.init("name", .text, "Empty: none.")]
        ) { visit, account in try visit.desk.people.setName(visit.form["name"], of: account) },
        .api(
            .get, "/api/agreements", "What is to be agreed to before the rest is open", nil, lists: .agreement
        ) { visit, account in try visit.desk.rights.agreements.due(account.member, at: visit.now) },
        .api(
            .post, "/api/agreements", "Agrees to one point", nil,
            takes: [.init("name", .text, "Of the list."), .init("version", .number, "Of the list.")]
        ) { visit, account in try AgreementPages.agreed(visit, account) },
        .api(
            .post, "/api/me/mail/codes", "Takes both codes: the account has the new address", nil,
            takes: [.init("old_code", .text, "Eight digits."), .init("new_code", .text, "Eight digits.")],
            isConfirmed: true
        ) { visit, account in try MailPages.shown(visit, account) },
        .api(
            .put, "/api/me/language", "How the console speaks to the person", nil,
            takes: [.init("language", .oneOf([""] + Language.allCases.map { "\($0.code)" }), "Empty: as asked for.")]
        ) { visit, account in
            let number = Language(code: visit.form["language"]).map { $0.rawValue + 1 } ?? 0
            try visit.desk.people.setLanguage(number, of: account)
        },
        .api(
            .get, "/api/me/factor", "A secret for an authenticator, to be proved", nil, isConfirmed: true, gives: .offer
        ) {
            visit, account in
            guard !account.person.hasSecondFactor else { throw PageFault.notFound }
            return visit.desk.people.offerSecondFactor(to: account)
        },
        .api(
            .post, "/api/me/factor", "Takes the authenticator whose code is shown", nil,
            takes: [.init("code", .text, "Six digits.")], isConfirmed: true, gives: .recovery
        ) { visit, account in try visit.desk.people.addSecondFactor(code: visit.form["code"], to: account) },
        .api(.delete, "/api/me/factor", "Removes the authenticator", nil, isConfirmed: true) { visit, account in
            try visit.desk.people.removeSecondFactor(of: account)
        },
        .api(
            .put, "/api/organisation", "Renames the organisation", .changeOrganisation,
            takes: [.init("name", .text, "Empty: none.")]
        ) { visit, account in try visit.desk.people.rename(visit.form["name"], by: account) },
    ]
}

extension Shape<SignInResult> {
    static let signIn = Shape(
        "SignIn",
        [
            .optionalText("token", "For `Authorization: Bearer`.") {
                if case .session(let token) = $0 { token } else { nil }
            },
            .optionalText("pending", "Another proof is asked for: send it with the code.") {
                if case .pending(let text) = $0 { text } else { nil }
            },
        ])
}

extension Shape<Account> {
    static let account = Shape(
        "Account",
        [
            .text("mail", "The person's address.") { $0.person.mail.text },
            .text("name", "Empty where the profile keeps none.") { $0.person.name },
            .text("organisation", "The one shown.") { String($0.organisation.value, radix: 16) },
            .text("organisation_name", "Empty without one.") { $0.organisationName },
            .choice("role", "In it.", of: Role.allCases.map { "\($0.name)" }) { "\($0.member.role.name)" },
            .texts("organisations", "All of the person's.") { account in
                account.memberships.map { String($0.organisation.value, radix: 16) }
            },
            .flag("has_password", "Whether there is one.") { $0.person.hasPassword },
            .flag("has_second_factor", "Whether there is an authenticator.") { $0.person.hasSecondFactor },
            .flag("has_passkey", "Whether there is a passkey.") { $0.person.hasPasskey },
            .time("proved_until", "Until then what is dangerous asks for no proof.") {
                Moment(microseconds: $0.session.confirmedAt.microseconds + SessionLife.confirmation)
            },
        ])
}

extension Shape<Agreements.Point> {
    static let agreement = Shape(
        "Agreement",
        [
            .choice("name", "A page below `/legal`, or the age.", of: ["privacy", "terms", "dpa", "age"]) { $0.name },
            .number("version", "Of the page; of the age its years.") { $0.version },
        ])
}

extension Shape<SessionRow> {
    static let session = Shape(
        "Session",
        [
            .text("name", "Names the session in paths; it helps nobody to take it over.") { People.name(of: $0) },
            .choice("carrier", "How its token travels.", of: ["cookie", "bearer"]) {
                $0.carrier == .cookie ? "cookie" : "bearer"
            },
            .time("created_at", "Since when.") { $0.createdAt }, .time("seen_at", "To a minute.") { $0.seenAt },
        ])
}

extension Shape<String> {
    static let offer = Shape("Offer", [.text("secret", "In base32, for TOTP of 30 seconds.") { $0 }])
}

extension Shape<[String]> {
    static let recovery = Shape(
        "RecoveryCodes",
        [.texts("recovery_codes", "Each stands in once for a second proof. Empty: there are some.") { $0 }])
}
