import Accounts
import Foundation
import HTTPTypes
import Policy
import Records
import Secrets
import Testing
import Vocabulary

@testable import Console

/// An installation in a folder: an owner with one of everything, and a stranger in an organisation of its own.
struct Home {
    let folder: TemporaryFolder
    let desk: ConsoleDesk
    let owner: Account
    let stranger: Account
    /// Everything the owner has, by the name that a path gives it.
    let ids: [String: [String]]

    init() async throws {
        folder = try TemporaryFolder()
        let directory = try DataDirectory(folder.path + "/data")
        let ledger = try Ledger(directory)
        let now = Moment(microseconds: 1_700_000_000_000_000)
        let accountKeys = try AccountKeys.load(directory: directory.keysPath)
        let people = People(
            ledger, accountKeys, AccountTerms(isOpen: true, fields: .named),
            outbox: Outbox(now: { now }) { _ in true }, bcryptCost: 4, now: { now })
        let keys = try Keys(ledger: ledger, directory: directory)
        let rights = Rights(
            ledger, policy: DeploymentPolicy(.strict),
            identity: try InstallationIdentity(directory: directory.keysPath), accountKeys: accountKeys,
            erasures: ErasureLog(directory), secretsGone: {})
        let vault = try Vault(ledger, .file(MasterKeyFile(folder.path + "/master"), makes: true), accountKeys.own)
        let deployment = DeploymentID(stableNumber(of: "openai".utf8))
        var providerKey = Array("sk-of-the-owner-1234".utf8)
        _ = try vault.set(&providerKey, for: deployment, of: .home, at: now)
        desk = ConsoleDesk(
            ledger, people: people, keys: keys, rights: rights, publicAddress: "", version: "1",
            api: { "http://127.0.0.1:8400" }, pageOrigins: ["http://127.0.0.1:8401"], vault: { vault },
            routing: { Self.routing(deployment) }, status: { Self.status(at: now) }, keysChanged: {}, drain: {},
            now: { now })
        try desk.names.learn(models: [], deployments: [(deployment, "openai")])
        let secret = try #require(try people.offerSetUp())
        let token = try await people.setUp(
            secret: secret, mail: "owner@example.org", name: "", organisation: "Mine",
            password: "correct horse battery staple")
        let origin = GuessOrigin(address: [127, 0, 0, 1])
        var code = ""
        let pending = try people.requestCode(mail: "stranger@example.org", from: origin) { sent in
            code = sent
            return ("", "")
        }
        guard case .session(let other) = try people.show(code: code, pending, from: origin) else {
            throw CancellationError()
        }
        owner = try #require(try people.account(token: token, .cookie))
        stranger = try #require(try people.account(token: other, .cookie))
        let key = try keys.create(
            name: "mine", KeyTerms(budget: Budget(.installation, .month, NanoUSD(5))), at: now)
        try desk.spending.set(Budget(.organisation(.home), .day, NanoUSD(7)))
        _ = try people.invite("third@example.org", as: .viewer, by: owner) { ("", $0) }
        _ = try rights.store.enter(.access, of: .home, at: now, dueAt: now.adding(days: 30))
        let invitation = try #require(try people.invitations(to: .home).first).row.id
        let numbers = [
            key.record.id.text, String(owner.member.id.value, radix: 16),
            String(invitation, radix: 16),
        ]
        ids = [
            "id": numbers + [RequestID(high: 1, low: 2).name, "", "zz", "../keys"], "owner": numbers,
            "period": ["month", "day"], "provider": ["openai", "local", "?", ""],
            "name": [People.name(of: owner.session)], "right": ["nothing"], "secret": ["nothing"],
        ]
    }

    private static func status(at now: Moment) -> ConsoleStatus {
        ConsoleStatus(
            version: "1", profile: .strict, apiAddress: "http://127.0.0.1:8400", isDraining: false, startedAt: now,
            now: now,
            traffic: TrafficStatus(
                inFlight: 1, openConnections: 2, successes: 3, clientErrors: 4, serverErrors: 5, bodyBytes: 6,
                bodyBytesLimit: 7),
            totals: TotalStatus(
                receipts: 0, failed: 0, inputTokens: 0, outputTokens: 0, providerCost: .zero, charge: .zero),
            chain: ChainStatus(batches: 0, head: ""), liveKeys: 1, revokedKeys: 0,
            providers: [ProviderStatus(name: "openai", address: "x", health: .fails, microseconds: 5, isResting: true)],
            latest: [], jobs: JobStatus.Name.allCases.map { JobStatus(name: $0, at: now, isFailed: $0 == .rights) })
    }

    private static func routing(_ deployment: DeploymentID) -> RoutingStatus {
        let model = RoutingStatus.Target(
            model: "openai/gpt-5-mini", provider: "openai", input: PicoUSD(250_000), output: PicoUSD(2_000_000))
        return RoutingStatus(
            providers: [
                .init(
                    name: "openai", deployment: deployment, address: "https://api.openai.com/v1", key: .vault,
                    health: .answers, circuit: .open, inFlight: 2, microseconds: 312_000)
            ], aliases: [.init(name: "fast", targets: [model])], models: [model])
    }

    func visit(_ route: Route, _ parameters: [String: String], as account: Account?) -> Visit {
        Visit(
            desk: desk, pages: Templates(), language: .english, path: route.path, parameters: parameters,
            form: Form(
                "role=viewer&sure=1&organisation=1&owner=\(ids["owner"]?[0] ?? "")&period=month&action=block&amount=1"
                    .utf8) ?? Form(),
            account: account, from: GuessOrigin(address: [127, 0, 0, 1]), address: "http://localhost:8401",
            now: desk.now())
    }
}
