import Accounts
import HTTPTypes

/// A talk with any model, by one's own key (`RULES.md` 22). The browser asks the API itself: nothing of it comes by here,
/// and the page keeps key and words in its memory alone.
enum PlaygroundPage {
    static let routes: [Route] = [.get("/playground", .member(.readUsage, show))]

    private struct View {
        let api: String
        let models: [String]
        let model: String
        /// Where the page works, when it was opened by another name.
        let elsewhere: String?
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let api = visit.desk.api()
        let status = await visit.desk.routing()
        let models = status.aliases.map(\.name) + status.models.map(\.model)
        let origins = visit.desk.pageOrigins
        let view = View(
            api: api, models: models,
            model: models.contains(visit.query["model"]) ? visit.query["model"] : models.first ?? "",
            elsewhere: origins.contains(visit.address) ? nil : origins.first ?? "")
        return visit.page("playground", view, title: "playground.title", connects: api)
    }
}
