import Accounts
import HTTPTypes
import Vocabulary

/// Another address for an account: a code to the old one and a code to the new, both asked for.
enum MailPages {
    static let routes: [Route] = [
        .post("/settings/mail", .confirmed(nil, returnTo: "/settings", begin)),
        .get("/settings/mail", .member(nil, ask)),
        .post("/settings/mail/codes", .confirmed(nil, returnTo: "/settings/mail", show)),
    ]

    private struct View {
        let problem: String?
        let token: String
        let old: String
        let new: String
        let delayed: Bool
    }

    private static func page(_ visit: Visit, _ account: Account, problem: PeopleRefusal? = nil) -> PageAnswer {
        let people = visit.desk.people
        guard let change = people.mailChange(of: account) else { return .redirect("/settings") }
        let view = View(
            problem: problem.map(visit.words.sentence), token: people.formToken(account),
            old: account.person.mail.text, new: change.mail.text,
            delayed: people.outbox.isDelayed(change.mail) || people.outbox.isDelayed(account.person.mail))
        return visit.page("mail", view, title: "mail.title", status: problem?.status ?? .ok)
    }

    @Sendable private static func ask(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        page(visit, account)
    }

    @Sendable private static func begin(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do throws(PeopleRefusal) {
            return try begun(visit, account) ? .redirect("/settings/mail") : visit.done("/settings", .mailSet)
        } catch {
            guard error.keepsTheForm else { throw error }
            return try SettingsPages.page(visit, account, problem: error)
        }
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do throws(PeopleRefusal) {
            try shown(visit, account)
            return visit.done("/settings", .mailSet)
        } catch {
            guard error.keepsTheForm else { throw error }
            return visit.desk.people.mailChange(of: account) == nil
                ? try SettingsPages.page(visit, account, problem: error) : page(visit, account, problem: error)
        }
    }

    // MARK: Acts

    /// Sends the codes; `false` where there is no mail server, and the address is changed already.
    @discardableResult
    static func begun(_ visit: Visit, _ account: Account) throws(PeopleRefusal) -> Bool {
        let words = visit.words
        return try visit.desk.people.beginMailChange(
            to: visit.form["mail"], of: account, from: visit.from,
            old: { code in
                (
                    words.text("letter.mail_old.subject"),
                    words.text("letter.mail_old.text", .text(code), .text(visit.address))
                )
            },
            new: { code in
                (
                    words.text("letter.mail_new.subject"),
                    words.text("letter.mail_new.text", .text(code), .text(visit.address))
                )
            })
    }

    static func shown(_ visit: Visit, _ account: Account) throws(PeopleRefusal) {
        try visit.desk.people.showMailCodes(
            old: visit.form["old_code"], new: visit.form["new_code"], of: account, from: visit.from)
    }
}
