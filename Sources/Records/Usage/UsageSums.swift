public import Vocabulary

/// What usage is rolled up by.
struct UsageKey: Hashable {
    /// Microseconds since 1970, at a minute's beginning.
    var at: Int64
    var organisation: OrganisationID
    var member: MemberID
    var key: KeyID
    var model: ModelID
    var deployment: DeploymentID
    var category: TaskCategory

    init(_ entry: BatchSummary.Entry) {
        at = UsageGrain.minute.begin(of: entry.openedAt)
        organisation = entry.organisation
        member = entry.member
        key = entry.key
        model = entry.model
        deployment = entry.deployment
        category = entry.category
    }

    /// When and by which provider, and nothing that tells of anybody.
    init(nameless entry: BatchSummary.Entry) {
        self.init(entry)
        organisation = OrganisationID(0)
        member = .none
        key = KeyID(0)
        model = .other
        category = .unclassified
    }

    func hash(into hasher: inout Hasher) {
        // What tells rows of one batch apart most often; the rest is compared.
        hasher.combine(at)
        hasher.combine(key)
        hasher.combine(model)
    }
}

/// What usage is summed by.
public enum UsageDimension: String, Sendable, CaseIterable {
    case organisation
    case key
    case model
    case provider
    case category

    /// Stored: append, never renumber.
    var number: Int64 {
        switch self {
        case .organisation: 1
        case .key: 2
        case .model: 3
        case .provider: 4
        case .category: 5
        }
    }

    /// Where it stands in the tables of minutes, hours and days.
    var column: String { self == .provider ? "deployment" : rawValue }
}

/// One value of a dimension on one day.
struct UsageDay: Hashable {
    var organisation: OrganisationID
    var dimension: UsageDimension
    var value: UInt64
    /// Microseconds since 1970, at midnight.
    var at: Int64

    init(_ key: UsageKey, _ dimension: UsageDimension) {
        organisation = key.organisation
        self.dimension = dimension
        at = key.at
        value =
            switch dimension {
            case .organisation: key.organisation.value
            case .key: key.key.value
            case .model: key.model.value
            case .provider: key.deployment.value
            case .category: UInt64(key.category.rawValue)
            }
    }
}

/// How finely usage is kept.
public enum UsageGrain: Sendable, CaseIterable {
    case minute
    case hour
    case day

    var length: Int64 {
        switch self {
        case .minute: 60_000_000
        case .hour: 3_600_000_000
        case .day: 86_400_000_000
        }
    }

    var table: String {
        switch self {
        case .minute: "usage_minutes"
        case .hour: "usage_hours"
        case .day: "usage_days"
        }
    }

    func begin(of moment: Moment) -> Int64 {
        let rest = moment.microseconds % length
        return moment.microseconds - (rest < 0 ? rest + length : rest)
    }
}

/// Sums over requests. They stop at the end of their range, as amounts do.
public struct UsageSums: Hashable, Sendable {
    public var requests: Int64 = 0
    public var failed: Int64 = 0
    public var inputTokens: Int64 = 0
    /// A part of the input tokens.
    public var cachedTokens: Int64 = 0
    public var outputTokens: Int64 = 0
    public var providerCost = NanoUSD.zero
    public var charge = NanoUSD.zero
    public var saved = NanoUSD.zero
    /// Parts of what was saved; the rest is routing's.
    public var savedByCompression = NanoUSD.zero
    public var savedByCache = NanoUSD.zero
    public var savedByRecovery = NanoUSD.zero
    /// Of all requests' whole time.
    public var microseconds: Int64 = 0

    public init() {}

    public var savedByRouting: NanoUSD { saved - savedByCompression - savedByCache - savedByRecovery }

    mutating func add(_ entry: BatchSummary.Entry) {
        requests += 1
        if entry.failed { failed += 1 }
        inputTokens = BatchSummary.sum(inputTokens, entry.input)
        cachedTokens = BatchSummary.sum(cachedTokens, entry.cached)
        outputTokens = BatchSummary.sum(outputTokens, entry.output)
        providerCost += entry.providerCost
        charge += entry.charge
        saved += entry.saved
        savedByCompression += entry.savedByCompression
        savedByCache += entry.savedByCache
        savedByRecovery += entry.savedByRecovery
        microseconds = BatchSummary.sum(microseconds, entry.microseconds)
    }

    public mutating func add(_ other: UsageSums) {
        requests = BatchSummary.sum(requests, other.requests)
        failed = BatchSummary.sum(failed, other.failed)
        inputTokens = BatchSummary.sum(inputTokens, other.inputTokens)
        cachedTokens = BatchSummary.sum(cachedTokens, other.cachedTokens)
        outputTokens = BatchSummary.sum(outputTokens, other.outputTokens)
        providerCost += other.providerCost
        charge += other.charge
        saved += other.saved
        savedByCompression += other.savedByCompression
        savedByCache += other.savedByCache
        savedByRecovery += other.savedByRecovery
        microseconds = BatchSummary.sum(microseconds, other.microseconds)
    }
}
