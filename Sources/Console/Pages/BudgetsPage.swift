import Accounts
import HTTPTypes
import Records
import Vocabulary

/// What may be spent, what was, and what was told about it.
enum BudgetsPage {
    static let routes: [Route] = [
        .get("/budgets", .member(.readUsage, show)), .post("/budgets", .member(.changeBudgets, set)),
        .post("/budgets/{owner}/{period}/remove", .member(.changeBudgets, remove)),
    ]

    private struct View {
        let problem: String?
        let token: String
        let may: Bool
        let budgets: [Row]
        let hasBudgets: Bool
        let owners: [Choice]
        let periods: [Choice]
        let actions: [Choice]
        let amount: String
        let alerts: [AlertRow]
        let hasAlerts: Bool
    }

    private struct AlertRow {
        let time: TimeView
        let text: String
    }

    private struct Row {
        let owner: String
        let ownerID: String
        let period: String
        let periodName: String
        let spent: MoneyView
        let amount: MoneyView
        let action: String
        let share: String
        /// In percent, at most 100.
        let width: Int
        let over: Bool
    }

    static let actions: [BudgetAction] = [.block, .alert]

    /// A budget with what was spent of it.
    struct Line {
        let ownerID: String
        let owner: String
        let budget: Budget
        let spent: NanoUSD
    }

    /// `organisation`, or a key's id: whose budgets this organisation may see and set.
    private static func owners(
        _ visit: Visit, _ account: Account
    ) throws -> [(id: String, owner: BudgetOwner, label: String)] {
        let keys = try visit.desk.keys.list(of: account.organisation).filter { $0.revokedAt == nil }
        return [("organisation", .organisation(account.organisation), visit.words.text("budgets.whole"))]
            + keys.map { ($0.id.text, .key($0.id), $0.name) }
    }

    private static func page(_ visit: Visit, _ account: Account, problem: String? = nil) throws -> PageAnswer {
        let words = visit.words
        let owners = try owners(visit, account)
        let rows = try lines(visit, account).map { line in
            let (budget, spent) = (line.budget, line.spent)
            let whole = max(1, budget.amount.value)
            return Row(
                owner: line.owner, ownerID: line.ownerID, period: words.named("period.\(budget.period.name)"),
                periodName: budget.period.name.description, spent: words.money(spent),
                amount: words.money(budget.amount), action: words.named("action.\(budget.action.name)"),
                share: words.percent(spent.value, of: whole),
                width: Int(min(100, 100 * Double(spent.value) / Double(whole))), over: spent >= budget.amount)
        }
        let form = visit.form
        let keys = try visit.desk.keys.list(of: account.organisation)
        let alerts = try AlertLines.of(account.organisation, keys, visit)
        let view = View(
            problem: problem, token: visit.desk.people.formToken(account), may: account.may(.changeBudgets),
            budgets: rows, hasBudgets: !rows.isEmpty,
            owners: owners.map { .init(value: $0.id, label: $0.label, current: $0.id == form["owner"]) },
            periods: KeysPage.periods(words, form["period"]),
            actions: actions.map {
                .init(
                    value: $0.name.description, label: words.named("action.\($0.name)"),
                    current: $0.name.description == form["action"])
            }, amount: String(form["amount"].prefix(20)),
            alerts: alerts.map { AlertRow(time: words.time($0.at), text: $0.text) }, hasAlerts: !alerts.isEmpty)
        return visit.page("budgets", view, title: "budgets.title", status: problem == nil ? .ok : .unprocessableContent)
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try page(visit, account)
    }

    @Sendable private static func set(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do {
            try setBudget(visit, account)
            return visit.done("/budgets", .budgetSet)
        } catch PageFault.refused(let key) {
            return try page(visit, account, problem: visit.words.named(key))
        }
    }

    @Sendable private static func remove(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try removeBudget(visit, account)
        return visit.done("/budgets", .budgetRemoved)
    }

    // MARK: Acts

