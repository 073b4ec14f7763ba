import Console
import Planning
import Relay
import Vocabulary

/// What each provider said when it was last asked. Asked at start and every five minutes, never for a page.
actor ProviderBoard {
    private var results: [String: ProviderProbe.Result] = [:]
    static let interval = Duration.seconds(300)

    func ask(_ providers: [Settings.Provider], with probe: ProviderProbe) async {
        await withTaskGroup(of: (String, ProviderProbe.Result).self) { group in
            for provider in providers {
                group.addTask { (provider.name, await probe.ask(provider)) }
            }
            for await (name, result) in group { results[name] = result }
        }
    }

    /// - Parameter calls: how calls go, as the data plane sees it.
    func lines(_ providers: [Settings.Provider], calls: [DeploymentStatus]) -> [ProviderStatus] {
        let configured = providers.map { provider in
            let result = results[provider.name]
            return ProviderStatus(
                name: provider.name, address: provider.base.text, health: result?.health ?? .notAsked,
                microseconds: result?.microseconds,
                isResting: calls.contains { $0.id == provider.deployment && $0.circuit == .open })
        }
        return configured
            + [ProviderStatus(name: "sandbox", address: "built in", health: .answers, microseconds: nil)]
    }
}
