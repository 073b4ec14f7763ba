import Console
import Metering
import Planning
import Relay
import Vocabulary

/// Tells the console where requests can go: the table of the data plane, beside what providers said and how calls go.
struct RoutingReader: Sendable {
    let reloader: Reloader
    let gateway: Gateway
    let board: ProviderBoard

    @concurrent func status() async -> RoutingStatus {
        let calls = await gateway.deployments()
        let settings = reloader.settings
        let lines = await board.lines(settings.providers, calls: calls)
        let table = reloader.table
        let providers = zip(settings.providers, lines).map { provider, line in
            let call = calls.first { $0.id == provider.deployment }
            return RoutingStatus.Provider(
                name: provider.name, deployment: provider.deployment, address: line.address,
                key: source(provider.key), health: line.health, circuit: circuit(call?.circuit),
                inFlight: call?.inFlight ?? 0, microseconds: call.flatMap { $0.latency > 0 ? $0.latency : nil })
        }
        var status = RoutingStatus(providers: providers)
        for entry in table.catalogue() {
            guard case .plan(let plan) = table.plan(entry.name, sandboxOnly: false, at: .now) else { continue }
            let targets = plan.candidates.map { target($0, table) }
            if entry.isAlias {
                status.aliases.append(.init(name: String(decoding: entry.name, as: UTF8.self), targets: targets))
            } else if let first = targets.first {
                status.models.append(first)
            }
        }
        return status
    }

    private func target(_ candidate: Candidate, _ table: RoutingTable) -> RoutingStatus.Target {
        let provider = String(decoding: table.deployments[candidate.deployment].name, as: UTF8.self)
        let price = candidate.price
        return RoutingStatus.Target(
            model: "\(provider)/\(String(decoding: candidate.upstreamModel, as: UTF8.self))", provider: provider,
            rank: candidate.rank, weight: candidate.weight, input: price[.input], output: price[.output],
            cached: price[.cacheRead], context: price.context)
    }

    private func source(_ key: Settings.KeySource) -> RoutingStatus.KeySource {
        switch key {
        case .none: .none
        case .environment, .file: .installation
        case .vault: .vault
        case .passthrough: .passthrough
        }
    }

    private func circuit(_ state: CircuitBreaker.State?) -> RoutingStatus.Circuit {
        switch state {
        case .open: .open
        case .halfOpen: .probing
        case .closed, nil: .closed
        }
    }
}
