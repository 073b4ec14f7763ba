import Accounts
import HTTPTypes
import Records
import Secrets
import Vocabulary

/// Gateway keys: made here and shown once, revoked at once.
enum KeysPage {
    static let routes: [Route] = [
        .get("/keys", .member(.readUsage, show)), .post("/keys", .member(.changeKeys, make)),
        .post("/keys/{id}/revoke", .member(.changeKeys, revoke)),
    ]

    private struct View {
        let problem: String?
        let token: String
        let may: Bool
        let keys: [Row]
        let hasKeys: Bool
        let name: String
        let amount: String
        let models: String
        let rate: String
        let days: String
        let periods: [Choice]
        let test: Bool
    }

    private struct Row {
        let id: String
        let name: String
        let shown: String
        let isTest: Bool
        let created: TimeView
        let spent: MoneyView
        let budget: String?
        let scope: String?
        let state: String
        let tone: String
        let live: Bool
    }

    private static func page(_ visit: Visit, _ account: Account, problem: String? = nil) throws -> PageAnswer {
        let words = visit.words
        let rows = try visit.desk.keys.list(of: account.organisation).reversed().map { key in
            let isOver = key.expiresAt.map { $0 < visit.now } ?? false
            let isLive = key.revokedAt == nil && !isOver
            return Row(
                id: key.id.text, name: key.name, shown: key.shown,
                isTest: key.environment == .test, created: words.time(key.createdAt), spent: words.money(key.spent),
                budget: key.budgets.first.map {
                    words.text("keys.budget_line", .money($0.amount), .text(words.named("period.\($0.period.name)")))
                },
                scope: key.scope.map { scope in
                    scope.models.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
                },
                state: isLive ? words.text("keys.live") : words.text(isOver ? "keys.expired" : "keys.revoked"),
                tone: isLive ? "" : "quiet", live: key.revokedAt == nil)
        }
        let form = visit.form
        let view = View(
            problem: problem, token: visit.desk.people.formToken(account), may: account.may(.changeKeys), keys: rows,
            hasKeys: !rows.isEmpty, name: String(form["name"].prefix(64)), amount: String(form["amount"].prefix(20)),
            models: String(form["models"].prefix(400)), rate: String(form["rate"].prefix(10)),
            days: String(form["days"].prefix(5)), periods: periods(words, form["period"]), test: form["test"] == "1")
        return visit.page("keys", view, title: "keys.title", status: problem == nil ? .ok : .unprocessableContent)
    }

    static func periods(_ words: Catalogue, _ chosen: String) -> [Choice] {
        BudgetPeriod.allCases.map { period in
            .init(
                value: period.name.description, label: words.named("period.\(period.name)"),
                current: period.name.description == chosen || chosen.isEmpty && period == .month)
        }
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try page(visit, account)
    }

    private struct MadeView {
        let key: String
        let name: String
        let snippet: String
    }

    @Sendable private static func make(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do {
            var (text, record) = try created(visit, account)
            defer { wipe(&text) }
            let key = String(decoding: text, as: UTF8.self)
            return visit.page(
                "key-made",
                MadeView(key: key, name: record.name, snippet: Snippets(api: visit.desk.api(), key: key).curl),
                title: "keys.made_title")
        } catch PageFault.refused(let key) {
            return try page(visit, account, problem: visit.words.named(key))
        }
    }

    @Sendable private static func revoke(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try revoked(visit, account)
        return visit.done("/keys", .keyRevoked)
    }

    // MARK: Acts

    /// Makes the key of the form; its text is to be wiped.
    static func created(_ visit: Visit, _ account: Account) throws -> (text: [UInt8], record: KeyRecord) {
        let terms = try terms(visit.form, member: account.member.id, at: visit.now)
        do {
            try visit.desk.people.record(.keyCreate, by: account)
            let made = try visit.desk.keys.create(
                name: visit.form["name"], terms, environment: visit.form["test"] == "1" ? .test : .live,
                of: account.organisation, at: visit.now)
            visit.desk.keysChanged()
            return made
        } catch let fault as StorageFault where fault == .nameTaken || fault == .badName {
            throw PageFault.refused(fault == .nameTaken ? "keys.name_taken" : "refusal.name")
        }
    }

    /// What the form says; empty members ask for nothing.
    private static func terms(_ form: Form, member: MemberID, at now: Moment) throws(PageFault) -> KeyTerms {
        var terms = KeyTerms(member: member)
        if !form["amount"].isEmpty {
            guard let amount = Amount.read(form["amount"]) else { throw .refused("refusal.amount") }
            let period = BudgetPeriod.allCases.first { $0.name.description == form["period"] } ?? .month
            terms.budget = Budget(.installation, period, amount)
        }
        if !form["rate"].isEmpty {
            guard let rate = Int64(form["rate"]), (1...1_000_000).contains(rate) else { throw .refused("refusal.rate") }
            terms.limits = RateLimits(requestsPerMinute: rate)
        }
        if !form["days"].isEmpty {
            guard let days = Int64(form["days"]), (1...3650).contains(days) else { throw .refused("refusal.days") }
            terms.expiresAt = Moment(microseconds: now.microseconds + days * 86_400_000_000)
        }
        let models = form["models"].split { $0 == "," || $0.isWhitespace }
        if !models.isEmpty {
            guard let scope = ScopeText.models(models.joined(separator: ",")) else { throw .refused("refusal.models") }
            terms.scope = KeyScope(models: scope, endpoints: [], networks: [])
        }
        return terms
    }

    /// Ends the key that the path names.
    static func revoked(_ visit: Visit, _ account: Account) throws {
        let key = try visit.desk.keys.list(of: account.organisation).first { $0.id.text == visit.parameters["id"] }
        guard let key, key.revokedAt == nil else { throw PageFault.notFound }
        try visit.desk.people.record(.keyRevoke, by: account, subject: key.id.value)
        _ = try visit.desk.keys.revoke(key.id, of: account.organisation, at: visit.now)
        visit.desk.keysChanged()
    }
}
