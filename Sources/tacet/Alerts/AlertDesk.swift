import Accounts
import Policy
import Records
import Secrets
import Vocabulary

/// Looks for alerts every ten seconds and sends those that nobody was told of yet.
struct AlertDesk: Sendable {
    private let settings: Settings.Alerts
    private let watch: AlertWatch
    private let store: AlertStore
    private let keys: Keys
    private let password: SecretBytes?
    private let secret: SecretBytes?
    private let roots: String?
    private let egress: EgressList
    private let rules: @Sendable () -> SpendingRules
    private static let interval = Duration.seconds(10)

    init(
        _ settings: Settings, _ installation: Installation, environment: [String: String], egress: EgressList,
        rules: @escaping @Sendable () -> SpendingRules
    ) throws(Failure) {
        self.settings = settings.alerts
        self.egress = egress
        watch = AlertWatch(installation.ledger)
        store = AlertStore(installation.ledger)
        keys = installation.keys
        roots = settings.upstreamRoots
        self.rules = rules
        password = try settings.alerts.mail?.password.flatMap { source throws(Failure) in
            try ProviderKeys.load(source, environment: environment)
        }
        secret = try settings.alerts.webhook.flatMap { hook throws(Failure) in
            try ProviderKeys.load(hook.secret, environment: environment)
        }
    }

    func run() async {
        while !Task.isCancelled {
            await work()
            try? await Task.sleep(for: Self.interval)
        }
    }

    @concurrent private func work() async {
        _ = try? watch.look(settings.rules, rules(), at: .now)
        guard settings.addresses.allSatisfy({ egress.allows(host: $0.0, port: $0.1, .alert) }) else { return }
        if let mail = settings.mail {
            deliver(.mail) { line in
                AlertSender.mail(AlertText.mail(line, from: mail.from, to: mail.to, at: .now), mail, password, roots)
            }
        }
        if let hook = settings.webhook, let secret {
            deliver(.webhook) { AlertSender.post(JSONLine.of($0), to: hook.url, secret, roots, at: .now) }
        }
    }

    private func deliver(_ channel: AlertStore.Channel, _ send: (AlertLine) -> Bool) {
        guard let due = try? store.due(channel, at: .now), !due.isEmpty else { return }
        let names = (try? keys.list()) ?? []
        for stored in due {
            if send(AlertLine(stored, names)) {
                try? store.delivered(stored.id, channel, at: .now)
            } else {
                try? store.failed(stored.id, channel, at: .now)
            }
        }
    }
}

/// An alert as the command line, the webhook and the mail show it.
struct AlertLine: Codable, Equatable {
    var id: Int64
    var cause: String
    var kind: String
    var at: String
    var owner: String
    var period: String?
    var level: Int64
    var amount: Int64
    var limit: Int64
    var text: String
    var mailed_at: String?
    var posted_at: String?

    init(_ stored: AlertStore.Stored, _ keys: [KeyRecord]) {
        let alert = stored.alert
        id = stored.id
        cause = alert.cause
        kind = alert.kind.name.description
        at = alert.at.text
        owner = BudgetText.owner(alert.owner, keys)
        period = alert.kind == .budget ? alert.period.name.description : nil
        level = alert.level
        amount = alert.amount
        limit = alert.limit
        text = AlertText.sentence(alert, owner: owner)
        mailed_at = stored.mailedAt?.text
        posted_at = stored.postedAt?.text
    }
}
