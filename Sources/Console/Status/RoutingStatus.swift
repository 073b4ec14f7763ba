public import Vocabulary

/// Where requests can go at this moment, as the data plane has it: names and prices of the configuration, and how calls go.
public struct RoutingStatus: Sendable, Equatable {
    public var providers: [Provider]
    public var aliases: [Alias]
    /// Every model of the configured providers, by `provider/model`.
    public var models: [Target]

    public init(providers: [Provider] = [], aliases: [Alias] = [], models: [Target] = []) {
        self.providers = providers
        self.aliases = aliases
        self.models = models
    }

    /// A configured provider.
    public struct Provider: Sendable, Equatable {
        public var name: String
        public var deployment: DeploymentID
        public var address: String
        public var key: KeySource
        public var health: ProviderStatus.Health
        public var circuit: Circuit
        /// Calls under way.
        public var inFlight: Int
        /// From a call to its answer's first byte, peaks first; `nil` before the first call.
        public var microseconds: Int64?

        public init(
            name: String, deployment: DeploymentID, address: String, key: KeySource, health: ProviderStatus.Health,
            circuit: Circuit, inFlight: Int, microseconds: Int64?
        ) {
            self.name = name
            self.deployment = deployment
            self.address = address
            self.key = key
            self.health = health
            self.circuit = circuit
            self.inFlight = inFlight
            self.microseconds = microseconds
        }
    }

    /// Whose key requests to a provider carry.
    public enum KeySource: String, Sendable, CaseIterable {
        case none
        /// The operator's, of the environment or a file.
        case installation
        /// Each organisation's own, sealed in the vault.
        case vault
        /// The caller's, sent with each request.
        case passthrough
    }

    /// Whether a provider is called.
    public enum Circuit: String, Sendable, CaseIterable {
        case closed
        /// Its calls fail: it is left alone for a moment.
        case open
        /// One call will tell.
        case probing
    }

    /// A name of the operator's for one of several models.
    public struct Alias: Sendable, Equatable {
        public var name: String
        public var targets: [Target]

        public init(name: String, targets: [Target]) {
            self.name = name
            self.targets = targets
        }
    }

    /// A model at a provider, with its base price.
    public struct Target: Sendable, Equatable {
        public var model: String
        public var provider: String
        /// Among the targets of an alias; those of one rank share its requests.
        public var rank: Int
        /// Its share of its rank in percent; 0 where load decides.
        public var weight: Int
        /// Per token; `nil` where the price is not known.
        public var input: PicoUSD?
        public var output: PicoUSD?
        /// Of tokens the provider kept from an earlier request.
        public var cached: PicoUSD?
        /// The most tokens that the model reads, where known.
        public var context: Int64?

        public init(
            model: String, provider: String, rank: Int = 0, weight: Int = 0, input: PicoUSD? = nil,
            output: PicoUSD? = nil, cached: PicoUSD? = nil, context: Int64? = nil
        ) {
            self.model = model
            self.provider = provider
            self.rank = rank
            self.weight = weight
            self.input = input
            self.output = output
            self.cached = cached
            self.context = context
        }
    }
}
