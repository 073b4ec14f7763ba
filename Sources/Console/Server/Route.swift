import Accounts
import HTTPTypes

/// One way into the console: what it needs, and what answers.
struct Route: Sendable {
    enum Work: Sendable {
        /// For anyone.
        case open(@Sendable (Visit) async throws -> PageAnswer)
        /// For who is signed in and may.
        case member(Permission?, @Sendable (Visit, Account) async throws -> PageAnswer)
        /// As `member`, and only shortly after proving again who it is; `returnTo` is where that leads back to.
        case confirmed(Permission?, returnTo: String, @Sendable (Visit, Account) async throws -> PageAnswer)
    }

    var method: HTTPRequest.Method
    /// `/keys/{id}/revoke`.
    var path: String
    var work: Work
    /// What the interface's document says of it; `nil` for a page.
    var operation: Operation?

    /// Whether it is the interface's: a bearer's, in JSON.
    var isInterface: Bool { path.hasPrefix("/api/") }

    var isOpen: Bool { if case .open = work { true } else { false } }

    /// Of the path: `id`.
    var parameterNames: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }

    static func get(_ path: String, _ work: Work) -> Route { Route(method: .get, path: path, work: work) }
    static func post(_ path: String, _ work: Work) -> Route { Route(method: .post, path: path, work: work) }

    /// Every way in there is, pages and interface. A test walks it with ids of another organisation.
    static let all: [Route] =
        SignInPages.routes + PasskeyPages.routes + SetUpPages.routes + InvitationPages.routes + OverviewPage.routes
        + RequestsPage.routes
        + ExplorePage.routes + KeysPage.routes + ProviderKeysPage.routes + ModelsPage.routes + PlaygroundPage.routes
        + BudgetsPage.routes + CreditPage.routes + TeamPage.routes + AuditLogPage.routes + PrivacyPage.routes
        + SettingsPages.routes + MailPages.routes + AgreementPages.routes + DocsPage.routes + InstallationPages.routes
        + InstallationInterface.routes + VisitsPage.routes
        + AccountInterface.routes + PasskeyInterface.routes + UsageInterface.routes
        + KeysInterface.routes + TeamInterface.routes
        + [InterfaceDocument.route, .get("/api/**", .open { _ in throw PageFault.notFound })]
        + [.get("/**", .open { _ in throw PageFault.notFound })]
}
