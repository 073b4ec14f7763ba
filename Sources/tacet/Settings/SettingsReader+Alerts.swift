import Policy
import Records
import Vocabulary

extension SettingsReader {
    mutating func alerts(_ node: SettingNode) -> Settings.Alerts {
        var alerts = Settings.Alerts()
        let names = ["budgets", "balance", "pace_days", "anomalies", "mail", "webhook"]
        for member in members(of: node, named: "alerts", allowed: names) {
            let place = "alerts.\(member.name)"
            switch member.name {
            case "budgets":
                alerts.rules.budgetLevels = list(member.node, place).compactMap { item in
                    whole(item, place, 1...1000).map(Int64.init)
                }
            case "balance":
                alerts.rules.balanceLevels = list(member.node, place).compactMap { item in
                    let allowed = "US dollars, such as 10 or 0.50"
                    guard let text = scalar(item, place, allowed: allowed) else { return nil }
                    if let amount = Quantities.dollars(text) { return amount }
                    mistake(item.place, "\(place) has `\(text)`; allowed: \(allowed)")
                    return nil
                }
            case "pace_days": alerts.rules.paceDays = whole(member.node, place, 0...365).map(Int64.init) ?? 3
            case "anomalies":
                alerts.rules.findsAnomalies = choice(member.node, place, [("on", true), ("off", false)]) ?? true
            case "mail": alerts.mail = mail(member.node)
            default: alerts.webhook = webhook(member.node)
            }
        }
        return alerts
    }

    mutating func list(_ node: SettingNode, _ name: String) -> [SettingNode] {
        if case .list(let items) = node.value { return items }
        mistake(node.place, "\(name) is \(node.kind); allowed: a list such as [80, 100]")
        return []
    }

    private mutating func mail(_ node: SettingNode) -> Settings.Alerts.Mail? {
        var mail = Settings.Alerts.Mail(server: "", from: "", to: [])
        for member in members(of: node, named: "alerts.mail", allowed: ["server", "from", "to", "user", "password"]) {
            let place = "alerts.mail.\(member.name)"
            switch member.name {
            case "server":
                let allowed = "smtp://host:port or smtps://host:port"
                guard let text = scalar(member.node, place, allowed: allowed) else { continue }
                if Self.isAddress(text, schemes: ["smtp://", "smtps://"]) {
                    mail.server = text
                } else {
                    mistake(member.node.place, "\(place) is `\(text)`; allowed: \(allowed)")
                }
            case "from": mail.from = mailbox(member.node, place) ?? ""
            case "to": mail.to = list(member.node, place).compactMap { mailbox($0, place) }
            case "user": mail.user = scalar(member.node, place, allowed: "a name")
            default: mail.password = keySource(member.node, place, allowsNone: false)
            }
        }
        if !mail.server.isEmpty, !mail.from.isEmpty, !mail.to.isEmpty { return mail }
        mistake(node.place, "alerts.mail needs `server`, `from` and `to`")
        return nil
    }

    /// One address of visible ASCII: it becomes a line of a mail.
    private mutating func mailbox(_ node: SettingNode, _ name: String) -> String? {
        let allowed = "a mail address such as ops@example.com"
        guard let text = scalar(node, name, allowed: allowed) else { return nil }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x3c && $0 != 0x3e && $0 != 0x2c }
        if isPlain, parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, text.utf8.count <= 254 { return text }
        mistake(node.place, "\(name) is `\(text)`; allowed: \(allowed)")
        return nil
    }

    private mutating func webhook(_ node: SettingNode) -> Settings.Alerts.Webhook? {
        var url: String?
        var secret: Settings.KeySource?
        for member in members(of: node, named: "alerts.webhook", allowed: ["url", "secret"]) {
            if member.name == "secret" {
                secret = keySource(member.node, "alerts.webhook.secret", allowsNone: false)
                continue
            }
            let allowed = "an https address, or http on this machine"
            guard let text = scalar(member.node, "alerts.webhook.url", allowed: allowed) else { continue }
            let local = ["http://127.0.0.1", "http://[::1]", "http://localhost"]
            if Self.isAddress(text, schemes: ["https://"] + local.flatMap { [$0 + ":", $0 + "/"] }) {
                url = text
            } else if text.hasPrefix("http://"), let promise = Register.promise(PromiseID(.auxen, 18)) {
                mistake(
                    member.node.place,
                    "alerts.webhook.url is http:// to another machine, which would break \(promise.quoted) "
                        + "Allowed: \(allowed)")
            } else {
                mistake(member.node.place, "alerts.webhook.url is `\(text)`; allowed: \(allowed)")
            }
        }
        if let url, let secret { return Settings.Alerts.Webhook(url: url, secret: secret) }
        mistake(node.place, "alerts.webhook needs `url` and `secret`")
        return nil
    }

    private static func isAddress(_ text: String, schemes: [String]) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7e).contains($0) } && !text.contains("@")
            && schemes.contains { text.hasPrefix($0) && text.utf8.count > $0.utf8.count }
    }
}
