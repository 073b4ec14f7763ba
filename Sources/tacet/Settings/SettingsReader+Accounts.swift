/// The section `accounts`.
extension SettingsReader {
    mutating func accounts(_ node: SettingNode) -> Settings.Accounts {
        var accounts = Settings.Accounts()
        for member in members(of: node, named: "accounts", allowed: ["address", "sign_in", "sign_up"]) {
            switch member.name {
            case "address":
                let allowed = "the console's own address without a path, such as https://console.example"
                guard let text = scalar(member.node, "accounts.address", allowed: allowed) else { continue }
                let host = text.dropFirst("https://".count)
                if text.hasPrefix("https://"), !host.isEmpty,
                    host.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x2f && $0 != 0x40 })
                {
                    accounts.address = text.lowercased()
                } else {
                    mistake(member.node.place, "accounts.address is `\(text)`; allowed: \(allowed)")
                }
            case "sign_in":
                saysSignIn = true
                let ways = choice(
                    member.node, "accounts.sign_in",
                    [("password-or-code", (true, true)), ("password", (true, false)), ("code", (false, true))])
                if let ways { (accounts.allowsPassword, accounts.allowsMailCode) = ways }
            default:
                accounts.isOpen =
                    choice(member.node, "accounts.sign_up", [("by-invitation", false), ("open", true)]) ?? false
            }
        }
        return accounts
    }
}
