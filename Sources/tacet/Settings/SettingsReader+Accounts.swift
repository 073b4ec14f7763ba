/// The section `accounts`.
extension SettingsReader {
    mutating func accounts(_ node: SettingNode) -> Settings.Accounts {
        var accounts = Settings.Accounts()
        let allowed = ["address", "api_address", "sign_in", "passkeys", "leaked_passwords", "analytics", "sign_up"]
        for member in members(of: node, named: "accounts", allowed: allowed) {
            switch member.name {
            case "address":
                accounts.address = address(member.node, "accounts.address", "the console's", "console") ?? ""
            case "api_address":
                accounts.apiAddress = address(member.node, "accounts.api_address", "the API's", "api") ?? ""
            case "sign_in":
                saysSignIn = true
                let ways = choice(
                    member.node, "accounts.sign_in",
                    [("password-or-code", (true, true)), ("password", (true, false)), ("code", (false, true))])
                if let ways { (accounts.allowsPassword, accounts.allowsMailCode) = ways }
            case "analytics":
                accounts.countsVisits =
                    choice(member.node, "accounts.analytics", [("off", false), ("daily", true)]) ?? false
            case "leaked_passwords": accounts.leakedPasswords = path(member.node, "accounts.leaked_passwords")
            case "passkeys":
                accounts.allowsPasskey =
                    choice(member.node, "accounts.passkeys", [("allowed", true), ("off", false)]) ?? true
            default:
                accounts.isOpen =
                    choice(member.node, "accounts.sign_up", [("by-invitation", false), ("open", true)]) ?? false
            }
        }
        return accounts
    }

    /// `https://` and a host with, perhaps, a port.
    private mutating func address(
        _ node: SettingNode, _ name: String, _ owner: String, _ example: String
    ) -> String? {
        let allowed = "\(owner) own address without a path, such as https://\(example).example"
        guard let text = scalar(node, name, allowed: allowed) else { return nil }
        let host = text.dropFirst("https://".count)
        guard text.hasPrefix("https://"), !host.isEmpty,
            host.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x2f && $0 != 0x40 })
        else {
            mistake(node.place, "\(name) is `\(text)`; allowed: \(allowed)")
            return nil
        }
        return text.lowercased()
    }
}
