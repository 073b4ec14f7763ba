/// Everything Tacet can say in a log: a closed set with typed fields. There is no free text (DESIGN §2, rule 4).
public enum LogEvent: Sendable, Equatable {
    /// A request failed or was cut. The fields are a part of its receipt.
    case request(
        id: RequestID, endpoint: Endpoint, status: UInt16, error: ErrorCode, completion: Completion, key: KeyID,
        deployment: DeploymentID, totalMicroseconds: Int64)
    /// A connection was refused or cut before there was a request.
    case connectionRefused(error: ErrorCode)
    case upstreamFailed(deployment: DeploymentID, error: ErrorCode)
    /// A stream broke a rule of its dialect: written here, or a provider's own that was passed on (`--verify-streams`).
    case streamViolation(
        id: RequestID, dialect: Dialect, rule: StreamViolation, isOurs: Bool, deployment: DeploymentID)
    case started(apiPort: UInt16, consolePort: UInt16)
    case draining(inFlight: Int64)
    case stopped(cutRequests: Int64)
    case configurationReloaded
    case journalFull
    case journalDamaged(segment: UInt64)
    case recovered(requests: Int64)
    case drainFailed
    case keySnapshotStale
    /// The ledger cannot be asked for credit; what is leased is still spent.
    case creditUnconfirmed

    public enum Level: UInt8, Sendable, Comparable {
        case info = 1
        case warning = 2
        case error = 3
        public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
    }

    public var level: Level {
        switch self {
        case .request, .started, .draining, .stopped, .configurationReloaded, .recovered: .info
        case .connectionRefused, .upstreamFailed, .streamViolation, .keySnapshotStale, .creditUnconfirmed: .warning
        case .journalFull, .journalDamaged, .drainFailed: .error
        }
    }
}
