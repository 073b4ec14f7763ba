import Accounts
import Policy
import Records
import Vocabulary

/// The frame around each page: where one is, what else there is, who is asking.
struct FrameView {
    let language: String
    let title: String
    let content: String
    let notice: String?
    let signedIn: SignedIn?
    let version: String

    struct SignedIn {
        let mail: String
        let organisation: String
        let token: String
        let links: [Link]
        let others: [Other]
        let restricted: Bool
    }

    struct Link {
        let path: String
        let label: String
        let current: Bool
    }

    /// Another organisation of the person.
    struct Other {
        let id: String
        let label: String
    }

    static let links: [(path: String, key: StaticString, permission: Permission)] = [
        ("/", "overview.title", .readUsage), ("/requests", "requests.title", .readUsage),
        ("/explore", "explore.title", .readUsage), ("/keys", "keys.title", .readUsage),
        ("/provider-keys", "provider_keys.title", .changeProviderKeys), ("/models", "models.title", .readUsage),
        ("/playground", "playground.title", .readUsage), ("/budgets", "budgets.title", .readUsage),
        ("/credit", "credit.title", .readCredit),
        ("/team", "team.title", .readMembers), ("/audit-log", "audit.title", .readAuditLog),
        ("/privacy", "privacy.title", .readUsage), ("/settings", "settings.title", .readUsage),
        ("/docs", "docs.title", .readUsage), ("/installation", "installation.title", .operate),
    ]

    init(_ visit: Visit, title: String, content: String) {
        let words = visit.words
        language = visit.language.code.description
        self.title = title
        self.content = content
        notice = visit.notice
        version = visit.desk.version
        signedIn = visit.account.map { account in
            SignedIn(
                mail: account.person.mail.text,
                organisation: words.organisation(account.organisationName, account.organisation),
                token: visit.desk.people.formToken(account),
                links: Self.links.filter { account.may($0.permission) }.map { link in
                    Link(
                        path: link.path, label: words.text(link.key),
                        current: link.path == "/" ? visit.path == "/" : visit.path.hasPrefix(link.path))
                },
                others: account.memberships.filter { $0.organisation != account.organisation }.map {
                    Other(id: String($0.organisation.value, radix: 16), label: words.organisation("", $0.organisation))
                },
                restricted: (try? visit.desk.rights.life(of: account.organisation))?.isRestricted ?? false)
        }
    }
}

extension Catalogue {
    /// What an organisation is called; one without a name by its number.
    func organisation(_ name: String, _ id: OrganisationID) -> String {
        if !name.isEmpty { return name }
        if id == .home { return text("organisation.home") }
        return text("organisation.other", .text(String(id.value, radix: 36).suffix(4).uppercased()))
    }
}
