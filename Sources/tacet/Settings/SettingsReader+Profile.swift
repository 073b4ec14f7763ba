import Policy
import Records
import Vocabulary

extension SettingsReader {
    /// `profile: aura`, or one of the operator's own: `profile: { extends: aura, recovery_days: 0 }`.
    mutating func profile(_ node: SettingNode) -> DeploymentPolicy? {
        let names = ProfileID.allCases.map { ($0.name.description, $0) }
        guard case .section(let members) = node.value else {
            return choice(node, "profile", names).map { DeploymentPolicy($0) }
        }
        guard let base = members.first(where: { $0.name == "extends" }) else {
            mistake(node.place, "profile lacks `extends`; allowed: `extends: NAME`, and knobs that are set tighter")
            return nil
        }
        guard let base = choice(base.node, "profile.extends", names) else { return nil }
        var policy = DeploymentPolicy(base)
        let knobs = ProfileTable.knobs.map(\.name)
        for member in self.members(of: node, named: "profile", allowed: ["extends"] + knobs)
        where member.name != "extends" {
            guard let value = scalar(member.node, "profile.\(member.name)", allowed: "one of its values") else {
                continue
            }
            do throws(DeploymentPolicy.Fault) {
                try policy.set(member.name, value, byOrganisation: false)
            } catch {
                mistake(member.node.place, "profile.\(member.name) is `\(value)`; \(PolicyFaultText.of(error))")
            }
        }
        return policy
    }

    /// AN-1: no password where a profile promises that people sign in without one.
    static let withoutPassword = PromiseID(.auxen, 1)

    /// What is configured against what the profile promises: the server does not start, and the sentence is told.
    mutating func contradictions(_ settings: Settings, _ tree: SettingNode) {
        func place(_ name: String) -> Mistake.Place {
            guard case .section(let members) = tree.value else { return tree.place }
            return members.first { $0.name == name }?.place ?? tree.place
        }
        func contradicts(_ id: PromiseID, _ name: String, _ what: String, _ allowed: String) {
            guard let promise = Register.promise(id), settings.policy.makes(promise) else { return }
            mistake(
                place(name),
                "\(what), which would break \(promise.quoted) The profile `\(settings.profile.name)` promises it. "
                    + "Allowed: \(allowed)")
        }
        for (name, listener) in [("api", settings.api), ("console", settings.console)]
        where listener.tls == nil && !listener.isBehindTLS && !HostForm.isLoopback(listener.host) {
            contradicts(
                PromiseID(.auxen, 18), "listen", "listen.\(name) is \(listener.address) without TLS",
                "`tls: { certificate: …, key: … }`, or `tls: in_front` where a proxy ends it")
        }
        checkDecisions(settings, place)
        if settings.spending.billing == .none {
            contradicts(
                PromiseID(.aurixel, 9), "billing", "billing is `none`", "`billing: prepaid`, or another profile")
        }
        if settings.accounts.allowsPassword {
            contradicts(
                Self.withoutPassword, "accounts", "accounts.sign_in takes a password",
                "`sign_in: code`, or another profile")
        } else {
            contradicts(
                PromiseID(.aura, 1), "accounts", "accounts.sign_in is `code`",
                "`sign_in: password-or-code` or `password`, or another profile")
        }
    }
}

/// Why a knob cannot have a value.
enum PolicyFaultText {
    static func of(_ fault: DeploymentPolicy.Fault) -> String {
        switch fault {
        case .unknownKnob(let name):
            let near = Nearest.name(to: name, in: ProfileTable.knobs.map(\.name)).map { " Did you mean `\($0)`?" } ?? ""
            return "there is no knob `\(name)`.\(near)"
        case .unknownValue(_, let allowed): return "allowed: \(allowed.map { "`\($0)`" }.joined(separator: ", "))"
        case .looser(_, let promised, let broken):
            let sentences = broken.compactMap { Register.promise($0)?.quoted }
            return "looser than `\(promised)`, which would break \(sentences.joined(separator: " "))"
        case .deploymentOnly: return "all organisations share it, so the deployment alone sets it"
        }
    }
}
