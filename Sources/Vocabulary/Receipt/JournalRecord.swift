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
public enum JournalRecord: Equatable, Sendable {
    /// A hold was taken and the provider is about to be called.
    case opened(OpenedRecord)
    /// Counts so far, at each hold extension and at most every second.
    case progress(ProgressRecord)
    /// The request is over: its receipt.
    case closed(Receipt)
    /// A model name joined the catalogue, after a provider answered to it.
    case named(ModelID, name: [UInt8])

    public static let headerLength = 16
    public static let trailerLength = 8
    public static let commitWord: UInt32 = 0x7461_6365
    /// The longest payload any kind may have.
    public static let payloadLimit = 512

    var kind: UInt32 {
        switch self {
        case .opened: 1
        case .progress: 2
        case .closed: 3
        case .named: 4
        }
    }

    public var payloadLength: Int {
        switch self {
        case .opened: OpenedRecord.encodedLength
        case .progress: ProgressRecord.encodedLength
        case .closed: Receipt.encodedLength
        case .named(_, let name): 8 + min(name.count, ModelName.qualifiedLimit)
        }
    }

    /// The bytes the whole record takes in a segment, padding included.
    public var encodedLength: Int { Self.encodedLength(payload: payloadLength) }

    static func encodedLength(payload: Int) -> Int { (headerLength + payload + trailerLength + 7) & ~7 }
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

/// What recovery must know of a request whose end was never written.
public struct OpenedRecord: Equatable, Sendable {
    public static let encodedLength = 76

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

    public init(
        id: RequestID, hold: UInt64, openedAt: Moment, organisation: OrganisationID, key: KeyID,
        deployment: DeploymentID, model: ModelID, maximum: NanoUSD, dialect: Dialect, endpoint: Endpoint,
        route: RouteReason, streamed: Bool
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
    }
}

/// What was generated so far and what it costs.
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
