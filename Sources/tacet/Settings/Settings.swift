import Planning
import Policy
import Records
import Vocabulary

/// Everything an operator can set, checked. `SettingsReader` makes it, nothing else.
struct Settings: Equatable, Sendable {
    var api = Listener(host: "127.0.0.1", port: 8400)
    var console = Listener(host: "127.0.0.1", port: 8401)
    /// `nil`: the default of `DataLocation`.
    var data: String?
    var policy = DeploymentPolicy(.strict)
    var profile: ProfileID { policy.base }
    /// A declared exception to the profile: unencrypted swap may be usable (`RULES.md` 19).
    var allowsSwap = false
    var providers: [Provider] = []
    var models: [Alias] = []
    var unknownPrice = UnknownPrice.refuse
    var limits = Limits()
    /// PEM file of roots to trust upstream instead of the system's.
    var upstreamRoots: String?
    /// `nil`: one per core.
    var eventLoops: Int?
    /// Lets `/metrics` be read from elsewhere than this machine (`RULES.md` 18).
    var metricsToken: KeySource?
    var vault = Vault()
    /// Names of the system's users that a running server obeys; empty: everybody who reaches its socket.
    var operators: [String] = []
    var accounts = Accounts()
    /// What the legal pages say that only the operator knows.
    var legal: [LegalFacts.Name: String] = [:]
    /// Which of several nodes on one data directory this is.
    var node: UInt32 = 1
    var alerts = Alerts()
    /// For all requests and for those of a model.
    var decisions = DecisionTable()
    var cache = Cache()
    /// Sessions of a thousand that are kept as they came where others are compressed with loss.
    var compressionControl = 0
    /// `nil`: nobody routes.
    var router: Router?
    /// Budgets and rates of the configuration, and whether organisations pay beforehand.
    var spending = SpendingRules()

    /// What the router may choose from, and within what.
    struct Router: Equatable, Sendable {
        var models: [Model] = []
        /// A file of `tacet router train`.
        var weights: String?
        var policy = RoutePolicy(mode: .off)
        /// Where requests may go; `nil`: anywhere.
        var region: String?

        struct Model: Equatable, Sendable {
            var provider: String
            var model: String
            var strength = 0
            var abilities: Abilities = [.images, .audio, .tools, .structuredOutput]
            var region: String?
        }
    }

    /// Answers that are kept in memory.
    struct Cache: Equatable, Sendable {
        /// Bytes; `nil`: an eighth of what bodies may take.
        var budget: Int?
        var terms = CacheTerms()
    }

    /// How people come into the console. Their mail goes by the server of `alerts.mail`.
    struct Accounts: Equatable, Sendable {
        /// `https://console.example`, where it is not asked for by a name of this machine or an address in numbers.
        var address = ""
        /// `https://api.example`, where clients reach the API by another name than `listen.api`.
        var apiAddress = ""
        var allowsPassword = true
        var allowsMailCode = true
        var allowsPasskey = true
        /// Whether visits are counted by day.
        var countsVisits = false
        /// A file of digests of leaked passwords.
        var leakedPasswords: String?
        /// Whether anyone may open an account and an organisation of its own.
        var isOpen = false
    }

    /// What is told, and where to; without mail and webhook alerts stand in `tacet alerts list` alone.
    struct Alerts: Equatable, Sendable {
        var rules = AlertRules()
        var mail: Mail?
        var webhook: Webhook?

        /// Hosts and ports that are told.
        var addresses: [(String, Int)] { [mailServer, webhookServer].compactMap { $0 } }
        var mailServer: (String, Int)? { mail.flatMap { Self.address(of: $0.server) } }
        var webhookServer: (String, Int)? { webhook.flatMap { Self.address(of: $0.url) } }

        private static func address(of url: String) -> (String, Int)? {
            let standard = ["smtp": 25, "smtps": 465, "https": 443, "http": 80]
            guard let end = url.firstRange(of: "://") else { return nil }
            let authority = url[end.upperBound...].prefix { $0 != "/" && $0 != "?" }
            return HostForm.split(String(authority), defaultPort: standard[String(url[..<end.lowerBound])])
        }

