import Accounts
import Policy
import Records
import Vocabulary

/// A key as the command line shows it.
struct KeyLine: Codable, Equatable {
    var id: String
    var key: String?
    var name: String
    var environment: String
    var prefix: String
    var budget_nano_usd: Int64?
    /// day, week, month or ever; and what happens at it: block, alert or downgrade.
    var budget_period: String?
    var budget_at: String?
    var spent_nano_usd: Int64
    var requests_per_minute: Int64?
    var tokens_per_minute: Int64?
    var in_flight: Int64?
    var models: String?
    var endpoints: String?
    var networks: String?
    var member: UInt64?
    /// Modes by name; what the key leaves to model and configuration is not there.
    var compression: String?
    var router: String?
    var cache: String?
    var prompt_cache: String?
    var created_at: String
    var expires_at: String?
    var revoked_at: String?

    init(_ record: KeyRecord) {
        id = record.id.text
        name = record.name
        environment = record.environment == .live ? "live" : "test"
        prefix = record.shown
        let budget = record.budgets.first
        budget_nano_usd = budget?.amount.value
        budget_period = budget.map { "\($0.period.name)" }
        budget_at = budget.map { "\($0.action.name)" }
        spent_nano_usd = record.spent.value
        requests_per_minute = record.limits.requestsPerMinute
        tokens_per_minute = record.limits.tokensPerMinute
        in_flight = record.limits.inFlight
        models = record.scope.flatMap { $0.models.isEmpty ? nil : ScopeText.text($0.models) }
        endpoints = record.scope.flatMap { $0.endpoints.isEmpty ? nil : ScopeText.text($0.endpoints) }
        networks = record.scope.flatMap { $0.networks.isEmpty ? nil : ScopeText.text($0.networks) }
        member = record.member == .none ? nil : record.member.value
        let words = DecisionWords(record.decisions)
        compression = words.compression
        router = words.router
        cache = words.cache
        prompt_cache = words.breakpoints
        created_at = record.createdAt.text
        expires_at = record.expiresAt?.text
        revoked_at = record.revokedAt?.text
    }

    var json: [UInt8] { JSONLine.of(self) }
}

/// What a new key may do and spend, on its way through the control socket.
struct KeyTermsLine: Codable, Equatable, Sendable {
    /// Nano-USD.
    var budget: Int64?
    var period: String?
    var at: String?
    var substitute: String?
    var requestsPerMinute: Int64?
    var tokensPerMinute: Int64?
    var inFlight: Int64?
    var models: String?
    var endpoints: String?
    var networks: String?
    var organisation: UInt64?
    var member: UInt64?
    var decisions: DecisionWords?
    /// Microseconds since 1970.
    var expiresAt: Int64?

    func terms() throws(Failure) -> KeyTerms {
        var terms = KeyTerms(
            limits: RateLimits(
                requestsPerMinute: requestsPerMinute, tokensPerMinute: tokensPerMinute, inFlight: inFlight),
            member: MemberID(member ?? 0), expiresAt: expiresAt.map { Moment(microseconds: $0) })
        if let budget {
            terms.budget = try BudgetText.budget(
                .installation, period: period ?? "ever", amount: budget, at: at ?? "block", substitute: substitute)
        } else if period != nil || at != nil || substitute != nil {
            throw Failure(text: "--period, --at and --to need a --budget.", code: 2)
        }
        guard let models = models.map(ScopeText.models) ?? [] else {
            throw Failure(
                text: "--models are names with commas between, `*` at the end for any rest, such as gpt-5*,fast.",
                code: 2)
        }
        for model in models {
            let name = String(decoding: model, as: UTF8.self)
            guard MetadataFilter.reason(against: name, characters: 128) == nil else {
                throw Failure(text: "422: --models has an item that is no model's name. Nothing was written.", code: 2)
            }
        }
        guard let endpoints = endpoints.map(ScopeText.endpoints) ?? [] else {
            let known = ScopeText.text(Endpoint.allCases.filter { $0 != .unknown && $0 != .health })
            throw Failure(text: "--endpoints are paths with commas between, of \(known).", code: 2)
        }
        guard let networks = networks.map(ScopeText.networks) ?? [] else {
            throw Failure(
                text: "--networks are addresses with commas between, such as 10.0.0.0/8,2001:db8::/32,192.0.2.7.",
                code: 2)
        }
        if !(models.isEmpty && endpoints.isEmpty && networks.isEmpty) {
            terms.scope = KeyScope(models: models, endpoints: endpoints, networks: networks)
        }
        try decisions?.apply(to: &terms.decisions)
        return terms
    }
}
