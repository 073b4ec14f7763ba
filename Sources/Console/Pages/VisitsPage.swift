import Accounts
import HTTPTypes
import Records
import Vocabulary

/// How often pages were opened and from which sites: sums of thirty days that are over, nothing of who.
enum VisitsPage {
    static let routes: [Route] = [
        .get("/installation/visits", .member(.operate, show)),
        .api(
            .get, "/api/installation/visits",
            "How often pages were opened in thirty days, by path and referrer; empty where "
                + "nothing is counted", .operate, lists: .visits
        ) { visit, _ in try visits(visit) },
    ]

    private struct View {
        let tabs: [InstallationPages.Tab]
        let counted: Bool
        let rows: [Row]
        let hasRows: Bool
    }

    private struct Row {
        let path: String
        let referrer: String
        let visits: String
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let words = visit.words
        func name(_ text: String) -> String { text == DayOfVisits.other ? words.text("requests.other_model") : text }
        let rows = try visits(visit).map { one in
            Row(
                path: name(one.path), referrer: one.referrer.isEmpty ? words.text("visits.direct") : name(one.referrer),
                visits: words.count(one.visits))
        }
        let view = View(
            tabs: InstallationPages.tabs(visit), counted: visit.desk.visits != nil, rows: rows, hasRows: !rows.isEmpty)
        return visit.page("visits", view, title: "installation.title")
    }

    private static func visits(_ visit: Visit) throws -> [SiteVisits] {
        try visit.desk.visits?.read(since: UsageRange("30", at: visit.now).since) ?? []
    }
}

extension Shape<SiteVisits> {
    static let visits = Shape(
        "SiteVisits",
        [
            .text("path", "Of the console; `other` for what was too little to tell.") { $0.path },
            .text("referrer", "A host's name; empty without one.") { $0.referrer },
            .number("visits", "5 or more.") { $0.visits },
        ])
}
