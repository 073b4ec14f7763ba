import Accounts
import HTTPTypes

/// One way into the console: what it needs, and what answers.
struct PageRoute: Sendable {
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

    static func get(_ path: String, _ work: Work) -> PageRoute { PageRoute(method: .get, path: path, work: work) }
    static func post(_ path: String, _ work: Work) -> PageRoute { PageRoute(method: .post, path: path, work: work) }

    /// Every page there is. A test walks it with ids of another organisation.
    static let all: [PageRoute] =
        SignInPages.routes + SetUpPages.routes + InvitationPages.routes + OverviewPage.routes + RequestsPage.routes
        + ExplorePage.routes + KeysPage.routes + BudgetsPage.routes + CreditPage.routes + TeamPage.routes
        + AuditLogPage.routes + PrivacyPage.routes + SettingsPages.routes + DocsPage.routes
        + [.get("/**", .open { _ in throw PageFault.notFound })]
}