    static func lines(_ visit: Visit, _ account: Account) throws -> [Line] {
        let rules = try visit.desk.spending.rules()
        return try owners(visit, account).flatMap { id, owner, label in
            try (rules.budgets[owner] ?? []).map { budget in
                Line(
                    ownerID: id, owner: label, budget: budget,
                    spent: try visit.desk.spending.spent(owner, budget.period, at: visit.now))
            }
        }
    }

    /// Sets the budget of the form, in place of one of the same owner and period.
    static func setBudget(_ visit: Visit, _ account: Account) throws {
        guard let owner = try owners(visit, account).first(where: { $0.id == visit.form["owner"] })?.owner else {
            throw PageFault.notFound
        }
        guard let period = BudgetPeriod.allCases.first(where: { $0.name.description == visit.form["period"] }),
            let action = actions.first(where: { $0.name.description == visit.form["action"] })
        else { throw PageFault.unreadable }
        guard let amount = Amount.read(visit.form["amount"]) else { throw PageFault.refused("refusal.amount") }
        try visit.desk.people.record(.budgetSet, by: account, subject: owner.id)
        try visit.desk.spending.set(Budget(owner, period, amount, action))
        visit.desk.keysChanged()
    }

    static func removeBudget(_ visit: Visit, _ account: Account) throws {
        let owner = try owners(visit, account).first { $0.id == visit.parameters["owner"] }?.owner
        let period = BudgetPeriod.allCases.first { $0.name.description == visit.parameters["period"] }
        guard let owner, let period else { throw PageFault.notFound }
        try visit.desk.people.record(.budgetRemove, by: account, subject: owner.id)
        guard try visit.desk.spending.remove(owner, period) else { throw PageFault.notFound }
        visit.desk.keysChanged()
    }
}

/// Alerts that concern an organisation, as sentences.
enum AlertLines {
    struct Line {
        let at: Moment
        let text: String
        let told: Bool
    }

    static func of(_ organisation: OrganisationID, _ keys: [KeyRecord], _ visit: Visit) throws -> [Line] {
        let words = visit.words
        return try visit.desk.alerts.list(limit: 200).compactMap { stored in
            let alert = stored.alert
            let owner: String
            switch alert.owner.kind {
            case .organisation where alert.owner.id == organisation.value: owner = words.text("budgets.whole")
            case .key:
                guard let key = keys.first(where: { $0.id.value == alert.owner.id }) else { return nil }
                owner = key.name
            default: return nil
            }
            func money(_ amount: Int64) -> PhraseValue { .money(NanoUSD(amount)) }
            let text: String
            switch alert.kind {
            case .budget:
                text = words.text(
                    "alert.budget", .text(owner), .text(words.named("period.\(alert.period.name)")),
                    money(alert.amount),
                    money(alert.limit), .count(alert.level))
            case .balance: text = words.text("alert.balance", money(alert.limit), money(alert.amount))
            case .pace: text = words.text("alert.pace", .count(alert.level), money(alert.amount))
            case .spending: text = words.text("alert.spending", .text(owner), money(alert.amount), money(alert.limit))
            case .errors:
                text = words.text(
                    "alert.errors", .text(owner), .share(Int128(alert.amount), of: 1000),
                    .share(Int128(alert.limit), of: 1000))
            case .latency:
                text = words.text(
                    "alert.latency", .text(owner), .text(Figures.time(microseconds: alert.amount)),
                    .text(Figures.time(microseconds: alert.limit)))
            case .routing, .compression:
                text = words.text(
                    alert.kind == .routing ? "alert.routing" : "alert.compression",
                    .share(Int128(alert.amount), of: 1000), .share(Int128(alert.limit), of: 1000))
            case .proposal:
                text = words.text(
                    "alert.proposal", .count(alert.level), money(alert.amount), .share(Int128(alert.limit), of: 1000))
            }
            return Line(
                at: alert.at, text: text, told: stored.mailedAt != nil || stored.postedAt != nil)
        }
    }
}
