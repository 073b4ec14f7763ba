import Accounts
import HTTPTypes
import Policy
import Records
import Vocabulary

/// What its operator sees of an installation: health, organisations, requests of rights. Numbers and names, no words.
enum InstallationPages {
    static let routes: [Route] = [
        .get("/installation", .member(.operate, showHealth)),
        .get("/installation/organisations", .member(.operate, showOrganisations)),
        .get("/installation/requests", .member(.operate, showRequests)),
        .post("/installation/requests", .member(.operate, enter)),
        .post("/installation/requests/{id}", .member(.operate, close)),
    ]

    struct Tab {
        let path: String
        let label: String
        let current: Bool
    }

    static func tabs(_ visit: Visit) -> [Tab] {
        let words = visit.words
        return [
            ("/installation", words.text("installation.health")),
            ("/installation/organisations", words.text("installation.organisations")),
            ("/installation/requests", words.text("installation.requests")),
            ("/installation/visits", words.text("visits.title")),
        ].map { Tab(path: $0, label: $1, current: $0 == visit.path) }
    }

    // MARK: Health

    private struct HealthView {
        let tabs: [Tab]
        let state: String
        let draining: Bool
        let uptime: String
        let figures: [Figure]
        let providers: [ProviderRow]
        let hasProviders: Bool
        let jobs: [JobRow]
        let letters: String
    }

    private struct Figure {
        let name: String
        let value: String
        let note: String
    }

    private struct ProviderRow {
        let name: String
        let address: String
        let state: String
        let tone: String
        let took: String
    }

    private struct JobRow {
        let name: String
        let time: TimeView?
        let failed: Bool
    }

    @Sendable private static func showHealth(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let words = visit.words
        let status = await visit.desk.status()
        let traffic = status.traffic
        let answers = Int64(traffic.successes + traffic.clientErrors + traffic.serverErrors)
        let seconds = (status.now.microseconds - status.startedAt.microseconds) / 1_000_000
        let view = HealthView(
            tabs: tabs(visit), state: words.text(status.isDraining ? "installation.draining" : "installation.serving"),
            draining: status.isDraining,
            uptime: words.text("installation.uptime", .text(Figures.span(seconds: seconds)), .text(status.version)),
            figures: [
                Figure(
                    name: words.text("overview.requests"), value: words.count(answers),
                    note: words.text("installation.under_way", .count(Int64(traffic.inFlight)))),
                Figure(
                    name: words.text("installation.failed"), value: words.count(Int64(traffic.serverErrors)),
                    note: words.text("installation.refused", .count(Int64(traffic.clientErrors)))),
                Figure(
                    name: words.text("installation.connections"), value: words.count(Int64(traffic.openConnections)),
                    note: words.text("installation.too_many", .count(Int64(traffic.refusedConnections)))),
                Figure(
                    name: words.text("installation.memory"),
                    value: words.percent(Int64(traffic.bodyBytes), of: Int64(max(1, traffic.bodyBytesLimit))),
                    note: words.text("installation.memory_note")),
            ],
            providers: status.providers.map { provider in
                ProviderRow(
                    name: provider.name, address: provider.address,
                    state: provider.isResting
                        ? words.text("circuit.open") : words.named("health.\(provider.health.rawValue)"),
                    tone: provider.isResting || provider.health != .answers
                        ? provider.health == .notAsked ? "quiet" : "warn" : "",
                    took: provider.microseconds.map { Figures.time(microseconds: $0) } ?? "—")
            }, hasProviders: !status.providers.isEmpty,
            jobs: status.jobs.map { job in
                JobRow(
                    name: words.named("job.\(job.name.rawValue)"), time: job.at.map(words.time), failed: job.isFailed)
            }, letters: words.text("installation.letters", .count(Int64(visit.desk.people.outbox.count))))
        return visit.page("installation", view, title: "installation.title")
    }

    // MARK: Organisations

    private struct OrganisationsView {
        let tabs: [Tab]
        let organisations: [Row]
    }

    private struct Row {
        let name: String
        let number: String
        let members: String
        let since: TimeView?
        let standing: String
        let tone: String
        let requests: String
        let spent: MoneyView
        let credit: MoneyView
    }

    @Sendable private static func showOrganisations(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let words = visit.words
        let rows = try await organisations(visit).map { one in
            Row(
                name: words.organisation(one.name, one.id), number: String(one.id.value, radix: 16),
                members: words.count(Int64(one.members)), since: one.createdAt.map(words.time),
                standing: words.named("standing.\(one.standing)"), tone: one.standing == "active" ? "quiet" : "warn",
                requests: words.count(one.sums.requests), spent: words.money(one.sums.providerCost),
                credit: words.money(one.credit))
        }
        return visit.page(
            "organisations", OrganisationsView(tabs: tabs(visit), organisations: rows), title: "installation.title")
    }

