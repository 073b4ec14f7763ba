import Accounts
import HTTPTypes
import Policy
import Records
import Secrets
import Vocabulary

/// Keys of both kinds, budgets and alerts.
enum KeysInterface {
    static let routes: [Route] = [
        .api(.get, "/api/keys", "Gateway keys, newest first", .readUsage, lists: .key) { visit, account in
            try visit.desk.keys.list(of: account.organisation).reversed()
        },
        .api(
            .post, "/api/keys", "Makes a gateway key", .changeKeys,
            takes: [
                .init("name", .text, "1 to 64 characters, no live key's."),
                .init("amount", .text, "A budget in dollars: `10.00`.", isOptional: true),
                .init("period", periods, "Of the budget; `month` without it.", isOptional: true),
                .init("rate", .number, "Requests per minute.", isOptional: true),
                .init("days", .number, "After which it ends.", isOptional: true),
                .init("models", .list(.text), "The only ones it may ask for: `gpt-5*`.", isOptional: true),
                .init("test", .flag, "Reaches only the sandbox.", isOptional: true),
            ], gives: .madeKey
        ) { visit, account in
            var (text, record) = try KeysPage.created(visit, account)
            defer { wipe(&text) }
            return MadeKey(text: String(decoding: text, as: UTF8.self), record: record)
        },
        .api(.delete, "/api/keys/{id}", "Revokes a gateway key", .changeKeys) { visit, account in
            try KeysPage.revoked(visit, account)
        },
        .api(
            .get, "/api/provider-keys", "Your own keys of providers, masked", .changeProviderKeys, lists: .providerKey
        ) { visit, account in try ProviderKeysPage.stored(visit, account) },
        .api(
            .put, "/api/provider-keys/{provider}", "Seals a provider's key in place of the former one",
            .changeProviderKeys, takes: [.init("key", .text, "One line of visible ASCII.")], isConfirmed: true,
            gives: .providerKey
        ) { visit, account in
            try await ProviderKeysPage.set(visit, account, provider: visit.parameters["provider"] ?? "")
        },
        .api(
            .delete, "/api/provider-keys/{provider}", "Deletes a provider's key at once", .changeProviderKeys,
            isConfirmed: true
        ) { visit, account in try ProviderKeysPage.delete(visit, account) },
        .api(.get, "/api/budgets", "Budgets and what was spent of them", .readUsage, lists: .budget) { visit, account in
            try BudgetsPage.lines(visit, account)
        },
        .api(
            .put, "/api/budgets", "Sets the budget of an owner and period", .changeBudgets,
            takes: [
                .init("owner", .text, "`organisation`, or a key's id."), .init("period", periods, "In UTC."),
                .init("amount", .text, "In dollars: `10.00`."),
                .init("action", .oneOf(BudgetsPage.actions.map { "\($0.name)" }), "At its end."),
            ]
        ) { visit, account in try BudgetsPage.setBudget(visit, account) },
        .api(
            .delete, "/api/budgets/{owner}/{period}", "Removes a budget", .changeBudgets
        ) { visit, account in try BudgetsPage.removeBudget(visit, account) },
        .api(.get, "/api/alerts", "What was told, newest first", .readUsage, lists: .alert) { visit, account in
            try AlertLines.of(
                account.organisation, try visit.desk.keys.list(of: account.organisation), visit)
        },
    ]

    private static let periods = Schema.oneOf(BudgetPeriod.allCases.map { "\($0.name)" })
}
