public import Metering
public import Planning
public import Secrets
public import Vocabulary

/// Where and how the data plane listens, and its limits. All times in milliseconds.
public struct RelaySettings: Sendable {
    public var host: String
    /// 0 takes any free port.
    public var port: Int
    public var tls: TLSFiles?
    public var limits: RelayLimits
    public var eventLoops: Int
    public var profile: PolicyProfile
    public var served: NodeEpoch
    /// Bytes of bodies all requests together may hold in memory (`RULES.md` 3).
    public var bodyBudget: Int
    /// Of these, the bytes of kept answers; `nil`: an eighth.
    public var answerBudget: Int?
    /// A PEM file of roots to trust upstream instead of the system's.
    public var trustRoots: String?
    /// Every stream is held against its dialect's grammar as it leaves.
    public var verifiesStreams: Bool
    /// Origins whose pages may read answers in a browser: the console's own, for its playground (`RULES.md` 22).
    public var pageOrigins: [[UInt8]] = []

    public init(
        host: String, port: Int, tls: TLSFiles?, limits: RelayLimits, eventLoops: Int, profile: PolicyProfile,
        served: NodeEpoch, bodyBudget: Int, answerBudget: Int? = nil, trustRoots: String?,
        verifiesStreams: Bool = false
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.limits = limits
        self.eventLoops = eventLoops
        self.profile = profile
        self.served = served
        self.bodyBudget = bodyBudget
        self.answerBudget = answerBudget
        self.trustRoots = trustRoots
        self.verifiesStreams = verifiesStreams
    }
}

/// PEM files of a server certificate chain and its key.
public struct TLSFiles: Sendable {
    public var certificate: String
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

public struct RelayLimits: Sendable, Equatable {
    /// Bytes of a request body.
    public var body: Int = 32 << 20
    /// Client connections, in all and from one address (for IPv6, one /64).
    public var connections = 16_384
    public var connectionsPerAddress = 4_096
    /// A client that takes nothing of its answer.
    public var writeStall: Int64 = 60_000
    /// From the first byte of a head to its end.
    public var headerTime: Int64 = 10_000
    /// A kept connection without a request.
    public var idle: Int64 = 75_000
    public var upstreamConnect: Int64 = 5_000
    /// From the request's last byte to the answer's first.
    public var upstreamFirstByte: Int64 = 600_000
    /// Between two bytes of an answer.
    public var upstreamSilence: Int64 = 600_000
    /// The whole of a request, so that no hold outlives its term (`RULES.md` 5).
    public var upstreamTotal: Int64 = 3_600_000
    /// Of a stream's silence, before the client is sent a ping; and before a provider's head (`RULES.md` 5).
    public var ping: Int64 = 15_000
    public var firstPing: Int64 = 45_000
    /// A request waits at most so long for others that are in flight.
    public var queueTime: Int64 = 5_000
    /// Retries of deployments that failed, in percent of requests; 0 makes none.
    public var retryPercent = 0

    public init() {}
}

/// The doors the relay is given (DESIGN §2, rule 2).
public struct RelayDoors: Sendable {
    public var keys: any KeyDirectory
    public var purse: any Purse
    public var credentials: any Credentials
    public var egress: any Egress
    public var log: any EventLog
    public var hasher: KeyHasher
    /// `nil`: it is kept of no request from where it came.
    public var origins: (any OriginBook)?
    /// The JSON of a receipt with its proof; `nil` when that organisation has no such receipt.
    public var receipt: @Sendable (RequestID, OrganisationID) async -> [UInt8]?
    /// What the router did and proposed; `nil`: it is not remembered.
    public var decisions: (any DecisionBook)?
    /// Idempotency keys of the last day, the oldest first.
    public var usedKeys: [UsedIdempotencyKey] = []
    public var learner = OutcomeLearner()
    /// Whether everything that serves has started; until then `/readyz` says no.
    public var isReady: @Sendable () -> Bool = { true }

    public init(
        keys: any KeyDirectory, purse: any Purse, credentials: any Credentials, egress: any Egress,
        log: any EventLog, hasher: KeyHasher, origins: (any OriginBook)? = nil,
        receipt: @escaping @Sendable (RequestID, OrganisationID) async -> [UInt8]?
    ) {
        self.origins = origins
        self.keys = keys
        self.purse = purse
        self.credentials = credentials
        self.egress = egress
        self.log = log
        self.hasher = hasher
        self.receipt = receipt
    }
}

/// Routes and prices, swapped whole at a reload.
public struct RoutingSnapshot: Sendable {
    public let table: RoutingTable
    public let tariff: Tariff
    /// The price book's date as yyyymmdd.
    public let priceBook: UInt32
    public let decisions: DecisionTable
    public let cache: CacheTerms
    /// `nil`: nobody routes.
    public let router: TaskRouter?
    /// Sessions of a thousand that are kept as they came where others are compressed with loss.
    public let compressionControl: Int

    public init(
        table: RoutingTable, tariff: Tariff, priceBook: UInt32, decisions: DecisionTable = DecisionTable(),
        cache: CacheTerms = CacheTerms(), router: TaskRouter? = nil, compressionControl: Int = 0
    ) {
        self.table = table
        self.tariff = tariff
        self.priceBook = priceBook
        self.decisions = decisions
        self.cache = cache
        self.router = router
        self.compressionControl = compressionControl
    }
}
