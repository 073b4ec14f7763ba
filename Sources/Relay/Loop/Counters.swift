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
    /// Requests whose answer may be kept: those that had to ask for it, that found it, that waited for another's.
    let cacheMisses = Atomic<Int>(0)
    let cacheHits = Atomic<Int>(0)
    let cacheShared = Atomic<Int>(0)
    /// Had the answer of another question; and those that were held against an answer of their own, and differed.
    let cacheSimilar = Atomic<Int>(0)
    let similarSampled = Atomic<Int>(0)
    let similarWrong = Atomic<Int>(0)

    func countSample(agrees: Bool) {
        similarSampled.add(1, ordering: .relaxed)
        if !agrees { similarWrong.add(1, ordering: .relaxed) }
    }

    func count(_ outcome: CacheOutcome) {
        switch outcome {
        case .off: break
        case .miss: cacheMisses.add(1, ordering: .relaxed)
        case .hit: cacheHits.add(1, ordering: .relaxed)
        case .shared: cacheShared.add(1, ordering: .relaxed)
        case .similar: cacheSimilar.add(1, ordering: .relaxed)
        }
    }

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
    public var cache: CacheStatus
    /// Bytes of request and answer bodies held in memory, and how many may be.
    public var bodyBytes: Int
    public var bodyBytesLimit: Int
    public var isDraining: Bool
}

/// The answers that are kept, and what became of requests whose answer may be.
public struct CacheStatus: Sendable, Equatable {
    public var hits: Int
    /// Waited for another's call.
    public var shared: Int
    public var misses: Int
    /// Had the answer of another question that means the same; how many were held against an answer of their own, and how
    /// many of those differed.
    public var similar: Int
    public var sampled: Int
    public var wrong: Int
    public var answers: Int
    public var bytes: Int
}
