import CResources
import Foundation
import Metering
import Planning
import Policy
import Relay
import Sandbox
import Vocabulary

/// From settings to what the data plane and the planner work with.
enum Routes {
    /// The price book in the binary, and before it the operator's own prices, where the data directory has some.
    static func book(data: String?) throws(Failure) -> PriceBook {
        let book = try book()
        guard let contract = try data.flatMap({ data throws(Failure) in try contract(data: data) }) else { return book }
        return book.overridden(by: contract)
    }

    /// The operator's own prices; `nil` when there are none.
    static func contract(data: String) throws(Failure) -> PriceBook? {
        let file = data + "/prices.txt"
        guard FileManager.default.fileExists(atPath: file) else { return nil }
        return try prices(file)
    }

    /// A file of prices.
    static func prices(_ file: String) throws(Failure) -> PriceBook {
        guard let text = FileManager.default.contents(atPath: file) else {
            throw Failure(text: "`\(file)` cannot be read.", code: 2)
        }
        do throws(PriceBookFault) {
            return try PriceBook([UInt8](text).span)
        } catch {
            throw Failure(text: "\(file):\(error.line): \(error.reason.text).", code: 2)
        }
    }

    /// The price book in the binary.
    static func book() throws(Failure) -> PriceBook {
        var count = 0
        let start = unsafe tacet_prices(&count)
        let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
        do throws(PriceBookFault) {
            return try PriceBook(bytes.span)
        } catch {
            throw Failure(text: "The price book in this binary is damaged at its line \(error.line).")
        }
    }

    /// The configured providers, and the sandbox.
    static func deployments(_ settings: Settings, sandboxPort: Int, book: PriceBook) -> [Deployment] {
        var deployments = settings.providers.map { deployment(of: $0, book: book) }
        deployments.append(
            Deployment(
                id: DeploymentID(stableNumber(of: "sandbox".utf8)), name: Array("sandbox".utf8), dialect: .openAI,
                host: Array("127.0.0.1".utf8), port: sandboxPort, isTLS: false, basePath: Array("/v1".utf8),
                pricing: .free, hasKey: false, isSandbox: true, models: SandboxModel.models.map { Array($0.utf8) }))
        return deployments
    }

    static func table(
        _ settings: Settings, deployments: [Deployment], book: PriceBook
    ) throws(Failure) -> RoutingTable {
        let unknown: UnknownPrice =
            switch settings.unknownPrice {
            case .refuse: .refuse
            case .free: .free
            case .ceiling(let input, let output): .ceiling(input: input, output: output)
            }
        if settings.router != nil, settings.models.contains(where: { $0.name == Settings.Router.alias }) {
            throw Failure(
                text:
                    "models.\(Settings.Router.alias) is the router's own alias; allowed: another name, or no `router`.",
                code: 2)
        }
        // A target of a provider that is left out goes with it; an alias without any goes too.
        let names = Set(deployments.map { String(decoding: $0.name, as: UTF8.self) })
        let aliases = (settings.models + (settings.router.map { [$0.asAlias] } ?? [])).map { alias in
            (alias.name, alias.targets.filter { names.contains($0.provider) })
        }.filter { !$0.1.isEmpty }
        do throws(RoutingFault) {
            return try RoutingTable(
                deployments: deployments,
                aliases: aliases.map { name, targets in
                    (
                        name: Array(name.utf8),
                        targets: targets.map {
                            AliasTarget(Array("\($0.provider)/\($0.model)".utf8), rank: $0.rank, weight: $0.weight)
                        }
                    )
                }, book: book, unknownPrice: unknown)
        } catch {
            throw Failure(text: text(error, aliases), code: 2)
        }
    }

    /// What the data plane works by until the next reload.
    static func snapshot(
        _ settings: Settings, table: RoutingTable, book: PriceBook
    ) throws(Failure) -> RoutingSnapshot {
        RoutingSnapshot(
            table: table, tariff: .atCost, priceBook: book.version, decisions: settings.decisions,
            cache: settings.cache.terms, router: try router(settings, table: table),
            compressionControl: settings.compressionControl)
    }

    /// Who may receive what: each provider, where its tokens are fetched, who takes mail and alerts, and the installation's own
    /// sandbox.
    static func recipients(
        _ settings: Settings, sandboxPort: Int?, tokens: [BaseAddress] = []
    ) -> RecipientRegister {
        var recipients = settings.providers.map { provider in
            Recipient(
                name: provider.name, host: provider.base.host, port: provider.base.port, classes: [.relay, .health],
                use: .answers, terms: Recipient.terms(of: provider.base.host)
            )
        }
        recipients += tokens.map { address in
            Recipient(
                name: "tokens", host: address.host, port: address.port, classes: [.token],
                use: .tokens,
                terms: Recipient.terms(of: address.host))
        }
        if let (host, port) = settings.alerts.mailServer {
            recipients.append(Recipient(name: "mail", host: host, port: port, classes: [.alert, .letter], use: .mail))
        }
        if let (host, port) = settings.alerts.webhookServer {
            recipients.append(Recipient(name: "alerts", host: host, port: port, classes: [.alert], use: .alerts))
        }
        if let sandboxPort {
            recipients.append(
                Recipient(
                    name: "sandbox", host: "127.0.0.1", port: sandboxPort, classes: [.relay, .local],
                    use: .sandbox))
        }
        return RecipientRegister(recipients)
    }

    private static func text(
        _ fault: RoutingFault, _ aliases: [(String, [Settings.Alias.Target])]
    ) -> String {
        func name(_ alias: Int) -> String { "models.\(aliases[alias].0)" }
        func target(_ alias: Int, _ target: Int) -> String {
            "`\(aliases[alias].1[target].provider)/\(aliases[alias].1[target].model)`"
        }
        switch fault {
        case .duplicateDeployment, .invalidDeploymentName: return "Two providers have one name."
        case .duplicateAlias(let alias): return "\(name(alias)) stands there twice; allowed: each alias once."
        case .invalidAliasName(let alias):
            return "\(name(alias)) cannot be an alias: it hides a provider's models; allowed: another name."
        case .emptyAlias(let alias): return "\(name(alias)) has no target; allowed: at least one `provider/model`."
        case .longAlias(let alias):
            return "\(name(alias)) has too many targets; allowed: at most \(CandidateSet.most)."
        case .unknownProvider(let alias, let index):
            return "\(name(alias)) names \(target(alias, index)), whose provider is not configured."
        case .nestedAlias(let alias, let index):
            return "\(name(alias)) names the alias \(target(alias, index)); allowed: only `provider/model`."
        case .unpricedTarget(let alias, let index):
            return "\(name(alias)) names \(target(alias, index)), whose price is not known; allowed: a model that "
                + "`tacet prices show` knows, `price: free` at its provider, or another `pricing: { unknown: … }`."
        }
    }
}
