import Policy
import Vocabulary

/// What a server was asked to be.
struct ServerPlan: Sendable {
    var settings: Settings
    /// Where the settings came from, to be read again at a reload.
    var file: SettingsFile
    var environment: [String: String]
    var data: String
    var isDemo: Bool
    /// Every stream is held against its dialect's grammar as it leaves.
    var verifiesStreams = false

    /// What the operator should know; nothing is ignored without a word.
    func notes(swap: SwapCheck) -> [String] {
        var notes: [String] = []
        for listener in [settings.api, settings.console] where listener.isBehindTLS {
            notes.append("\(listener.address) is open to other machines without TLS, by the word that a proxy ends it.")
        }
        if swap.isUsable {
            notes.append("Unencrypted swap is usable (\(swap.unencrypted.joined(separator: ", "))), by exception.")
        }
        return notes
    }

    /// `RULES.md` 19: the profile decides, `swap: allowed` is the declared exception.
    func checkSwap(_ swap: SwapCheck) throws(Failure) {
        let profile = settings.policy.profile
        guard swap.isUsable, profile.unencryptedSwap == .refused, !settings.allowsSwap, !isDemo else { return }
        let promise = settings.policy.promises.first { $0.id == PromiseID(.aura, 12) }
        let broken = promise?.quoted ?? "`unencrypted_swap: refused` of the profile."
        throw Failure(
            text: """
                What people write could be swapped to an unencrypted disk: \(swap.unencrypted.joined(separator: ", ")).
                That would break \(broken) Switch swap off (swapoff -a), encrypt it, forbid it to
                this service (MemorySwapMax=0), or declare the exception in tacet.yaml: swap: allowed
                """)
    }

    /// What a reload cannot change in a running server.
    func needsRestart(for next: Settings) -> [String] {
        var names: [String] = []
        if next.api != settings.api || next.console != settings.console { names.append("listen") }
        if next.data != settings.data { names.append("data") }
        if next.policy != settings.policy || next.allowsSwap != settings.allowsSwap { names.append("profile") }
        if next.limits != settings.limits { names.append("limits") }
        if next.upstreamRoots != settings.upstreamRoots { names.append("upstream_roots") }
        if next.eventLoops != settings.eventLoops { names.append("event_loops") }
        if next.vault != settings.vault { names.append("vault") }
        if next.operators != settings.operators { names.append("operators") }
        if next.alerts != settings.alerts { names.append("alerts") }
        if next.accounts != settings.accounts { names.append("accounts") }
        if next.cache.budget != settings.cache.budget { names.append("cache.budget") }
        if next.node != settings.node { names.append("node") }
        if next.metricsToken != settings.metricsToken { names.append("metrics") }
        return names
    }
}