        struct Mail: Equatable, Sendable {
            /// `smtp://host:port` or `smtps://host:port`.
            var server: String
            var from: String
            var to: [String]
            var user: String?
            var password: KeySource?
        }

        struct Webhook: Equatable, Sendable {
            var url: String
            var secret: KeySource
        }
    }

    struct Listener: Equatable, Sendable {
        var host: String
        var port: Int
        var tls: TLS?
        /// Declared: a proxy on the way ends TLS.
        var isBehindTLS = false

        struct TLS: Equatable, Sendable {
            var certificate: String
            var key: String
        }

        /// `127.0.0.1:8400`, `[::1]:8400`.
        var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
        var url: String { (tls == nil ? "http://" : "https://") + address }
    }

    struct Provider: Equatable, Sendable {
        var name: String
        var dialect: Dialect
        var base: BaseAddress
        var key: KeySource
        var isFree: Bool
        /// The row of `ProviderFacts` that holds for it.
        var kind: String?
        var account = Account.key

        /// What an account of this provider is, beside its key.
        enum Account: Equatable, Sendable {
            case key
            /// `version`: of the dated API, whose paths name the deployment.
            case azure(version: String?)
            /// Without a secret the key is a bearer token.
            case aws(region: String, secret: KeySource, session: KeySource)
            /// The key is a service account's, as JSON.
            case google(project: String, location: String)

            /// Whether the key is more than what a header holds: a pair, or a document.
            var keyIsNoLine: Bool {
                switch self {
                case .key, .azure, .aws(_, .none, _): false
                case .aws, .google: true
                }
            }
        }

        var facts: ProviderFacts? { kind.flatMap(ProviderFacts.named) }

        var deployment: DeploymentID { DeploymentID(stableNumber(of: name.utf8)) }
    }

    /// Where a secret is; never the secret.
    enum KeySource: Equatable, Sendable {
        case none
        case environment(String)
        case file(String)
        /// Sealed in the vault of the data directory (`tacet provider-keys`).
        case vault
        /// The caller's own, sent with each request.
        case passthrough

        var text: String {
            switch self {
            case .none: "none"
            case .environment(let name): "env:\(name)"
            case .file(let path): "file:\(path)"
            case .vault: "vault"
            case .passthrough: "passthrough"
            }
        }
    }

    /// The key that wraps the vault's data keys.
    struct Vault: Equatable, Sendable {
        var master = MasterSource.directory
        /// Under which the vault was before, while `master` comes from the environment or a command.
        var previous: MasterSource?
    }

    enum MasterSource: Equatable, Sendable {
        /// `keys/master` of the data directory, made on first use.
        case directory
        case environment(String)
        case file(String)
        /// An absolute path and arguments; what it prints is the key.
        case command([String])
    }

    struct Alias: Equatable, Sendable {
        var name: String
        var targets: [Target]

        struct Target: Equatable, Sendable {
            var provider: String
            var model: String
            /// Its place among the fallbacks; targets of one rank share its requests.
            var rank: Int
            /// 0: by load.
            var weight = 0
        }
    }

    enum UnknownPrice: Equatable, Sendable {
        case refuse
        case free
        /// Per token.
        case ceiling(input: PicoUSD, output: PicoUSD)
    }

    /// Bytes, milliseconds and percent.
    struct Limits: Equatable, Sendable {
        var body = 32 << 20
        var headerTime: Int64 = 10_000
        var idle: Int64 = 75_000
        var writeStall: Int64 = 60_000
        var upstreamConnect: Int64 = 5_000
        var upstreamFirstByte: Int64 = 600_000
        var upstreamSilence: Int64 = 600_000
        var upstreamTotal: Int64 = 3_600_000
        var retryPercent = 10
        var connections = 16_384
        var connectionsPerAddress = 4_096
        /// Requests of one organisation that wait while as many as may be are in flight, and for how long.
        var queue = 100
        var queueTime: Int64 = 5_000
    }
}