    /// An organisation as the operator sees it.
    struct Organisation {
        let id: OrganisationID
        /// Empty without one.
        let name: String
        let members: Int
        /// `nil` for one that was made without people.
        let createdAt: Moment?
        let standing: String
        /// Of thirty days.
        let sums: UsageSums
        let credit: NanoUSD
    }

    static func organisations(_ visit: Visit) async throws -> [Organisation] {
        await visit.desk.drain()
        let range = UsageRange("30", at: visit.now)
        let known = try visit.desk.people.roster()
        let lives = try visit.desk.rights.lives()
        let accounts = try visit.desk.book.accounts()
        let others = Set(try visit.desk.usage.organisations()).subtracting(known.map(\.id))
            .sorted { $0.value < $1.value }
        return try (known.map(\.id) + others).map { id -> Organisation in
            let row = known.first { $0.id == id }
            let wallet = accounts.first { $0.name == AccountName(.wallet, organisation: id.value) }
            return Organisation(
                id: id, name: row?.name ?? "", members: row?.members ?? 0, createdAt: row?.createdAt,
                standing: lives[id]?.standing ?? "active",
                sums: try Usage(visit.desk.usage, id).total(range.grain, range.since, range.until),
                credit: wallet?.available ?? .zero)
        }
    }

    // MARK: Requests of rights

    private struct RequestsView {
        let tabs: [Tab]
        let token: String
        let requests: [RequestRow]
        let hasRequests: Bool
        let kinds: [Choice]
        let organisations: [Choice]
        let outcomes: [Choice]
    }

    private struct RequestRow {
        let id: String
        let kind: String
        let organisation: String
        let received: TimeView
        let due: TimeView
        let late: Bool
        let outcome: String?
        let isOpen: Bool
    }

    @Sendable private static func showRequests(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let words = visit.words
        let names = try await organisations(visit)
        func name(_ id: OrganisationID) -> String {
            words.organisation(names.first { $0.id == id }?.name ?? "", id)
        }
        let rows = try visit.desk.rights.store.requests().map { request in
            RequestRow(
                id: "\(request.id)", kind: words.named("right.\(request.kind.name)"),
                organisation: name(request.organisation), received: words.time(request.receivedAt),
                due: words.time(request.dueAt), late: (request.answeredAt ?? visit.now) > request.dueAt,
                outcome: request.outcome.map { words.named("outcome.\($0.name)") }, isOpen: request.answeredAt == nil)
        }
        let view = RequestsView(
            tabs: tabs(visit), token: visit.desk.people.formToken(account), requests: rows,
            hasRequests: !rows.isEmpty,
            kinds: RightsRequest.Kind.allCases.map {
                Choice(value: "\($0.name)", label: words.named("right.\($0.name)"), current: false)
            },
            organisations: names.map {
                Choice(value: String($0.id.value, radix: 16), label: name($0.id), current: false)
            },
            outcomes: RightsRequest.Outcome.allCases.map {
                Choice(value: "\($0.name)", label: words.named("outcome.\($0.name)"), current: false)
            })
        return visit.page("rights-requests", view, title: "installation.title")
    }

    @Sendable private static func enter(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        _ = try await entered(visit, account)
        return visit.done("/installation/requests", .saved)
    }

    @Sendable private static func close(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try answered(visit, account)
        return visit.done("/installation/requests", .saved)
    }

    /// Enters a request in the register; from then on the days to answer count.
    static func entered(_ visit: Visit, _ account: Account) async throws -> RightsRequest {
        let kind = RightsRequest.Kind.allCases.first { "\($0.name)" == visit.form["kind"] }
        let known = try await organisations(visit)
        let organisation = known.first { String($0.id.value, radix: 16) == visit.form["organisation"] }
        guard let kind, let organisation else { throw PageFault.notFound }
        let days = try visit.desk.rights.terms(of: organisation.id).answerDays
        try visit.desk.people.record(.requestEnter, by: account, subject: organisation.id.value)
        return try visit.desk.rights.store.enter(
            kind, of: organisation.id, at: visit.now, dueAt: visit.now.adding(days: days))
    }

    /// Notes how the request that the path names was answered.
    static func answered(_ visit: Visit, _ account: Account) throws {
        let outcome = RightsRequest.Outcome.allCases.first { "\($0.name)" == visit.form["outcome"] }
        guard let id = Int64(visit.parameters["id"] ?? ""), let outcome else { throw PageFault.notFound }
        try visit.desk.people.record(.requestAnswer, by: account, subject: UInt64(clamping: id))
        guard try visit.desk.rights.store.answer(id, outcome, at: visit.now) else { throw PageFault.notFound }
    }
}

extension AccountLife {
    /// One word for where an organisation stands.
    fileprivate var standing: String {
        switch phase {
        case .deleted: "deleted"
        case .purged, .closed: "gone"
        case .active where !hasConsent: "no_consent"
        case .active where isRestricted: "restricted"
        case .active: "active"
        }
    }
}
