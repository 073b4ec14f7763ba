/// The journal's record (`RULES.md` 24): length, sequence, payload, CRC-32C, commit word last, all little-endian.
///
/// ```
/// offset 0   UInt32  length of the payload
///        4   UInt32  kind
///        8   UInt64  sequence, from 1 without gaps within one node's epoch
///       16   payload
///   16 + n   UInt32  CRC-32C over bytes 0 ..< 16 + n
///   20 + n   UInt32  commit word, written after all else
/// ```
/// A record starts at a multiple of 8. A zero length ends what was written.
public enum JournalRecord {
    public static let headerLength = 16
    public static let trailerLength = 8
    public static let commitWord: UInt32 = 0x7461_6365
    /// The longest payload any kind may have.
    public static let payloadLimit = 512

    static func length(payload: Int) -> Int { (headerLength + payload + trailerLength + 7) & ~7 }
}

/// What a record carries: an `OpenedRecord`, a `ProgressRecord`, a `Receipt` or a `NamedRecord`. No enumeration of them: a
/// receipt is large, and each look at an enumeration that may hold one copies it.
public protocol JournalPayload {
    /// Its number in the record's header.
    static var kind: UInt32 { get }
    /// Bytes of the payload.
    var payloadLength: Int { get }
    var claim: JournalClaim { get }
    func encode(into out: inout OutputRawSpan)
    /// `nil` for a wrong length or a value outside its closed set.
    init?(payload: RawSpan)
}

/// What a record does to the room that a journal keeps free for the requests it let in.
public enum JournalClaim: Sendable {
    /// A request begins: refused unless all that it may still write will have room.
    case opens
    /// The last of a request that was opened.
    case closes
    /// Of a request that was never opened: refused without room.
    case lone
    /// Within what was kept free.
    case owed
}

/// The longest model name there is; longer ones are refused before they reach a record.
public enum ModelName {
    public static let limit = 96
    /// The longest name with its provider in front.
    public static let qualifiedLimit = 160

    /// `[A-Za-z0-9._:/@+-]{1,96}` (`RULES.md` 12).
    @inlinable public static func isValid(_ name: some Collection<UInt8>, limit: Int = ModelName.limit) -> Bool {
        guard !name.isEmpty, name.count <= limit else { return false }
        for byte in name {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2e, 0x5f, 0x3a, 0x2f, 0x40, 0x2b, 0x2d: continue
            default: return false
            }
        }
        return true
    }
}

/// A hold was taken and the provider is about to be called: what recovery must know of a request whose end was never
/// written.
public struct OpenedRecord: Equatable, Sendable {
    public static let encodedLength = 76
    /// With the mark of an `Idempotency-Key`.
    public static let markedLength = 92

    public var id: RequestID
    public var hold: UInt64
    public var openedAt: Moment
    public var organisation: OrganisationID
    public var key: KeyID
    public var deployment: DeploymentID
    public var model: ModelID
    public var maximum: NanoUSD
    public var dialect: Dialect
    public var endpoint: Endpoint
    public var route: RouteReason
    public var streamed: Bool
    /// Of its `Idempotency-Key`; `none` where it had none.
    public var mark: IdempotencyMark

    public init(
        id: RequestID, hold: UInt64, openedAt: Moment, organisation: OrganisationID, key: KeyID,
        deployment: DeploymentID, model: ModelID, maximum: NanoUSD, dialect: Dialect, endpoint: Endpoint,
        route: RouteReason, streamed: Bool, mark: IdempotencyMark = .none
    ) {
        self.id = id
        self.hold = hold
        self.openedAt = openedAt
        self.organisation = organisation
        self.key = key
        self.deployment = deployment
        self.model = model
        self.maximum = maximum
        self.dialect = dialect
        self.endpoint = endpoint
        self.route = route
        self.streamed = streamed
        self.mark = mark
    }
}

/// What is kept of a request's `Idempotency-Key`: a MAC of it under secrets of the installation and the organisation
/// (`RULES.md` 7). Nothing of the body is in it.
public struct IdempotencyMark: Hashable, Sendable {
    /// No key was sent.
    public static let none = IdempotencyMark(high: 0, low: 0)

    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// A key that was used before this start, and by which request.
public struct UsedIdempotencyKey: Equatable, Sendable {
    public var mark: IdempotencyMark
    public var request: RequestID
    public var usedAt: Moment

    public init(mark: IdempotencyMark, request: RequestID, usedAt: Moment) {
        self.mark = mark
        self.request = request
        self.usedAt = usedAt
    }
}

/// What was generated so far and what it costs; written at each hold extension and at most every second.
public struct ProgressRecord: Equatable, Sendable {
    public static let encodedLength = 56

    public var id: RequestID
    public var input: Int64
    public var output: Int64
    public var cost: NanoUSD
    public var charge: NanoUSD
    public var at: Moment

    public init(id: RequestID, input: Int64, output: Int64, cost: NanoUSD, charge: NanoUSD, at: Moment) {
        self.id = id
        self.input = input
        self.output = output
        self.cost = cost
        self.charge = charge
        self.at = at
    }
}

/// A model name joined the catalogue, after a provider answered to it.
public struct NamedRecord: Equatable, Sendable {
    public var model: ModelID
    /// Qualified; at most `ModelName.qualifiedLimit` bytes are kept.
    public var name: [UInt8]

    public init(_ model: ModelID, name: [UInt8]) {
        self.model = model
        self.name = name
    }
}
