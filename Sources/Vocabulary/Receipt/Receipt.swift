/// What is kept of a request: numbers, ids and closed enums (`RULES.md` 26). This is the door between the wings.
///
/// The schema is closed and signed. A new field needs a new schema version and a row in the data map.
public struct Receipt: Equatable, Sendable {
    public static let schema: UInt16 = 1

    public var id: RequestID
    public var served: NodeEpoch
    public var hold: UInt64 = 0
    /// When the request's head had been read.
    public var openedAt: Moment

    public var organisation: OrganisationID
    public var project: UInt64 = 0
    public var member: UInt64 = 0
    public var key: KeyID
    public var tags: [4 of UInt32] = .init(repeating: 0)

    public var dialect: Dialect
    public var endpoint: Endpoint
    public var deployment: DeploymentID = .none
    /// The account at the provider that the upstream credential belongs to; 0 for the deployment's own.
    public var providerAccount: UInt64 = 0
    public var requestedModel: ModelID = .other
    public var servedModel: ModelID = .other

    /// The HTTP status the client was sent; 0 when it went before a head could be.
    public var status: UInt16 = 0
    public var error: ErrorCode = .none
    public var completion: Completion = .failed
    public var category: TaskCategory = .unclassified
    public var route: RouteReason = .none
    public var cache: CacheOutcome = .off
    public var dataClass: DataClass = .relay
    public var attempts: UInt8 = 0
    public var flags: Flags = []

    public var tokens = TokenUsage()
    public var tokensBeforeCompression: Int64 = 0
    public var tokensAfterCompression: Int64 = 0

    /// Microseconds from head to last byte, from head to the first byte sent back, and Tacet's own share of the whole.
    public var totalMicroseconds: Int64 = 0
    public var firstByteMicroseconds: Int64 = 0
    public var overheadMicroseconds: Int64 = 0

    /// What the provider takes for all attempts.
    public var providerCost: NanoUSD = .zero
    /// What the wallet pays.
    public var charge: NanoUSD = .zero
    /// What the same request would have cost unrouted, uncompressed and uncached.
    public var baseline: NanoUSD = .zero
    public var savedByRouting: NanoUSD = .zero
    public var savedByCompression: NanoUSD = .zero
    public var savedByCache: NanoUSD = .zero

    /// Versions that priced and governed the request: the price book's date as yyyymmdd, tariff and profile.
    public var priceBook: UInt32 = 0
    public var tariff: UInt32 = 0
    public var tariffVersion: UInt32 = 0
    public var profile: ProfileID = .strict
    public var profileVersion: UInt32 = 0

    public struct Flags: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Counted here, because the provider reported no usage.
        public static let estimated = Flags(rawValue: 1)
        /// Written by recovery after a crash, from the last progress.
        public static let recovered = Flags(rawValue: 2)
        /// Usage went above the hold; the excess was written off.
        public static let overHold = Flags(rawValue: 4)
        /// Two deployments were asked at once: the provider cost has what the slower one takes.
        public static let hedged = Flags(rawValue: 128)
        static let all: Flags = [.estimated, .recovered, .overHold, .hedged]
    }

    /// What a fallback saved: where the first choice failed, what served instead was cheaper. A part of `savedByRouting`.
    public var savedByRecovery: NanoUSD { route == .fallback ? savedByRouting : .zero }

    /// All that was saved, each amount once.
    public var saved: NanoUSD { savedByRouting + savedByCompression + savedByCache }

    public init(
        id: RequestID, served: NodeEpoch, openedAt: Moment, organisation: OrganisationID, key: KeyID, dialect: Dialect,
        endpoint: Endpoint
    ) {
        self.id = id
        self.served = served
        self.openedAt = openedAt
        self.organisation = organisation
        self.key = key
        self.dialect = dialect
        self.endpoint = endpoint
    }

    public static func == (a: Receipt, b: Receipt) -> Bool { a.canonicalBytes == b.canonicalBytes }
}
