import Accounts
import HTTPTypes
import Policy
import Records
import Vocabulary

/// What only the operator's own organisation may ask.
enum InstallationInterface {
    static let routes: [Route] = [
        .api(.get, "/api/installation", "How the server does", .operate, gives: .installation) { visit, _ in
            await visit.desk.status()
        },
        .api(
            .get, "/api/installation/organisations", "Every organisation, with the sums of thirty days", .operate,
            lists: .organisation
        ) { visit, _ in try await InstallationPages.organisations(visit) },
        .api(
            .get, "/api/installation/requests", "The register of requests of rights, open ones first", .operate,
            lists: .rightsRequest
        ) { visit, _ in try visit.desk.rights.store.requests() },
        .api(
            .post, "/api/installation/requests", "Enters a request of rights", .operate,
            takes: [
                .init("kind", .oneOf(RightsRequest.Kind.allCases.map { "\($0.name)" }), "What is asked for."),
                .init("organisation", .text, "Of an organisation in the list."),
            ], gives: .rightsRequest
        ) { visit, account in try await InstallationPages.entered(visit, account) },
        .api(
            .put, "/api/installation/requests/{id}", "Notes how a request was answered", .operate,
            takes: [
                .init("outcome", .oneOf(RightsRequest.Outcome.allCases.map { "\($0.name)" }), "What came of it.")
            ]
        ) { visit, account in try InstallationPages.answered(visit, account) },
    ]
}

extension Shape<ConsoleStatus> {
    static let installation = Shape(
        "Installation",
        [
            .text("version", "Of the program.") { $0.version },
            .text("profile", "The policy it keeps.") { "\($0.profile.name)" },
            .flag("draining", "No new request is taken.") { $0.isDraining },
            .time("started_at", "Since when it runs.") { $0.startedAt },
            .number("in_flight", "Requests under way.") { Int64($0.traffic.inFlight) },
            .number("connections", "Open ones.") { Int64($0.traffic.openConnections) },
            .number("answers", "Below status 400, since the start.") { Int64($0.traffic.successes) },
            .number("client_errors", "Of status 4xx.") { Int64($0.traffic.clientErrors) },
            .number("server_errors", "Of status 5xx.") { Int64($0.traffic.serverErrors) },
            .number("receipts", "In the ledger.") { $0.totals.receipts },
            .text("chain_head", "The newest root of the signed receipts.") { $0.chain.head },
            .list("jobs", "What runs by itself.", .job) { $0.jobs },
        ])
}

extension Shape<JobStatus> {
    static let job = Shape(
        "Job",
        [
            .choice("name", "What it does.", of: JobStatus.Name.allCases.map(\.rawValue)) { $0.name.rawValue },
            .optionalTime("at", "When it last ran since the start.") { $0.at },
            .flag("failed", "Whether it failed then.") { $0.isFailed },
        ])
}

extension Shape<InstallationPages.Organisation> {
    static let organisation = Shape(
        "Organisation",
        [
            .text("id", "Names the organisation.") { String($0.id.value, radix: 16) },
            .text("name", "Empty without one.") { $0.name },
            .number("members", "How many.") { Int64($0.members) },
            .optionalTime("created_at", "When it was made by people.") { $0.createdAt },
            .choice("standing", "Where it stands.", of: ["active", "no_consent", "restricted", "deleted", "gone"]) {
                $0.standing
            },
            .number("requests", "In thirty days.") { $0.sums.requests },
            .money("provider_cost", "In thirty days.") { $0.sums.providerCost },
            .money("credit", "Available now.") { $0.credit },
        ])
}

extension Shape<RightsRequest> {
    static let rightsRequest = Shape(
        "RightsRequest",
        [
            .number("id", "Names the request.") { $0.id },
            .text("organisation", "Whose it is.") { String($0.organisation.value, radix: 16) },
            .choice("kind", "What is asked for.", of: RightsRequest.Kind.allCases.map { "\($0.name)" }) {
                "\($0.kind.name)"
            },
            .time("received_at", "When it came.") { $0.receivedAt },
            .time("due_at", "Until when it is to be answered.") { $0.dueAt },
            .optionalTime("answered_at", "When it was.") { $0.answeredAt },
            .optionalText("outcome", "How.") { $0.outcome.map { "\($0.name)" } },
        ])
}
