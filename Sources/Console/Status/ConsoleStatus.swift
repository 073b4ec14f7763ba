public import Vocabulary

/// What the status page and the metrics show: counts, names an operator chose, and receipts. Nothing people wrote.
public struct ConsoleStatus: Sendable {
    public var version: String
    public var profile: ProfileID
    /// Where clients send requests: `http://127.0.0.1:8400`.
    public var apiAddress: String
    public var isDraining: Bool
    public var startedAt: Moment
    public var now: Moment
    public var traffic: TrafficStatus
    public var totals: TotalStatus
    public var chain: ChainStatus
    public var liveKeys: Int
    public var revokedKeys: Int
    public var providers: [ProviderStatus]
    /// Newest first.
    public var latest: [ReceiptLine]
    public var jobs: [JobStatus]

    public init(
        version: String, profile: ProfileID, apiAddress: String, isDraining: Bool, startedAt: Moment, now: Moment,
        traffic: TrafficStatus, totals: TotalStatus, chain: ChainStatus, liveKeys: Int, revokedKeys: Int,
        providers: [ProviderStatus], latest: [ReceiptLine], jobs: [JobStatus] = []
    ) {
        self.version = version
        self.profile = profile
        self.apiAddress = apiAddress
        self.isDraining = isDraining
        self.startedAt = startedAt
        self.now = now
        self.traffic = traffic
        self.totals = totals
        self.chain = chain
        self.liveKeys = liveKeys
        self.revokedKeys = revokedKeys
        self.providers = providers
        self.latest = latest
        self.jobs = jobs
    }
}

/// What the data plane has seen since it started.
public struct TrafficStatus: Sendable, Equatable {
    public var inFlight: Int
    public var openConnections: Int
    /// Closed when they were accepted, because there were too many.
    public var refusedConnections: Int
    /// Answers by class of status: below 400, 4xx, and the rest.
    public var successes: Int
    public var clientErrors: Int
    public var serverErrors: Int
    /// Streams that broke a rule of their dialect; `nil` where streams are not verified.
    public var streamViolations: Int?
    /// Bytes of request and answer bodies held in memory, and how many may be.
    public var bodyBytes: Int
    public var bodyBytesLimit: Int
    public var cache: KeptAnswerStatus

    public init(
        inFlight: Int, openConnections: Int, refusedConnections: Int = 0, successes: Int, clientErrors: Int,
        serverErrors: Int,
        streamViolations: Int? = nil, bodyBytes: Int, bodyBytesLimit: Int,
        cache: KeptAnswerStatus = KeptAnswerStatus()
    ) {
        self.inFlight = inFlight
        self.openConnections = openConnections
        self.refusedConnections = refusedConnections
        self.successes = successes
        self.clientErrors = clientErrors
        self.serverErrors = serverErrors
        self.streamViolations = streamViolations
        self.bodyBytes = bodyBytes
        self.bodyBytesLimit = bodyBytesLimit
        self.cache = cache
    }
}

/// Answers kept in memory, and what became of the requests whose answer may be kept, since the start.
public struct KeptAnswerStatus: Sendable, Equatable {
    public var hits = 0
    /// Waited for another's call.
    public var shared = 0
    public var misses = 0
    /// Had the answer of another question that means the same; how many were held against an answer of their own, and how
    /// many of those differed: the measured share of false hits.
    public var similar = 0
    public var sampled = 0
    public var wrong = 0
    public var answers = 0
    public var bytes = 0

    public init(
        hits: Int = 0, shared: Int = 0, misses: Int = 0, similar: Int = 0, sampled: Int = 0, wrong: Int = 0,
        answers: Int = 0,
        bytes: Int = 0
    ) {
        self.hits = hits
        self.shared = shared
        self.misses = misses
        self.similar = similar
        self.sampled = sampled
        self.wrong = wrong
        self.answers = answers
        self.bytes = bytes
    }

    /// In a thousand; `nil` before the first.
    public var hitShare: Int? {
        let found = hits + shared + similar
        return found + misses == 0 ? nil : found * 1000 / (found + misses)
    }
}

/// Sums over all receipts of the ledger.
public struct TotalStatus: Sendable, Equatable {
    public var receipts: Int64
    public var failed: Int64
    public var inputTokens: Int64
    public var outputTokens: Int64
    public var providerCost: NanoUSD
    public var charge: NanoUSD

    public init(
        receipts: Int64, failed: Int64, inputTokens: Int64, outputTokens: Int64, providerCost: NanoUSD, charge: NanoUSD
    ) {
        self.receipts = receipts
        self.failed = failed
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.providerCost = providerCost
        self.charge = charge
    }
}

/// The signed chain over the receipts.
public struct ChainStatus: Sendable, Equatable {
    public var batches: Int64
    /// The newest root, hexadecimal; empty before the first batch.
    public var head: String

    public init(batches: Int64, head: String) {
        self.batches = batches
        self.head = head
    }
}

/// A configured provider and what it said when it was last asked.
public struct ProviderStatus: Sendable, Equatable {
    public var name: String
    public var address: String
    public var health: Health
    /// How long the answer took.
    public var microseconds: Int64?
    /// Its calls fail, so that it is left alone for a moment.
    public var isResting: Bool

    public enum Health: String, Sendable, CaseIterable {
        case answers
        case refusesKey = "refuses_key"
        case fails
        case unreachable
        case notAsked = "not_asked"

        var text: String {
            switch self {
            case .answers: "yes"
            case .refusesKey: "refuses the key"
            case .fails: "with an error"
            case .unreachable: "no"
            case .notAsked: "not asked yet"
            }
        }
    }

    public init(name: String, address: String, health: Health, microseconds: Int64?, isResting: Bool = false) {
        self.isResting = isResting
        self.name = name
        self.address = address
        self.health = health
        self.microseconds = microseconds
    }
}

/// A receipt with the names behind its numbers.
public struct ReceiptLine: Sendable {
    public var receipt: Receipt
    public var model: String
    public var provider: String

    public init(receipt: Receipt, model: String, provider: String) {
        self.receipt = receipt
        self.model = model
        self.provider = provider
    }
}
