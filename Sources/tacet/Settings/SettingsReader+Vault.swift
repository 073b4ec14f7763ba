extension SettingsReader {
    /// `vault: { master_key: …, previous_master_key: … }`.
    mutating func vault(_ node: SettingNode) -> Settings.Vault {
        var vault = Settings.Vault()
        for member in members(of: node, named: "vault", allowed: ["master_key", "previous_master_key"]) {
            let source = masterSource(member.node, "vault.\(member.name)")
            if member.name == "master_key" {
                vault.master = source ?? .directory
            } else {
                vault.previous = source
            }
        }
        if vault.previous != nil {
            switch vault.master {
            case .environment, .command: break
            case .directory, .file:
                mistake(
                    node.place,
                    "vault.previous_master_key stands beside a master key in a file, which `tacet provider-keys rotate "
                        + "--master` rotates by itself; allowed: only beside `env:NAME` or `command:LINE`")
            }
        }
        return vault
    }

    /// `operators: [ada, grace]`: names of the system's users.
    mutating func operators(_ node: SettingNode) -> [String] {
        list(node, "operators").compactMap { item in
            let allowed = "the name of a user of this system, such as ada"
            guard let name = scalar(item, "operators", allowed: allowed) else { return nil }
            let isName = (1...64).contains(name.utf8.count) && !name.contains { $0 == ":" || $0.isWhitespace }
            if !isName { mistake(item.place, "operators names `\(name)`; allowed: \(allowed)") }
            return name
        }
    }

    private mutating func masterSource(_ node: SettingNode, _ name: String) -> Settings.MasterSource? {
        if case .scalar(let text, isNull: false) = node.value, text.hasPrefix("command:") {
            let words = text.dropFirst(8).split(separator: " ").map(String.init)
            if let program = words.first, program.hasPrefix("/") { return .command(words) }
            mistake(
                node.place,
                "\(name) has no program behind `command:`; allowed: an absolute path and its arguments, separated by "
                    + "spaces, such as command:/usr/bin/pass show tacet")
            return nil
        }
        switch keySource(node, name, allowsNone: false) {
        case .environment(let variable): return .environment(variable)
        case .file(let path): return .file(path)
        default: return nil
        }
    }
}
