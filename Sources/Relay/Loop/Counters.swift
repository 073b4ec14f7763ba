import Synchronization
import Vocabulary

/// What the process did since its start, for the status page and `/metrics`. Relaxed: each number alone is right.
final class Counters: Sendable {
    let connections = Atomic<Int>(0)
    let refusedConnections = Atomic<Int>(0)
    let inFlight = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let successes = Atomic<Int>(0)
    let clientErrors = Atomic<Int>(0)
    let serverErrors = Atomic<Int>(0)
    let streamViolations = Atomic<Int>(0)

    func count(status: UInt16) {
        requests.add(1, ordering: .relaxed)
        switch status {
        case 0..<400: successes.add(1, ordering: .relaxed)
        case 400..<500: clientErrors.add(1, ordering: .relaxed)
        default: serverErrors.add(1, ordering: .relaxed)
        }
    }
}

/// A reading of the counters.
public struct RelayStatus: Sendable {
    public var openConnections: Int
    /// Closed when they were accepted, because there were too many.
    public var refusedConnections: Int
    public var inFlight: Int
    public var requests: Int
    /// Answers by class of status: below 400, 4xx, and the rest.
    public var successes: Int
    public var clientErrors: Int
    public var serverErrors: Int
    /// Streams that broke a rule of their dialect, where streams are verified.
    public var streamViolations: Int
    /// Bytes of request and answer bodies held in memory, and how many may be.
    public var bodyBytes: Int
    public var bodyBytesLimit: Int
    public var isDraining: Bool
}
