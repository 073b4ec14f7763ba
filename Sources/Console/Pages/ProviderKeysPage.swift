import Accounts
import HTTPTypes
import Records
import Secrets
import Vocabulary

/// An organisation's own keys of providers: sealed when they come, never shown again, gone at once when deleted (AU-10).
enum ProviderKeysPage {
    static let routes: [Route] = [
        .get("/provider-keys", .member(.changeProviderKeys, show)),
        .post("/provider-keys", .confirmed(.changeProviderKeys, returnTo: "/provider-keys", keep)),
        .post("/provider-keys/{provider}/delete", .confirmed(.changeProviderKeys, returnTo: "/provider-keys", remove)),
    ]

    private struct View {
        let problem: String?
        let token: String
        let confirmed: Bool
        let keys: [Row]
        let hasKeys: Bool
        let providers: [Choice]
        let takesKeys: Bool
    }

    private struct Row {
        let provider: String
        let address: String
        let shown: String
        let created: TimeView
        let used: TimeView?
        let configured: Bool
    }

    private static func page(_ visit: Visit, _ account: Account, problem: String? = nil) async throws -> PageAnswer {
        let words = visit.words
        let providers = await vaultProviders(visit)
        let keys = try stored(visit, account)
        let rows = keys.map { key in
            let provider = providers.first { $0.name == key.provider }
            return Row(
                provider: key.provider, address: provider?.address ?? "", shown: key.row.shown,
                created: words.time(key.row.createdAt), used: key.row.lastUsedAt.map(words.time),
                configured: provider != nil)
        }
        let view = View(
            problem: problem, token: visit.desk.people.formToken(account),
            confirmed: SessionLife.isConfirmed(account.session, at: visit.now), keys: rows, hasKeys: !rows.isEmpty,
            providers: providers.map { provider in
                Choice(
                    value: provider.name, label: provider.name,
                    current: provider.name == visit.form["provider"] || provider.name == visit.query["provider"])
            }, takesKeys: !providers.isEmpty)
        return visit.page(
            "provider-keys", view, title: "provider_keys.title", status: problem == nil ? .ok : .unprocessableContent)
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try await page(visit, account)
    }

    @Sendable private static func keep(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do {
            _ = try await set(visit, account, provider: visit.form["provider"])
            return visit.done("/provider-keys", .providerKeySet)
        } catch PageFault.refused(let key) {
            return try await page(visit, account, problem: visit.words.named(key))
        }
    }

    @Sendable private static func remove(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try delete(visit, account)
        return visit.done("/provider-keys", .providerKeyDeleted)
    }

    // MARK: Acts

    /// A key at rest, with its provider's name.
    struct Stored {
        let provider: String
        let row: SealedKeyRow
    }

    static func stored(_ visit: Visit, _ account: Account) throws -> [Stored] {
        let names = try visit.desk.names.deployments()
        return try vault(visit) { vault throws(VaultRefusal) in try vault.list(account.organisation) }
            .map { Stored(provider: names[$0.deployment] ?? "?", row: $0) }.sorted { $0.provider < $1.provider }
    }

    /// Seals the key of the form for a provider, in place of the former one.
    static func set(_ visit: Visit, _ account: Account, provider: String) async throws -> Stored {
        guard let found = await vaultProviders(visit).first(where: { $0.name == provider }) else {
            throw PageFault.notFound
        }
        var key = Array(visit.form["key"].utf8)
        while let last = key.last, last == 0x20 || last == 0x0a || last == 0x0d { key.removeLast() }
        try visit.desk.people.record(.providerKeySet, by: account, subject: found.deployment.value)
        let bytes = key
        let row = try vault(visit) { vault throws(VaultRefusal) in
            var bytes = bytes
            return try vault.set(&bytes, for: found.deployment, of: account.organisation, at: visit.now)
        }
        wipe(&key)
        return Stored(provider: provider, row: row)
    }

    static func delete(_ visit: Visit, _ account: Account) throws {
        let provider = visit.parameters["provider"] ?? ""
        guard let key = try stored(visit, account).first(where: { $0.provider == provider }) else {
            throw PageFault.notFound
        }
        try visit.desk.people.record(.providerKeyDelete, by: account, subject: key.row.deployment.value)
        _ = try vault(visit) { vault throws(VaultRefusal) in
            try vault.delete(key.row.deployment, of: account.organisation, at: visit.now)
        }
    }

    private static func vaultProviders(_ visit: Visit) async -> [RoutingStatus.Provider] {
        await visit.desk.routing().providers.filter { $0.key == .vault }
    }

    private static func vault<Value>(
        _ visit: Visit, _ body: (Vault) throws(VaultRefusal) -> Value
    ) throws -> Value {
        do {
            return try body(try visit.desk.vault())
        } catch VaultRefusal.badKey {
            throw PageFault.refused("refusal.provider_key")
        } catch {
            throw PageFault.refused("refusal.vault")
        }
    }
}
