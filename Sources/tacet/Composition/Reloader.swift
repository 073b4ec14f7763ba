import Accounts
import Metering
import Planning
import Records
import Relay
import Secrets
import Synchronization
import Vocabulary

/// Applies a changed file to the running server: providers, aliases, prices and keys, without dropping a request.
final class Reloader: Sendable {
    private let current: Mutex<ServerPlan>
    private let sandboxPort: Int
    private let installation: Installation
    private let gateway: Gateway
    private let egress: EgressList
    private let credentials: ReloadableCredentials
    private let vault: VaultDoor
    private let tokens: TokenKeeper
    private let snapshot: KeySnapshot
    private let routing: Mutex<RoutingTable>

    init(
        plan: ServerPlan, table: RoutingTable, sandboxPort: Int, installation: Installation, gateway: Gateway,
        egress: EgressList, credentials: ReloadableCredentials, vault: VaultDoor, tokens: TokenKeeper,
        snapshot: KeySnapshot
    ) {
        self.snapshot = snapshot
        routing = Mutex(table)
        current = Mutex(plan)
        self.sandboxPort = sandboxPort
        self.installation = installation
        self.gateway = gateway
        self.egress = egress
        self.credentials = credentials
        self.vault = vault
        self.tokens = tokens
    }

    var settings: Settings { current.withLock { $0.settings } }

    /// Where requests go at present.
    var table: RoutingTable { routing.withLock { $0 } }

    var probe: ProviderProbe {
        current.withLock {
            ProviderProbe(
                roots: $0.settings.upstreamRoots, environment: $0.environment,
                register: Routes.recipients($0.settings, sandboxPort: nil), vault: vault.snapshot)
        }
    }

    /// What `config reload` prints.
    struct Report: Codable {
        var reloaded: Bool
        var providers: Int
        var needs_restart: [String]
    }

    func reload() async -> DeskReply {
        let plan = current.withLock { $0 }
        do {
            let next = try plan.file.read(environment: plan.environment)
            let report = try await apply(next, to: plan)
            return DeskReply(lines: [JSONLine.of(report)])
        } catch let mistakes as Mistakes {
            return .failed("\(mistakes)\nNothing was changed.", code: 2)
        } catch let failure as Failure {
            return .failed("\(failure.text)\nNothing was changed.", code: failure.code)
        } catch {
            return .failed("The settings could not be read again. Nothing was changed.")
        }
    }

    private func apply(_ next: Settings, to plan: ServerPlan) async throws(Failure) -> Report {
        let keys = try ProviderKeys.store(next.providers, environment: plan.environment)
        let accounts = try TokenKeeper.keys(next.providers, environment: plan.environment)
        let book = try Routes.book(data: installation.directory.path)
        let deployments = Routes.deployments(next, sandboxPort: sandboxPort, book: book)
        let table = try Routes.table(next, deployments: deployments, book: book)
        let routing = try Routes.snapshot(next, table: table, book: book)
        try Server.learn(table, in: installation)
        egress.replace(Routes.recipients(next, sandboxPort: sandboxPort, tokens: accounts.map(\.2)))
        credentials.replace(keys)
        await tokens.replace(accounts)
        await gateway.reload(routing)
        self.routing.withLock { $0 = routing.table }
        do throws(StorageFault) {
            try snapshot.declare(next.spending)
        } catch {
            throw Failure(text: FaultText.of(error))
        }
        let restart = plan.needsRestart(for: next)
        current.withLock { plan in
            plan.settings.providers = next.providers
            plan.settings.models = next.models
            plan.settings.unknownPrice = next.unknownPrice
            plan.settings.legal = next.legal
            plan.settings.spending = next.spending
            plan.settings.decisions = next.decisions
            plan.settings.cache.terms = next.cache.terms
            plan.settings.router = next.router
            plan.settings.compressionControl = next.compressionControl
        }
        return Report(reloaded: true, providers: next.providers.count, needs_restart: restart)
    }
}
